package pixel

import "encoding/binary"

// Shrinks tells whether Shrink can make f smaller: grey cells of 8 or 16 bits.
func (f *Frame) Shrinks() bool {
	return f.Samples == 1 && (f.BitsAllocated == 8 || f.BitsAllocated == 16)
}

// Shrink averages boxes of the stored samples of f, which Shrinks, into dst: the
// same kind of frame with width × height pixels, not more than f has. Pictures of
// several sizes come from one pass over the full frame and one over each that was
// made of it. s lends its memory.
func (s *Shrinker) Shrink(dst, f *Frame, width, height int) {
	s.begin(dst, *f, width, height, cells{signed: f.Signed})
	s.Write(f.Pix[:f.Pixels()*f.CellBytes()])
}

// Shrinker is Shrink for cells as they are stored, while they come. Begin it for each
// frame; it keeps its memory.
type Shrinker struct {
	dst   *Frame
	from  Frame // what comes; no pixels
	cells cells
	row   int      // rows of it that are done
	part  []byte   // what has come of the next rows
	line  []byte   // a row with its cells aligned
	sums  []uint32 // of the row of dst in hand
	used  int      // rows in sums
}

// Begin prepares for the stored cells of a frame of format f, which are little endian,
// grey, and of 8 or 16 bits. dst is made a frame of width × height pixels of them.
func (s *Shrinker) Begin(dst *Frame, f Format, width, height int) {
	from := Frame{
		Rows: f.Rows, Columns: f.Columns, Samples: f.Samples, BitsAllocated: f.BitsAllocated, BitsStored: f.BitsStored,
		Signed: f.Signed(), Photometric: f.Photometric,
	}
	s.begin(dst, from, width, height, cellsOf(f))
}

func (s *Shrinker) begin(dst *Frame, from Frame, width, height int, c cells) {
	pix := dst.Pix
	*dst = from
	dst.Pix, dst.Columns, dst.Rows = pix, width, height
	dst.resize(width * height * from.CellBytes())
	s.dst, s.from, s.cells = dst, from, c
	s.from.Pix = nil
	s.row, s.part, s.used = 0, s.part[:0], 0
	if cap(s.sums) < width {
		s.sums = make([]uint32, width)
	}
	s.sums = s.sums[:width]
	clear(s.sums)
}

// Done tells whether all rows have come.
func (s *Shrinker) Done() bool { return s.row == s.from.Rows }

// Bytes is the memory it holds beside dst.
func (s *Shrinker) Bytes() int { return cap(s.part) + cap(s.line) + 4*cap(s.sums) }

// Write takes the next bytes, of which what is beyond the frame is ignored.
func (s *Shrinker) Write(p []byte) {
	halves := s.from.CellBytes() == 2 && s.from.Columns == 2*s.dst.Columns && s.from.Rows == 2*s.dst.Rows
	width := s.from.Columns * s.from.CellBytes()
	unit := width
	if halves {
		unit = 2 * width
	}
	for len(p) > 0 && !s.Done() {
		rows := p
		if len(s.part) > 0 || len(p) < unit {
			n := min(unit-len(s.part), len(p))
			s.part = append(s.part, p[:n]...)
			if p = p[n:]; len(s.part) < unit {
				return
			}
			rows = s.part
		} else {
			p = p[unit:]
		}
		if halves {
			out := s.dst.Pix[s.row/2*width/2:]
			s.cells.halve(out[:width/2], rows[:width], rows[width:unit])
			s.row += 2
		} else {
			s.add(rows[:width])
		}
		s.part = s.part[:0]
	}
}

// add takes a row.
func (s *Shrinker) add(row []byte) {
	d, cell := s.dst, s.from.CellBytes()
	if s.cells.down > 0 { // else every bit counts
		s.line = append(s.line[:0], row...)
		alignCells(s.line, s.from.BitsAllocated, s.from.BitsAllocated-int(s.cells.down), s.from.BitsAllocated-1-int(s.cells.up), s.from.Signed)
		row = s.line
	}
	if d.Columns == s.from.Columns && d.Rows == s.from.Rows {
		copy(d.Pix[s.row*len(row):], row)
		s.row++
		return
	}
	// The row of dst whose box this row is in: the last that begins at it or before.
	y := ((s.row+1)*d.Rows - 1) / s.from.Rows
	from, to := y*s.from.Rows/d.Rows, (y+1)*s.from.Rows/d.Rows
	if (s.row-from)%skipOf(s.from.Columns, d.Columns, to-from) == 0 {
		addRow(s.sums, row, s.from.Columns, cell, s.from.Signed)
		s.used++
	}
	if s.row++; s.row < to {
		return
	}
	average(s.sums, s.from.Columns, s.used)
	off := biasOf(s.from.Signed, cell)
	out := d.Pix[y*d.Columns*cell:]
	if cell == 1 {
		for x, v := range s.sums {
			out[x] = uint8(v - off)
		}
	} else {
		for x, v := range s.sums {
			binary.LittleEndian.PutUint16(out[2*x:], uint16(v-off))
		}
	}
	clear(s.sums)
	s.used = 0
}
