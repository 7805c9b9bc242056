package jpegll

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// scan decodes one scan (T.81 §H.2) and gives its number of components.
func (d *Decoder) scan(dst *codec.Image, r *t81.Reader, s t81.Segment) (int, error) {
	sc, err := t81.ParseScan(s, &d.frame)
	if err != nil {
		return 0, err
	}
	at := int64(s.Offset)
	sel, pt := sc.Ss, sc.Al
	if sel < 1 || sel > 7 || pt >= dst.Precision {
		return 0, codec.Errorf(codec.ErrCorrupt, at, "selection value %d, point transform %d", sel, pt)
	}
	for i, c := range sc.Components[:sc.N] {
		if d.seen[c.Index] {
			return 0, codec.Errorf(codec.ErrCorrupt, at, "component %d has two scans", c.Index+1)
		}
		d.seen[c.Index] = true
		if c.Td > 3 || !d.tables[0][c.Td].Defined {
			return 0, codec.Errorf(codec.ErrCorrupt, at, "undefined Huffman table %d", c.Td)
		}
		if i == 0 || c.Td != sc.Components[0].Td {
			d.diffs[i].build(&d.tables[0][c.Td])
		}
	}
	if d.restart%dst.Width != 0 { // §H.1.1: a multiple of the MCUs of a row
		return 0, codec.Errorf(codec.ErrCorrupt, at, "restart interval of %d in rows of %d", d.restart, dst.Width)
	}
	width := dst.Width
	d.line = grow(d.line, width*sc.N)
	d.rows = grow(d.rows, 2*width*sc.N)
	cur, prev := d.rows[:width*sc.N], d.rows[width*sc.N:]
	rowsPerInterval := dst.Height
	if d.restart > 0 {
		rowsPerInterval = d.restart / width
	}
	for y, interval := 0, 0; y < dst.Height; interval++ {
		if interval > 0 {
			if err := d.restartMarker(r, interval-1); err != nil {
				return 0, err
			}
		}
		start := r.Pos
		d.data, r.Pos = t81.Unstuff(d.data[:0], d.src, start)
		b := t81.Bits{Data: d.data}
		d.Did(len(d.data))
		for i := range min(rowsPerInterval, dst.Height-y) {
			d.Did(sc.N * width)
			if err := d.differences(&b, &sc, width); err != nil {
				return 0, d.fail(err, start, &b)
			}
			var over uint16
			for c := range sc.N {
				row, up := cur[c*width:][:width], prev[c*width:][:width]
				row[0] = 1 << (dst.Precision - pt - 1)
				if i > 0 {
					row[0] = up[0]
				}
				if i == 0 {
					predictFirst(row, d.line[c:], sc.N)
				} else {
					predict(sel, row, up, d.line[c:], sc.N)
				}
				over |= store(dst, row, y, sc.Components[c].Index, pt)
			}
			if dst.Precision-pt < 16 && over>>(dst.Precision-pt) != 0 {
				return 0, d.fail(errRange, start, &b)
			}
			cur, prev = prev, cur
			y++
		}
		if b.Surplus() {
			return 0, d.fail(errSurplus, start, &b)
		}
	}
	return sc.N, nil
}

// restartMarker skips RSTm (§B.2.1, §E.2.4).
func (d *Decoder) restartMarker(r *t81.Reader, m int) error {
	if len(d.src)-r.Pos < 2 {
		return codec.Errorf(codec.ErrTruncated, int64(r.Pos), "no restart marker")
	}
	if d.src[r.Pos+1] != byte(t81.RST0+m%8) {
		return codec.Errorf(codec.ErrCorrupt, int64(r.Pos), "marker %#02x in place of restart %d", d.src[r.Pos+1], m%8)
	}
	r.Pos += 2
	return nil
}

// fault is a reason to stop within the entropy-coded data; it becomes a
// codec.Error where the position is known.
type fault struct {
	kind   error
	reason string
}

func (f *fault) Error() string { return f.reason }

var (
	errShort   = &fault{codec.ErrTruncated, "entropy-coded data end before the last sample"}
	errCode    = &fault{codec.ErrCorrupt, "no such Huffman code"}
	errRange   = &fault{codec.ErrCorrupt, "a sample of this row exceeds the precision"}
	errSurplus = &fault{codec.ErrCorrupt, "entropy-coded data go on after the last sample"}
)

func (d *Decoder) fail(err error, start int, b *t81.Bits) error {
	f, ok := err.(*fault)
	if !ok {
		return err
	}
	if f == errCode && b.Left() < 16 { // the rest of a code that was cut
		f = errShort
	}
	return codec.Errorf(f.kind, t81.SourceOffset(d.src, start, b.Consumed()/8), "%s", f.reason)
}

// store writes a row of component index into dst and gives the OR of its
// samples before the point transform is undone.
func store(dst *codec.Image, row []uint16, y, index, pt int) (over uint16) {
	n := dst.Samples
	if dst.Precision <= 8 {
		out := dst.Pix[y*dst.Width*n+index:]
		at := 0
		for _, v := range row {
			over |= v
			out[at] = byte(v << pt)
			at += n
		}
		return over
	}
	out := dst.Pix[2*(y*dst.Width*n+index):]
	if n == 1 && pt == 0 {
		out = out[:2*len(row)]
		for i, v := range row {
			over |= v
			binary.LittleEndian.PutUint16(out[2*i:], v)
		}
		return over
	}
	at := 0
	for _, v := range row {
		over |= v
		binary.LittleEndian.PutUint16(out[at:], v<<pt)
		at += 2 * n
	}
	return over
}

func grow(s []uint16, n int) []uint16 {
	if cap(s) < n {
		return make([]uint16, n)
	}
	return s[:n]
}
