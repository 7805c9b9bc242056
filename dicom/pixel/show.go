package pixel

import "github.com/dokuei/dokuei/dicom/codec"

// show brings cells as they are stored, interleaved, into the form of Reader.Frame: grey
// ones aligned and sign extended below the bit high, colour of any kind RGB with 8 bits.
// Model is what the stream said of its samples, palette the colours of PALETTE COLOR.
// Memory for colours is taken from spare, which gets that of the indices.
func show(f *Frame, high int, model codec.ColorModel, palette *Palette, spare *[]byte) {
	alignCells(f.Pix, f.BitsAllocated, f.BitsStored, high, f.Signed)
	switch f.Photometric {
	case Monochrome1, Monochrome2:
		return
	case PaletteColor:
		palette.paint(f, spare)
	default:
		f.Pix = narrowSamples(f.Pix, f.CellBytes(), f.BitsStored)
		if model != codec.ColorRGB {
			toRGB(f.Pix, f.Photometric)
		}
	}
	f.Photometric, f.BitsAllocated, f.BitsStored, f.Signed = RGB, 8, 8, false
}

// paint replaces indices by their colours.
func (p *Palette) paint(f *Frame, spare *[]byte) {
	n := 3 * f.Pixels()
	if cap(*spare) < n {
		*spare = make([]byte, n)
	}
	out := (*spare)[:n]
	i := 0
	for y := range f.Rows {
		for x := range f.Columns {
			c := p.At(f.Value(y, x, 0))
			out[i], out[i+1], out[i+2] = c[0], c[1], c[2]
			i += 3
		}
	}
	*spare, f.Pix, f.Samples = f.Pix, out, 3
}
