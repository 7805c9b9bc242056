package bundle

import (
	"bytes"
	"compress/flate"
	"context"
	"strings"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/viewer/preview"
)

// coder codes frames, one at a time, in memory of its own.
type coder struct {
	encoder htj2k.Encoder
	decoder htj2k.Decoder // asked where a lower resolution ends
	buf     []byte
}

// code gives the record of frame n of an original, good until the next call, and
// how many bytes of the record are the frame at half the resolution, 0 for none.
func (c *coder) code(ctx context.Context, o *preview.Original, n int) (r Record, half int, err error) {
	if kind, ok := passes(o); ok {
		data, err := o.Encoded(ctx, n)
		if err != nil {
			return r, 0, err
		}
		return Record{Kind: kind, Payload: data}, c.half(kind, data), nil
	}
	err = o.Frame(ctx, n, func(f *pixel.Frame) error {
		if f.BitsStored > 16 || f.CellBytes() > 2 {
			r.Kind = KindDeflate
			r.Payload, err = deflate(f.Pix)
			return err
		}
		r.Kind = KindHTJ2K
		r.Payload, err = c.encode(f)
		return err
	})
	return r, c.half(r.Kind, r.Payload), err
}

// passes tells whether the stored streams of an original go out as they are.
func passes(o *preview.Original) (Kind, bool) {
	if o.Masked() {
		return Kind{}, false
	}
	f := o.Format()
	switch o.TransferSyntaxUID() {
	case uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K:
		// Samples that are not aligned in their cells, and colours that the stream
		// itself does not turn into RGB, are made right by decoding here.
		switch f.Photometric {
		case pixel.Monochrome1, pixel.Monochrome2, pixel.RGB, pixel.YBRRCT, pixel.YBRICT:
			return KindHTJ2K, f.HighBit == f.BitsStored-1
		}
	case uid.JPEGBaseline8Bit:
		// What a browser takes for YCbCr is YCbCr: a stream that is RGB and does not
		// say so is coded anew. Grey is, too: a window needs samples, not a picture.
		return KindJPEG, f.Samples == 3 && strings.HasPrefix(f.Photometric, pixel.YBRFull)
	}
	return Kind{}, false
}

func (c *coder) encode(f *pixel.Frame) (out []byte, err error) {
	m := codec.Image{Config: codec.Config{
		Width: f.Columns, Height: f.Rows, Samples: f.Samples, Precision: f.BitsStored, Signed: f.Signed, Lossless: true,
	}, Pix: f.Pix}
	if f.Samples == 3 {
		m.Color = codec.ColorRGB
	}
	if f.CellBytes() == 2 && f.BitsStored <= 8 { // few bits in wide cells
		m.Precision = 9
	}
	c.buf, err = c.encoder.Encode(c.buf[:0], &m)
	return c.buf, err
}

func (c *coder) half(k Kind, data []byte) int {
	if k != KindHTJ2K {
		return 0
	}
	n, ok := c.decoder.Prefix(data, 1)
	if !ok {
		return 0
	}
	return recordHead + n
}

func deflate(pix []byte) ([]byte, error) {
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	if err == nil {
		_, err = w.Write(pix)
	}
	if err == nil {
		err = w.Close()
	}
	return b.Bytes(), err
}
