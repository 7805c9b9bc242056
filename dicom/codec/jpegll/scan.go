package jpegll

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// scanHeader decodes a scan header (T.81 §H.2) and prepares its tables.
func (d *Decoder) scanHeader(frame codec.Config, s t81.Segment) (t81.Scan, error) {
	sc, err := t81.ParseScan(s, &d.frame)
	if err != nil {
		return sc, err
	}
	at := int64(s.Offset)
	if sc.Ss < 1 || sc.Ss > 7 || sc.Al >= frame.Precision {
		return sc, codec.Errorf(codec.ErrCorrupt, at, "selection value %d, point transform %d", sc.Ss, sc.Al)
	}
	for i, c := range sc.Components[:sc.N] {
		if d.seen[c.Index] {
			return sc, codec.Errorf(codec.ErrCorrupt, at, "component %d has two scans", c.Index+1)
		}
		d.seen[c.Index] = true
		if c.Td > 3 || !d.tables[0][c.Td].Defined {
			return sc, codec.Errorf(codec.ErrCorrupt, at, "undefined Huffman table %d", c.Td)
		}
		if i == 0 || c.Td != sc.Components[0].Td {
			d.diffs[i].build(&d.tables[0][c.Td])
		}
	}
	if d.restart%frame.Width != 0 && !d.inUnits(&sc) { // §H.1.1: a multiple of the MCUs of a row
		return sc, codec.Errorf(codec.ErrCorrupt, at, "restart interval of %d in rows of %d", d.restart, frame.Width)
	}
	return sc, nil
}

// scan decodes one scan and gives its number of components.
func (d *Decoder) scan(dst *codec.Image, r *t81.Reader, s t81.Segment) (int, error) {
	sc, err := d.scanHeader(dst.Config, s)
	if err != nil {
		return 0, err
	}
	if d.inUnits(&sc) {
		return sc.N, d.units(dst, r, &sc)
	}
	d.prepareRows(dst.Width, sc.N)
	rowsPerInterval := dst.Height
	if d.restart > 0 {
		rowsPerInterval = d.restart / dst.Width
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
			if err := d.row(dst, &b, &sc, y, i == 0); err != nil {
				return 0, d.fail(err, start, &b)
			}
			y++
		}
		if b.Surplus() {
			return 0, d.fail(errSurplus, start, &b)
		}
	}
	return sc.N, nil
}

// prepareRows makes room for two rows of n components.
func (d *Decoder) prepareRows(width, n int) {
	d.line = grow(d.line, width*n)
	d.rows = grow(d.rows, 2*width*n)
	d.cur, d.prev = d.rows[:width*n], d.rows[width*n:]
}

// row decodes the next row of the components of a scan into row y of dst; first tells
// whether an interval begins with it (§H.1.2.1). An error is a *fault.
func (d *Decoder) row(dst *codec.Image, b *t81.Bits, sc *t81.Scan, y int, first bool) error {
	width, pt := dst.Width, sc.Al
	d.Did(sc.N * width)
	if err := d.differences(b, sc, width); err != nil {
		return err
	}
	var over uint16
	for c := range sc.N {
		row, up := d.cur[c*width:][:width], d.prev[c*width:][:width]
		if first {
			row[0] = 1 << (dst.Precision - pt - 1)
			predictFirst(row, d.line[c:], sc.N)
		} else {
			row[0] = up[0]
			predict(sc.Ss, row, up, d.line[c:], sc.N)
		}
		over |= store(dst, row, y, sc.Components[c].Index, pt)
	}
	if dst.Precision-pt < 16 && over>>(dst.Precision-pt) != 0 {
		return errRange
	}
	d.cur, d.prev = d.prev, d.cur
	return nil
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
		for len(row) >= 4 && len(out) >= 8 {
			a, b, c, d := row[0], row[1], row[2], row[3]
			over |= a | b | c | d
			binary.LittleEndian.PutUint64(out, uint64(a)|uint64(b)<<16|uint64(c)<<32|uint64(d)<<48)
			row, out = row[4:], out[8:]
		}
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
