package codec

// Coefficients of ITU-T T.871 §7 in 16 fractional bits.
const (
	ybrShift = 16
	ybrHalf  = 1 << (ybrShift - 1)
	crToR    = 91881  // 1.402
	cbToG    = -22554 // -0.344136
	crToG    = -46802 // -0.714136
	cbToB    = 116130 // 1.772
)

// YBRToRGB converts interleaved 8-bit full-range YCbCr (YBR_FULL of PS3.3
// §C.7.6.3.1.2, the colour space of JFIF) to RGB in place. A tail shorter than
// a pixel is left alone.
func YBRToRGB(pix []byte) {
	for len(pix) >= 3 {
		p := pix[:3:3]
		y := int32(p[0])<<ybrShift + ybrHalf
		cb, cr := int32(p[1])-128, int32(p[2])-128
		p[0] = clamp8((y + crToR*cr) >> ybrShift)
		p[1] = clamp8((y + cbToG*cb + crToG*cr) >> ybrShift)
		p[2] = clamp8((y + cbToB*cb) >> ybrShift)
		pix = pix[3:]
	}
}

func clamp8(v int32) byte {
	if uint32(v) > 255 {
		return byte(^(v >> 31))
	}
	return byte(v)
}
