package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

const side = 512

// loadFrames gives the 12-bit CT slices of the optional folder of real files, or
// generated ones, and says which.
func loadFrames() ([]codec.Image, string, error) {
	var frames []codec.Image
	files, err := filepath.Glob(filepath.Join("..", "shared", "data", "series", "ct-siemens-definition-as-4", "*.dcm"))
	if err != nil {
		return nil, "", err
	}
	for _, name := range files {
		m, err := readFrame(name)
		if err != nil {
			return nil, "", fmt.Errorf("%s: %w", name, err)
		}
		if m.Width == side && m.Height == side && m.Precision <= 12 {
			frames = append(frames, m)
		}
	}
	if len(frames) > 0 {
		return frames, fmt.Sprintf("%d real CT slices (series/ct-siemens-definition-as-4)", len(frames)), nil
	}
	for seed := range uint64(2) {
		frames = append(frames, codectest.Image(seed, side, side, 1, 12))
	}
	return frames, "generated slices", nil
}

func readFrame(name string) (codec.Image, error) {
	raw, err := os.ReadFile(name)
	if err != nil {
		return codec.Image{}, err
	}
	r, err := pixel.Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		return codec.Image{}, err
	}
	var f pixel.Frame
	if err := r.Frame(context.Background(), 0, &f); err != nil {
		return codec.Image{}, err
	}
	return codec.Image{
		Config: codec.Config{Width: f.Columns, Height: f.Rows, Samples: 1, Precision: f.BitsStored, Lossless: true, Color: codec.ColorGray},
		Pix:    f.Pix,
	}, nil
}

// eightBits shows m as JPEG baseline can hold it.
func eightBits(m *codec.Image) codec.Image {
	c := m.Config
	c.Precision = 8
	out := codec.Image{Config: c, Pix: make([]byte, m.Width*m.Height)}
	for i := range out.Pix {
		out.Pix[i] = byte(binary.LittleEndian.Uint16(m.Pix[2*i:]) >> (m.Precision - 8))
	}
	return out
}

// part10 wraps a stream of m, or its samples when syntax is uncompressed, as a file.
func part10(m *codec.Image, syntax string, body []byte) ([]byte, error) {
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", uid.SecondaryCaptureImageStorage)
	d.SetString(tag.SOPInstanceUID, "UI", "2.25.7")
	d.SetInt(tag.SamplesPerPixel, "US", m.Samples)
	d.SetString(tag.PhotometricInterpretation, "CS", pixel.Monochrome2)
	d.SetInt(tag.Rows, "US", m.Height)
	d.SetInt(tag.Columns, "US", m.Width)
	d.SetInt(tag.BitsAllocated, "US", 8*codec.BytesPerSample(m.Precision))
	d.SetInt(tag.BitsStored, "US", m.Precision)
	d.SetInt(tag.HighBit, "US", m.Precision-1)
	d.SetInt(tag.PixelRepresentation, "US", 0)
	d.SetFloat(tag.WindowCenter, "DS", 1064)
	d.SetFloat(tag.WindowWidth, "DS", 400)
	if syntax == uid.ExplicitVRLittleEndian {
		d.SetBytes(tag.PixelData, "OW", body)
	} else {
		if len(body)%2 == 1 {
			body = append(bytes.Clone(body), 0)
		}
		d.SetFragments(tag.PixelData, nil, body)
	}
	var b bytes.Buffer
	if _, err := stream.WriteMeta(&b, stream.Meta{
		MediaStorageSOPClassUID: uid.SecondaryCaptureImageStorage, MediaStorageSOPInstanceUID: "2.25.7",
		TransferSyntaxUID: syntax, ImplementationClassUID: uid.ImplementationClassUID,
	}); err != nil {
		return nil, err
	}
	if err := d.Encode(&b, stream.SyntaxFor(syntax)); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
