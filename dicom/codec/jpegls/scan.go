package jpegls

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// Interleave is ILV of T.87 Table C.2.
type Interleave int

// Interleave modes.
const (
	InterleaveNone   Interleave = 0
	InterleaveLine   Interleave = 1
	InterleaveSample Interleave = 2
)

// scanHeader decodes a scan header (§C.2.3) and prepares its parameters.
func (d *Decoder) scanHeader(s t81.Segment) (t81.Scan, error) {
	sc, err := t81.ParseScan(s, &d.frame)
	if err != nil {
		return sc, err
	}
	at := int64(s.Offset)
	near, ilv := sc.Ss, Interleave(sc.Se)
	if ilv > InterleaveSample || (ilv == InterleaveNone) != (sc.N == 1) && sc.N > 1 {
		return sc, codec.Errorf(codec.ErrCorrupt, at, "interleave mode %d of %d components", ilv, sc.N)
	}
	if sc.Ah != 0 || sc.Al != 0 {
		return sc, codec.Errorf(codec.ErrUnsupported, at, "point transform")
	}
	for _, c := range sc.Components[:sc.N] {
		if d.seen[c.Index] {
			return sc, codec.Errorf(codec.ErrCorrupt, at, "component %d has two scans", c.Index+1)
		}
		d.seen[c.Index] = true
	}
	if err := d.tables.use(&sc, at); err != nil {
		return sc, err
	}
	given := d.given
	if maxVal := 1<<d.frame.Precision - 1; d.old && given.maxVal <= maxVal && near <= maxVal {
		given.t1, given.t2, given.t3 = oldThresholds(max(given.maxVal, maxVal), near)
	}
	p, ok := newParams(given, d.frame.Precision, near)
	if !ok {
		return sc, codec.Errorf(codec.ErrCorrupt, at, "coding parameters out of range: NEAR %d, MAXVAL %d, T %d %d %d, RESET %d", near, p.maxVal, p.t1, p.t2, p.t3, p.reset)
	}
	d.prepare(p)
	return sc, nil
}

// scan decodes one scan and gives its number of components.
func (d *Decoder) scan(dst *codec.Image, r *t81.Reader, s t81.Segment) (int, error) {
	sc, err := d.scanHeader(s)
	if err != nil {
		return 0, err
	}
	at, ilv := int64(s.Offset), Interleave(sc.Se)
	if sc.Ss > 0 {
		dst.Lossless = false
	}
	if d.frame.Subsampled() {
		return sc.N, d.subsampled(dst, r, &sc, ilv, at)
	}
	d.prepareRows(dst.Width, sc.N)
	every := dst.Height
	if d.restart > 0 {
		every = d.restart
	}
	for y := 0; y < dst.Height; {
		if y > 0 {
			m := byte(t81.RST0 + (y/every-1)%8)
			if len(d.src)-r.Pos < 2 {
				return 0, codec.Errorf(codec.ErrTruncated, int64(r.Pos), "no restart marker")
			}
			if d.src[r.Pos+1] != m {
				return 0, codec.Errorf(codec.ErrCorrupt, int64(r.Pos), "marker %#02x in place of %#02x", d.src[r.Pos+1], m)
			}
			r.Pos += 2
		}
		end := min(y+every, dst.Height)
		if err := d.interval(dst, r, &sc, ilv, y, end); err != nil {
			return 0, err
		}
		y = end
	}
	return sc.N, nil
}

func (d *Decoder) prepareRows(width, n int) {
	size := width + 2
	if cap(d.rows) < 2*n*size {
		d.rows = make([]int32, 2*n*size)
	}
	d.rows = d.rows[:2*n*size]
	for c := range n {
		d.cur[c] = d.rows[2*c*size:][:size:size]
		d.prev[c] = d.rows[(2*c+1)*size:][:size:size]
	}
}

// interval decodes the lines y to end-1 between restart markers.
func (d *Decoder) interval(dst *codec.Image, r *t81.Reader, sc *t81.Scan, ilv Interleave, y, end int) error {
	start := r.Pos
	var n int
	d.data, n, r.Pos = unstuff(d.data[:0], d.src, start)
	d.in = reader{data: d.data, bits: n}
	d.resetState()
	clear(d.rows)
	d.Did(len(d.data))
	for ; y < end; y++ {
		reason, kind := d.lines(sc.N, dst.Width, ilv)
		if reason != "" {
			return codec.Errorf(kind, sourceOffset(d.src, start, min(d.in.consumed(), d.in.bits)), "%s, in line %d", reason, y)
		}
		for c := range sc.N {
			row := d.prev[c][1 : len(d.prev[c])-1]
			if d.tables.bytes == 0 {
				store(dst, row, y, sc.Components[c].Index)
			} else if err := d.tables.store(dst, row, y, sc.Components[c].Index, c, sourceOffset(d.src, start, d.in.consumed())); err != nil {
				return err
			}
		}
	}
	if d.in.left() > 32 {
		return codec.Errorf(codec.ErrCorrupt, sourceOffset(d.src, start, d.in.consumed()), "entropy-coded data go on after line %d", end-1)
	}
	return nil
}

// lines decodes the next line of n components, which is then the previous one. A reason
// says why it could not.
func (d *Decoder) lines(n, width int, ilv Interleave) (reason string, kind error) {
	d.Did(n * width)
	switch {
	case ilv == InterleaveSample && n > 1:
		d.lineSample(d.cur[:n], d.prev[:n])
	case d.near == 0 && d.maxVal == 1<<d.frame.Precision-1:
		for c := range n {
			d.line(d.cur[c], d.prev[c], c)
		}
	default:
		for c := range n {
			d.lineNear(d.cur[c], d.prev[c], c)
		}
	}
	if d.in.left() < 0 {
		return "entropy-coded data end", codec.ErrTruncated
	}
	if d.in.bad {
		return "a code that no encoder makes", codec.ErrCorrupt
	}
	for c := range n {
		d.cur[c], d.prev[c] = d.prev[c], d.cur[c]
	}
	return "", nil
}

// store writes a row of component index.
func store(dst *codec.Image, row []int32, y, index int) {
	n := dst.Samples
	if dst.Precision <= 8 {
		out := dst.Pix[y*dst.Width*n+index:]
		at := 0
		for _, v := range row {
			out[at] = byte(v)
			at += n
		}
		return
	}
	out := dst.Pix[2*(y*dst.Width*n+index):]
	at := 0
	for _, v := range row {
		binary.LittleEndian.PutUint16(out[at:], uint16(v))
		at += 2 * n
	}
}

func load64(b []byte, pos int) uint64 { return binary.BigEndian.Uint64(b[pos:]) }
