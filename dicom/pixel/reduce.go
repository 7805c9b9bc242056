package pixel

import (
	"encoding/binary"
	"image"
	"math/bits"
)

// Fit gives the size of a picture of at most side × side that keeps the aspect
// of rows × columns pixels, each aspect times as high as wide (PS3.3 C.7.6.3.1.7,
// C.10.7.1.3; 0 means square). Pictures are never made larger than the frame
// along either axis.
func Fit(rows, columns int, aspect float64, side int) (width, height int) {
	if rows <= 0 || columns <= 0 || side <= 0 {
		return 0, 0
	}
	if !(aspect > 1e-3 && aspect < 1e3) {
		aspect = 1
	}
	w, h := float64(columns), float64(rows)*aspect
	if aspect > 1 { // shrink the long axis of the pixel, do not stretch the other
		w, h = w/aspect, h/aspect
	}
	if longest := max(w, h); longest > float64(side) {
		w, h = w*float64(side)/longest, h*float64(side)/longest
	}
	return min(max(int(w+0.5), 1), columns), min(max(int(h+0.5), 1), rows)
}

// Reduce averages boxes of the stored samples of a grey frame and looks the
// averages up in the window table, in one pass over the frame: it averages
// what was measured, not what a window has already clipped. dst has the wanted
// size and is not larger than the frame.
func Reduce(dst *image.Gray, f *Frame, t Transform, tb *Table) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	if w == f.Columns && h == f.Rows {
		Render(dst, f, t, tb)
		return
	}
	f = tb.SetFrame(t, f)
	eachBoxRow(f, w, h, tb.signed, tb, func(y int, sums []uint32, rows int) {
		out := dst.Pix[y*dst.Stride : y*dst.Stride+w]
		if f.BitsAllocated == 1 {
			for x := range out {
				area := uint32(((x+1)*f.Columns/w - x*f.Columns/w) * rows)
				out[x] = bitGrey(sums[x], area, t.Invert)
			}
			return
		}
		average(sums, f.Columns, rows)
		off := biasOf(tb.signed, f.CellBytes())
		for x, v := range sums {
			out[x] = tb.grey[uint16(v-off)]
		}
	})
}

// eachBoxRow cuts f into w × h boxes and gives fn, for each row of boxes, the sums
// of their cells, biased when signed, and how many rows of cells are in them.
func eachBoxRow(f *Frame, w, h int, signed bool, tb *Table, fn func(y int, sums []uint32, rows int)) {
	if cap(tb.sums) < w {
		tb.sums = make([]uint32, w)
	}
	sums := tb.sums[:w]
	for y := range h {
		from, to := y*f.Rows/h, (y+1)*f.Rows/h
		skip := skipOf(f.Columns, w, to-from)
		clear(sums)
		for r := from; r < to; r += skip {
			addRow(sums, f.Pix[r*f.Columns*f.CellBytes():(r+1)*f.Columns*f.CellBytes()], f.Columns, f.CellBytes(), signed)
		}
		fn(y, sums, (to-from+skip-1)/skip)
	}
}

// skipOf: at most 32 Ki cells of 16 bits go to a sum of 32 bits. Of longer boxes, which
// only strange shapes have, every skip-th row counts.
func skipOf(columns, width, rows int) int { return (columns/width+1)*rows>>15 + 1 }

// addRow adds the cells of a row to the sums of their boxes.
func addRow(sums []uint32, row []byte, columns, cell int, signed bool) {
	switch {
	case cell == 1:
		addRow8(sums, row, columns, signed)
	case columns == 4*len(sums):
		addRow4(sums, row, signed)
	case columns == 2*len(sums):
		addRow2(sums, row, signed)
	default:
		addRow16(sums, row, columns, signed)
	}
}

// bias makes signed cells unsigned while they are summed.
const bias = 1 << 15

// lanes has the bias in each of four cells.
const lanes = bias | bias<<16 | bias<<32 | bias<<48

// evens selects the first and third of four cells.
const evens = 0x0000FFFF0000FFFF

// addRow4 adds four cells to each sum.
func addRow4(sums []uint32, row []byte, signed bool) {
	var flip uint64
	if signed {
		flip = lanes
	}
	for x := range sums {
		if len(row) < 8 {
			return
		}
		v := binary.LittleEndian.Uint64(row) ^ flip
		v = v&evens + v>>16&evens
		sums[x] += uint32(v) + uint32(v>>32)
		row = row[8:]
	}
}

// addRow2 adds two cells to each sum.
func addRow2(sums []uint32, row []byte, signed bool) {
	var flip uint64
	if signed {
		flip = lanes
	}
	for len(sums) >= 2 && len(row) >= 8 {
		s := sums[:2:2]
		v := binary.LittleEndian.Uint64(row) ^ flip
		v = v&evens + v>>16&evens
		s[0] += uint32(v)
		s[1] += uint32(v >> 32)
		sums, row = sums[2:], row[8:]
	}
	if len(sums) == 1 && len(row) >= 4 {
		v := binary.LittleEndian.Uint32(row) ^ uint32(flip)
		sums[0] += v&0xFFFF + v>>16
	}
}

func addRow16(sums []uint32, row []byte, columns int, signed bool) {
	var flip uint16
	if signed {
		flip = bias
	}
	w, c := len(sums), 0
	for x := range sums {
		var s uint32
		for end := (x + 1) * columns / w; c < end; c++ {
			s += uint32(binary.LittleEndian.Uint16(row[2*c:]) ^ flip)
		}
		sums[x] += s
	}
}

func addRow8(sums []uint32, row []byte, columns int, signed bool) {
	var flip uint8
	if signed {
		flip = 1 << 7
	}
	w, c := len(sums), 0
	for x := range sums {
		var s uint32
		for end := (x + 1) * columns / w; c < end; c++ {
			s += uint32(row[c] ^ flip)
		}
		sums[x] += s
	}
}

// biasOf is what signed cells were raised by while they were summed.
func biasOf(signed bool, cell int) uint32 {
	switch {
	case !signed:
		return 0
	case cell == 1:
		return 1 << 7
	}
	return bias
}

// average divides each sum by the number of cells in its box, rounding.
func average(sums []uint32, columns, rows int) {
	w := len(sums)
	if columns%w == 0 {
		area := uint32(columns / w * rows)
		if area&(area-1) == 0 {
			shift := bits.TrailingZeros32(area) & 31
			for x := range sums {
				sums[x] = (sums[x] + area/2) >> shift
			}
			return
		}
	}
	for x := range sums {
		area := uint32(((x+1)*columns/w - x*columns/w) * rows)
		sums[x] = (sums[x] + area/2) / area
	}
}

// ReduceRGB averages boxes of an RGB frame into dst, which has the wanted size
// and is not larger than the frame.
func ReduceRGB(dst *image.RGBA, f *Frame) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	if w == f.Columns && h == f.Rows {
		RenderRGB(dst, f)
		return
	}
	for y := range h {
		from, to := y*f.Rows/h, (y+1)*f.Rows/h
		for x := range w {
			left, right := x*f.Columns/w, (x+1)*f.Columns/w
			var r, g, b, n uint32
			for row := from; row < to; row++ {
				src := f.Pix[3*(row*f.Columns+left) : 3*(row*f.Columns+right)]
				for ; len(src) >= 3; src = src[3:] {
					r, g, b, n = r+uint32(src[0]), g+uint32(src[1]), b+uint32(src[2]), n+1
				}
			}
			d := dst.Pix[y*dst.Stride+4*x : y*dst.Stride+4*x+4 : y*dst.Stride+4*x+4]
			d[0], d[1], d[2], d[3] = uint8((r+n/2)/n), uint8((g+n/2)/n), uint8((b+n/2)/n), 255
		}
	}
}
