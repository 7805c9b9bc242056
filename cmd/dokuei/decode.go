package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
	"github.com/dokuei/dokuei/dicom/codec/registry"
)

type decodeCmd struct {
	In     string `arg:"" help:"Bare JPEG, JPEG-LS, JPEG 2000 or HTJ2K stream." type:"existingfile"`
	Out    string `short:"o" required:"" help:"File for the samples: little endian, one byte where the precision is up to 8 bits, else two; components as the stream has them, one after another, each in its own size, or interleaved." placeholder:"OUT.raw"`
	Reduce int    `help:"Leave out this many of the highest resolution levels (JPEG 2000, HTJ2K)."`
}

// Run decodes a stream that is in no DICOM file.
func (d decodeCmd) Run(con console) error {
	src, err := os.ReadFile(d.In)
	if err != nil {
		return err
	}
	decoder, layout, ok := registry.ForStream(src)
	if !ok {
		return errors.New(d.In + " is no JPEG, JPEG-LS, JPEG 2000 or HTJ2K stream; `dokuei dump --frames` decodes DICOM files")
	}
	if d2, ok := decoder.(*j2k.Decoder); ok {
		return d.components(con, d2, src)
	}
	var m codec.Image
	if err := decoder.Decode(&m, src, codec.Options{Reduce: d.Reduce}); err != nil {
		return fmt.Errorf("%s: %w", d.In, err)
	}
	pix := m.Pix
	if layout == registry.Planar && m.Samples > 1 {
		pix = planes(m)
	}
	if err := os.WriteFile(d.Out, pix, 0o600); err != nil {
		return err
	}
	_, err = fmt.Fprintf(con.Out, "%d × %d, %d samples of %d bits, signed %v\n", m.Width, m.Height, m.Samples, m.Precision, m.Signed)
	return err
}

// components writes those of a JPEG 2000 stream, which may differ in size and precision.
func (d decodeCmd) components(con console, decoder *j2k.Decoder, src []byte) error {
	planes, err := decoder.DecodePlanes(src, codec.Options{Reduce: d.Reduce})
	if err != nil {
		return fmt.Errorf("%s: %w", d.In, err)
	}
	var pix []byte
	for i, p := range planes {
		pix = append(pix, p.Pix...)
		if _, err := fmt.Fprintf(con.Out, "component %d: %d × %d of %d bits, signed %v\n", i+1, p.Width, p.Height, p.Precision, p.Signed); err != nil {
			return err
		}
	}
	return os.WriteFile(d.Out, pix, 0o600)
}

// planes puts the components one after another.
func planes(m codec.Image) []byte {
	size := codec.BytesPerSample(m.Precision)
	pixels := m.Width * m.Height
	out := make([]byte, 0, len(m.Pix))
	for c := range m.Samples {
		for p := range pixels {
			at := (p*m.Samples + c) * size
			out = append(out, m.Pix[at:at+size]...)
		}
	}
	return out
}
