package main

import (
	"bytes"
	"context"
	"fmt"
	"image"
	stdjpeg "image/jpeg"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
	"github.com/dokuei/dokuei/dicom/codec/jpeg"
	"github.com/dokuei/dokuei/dicom/codec/jpegll"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
	"github.com/dokuei/dokuei/dicom/codec/rle"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/uid"
)

// encode is an encoder of ours.
type encode func(dst []byte, m *codec.Image) ([]byte, error)

// format is a codec: how its streams are made and read.
type format struct {
	codec, name, syntax string
	decoder             codec.Decoder // nil for uncompressed files
	encode              encode        // nil: streams come from the library maker, or Go for jpeg8
	maker               string        // library that makes the streams
	levels              bool          // reduced resolutions are in the stream
	loss                int           // decoders may differ by so much
}

func formats() []format {
	ls := func(dst []byte, m *codec.Image) ([]byte, error) {
		return jpegls.Encode(dst, m, jpegls.EncodeOptions{})
	}
	return []format{
		{codec: "native", name: "uncompressed file", syntax: uid.ExplicitVRLittleEndian},
		{codec: "rle", name: "RLE", syntax: uid.RLELossless, decoder: new(rle.Decoder), encode: rle.Encode},
		{codec: "jpeg8", name: "JPEG baseline, 8 bit", syntax: uid.JPEGBaseline8Bit, decoder: new(jpeg.Decoder), loss: 2},
		{codec: "jpegll", name: "JPEG Lossless SV1", syntax: uid.JPEGLosslessSV1, decoder: new(jpegll.Decoder), encode: jpegll.Encode},
		{codec: "jpegls", name: "JPEG-LS", syntax: uid.JPEGLSLossless, decoder: new(jpegls.Decoder), encode: ls},
		{codec: "j2k53", name: "JPEG 2000 5/3", syntax: uid.JPEG2000Lossless, decoder: new(j2k.Decoder), encode: new(j2k.Encoder).Encode, levels: true},
		{codec: "j2k97", name: "JPEG 2000 9/7", syntax: uid.JPEG2000, decoder: new(j2k.Decoder), maker: "OpenJPEG", levels: true, loss: 2},
		{codec: "htj2k53", name: "HTJ2K 5/3", syntax: uid.HTJ2KLosslessRPCL, decoder: new(htj2k.Decoder), encode: new(htj2k.Encoder).Encode, levels: true},
		{codec: "htj2k97", name: "HTJ2K 9/7", syntax: uid.HTJ2K, decoder: new(htj2k.Decoder), maker: "OpenJPH", levels: true, loss: 2},
	}
}

// testCase is a row of the table.
type testCase struct {
	format
	name   string
	reduce int
	encode bool
}

func cases() []testCase {
	var out []testCase
	for _, f := range formats() {
		for reduce, size := range []string{"full", "1/2", "1/4"} {
			name := "decode " + size
			if reduce > 0 && !f.levels {
				name += " (box and window)"
			}
			out = append(out, testCase{format: f, name: f.name + ", " + name, reduce: reduce})
		}
		if f.encode != nil {
			out = append(out, testCase{format: f, name: f.name + ", encode", encode: true})
		}
	}
	return out
}

// make gives the stream of m in the format.
func (f *format) make(m *codec.Image, ps []*peer) ([]byte, error) {
	switch {
	case f.decoder == nil:
		return m.Pix, nil
	case f.encode != nil:
		return f.encode(nil, m)
	case f.maker == "":
		var b bytes.Buffer
		err := stdjpeg.Encode(&b, &image.Gray{Pix: m.Pix, Stride: m.Width, Rect: image.Rect(0, 0, m.Width, m.Height)}, &stdjpeg.Options{Quality: 90})
		return b.Bytes(), err
	}
	for _, p := range ps {
		if p.name == f.maker {
			_, out, err := p.do(fmt.Sprintf("encode %s %d %d %d 1", f.codec, m.Width, m.Height, m.Precision), m.Pix)
			return out, err
		}
	}
	return nil, refused("needs " + f.maker + " to make the frame")
}

// ours gives the work that is timed and, after it ran, its samples.
func (c *testCase) ours(m *codec.Image, src, file []byte) (work func() error, result func() []byte, err error) {
	switch {
	case c.encode:
		var dst []byte
		return func() (err error) { dst, err = c.format.encode(dst[:0], m); return err }, func() []byte { return dst }, nil
	case c.decoder == nil && c.reduce == 0: // with its header, as the libraries read it
		var f pixel.Frame
		return func() error {
			r, err := pixel.Open(bytes.NewReader(file), int64(len(file)))
			if err != nil {
				return err
			}
			return r.Frame(context.Background(), 0, &f)
		}, func() []byte { return f.Pix }, nil
	case c.reduce > 0 && !c.levels:
		r, err := pixel.Open(bytes.NewReader(file), int64(len(file)))
		if err != nil {
			return nil, nil, err
		}
		p := r.Presentation(0)
		var f pixel.Frame
		var table pixel.Table
		var small image.Gray
		pixel.ResizeGray(&small, m.Width>>c.reduce, m.Height>>c.reduce)
		return func() error {
			if err := r.Frame(context.Background(), 0, &f); err != nil {
				return err
			}
			pixel.Reduce(&small, &f, p.Transform(&f), &table)
			return nil
		}, nil, nil
	}
	var out codec.Image
	o := codec.Options{Width: m.Width, Height: m.Height, Samples: 1, BitsAllocated: 8 * codec.BytesPerSample(m.Precision), Reduce: c.reduce}
	return func() error { return c.decoder.Decode(&out, src, o) }, func() []byte { return out.Pix }, nil
}
