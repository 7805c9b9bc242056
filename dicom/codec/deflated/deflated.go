// Package deflated decodes Deflated Image Frame Compression (PS3.5 §8.2.16, §A.4.13): the
// cells of a frame as they are stored uncompressed, in a stream of RFC 1951. Samples of
// several components are taken to be interleaved.
//
// Work space: the window of the decompressor, and for cells of one bit the packed frame.
// The decompressor of the standard library also allocates a little for each block of codes.
// A Decoder serves one goroutine at a time.
package deflated

import (
	"bytes"
	"compress/flate"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/codec"
)

// mostRatio is the best that RFC 1951 can do: 258 bytes for two bits.
const mostRatio = 1032

// Decoder decodes frames. The zero value is ready. The stream has no dimensions: they
// are those of the options, all of which are needed.
type Decoder struct {
	codec.Counter
	src    bytes.Reader
	flate  io.ReadCloser
	packed []byte
}

// DecodeConfig gives nothing: a stream says nothing of the frame.
func (d *Decoder) DecodeConfig([]byte) (codec.Config, error) { return codec.Config{}, nil }

// Decode decodes one frame.
func (d *Decoder) Decode(dst *codec.Image, src []byte, opt codec.Options) error {
	d.Counter = 0
	if opt.BitsAllocated != 1 && opt.BitsAllocated != 8 && opt.BitsAllocated != 16 && opt.BitsAllocated != 32 {
		return codec.Errorf(codec.ErrUnsupported, 0, "cells of %d bits", opt.BitsAllocated)
	}
	c := codec.Config{Width: opt.Width, Height: opt.Height, Samples: opt.Samples, Precision: opt.BitsAllocated, Lossless: true}
	if c.Samples == 1 {
		c.Color = codec.ColorGray
	}
	if err := opt.Check(c, 0); err != nil {
		return err
	}
	if opt.Reduce > 0 {
		return codec.Errorf(codec.ErrUnsupported, 0, "a deflated frame has no resolution levels")
	}
	bytesOf := c.FrameBytes()
	if c.Precision == 1 {
		bytesOf = (bytesOf + 7) / 8
	}
	if bytesOf/mostRatio > len(src) {
		return codec.Errorf(codec.ErrTruncated, int64(len(src)), "%d bytes for a frame of %d", len(src), bytesOf)
	}
	dst.Reset(c)
	out := dst.Pix
	if c.Precision == 1 {
		if cap(d.packed) < bytesOf {
			d.packed = make([]byte, bytesOf)
		}
		out = d.packed[:bytesOf]
	}
	if err := d.inflate(out, src); err != nil {
		return err
	}
	if c.Precision == 1 { // the first cell in the lowest bit (PS3.5 §8.1.1)
		for i := range dst.Pix {
			dst.Pix[i] = out[i/8] >> (i % 8) & 1
		}
	}
	d.Did(len(dst.Pix) + len(src))
	return nil
}

// inflate fills out; what a frame has beyond is padding.
func (d *Decoder) inflate(out, src []byte) error {
	d.src.Reset(src)
	defer d.src.Reset(nil)
	if d.flate == nil {
		d.flate = flate.NewReader(&d.src)
	} else if err := d.flate.(flate.Resetter).Reset(&d.src, nil); err != nil {
		return err
	}
	n := 0
	for n < len(out) {
		k, err := d.flate.Read(out[n:])
		n += k
		if err == nil || n == len(out) {
			continue
		}
		at := int64(len(src) - d.src.Len())
		var corrupt flate.CorruptInputError
		switch {
		case errors.Is(err, io.EOF): // as it should, for a smaller frame
			return codec.Errorf(codec.ErrMismatch, at, "stream has %d bytes, the frame of the data set %d", n, len(out))
		case errors.As(err, &corrupt):
			return codec.Errorf(codec.ErrCorrupt, at, "no deflated data after %d of %d bytes of the frame", n, len(out))
		}
		return codec.Errorf(codec.ErrTruncated, at, "deflated data end after %d of %d bytes of the frame", n, len(out))
	}
	return nil
}

var _ codec.Decoder = (*Decoder)(nil)
