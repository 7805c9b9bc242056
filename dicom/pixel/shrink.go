package pixel

import "encoding/binary"

// Shrinks tells whether Shrink can make f smaller: grey cells of 8 or 16 bits.
func (f *Frame) Shrinks() bool {
	return f.Samples == 1 && (f.BitsAllocated == 8 || f.BitsAllocated == 16)
}

// Shrink averages boxes of the stored samples of f, which Shrinks, into dst: the
// same kind of frame with width × height pixels, not more than f has. Pictures of
// several sizes come from one pass over the full frame and one over each that was
// made of it. tb lends its memory.
func Shrink(dst, f *Frame, width, height int, tb *Table) {
	pix := dst.Pix
	*dst = *f
	dst.Pix, dst.Columns, dst.Rows = pix, width, height
	dst.resize(width * height * f.CellBytes())
	eachBoxRow(f, width, height, f.Signed, tb, func(y int, sums []uint32, rows int) {
		off := biasOf(f.Signed, f.CellBytes())
		out := dst.Pix[y*width*f.CellBytes():]
		average(sums, f.Columns, rows)
		if f.CellBytes() == 1 {
			for x, v := range sums {
				out[x] = uint8(v - off)
			}
			return
		}
		for x, v := range sums {
			binary.LittleEndian.PutUint16(out[2*x:], uint16(v-off))
		}
	})
}
