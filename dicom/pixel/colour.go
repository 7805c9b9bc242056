package pixel

import "github.com/dokuei/dokuei/dicom/codec"

// Photometric Interpretation (0028,0004), PS3.3 C.7.6.3.1.2.
const (
	Monochrome1   = "MONOCHROME1"
	Monochrome2   = "MONOCHROME2"
	PaletteColor  = "PALETTE COLOR"
	RGB           = "RGB"
	YBRFull       = "YBR_FULL"
	YBRFull422    = "YBR_FULL_422"
	YBRPartial422 = "YBR_PARTIAL_422"
	YBRICT        = "YBR_ICT"
	YBRRCT        = "YBR_RCT"
)

// narrowSamples brings colour samples of more than 8 bits to 8 in place and
// gives the shortened slice: the page and JPEG have no deeper colour.
func narrowSamples(pix []byte, cell, stored int) []byte {
	if cell == 1 && stored >= 8 {
		return pix
	}
	n := len(pix) / cell
	for i := range n {
		var v uint32
		for b := cell - 1; b >= 0; b-- {
			v = v<<8 | uint32(pix[i*cell+b])
		}
		switch {
		case stored > 8:
			v >>= stored - 8
		case stored < 8 && stored > 0: // 7 bit colour and the like
			v = v * 255 / (1<<stored - 1)
		}
		pix[i] = uint8(v)
	}
	return pix[:n]
}

// toRGB converts interleaved 8 bit samples to RGB in place.
func toRGB(pix []byte, photometric string) {
	switch photometric {
	case YBRFull, YBRFull422:
		codec.YBRToRGB(pix)
	case YBRPartial422:
		// Y 16…235, Cb and Cr 16…240 (ITU-R BT.601): stretched to full range.
		for i := 0; i+2 < len(pix); i += 3 {
			p := pix[i : i+3 : i+3]
			p[0] = stretch(p[0], 16, 219)
			p[1] = stretch(p[1], 16, 224)
			p[2] = stretch(p[2], 16, 224)
		}
		codec.YBRToRGB(pix)
	}
}

func stretch(v uint8, low, width int) uint8 {
	x := ((int(v)-low)*255*2 + width) / (2 * width)
	return uint8(min(max(x, 0), 255))
}
