package jpegls

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/byrow"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// Rows decodes a frame of one scan while its stream comes: a line as soon as its bytes
// must be there. It keeps what is not decoded yet and two lines, never the frame. A frame
// with mapping tables, of fewer than 8 bits, or whose components have scans of their own or
// several sizes, is left to Decoder, which also says what is wrong with a stream that Rows refuses. The
// zero value is ready for Begin.
type Rows struct {
	byrow.State
	d      Decoder
	n      int // components
	ilv    Interleave
	data   []byte // bits without stuffing, not decoded yet, in whole bytes
	acc    uint64 // fewer than 8 more, at the top
	fill   uint
	escape bool // the last byte was 0xFF
	marker byte // that ended the interval; 0: none yet
	every  int  // lines of an interval
	end    int  // of the one in hand: a line
	line   codec.Image
}

// Begin prepares for a stream; the options are those of Decoder.
func (r *Rows) Begin(opt codec.Options) {
	r.State.Begin(opt)
	r.interval()
}

// interval prepares for entropy-coded data.
func (r *Rows) interval() {
	r.data, r.d.in, r.acc, r.fill, r.escape, r.marker = r.data[:0], reader{}, 0, 0, false, 0
}

// Write takes the next bytes and gives each line that they complete, in samples as of
// codec.Image. An error is final.
func (r *Rows) Write(p []byte, row func([]byte)) error {
	return r.State.Write(p, r.start, func(p []byte) error {
		for {
			n := r.unstuff(p)
			if err := r.rows(row); err != nil || r.marker == 0 || r.Done() {
				return err
			}
			if err := r.restart(); err != nil {
				return err
			}
			p = p[n:]
		}
	})
}

// start reads the headers, when they are there, and gives the position of the scan's data.
func (r *Rows) start(head []byte) (c codec.Config, n int, err error) {
	d := &r.d
	in := t81.Reader{Src: head}
	c, sof, err := d.header(&in)
	if err == nil {
		err = r.Options.Check(c, sof)
	}
	if err != nil {
		return c, 0, err
	}
	s, err := in.Next()
	if err != nil {
		return c, 0, err
	}
	d.seen = [t81.MaxComponents]bool{}
	sc, err := d.scanHeader(s)
	if err != nil {
		return c, 0, err
	}
	if d.tables.bytes > 0 || d.tables.palette || sc.N != d.frame.N || d.frame.Subsampled() || d.ambiguous() {
		return c, 0, codec.Errorf(codec.ErrUnsupported, sof, "mapping tables, components in scans of their own or of several sizes, or fewer than 8 bits, while they come")
	}
	r.n, r.ilv = sc.N, Interleave(sc.Se)
	if r.every = c.Height; d.restart > 0 {
		r.every = d.restart
	}
	r.end = min(r.every, c.Height)
	d.prepareRows(c.Width, r.n)
	clear(d.rows)
	d.resetState()
	one := c
	one.Height = 1
	r.line.Reset(one)
	return c, in.Pos, nil
}

// unstuff appends the bits to be decoded (T.87 §C.2.1, Annex A.1), up to a marker, and
// gives the number of bytes taken.
func (r *Rows) unstuff(p []byte) int {
	in := &r.d.in
	if in.pos > 0 { // a line was decoded
		r.data = r.data[:copy(r.data, r.data[min(in.pos, len(r.data)):])]
		in.pos = 0
	}
	for i, v := range p {
		n := uint(8)
		if r.escape {
			if v >= 0x80 {
				if v != 0xFF { // else a fill byte
					r.marker = v
					return i + 1
				}
				continue
			}
			n = 7
		}
		r.escape = v == 0xFF
		r.acc |= uint64(v) << (64 - n) >> r.fill
		if r.fill += n; r.fill >= 8 {
			r.data = append(r.data, byte(r.acc>>56))
			r.acc <<= 8
			r.fill -= 8
		}
	}
	return len(p)
}

// rows decodes those lines of the interval whose bytes must be there: a sample takes at
// most twelve, with the run before it, and some are read ahead.
func (r *Rows) rows(row func([]byte)) error {
	const ahead = 32
	d := &r.d
	d.in.data, d.in.bits = r.data, 8*len(r.data)
	if r.marker != 0 {
		d.in.bits += int(r.fill)
		d.in.data = binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(r.data, r.acc), 0)
	}
	for ; r.Y < r.end; r.Y++ {
		if r.marker == 0 && len(r.data)-d.in.pos < 12*r.n*r.line.Width+ahead {
			return nil
		}
		if reason, kind := d.lines(r.n, r.line.Width, r.ilv); reason != "" {
			return codec.Errorf(kind, 0, "%s, in line %d", reason, r.Y)
		}
		for c := range r.n {
			store(&r.line, d.prev[c][1:len(d.prev[c])-1], 0, c)
		}
		row(r.line.Pix)
	}
	if !r.Done() && d.in.left() > 32+ahead*8 {
		return codec.Errorf(codec.ErrCorrupt, 0, "entropy-coded data go on after line %d", r.Y-1)
	}
	return nil
}

// restart begins the next interval.
func (r *Rows) restart() error {
	if want := byte(t81.RST0 + (r.Y/r.every-1)%8); r.marker != want {
		return codec.Errorf(codec.ErrCorrupt, 0, "marker %#02x in place of %#02x before line %d", r.marker, want, r.Y)
	}
	r.interval()
	clear(r.d.rows)
	r.d.resetState()
	r.end = min(r.end+r.every, r.Config().Height)
	return nil
}
