package jpeg

// maxReduce: at 3 a block is one sample, its mean.
const maxReduce = 3

// Cosines of the inverse DCT of 4 points, in fixBits fractional bits.
const (
	f0653 = 5352 // √½ cos(π/8)
	f0270 = 2217 // √½ cos(3π/8)
	f0500 = 4096
)

// scaled reconstructs a block of size 4, 2 or 1 across from the coefficients that
// such a block has: those of the lowest frequencies, which for an orthonormal
// transform differ from the block's own only by size/8.
func scaled[T uint8 | uint16](block *[64]int32, out []T, stride, size int, center, top int64) {
	switch size {
	case 1:
		out[0] = clampTo[T]((int64(block[0])+4)>>3+center, top)
	case 2:
		a, b, c, d := int64(block[0])+4, int64(block[1]), int64(block[8]), int64(block[9])
		out[0], out[1] = clampTo[T]((a+b+c+d)>>3+center, top), clampTo[T]((a-b+c-d)>>3+center, top)
		out = out[stride:]
		out[0], out[1] = clampTo[T]((a+b-c-d)>>3+center, top), clampTo[T]((a-b-c+d)>>3+center, top)
	default:
		var tmp [16]int64
		for i := range 4 { // columns
			tmp[i], tmp[4+i], tmp[8+i], tmp[12+i] = four(int64(block[i]), int64(block[8+i]), int64(block[16+i]), int64(block[24+i]))
		}
		const shift = 2*fixBits + 1 // two passes, and size/8
		bias := int64(1)<<(shift-1) + center<<shift
		for i := range 4 { // rows
			v0, v1, v2, v3 := four(tmp[4*i], tmp[4*i+1], tmp[4*i+2], tmp[4*i+3])
			row := out[i*stride:][:4]
			row[0], row[1] = clampTo[T]((v0+bias)>>shift, top), clampTo[T]((v1+bias)>>shift, top)
			row[2], row[3] = clampTo[T]((v2+bias)>>shift, top), clampTo[T]((v3+bias)>>shift, top)
		}
	}
}

// four is the inverse DCT of 4 points, times 2^fixBits.
func four(x0, x1, x2, x3 int64) (y0, y1, y2, y3 int64) {
	e0, e1 := (x0+x2)*f0500, (x0-x2)*f0500
	o0, o1 := x1*f0653+x3*f0270, x1*f0270-x3*f0653
	return e0 + o0, e1 + o1, e1 - o1, e0 - o0
}
