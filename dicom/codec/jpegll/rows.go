package jpegll

import (
	"bytes"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/byrow"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// Rows decodes a frame of one scan while its stream comes: a row as soon as its bytes
// must be there. It keeps what is not decoded yet and two rows, never the frame. A frame
// whose components have scans of their own, or several sizes, is left to Decoder, which
// also says what is wrong with a stream that Rows refuses. The zero value is ready for Begin.
type Rows struct {
	byrow.State
	d      Decoder
	scan   t81.Scan
	in     []byte // entropy-coded bytes without stuffing, not decoded yet
	bits   t81.Bits
	escape bool // the last byte was 0xFF
	marker byte // that ended the interval; 0: none yet
	every  int  // rows of an interval
	end    int  // of the one in hand: a row
	line   codec.Image
}

// Begin prepares for a stream; the options are those of Decoder.
func (r *Rows) Begin(opt codec.Options) {
	r.State.Begin(opt)
	r.in, r.bits, r.escape, r.marker = r.in[:0], t81.Bits{}, false, 0
}

// Write takes the next bytes and gives each row that they complete, in samples as of
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
	sof, err := d.header(&in)
	if err != nil {
		return c, 0, err
	}
	if c, err = d.config(sof); err == nil {
		err = r.Options.Check(c, int64(sof.Offset))
	}
	if err != nil {
		return c, 0, err
	}
	for {
		s, err := in.Next()
		if err != nil {
			return c, 0, err
		}
		if s.Marker != t81.SOS {
			if err := d.misc(s); err != nil {
				return c, 0, err
			}
			continue
		}
		d.seen = [t81.MaxComponents]bool{}
		if r.scan, err = d.scanHeader(c, s); err != nil {
			return c, 0, err
		}
		if r.scan.N != c.Samples || d.inUnits(&r.scan) {
			return c, 0, codec.Errorf(codec.ErrUnsupported, int64(s.Offset), "%d of %d components in a scan, or of several sizes, while they come", r.scan.N, c.Samples)
		}
		if r.every = c.Height; d.restart > 0 {
			r.every = d.restart / c.Width
		}
		r.end = min(r.every, c.Height)
		if c.Color = d.color; c.Samples == 1 {
			c.Color = codec.ColorGray
		}
		one := c
		one.Height = 1
		r.line.Reset(one)
		d.prepareRows(c.Width, c.Samples)
		return c, in.Pos, nil
	}
}

// unstuff appends to what is to be decoded (T.81 §F.1.2.3), up to a marker, and gives
// the number of bytes taken.
func (r *Rows) unstuff(p []byte) int {
	if r.bits.Pos > 0 { // a row was decoded
		r.in = r.in[:copy(r.in, r.in[min(r.bits.Pos, len(r.in)):])]
		r.bits.Pos = 0
	}
	n := 0
	for n < len(p) && r.marker == 0 {
		if r.escape {
			switch p[n] {
			case 0xFF: // fill byte
			case 0:
				r.in, r.escape = append(r.in, 0xFF), false
			default:
				r.marker, r.escape = p[n], false
			}
			n++
			continue
		}
		k := bytes.IndexByte(p[n:], 0xFF)
		if k < 0 {
			r.in = append(r.in, p[n:]...)
			return len(p)
		}
		r.in = append(r.in, p[n:n+k]...)
		n, r.escape = n+k+1, true
	}
	return n
}

// rows decodes those of the interval whose bytes must be there: a sample takes at most
// four, and some are read ahead.
func (r *Rows) rows(row func([]byte)) error {
	n := len(r.in)
	r.in = append(r.in, make([]byte, t81.Tail)...)[:n]
	r.bits.Data = r.in
	for ; r.Y < r.end; r.Y++ {
		if r.marker == 0 && n-r.bits.Pos < 4*r.scan.N*r.line.Width+t81.Tail {
			return nil
		}
		if err := r.d.row(&r.line, &r.bits, &r.scan, 0, r.Y%r.every == 0); err != nil {
			return r.d.fail(err, 0, &r.bits)
		}
		row(r.line.Pix)
	}
	if !r.Done() && r.bits.Surplus() {
		return r.d.fail(errSurplus, 0, &r.bits)
	}
	return nil
}

// restart begins the next interval (§E.2.4).
func (r *Rows) restart() error {
	if want := byte(t81.RST0 + (r.Y/r.every-1)%8); r.marker != want {
		return codec.Errorf(codec.ErrCorrupt, 0, "marker %#02x in place of %#02x before row %d", r.marker, want, r.Y)
	}
	r.in, r.bits, r.marker = r.in[:0], t81.Bits{}, 0
	r.end = min(r.end+r.every, r.Config().Height)
	return nil
}
