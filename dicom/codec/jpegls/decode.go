package jpegls

import (
	"encoding/binary"
	"errors"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// Decoder decodes JPEG-LS frames. The zero value is ready.
type Decoder struct {
	codec.Counter
	model
	in   reader
	data []byte  // entropy-coded segment without stuffing
	rows []int32 // two rows per component
	cur  [t81.MaxComponents][]int32
	prev [t81.MaxComponents][]int32

	src        []byte
	frame      t81.Frame
	color      codec.ColorModel
	given      preset
	old        bool // thresholds of old encoders in place of the default ones
	wide, high int  // oversize dimensions of LSE type 4
	restart    int  // lines
	tables     tables
	seen       [t81.MaxComponents]bool
}

// DecodeConfig reads the headers up to the first scan, where NEAR stands.
func (d *Decoder) DecodeConfig(src []byte) (codec.Config, error) {
	r := t81.Reader{Src: src}
	c, _, err := d.header(&r)
	return c, err
}

// header reads segments up to the first scan header, which it leaves unread.
func (d *Decoder) header(r *t81.Reader) (c codec.Config, sof int64, err error) {
	d.frame, d.color, d.given, d.restart, d.wide, d.high = t81.Frame{}, codec.ColorUnknown, preset{}, 0, 0, 0
	d.tables = tables{}
	if err := r.Start(); err != nil {
		return c, 0, err
	}
	for {
		before := r.Pos
		s, err := r.Next()
		if err != nil {
			return c, sof, err
		}
		switch s.Marker {
		case t81.SOF55:
			if d.frame.N > 0 {
				return c, sof, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "second frame header")
			}
			if d.frame, err = t81.ParseFrame(s); err != nil {
				return c, sof, err
			}
			sof = int64(s.Offset)
		case t81.SOS:
			if d.frame.N == 0 {
				return c, sof, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "scan without frame header")
			}
			r.Pos = before
			c, err := d.config(s, sof)
			return c, sof, err
		case t81.EOI:
			return c, sof, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "no scan")
		default:
			if err := d.misc(s); err != nil {
				return c, sof, err
			}
		}
	}
}

func (d *Decoder) config(sos t81.Segment, sof int64) (codec.Config, error) {
	f := &d.frame
	if f.Width == 0 {
		f.Width = d.wide
	}
	if f.Height == 0 {
		f.Height = d.high
	}
	c := codec.Config{Width: f.Width, Height: f.Height, Samples: f.N, Precision: f.Precision, Color: d.color}
	if f.N == 1 {
		c.Color = codec.ColorGray
	}
	if f.Precision < 2 || f.Precision > 16 {
		return c, codec.Errorf(codec.ErrCorrupt, sof, "JPEG-LS frame of %d bits", f.Precision)
	}
	sc, err := t81.ParseScan(sos, f)
	if err != nil {
		return c, err
	}
	c.Lossless = sc.Ss == 0
	return c, d.tables.shape(&c, &sc, int64(sos.Offset))
}

// misc handles the segments of T.87 §C.2.4 and the hints about colour.
func (d *Decoder) misc(s t81.Segment) error {
	p := s.Payload
	switch s.Marker {
	case t81.LSE:
		return d.presetSegment(s)
	case t81.DRI: // §C.2.5: 2 to 4 bytes
		if len(p) < 2 || len(p) > 4 {
			return codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "restart interval of %d bytes", len(p))
		}
		d.restart = bigEndian(p)
	case t81.APP8:
		if len(p) >= 5 && string(p[:4]) == "mrfx" && p[4] != 0 {
			return codec.Errorf(codec.ErrUnsupported, int64(s.Offset), "colour transform %d", p[4])
		}
	case t81.DNL:
		return codec.Errorf(codec.ErrUnsupported, int64(s.Offset), "number of lines after the scan")
	default:
		if s.Marker >= t81.SOF0 && s.Marker <= t81.SOF15 {
			return codec.Errorf(codec.ErrUnsupported, int64(s.Offset), "JPEG process %#02x is not JPEG-LS", s.Marker)
		}
		if c, ok := t81.ColorHint(s, 3); ok {
			d.color = c
		}
	}
	return nil
}

// presetSegment decodes LSE (§C.2.4.1).
func (d *Decoder) presetSegment(s t81.Segment) error {
	p := s.Payload
	if len(p) < 1 {
		return codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "empty LSE")
	}
	switch id := p[0]; {
	case id == 1 && len(p) >= 11:
		u := func(i int) int { return int(binary.BigEndian.Uint16(p[i:])) }
		d.given = preset{maxVal: u(1), t1: u(3), t2: u(5), t3: u(7), reset: u(9)}
	case id == 4 && len(p) >= 2 && p[1] >= 2 && p[1] <= 4 && len(p) >= 2+2*int(p[1]):
		n := int(p[1])
		d.high, d.wide = bigEndian(p[2:2+n]), bigEndian(p[2+n:2+2*n])
	case (id == 2 || id == 3) && len(p) >= 3:
		return d.tables.add(id == 3, p[1], int(p[2]), p[3:], int64(s.Offset))
	default:
		return codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "LSE type %d of %d bytes", id, len(p))
	}
	return nil
}

func bigEndian(p []byte) (v int) {
	for _, b := range p {
		v = v<<8 | int(b)
	}
	return v
}

// Decode decodes one frame. A stream without thresholds of its own that has errors is
// tried with those which old encoders take where samples have fewer than 8 bits.
func (d *Decoder) Decode(dst *codec.Image, src []byte, opt codec.Options) error {
	d.Counter, d.old = 0, false
	err := d.decode(dst, src, opt)
	if !errors.Is(err, codec.ErrCorrupt) && !errors.Is(err, codec.ErrTruncated) || !d.ambiguous() {
		return err
	}
	if d.old = true; d.decode(dst, src, opt) == nil {
		return nil
	}
	return err
}

// ambiguous tells whether old encoders mean other thresholds than the standard does.
func (d *Decoder) ambiguous() bool {
	return d.frame.N > 0 && d.frame.Precision < 8 && d.given.t1 == 0 && d.given.t2 == 0 && d.given.t3 == 0
}

func (d *Decoder) decode(dst *codec.Image, src []byte, opt codec.Options) error {
	r := t81.Reader{Src: src}
	c, sof, err := d.header(&r)
	if err != nil {
		return err
	}
	if d.tables.palette && opt.Samples == 1 {
		// The data set has the colours of its own: the samples are indices.
		d.tables.palette, d.tables.bytes = false, 0
		c.Samples, c.Precision, c.Color = 1, d.frame.Precision, codec.ColorGray
	}
	if err := opt.Check(c, sof); err != nil {
		return err
	}
	if opt.Reduce > 0 {
		return codec.Errorf(codec.ErrUnsupported, 0, "JPEG-LS has no resolution levels")
	}
	// A run segment of 2^15 samples takes a bit, and every line one.
	if least := int64(c.Height) * int64(1+c.Width>>15); least > 8*int64(len(src)) {
		return codec.Errorf(codec.ErrTruncated, int64(len(src)), "%d bytes for %d lines", len(src), c.Height)
	}
	dst.Reset(c)
	d.src = src
	d.seen = [t81.MaxComponents]bool{}
	defer func() { d.src = nil }()
	for left := d.frame.N; left > 0; {
		s, err := r.Next()
		if err != nil {
			return err
		}
		switch s.Marker {
		case t81.SOS:
			n, err := d.scan(dst, &r, s)
			if err != nil {
				return err
			}
			left -= n
		case t81.EOI:
			return codec.Errorf(codec.ErrTruncated, int64(s.Offset), "end of image with %d components missing", left)
		case t81.SOF55:
			return codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "second frame header")
		default:
			if err := d.misc(s); err != nil {
				return err
			}
		}
	}
	return nil
}

var (
	_ codec.Decoder    = (*Decoder)(nil)
	_ codec.RowDecoder = (*Rows)(nil)
)
