package pixel

import "image"

// ColourShrinker averages boxes of RGB pixels of 8 bits row by row: what ReduceRGB makes
// of the whole frame. Begin it for each picture; it keeps its memory.
type ColourShrinker struct {
	dst           *image.RGBA
	rows, columns int
	row           int      // rows that are done
	sums          []uint32 // of the row of dst in hand, three to a pixel
}

// Begin prepares for a frame of rows × columns pixels, not fewer than dst has along
// either axis.
func (s *ColourShrinker) Begin(dst *image.RGBA, rows, columns int) {
	s.dst, s.rows, s.columns, s.row = dst, rows, columns, 0
	if n := 3 * dst.Rect.Dx(); cap(s.sums) < n {
		s.sums = make([]uint32, n)
	}
	s.sums = s.sums[:3*dst.Rect.Dx()]
	clear(s.sums)
}

// Done tells whether all rows have come.
func (s *ColourShrinker) Done() bool { return s.row == s.rows }

// Add takes the next row.
func (s *ColourShrinker) Add(row []byte) {
	w, h := s.dst.Rect.Dx(), s.dst.Rect.Dy()
	left := 0
	for x := range w {
		right := (x + 1) * s.columns / w
		var r, g, b uint32
		for src := row[3*left : 3*right]; len(src) >= 3; src = src[3:] {
			r, g, b = r+uint32(src[0]), g+uint32(src[1]), b+uint32(src[2])
		}
		sum := s.sums[3*x : 3*x+3 : 3*x+3]
		sum[0], sum[1], sum[2] = sum[0]+r, sum[1]+g, sum[2]+b
		left = right
	}
	// The row of dst whose box this row is in: the last that begins at it or before.
	y := ((s.row+1)*h - 1) / s.rows
	from, to := y*s.rows/h, (y+1)*s.rows/h
	if s.row++; s.row < to {
		return
	}
	left = 0
	out := s.dst.Pix[y*s.dst.Stride:]
	for x := range w {
		right := (x + 1) * s.columns / w
		n := uint32((right - left) * (to - from))
		sum := s.sums[3*x : 3*x+3 : 3*x+3]
		d := out[4*x : 4*x+4 : 4*x+4]
		d[0], d[1], d[2], d[3] = uint8((sum[0]+n/2)/n), uint8((sum[1]+n/2)/n), uint8((sum[2]+n/2)/n), 255
		left = right
	}
	clear(s.sums)
}
