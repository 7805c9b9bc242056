package jpegll

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// Decoder decodes lossless JPEG frames. The zero value is ready.
type Decoder struct {
	codec.Counter
	tables t81.Tables
	diffs  [t81.MaxComponents]diffTable
	data   []byte   // entropy-coded segment without stuffing
	line   []uint16 // differences of a row
	rows   []uint16 // two rows of samples per component of the scan:
	cur    []uint16 // the one in hand
	prev   []uint16 // and the one above

	src     []byte
	frame   t81.Frame
	color   codec.ColorModel
	restart int
	seen    [t81.MaxComponents]bool
}

// DecodeConfig reads the headers.
func (d *Decoder) DecodeConfig(src []byte) (codec.Config, error) {
	r := t81.Reader{Src: src}
	s, err := d.header(&r)
	if err != nil {
		return codec.Config{}, err
	}
	return d.config(s)
}

// header reads segments up to the frame header.
func (d *Decoder) header(r *t81.Reader) (t81.Segment, error) {
	if err := r.Start(); err != nil {
		return t81.Segment{}, err
	}
	d.tables.Reset()
	d.frame, d.color, d.restart = t81.Frame{}, codec.ColorUnknown, 0
	for {
		s, err := r.Next()
		if err != nil {
			return s, err
		}
		switch {
		case s.Marker == t81.SOF3:
			d.frame, err = t81.ParseFrame(s)
			return s, err
		case s.Marker == t81.SOS || s.Marker == t81.EOI:
			return s, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "no frame header")
		case isFrame(s.Marker):
			return s, codec.Errorf(codec.ErrUnsupported, int64(s.Offset), "JPEG process %#02x is not lossless Huffman", s.Marker)
		}
		if err := d.misc(s); err != nil {
			return s, err
		}
	}
}

// isFrame tells the SOF markers of other processes.
func isFrame(m byte) bool {
	return m == t81.SOF55 || m >= t81.SOF0 && m <= t81.SOF15 && m != t81.DHT && m != t81.JPG && m != t81.DAC
}

// misc handles the tables and miscellaneous segments of T.81 §B.2.4.
func (d *Decoder) misc(s t81.Segment) (err error) {
	switch s.Marker {
	case t81.DHT:
		return d.tables.Parse(s)
	case t81.DRI:
		d.restart, err = t81.ParseDRI(s)
		return err
	default:
		if c, ok := t81.ColorHint(s, d.frame.N); ok {
			d.color = c
		}
		return nil
	}
}

func (d *Decoder) config(s t81.Segment) (codec.Config, error) {
	f := &d.frame
	c := codec.Config{Width: f.Width, Height: f.Height, Samples: f.N, Precision: f.Precision, Lossless: true, Color: d.color}
	if f.N == 1 {
		c.Color = codec.ColorGray
	}
	if f.Precision < 2 || f.Precision > 16 {
		return c, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "lossless frame of %d bits", f.Precision)
	}
	return c, nil
}

// Decode decodes one frame.
func (d *Decoder) Decode(dst *codec.Image, src []byte, opt codec.Options) error {
	d.Counter = 0
	r := t81.Reader{Src: src}
	sof, err := d.header(&r)
	if err != nil {
		return err
	}
	if d.frame.Height == 0 { // §B.2.5
		if h, ok := t81.FindDNL(src, r.Pos); ok {
			d.frame.Height = h
		}
	}
	c, err := d.config(sof)
	if err != nil {
		return err
	}
	if err := opt.Check(c, int64(sof.Offset)); err != nil {
		return err
	}
	if opt.Reduce > 0 {
		return codec.Errorf(codec.ErrUnsupported, 0, "lossless JPEG has no resolution levels")
	}
	// A Huffman code has at least one bit, so a shorter stream cannot fill the
	// frame: nothing is allocated for it.
	if n := d.samples(); n > 8*int64(len(src)) {
		return codec.Errorf(codec.ErrTruncated, int64(len(src)), "%d bytes for %d samples", len(src), n)
	}
	dst.Reset(c)
	d.src = src
	d.seen = [t81.MaxComponents]bool{}
	defer func() { d.src = nil }()
	for left := c.Samples; left > 0; {
		s, err := r.Next()
		if err != nil {
			return err
		}
		switch {
		case s.Marker == t81.SOS:
			n, err := d.scan(dst, &r, s)
			if err != nil {
				return err
			}
			left -= n
		case s.Marker == t81.EOI:
			return codec.Errorf(codec.ErrTruncated, int64(s.Offset), "end of image with %d components missing", left)
		case isFrame(s.Marker):
			return codec.Errorf(codec.ErrUnsupported, int64(s.Offset), "second frame header")
		default:
			if err := d.misc(s); err != nil {
				return err
			}
		}
	}
	dst.Color = d.color // an Adobe segment may follow the frame header
	if c.Samples == 1 {
		dst.Color = codec.ColorGray
	}
	return nil
}

var (
	_ codec.Decoder    = (*Decoder)(nil)
	_ codec.RowDecoder = (*Rows)(nil)
)
