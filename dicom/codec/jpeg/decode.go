package jpeg

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// Decoder decodes DCT frames. The zero value is ready.
type Decoder struct {
	codec.Counter
	tables  t81.Tables
	quant   [4][64]int32 // natural order
	defined [4]bool      // which of quant
	frame   t81.Frame
	color   codec.ColorModel
	restart int
	comps   [t81.MaxComponents]component

	src   []byte
	data  []byte // entropy-coded segment without stuffing
	bits  t81.Bits
	block [64]int32
	rows  [t81.MaxComponents][]uint16 // interpolated rows
	scans int
	size  int // samples across a block as it is reconstructed: 8 >> Reduce

	// State of the scan.
	eobRun int
	pred   [t81.MaxComponents]int32
}

// component is the decoding state of a component of the frame.
type component struct {
	t81.Component
	width, height int // samples, T.81 §A.1.1; of the reduced frame when there is one
	perLine, rows int // blocks in the plane, whole MCUs
	plane8        []uint8
	plane16       []uint16
	coefs         []int16 // progressive: perLine × rows × 64, zig-zag order
	quant         [64]int32
	done          bool     // sequential: its scan is decoded
	low           [64]int8 // progressive: lowest bit decoded + 1, 0 for none
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

// header reads segments up to the first scan; it gives the frame header.
func (d *Decoder) header(r *t81.Reader) (sof t81.Segment, err error) {
	if err := r.Start(); err != nil {
		return sof, err
	}
	d.tables.Reset()
	d.defined = [4]bool{}
	d.frame, d.color, d.restart = t81.Frame{}, codec.ColorUnknown, 0
	for {
		before := r.Pos
		s, err := r.Next()
		if err != nil {
			return s, err
		}
		switch s.Marker {
		case t81.SOF0, t81.SOF1, t81.SOF2:
			if d.frame.N > 0 {
				return s, codec.Errorf(codec.ErrUnsupported, int64(s.Offset), "second frame header")
			}
			if d.frame, err = t81.ParseFrame(s); err != nil {
				return s, err
			}
			sof = s
		case t81.SOS:
			if d.frame.N == 0 {
				return s, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "scan without frame header")
			}
			if d.frame.Height == 0 { // §B.2.5
				if h, ok := t81.FindDNL(r.Src, r.Pos); ok {
					d.frame.Height = h
				}
			}
			r.Pos = before
			return sof, nil
		case t81.EOI:
			return s, codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "no scan")
		default:
			if err := d.misc(s); err != nil {
				return s, err
			}
		}
	}
}

// misc handles the tables and miscellaneous segments of T.81 §B.2.4.
func (d *Decoder) misc(s t81.Segment) (err error) {
	switch s.Marker {
	case t81.DHT:
		return d.tables.Parse(s)
	case t81.DQT:
		return d.parseQuant(s)
	case t81.DRI:
		d.restart, err = t81.ParseDRI(s)
		return err
	case t81.JPG, t81.DAC, t81.APP0, t81.APP14:
	default:
		if s.Marker >= t81.SOF0 && s.Marker <= t81.SOF15 || s.Marker == t81.SOF55 {
			return codec.Errorf(codec.ErrUnsupported, int64(s.Offset), "JPEG process %#02x is not a Huffman DCT process", s.Marker)
		}
	}
	if c, ok := t81.ColorHint(s, 3); ok && (d.color == codec.ColorUnknown || s.Marker == t81.APP14) {
		d.color = c
	}
	return nil
}

// parseQuant decodes a DQT segment (§B.2.4.1).
func (d *Decoder) parseQuant(s t81.Segment) error {
	p := s.Payload
	for len(p) > 0 {
		wide, dest := p[0]>>4, p[0]&15
		n := 64 * (1 + int(wide))
		if wide > 1 || dest > 3 || len(p) < 1+n {
			return codec.Errorf(codec.ErrCorrupt, int64(s.Offset), "quantization table of precision %d, destination %d, %d bytes", wide, dest, len(p))
		}
		for k := range 64 {
			if wide == 1 {
				d.quant[dest][zigzag[k]] = int32(p[1+2*k])<<8 | int32(p[2+2*k])
			} else {
				d.quant[dest][zigzag[k]] = int32(p[1+k])
			}
		}
		d.defined[dest] = true
		p = p[1+n:]
	}
	return nil
}

func (d *Decoder) config(sof t81.Segment) (codec.Config, error) {
	f := &d.frame
	c := codec.Config{Width: f.Width, Height: f.Height, Samples: f.N, Precision: f.Precision, Color: d.colorModel()}
	if f.Precision != 8 && (f.Precision != 12 || f.Marker == t81.SOF0) {
		return c, codec.Errorf(codec.ErrUnsupported, int64(sof.Offset), "DCT frame of %d bits", f.Precision)
	}
	return c, nil
}

func (d *Decoder) colorModel() codec.ColorModel {
	switch c := &d.frame.Components; d.frame.N {
	case 1:
		return codec.ColorGray
	case 3:
		if d.color == codec.ColorUnknown && c[0].ID == 'R' && c[1].ID == 'G' && c[2].ID == 'B' {
			return codec.ColorRGB
		}
		return d.color
	case 4:
		if d.color == codec.ColorRGB {
			return codec.ColorCMYK
		}
	}
	return codec.ColorUnknown
}

// Decode decodes one frame.
func (d *Decoder) Decode(dst *codec.Image, src []byte, opt codec.Options) error {
	d.Counter = 0
	r := t81.Reader{Src: src}
	sof, err := d.header(&r)
	if err != nil {
		return err
	}
	c, err := d.config(sof)
	if err != nil {
		return err
	}
	if err := opt.Check(c, int64(sof.Offset)); err != nil {
		return err
	}
	if opt.Reduce < 0 || opt.Reduce > maxReduce {
		return codec.Errorf(codec.ErrUnsupported, 0, "blocks of 8 by 8 cannot be halved %d times", opt.Reduce)
	}
	// Every block takes at least one bit in the first scan that has it (two
	// in a sequential one), so a shorter stream cannot fill the frame.
	if blocks := int64((c.Width+7)/8) * int64((c.Height+7)/8); blocks > 8*int64(len(src)) {
		return codec.Errorf(codec.ErrTruncated, int64(len(src)), "%d bytes for %d blocks", len(src), blocks)
	}
	d.src = src
	defer func() { d.src = nil }()
	d.prepare(opt.Reduce)
	if err := d.decodeScans(&r); err != nil {
		return err
	}
	if d.progressive() {
		for i := range d.frame.N {
			d.transform(&d.comps[i])
		}
	}
	c.Width, c.Height = d.reduced(c.Width), d.reduced(c.Height)
	dst.Reset(c)
	d.output(dst)
	return nil
}

func (d *Decoder) progressive() bool { return d.frame.Marker == t81.SOF2 }

// reduced is a number of samples of the full frame in the reduced one.
func (d *Decoder) reduced(n int) int { return ceilDiv(n*d.size, 8) }

// prepare sizes the components (§A.1.1, §A.2.4).
func (d *Decoder) prepare(reduce int) {
	f := &d.frame
	d.scans, d.size = 0, 8>>reduce
	across := ceilDiv(f.Width, 8*f.HMax)
	down := ceilDiv(f.Height, 8*f.VMax)
	for i := range f.N {
		c := &d.comps[i]
		c.Component = f.Components[i]
		c.width, c.height = d.reduced(ceilDiv(f.Width*c.H, f.HMax)), d.reduced(ceilDiv(f.Height*c.V, f.VMax))
		c.perLine, c.rows = across*c.H, down*c.V
		c.done, c.low = false, [64]int8{}
		n := c.perLine * c.rows * d.size * d.size
		if f.Precision == 8 {
			c.plane8 = grow(c.plane8, n)
		} else {
			c.plane16 = grow(c.plane16, n)
		}
		if d.progressive() {
			c.coefs = grow(c.coefs, c.perLine*c.rows*64)
			clear(c.coefs)
		}
	}
}

// decodeScans reads scans until the frame is whole: every component of a
// sequential one, up to the end of image for a progressive one.
func (d *Decoder) decodeScans(r *t81.Reader) error {
	for {
		s, err := r.Next()
		if err != nil {
			return err
		}
		switch s.Marker {
		case t81.SOS:
			if err := d.scan(r, s); err != nil {
				return err
			}
			if !d.progressive() && d.complete() {
				return nil
			}
		case t81.EOI:
			if !d.complete() {
				return codec.Errorf(codec.ErrTruncated, int64(s.Offset), "end of image before the last component")
			}
			return nil
		default:
			if err := d.misc(s); err != nil {
				return err
			}
		}
	}
}

func (d *Decoder) complete() bool {
	for i := range d.frame.N {
		if !d.comps[i].done {
			return false
		}
	}
	return true
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}

var _ codec.Decoder = (*Decoder)(nil)
