package pixel

import (
	"bytes"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// shape is an Image Pixel Module to be written.
type shape struct {
	rows, columns, samples, allocated, stored, high, signed, planar, frames int
	photometric                                                             string
}

// grey16 is 4 × 4 pixels of 16 bits.
func grey16() shape {
	return shape{rows: 4, columns: 4, samples: 1, allocated: 16, stored: 16, high: 15, frames: 1, photometric: Monochrome2}
}

func (s shape) dataset() *dataset.Dataset {
	d := dataset.New()
	d.SetInt(tag.SamplesPerPixel, "US", s.samples)
	d.SetString(tag.PhotometricInterpretation, "CS", s.photometric)
	if s.samples > 1 {
		d.SetInt(tag.PlanarConfiguration, "US", s.planar)
	}
	d.SetInt(tag.NumberOfFrames, "IS", s.frames)
	d.SetInt(tag.Rows, "US", s.rows)
	d.SetInt(tag.Columns, "US", s.columns)
	d.SetInt(tag.BitsAllocated, "US", s.allocated)
	d.SetInt(tag.BitsStored, "US", s.stored)
	d.SetInt(tag.HighBit, "US", s.high)
	d.SetInt(tag.PixelRepresentation, "US", s.signed)
	return d
}

// file writes a Part 10 file.
func file(t testing.TB, d *dataset.Dataset, syntax string) []byte {
	t.Helper()
	var b bytes.Buffer
	_, err := stream.WriteMeta(&b, stream.Meta{
		MediaStorageSOPClassUID: uid.SecondaryCaptureImageStorage, MediaStorageSOPInstanceUID: "2.25.7",
		TransferSyntaxUID: syntax, ImplementationClassUID: uid.ImplementationClassUID,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Encode(&b, stream.SyntaxFor(syntax)); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func open(t testing.TB, b []byte) *Reader {
	t.Helper()
	r, err := Open(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// native writes s with the pixel bytes (little endian) and opens it.
func native(t testing.TB, s shape, vr, syntax string, pix []byte) *Reader {
	t.Helper()
	d := s.dataset()
	d.SetBytes(tag.PixelData, vr, pix)
	return open(t, file(t, d, syntax))
}

func words(v ...uint16) []byte {
	out := make([]byte, 0, 2*len(v))
	for _, w := range v {
		out = append(out, byte(w), byte(w>>8))
	}
	return out
}
