package transcode_test

import (
	"bytes"
	"compress/flate"
	"image"
	"image/jpeg"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
)

// rewritten is a frame of 8 × 8 pixels of 8 bits in a transfer syntax, made native.
func rewritten(t *testing.T, from, photometric string, samples, planar int, frame []byte) (*dataset.Dataset, error) {
	t.Helper()
	d := dataset.New()
	d.SetInt(tag.SamplesPerPixel, "US", samples)
	d.SetString(tag.PhotometricInterpretation, "CS", photometric)
	d.SetInt(tag.PlanarConfiguration, "US", planar)
	d.SetInt(tag.Rows, "US", 8)
	d.SetInt(tag.Columns, "US", 8)
	d.SetInt(tag.BitsAllocated, "US", 8)
	d.SetInt(tag.BitsStored, "US", 8)
	d.SetInt(tag.HighBit, "US", 7)
	d.SetInt(tag.PixelRepresentation, "US", 0)
	if len(frame)%2 != 0 {
		frame = append(frame, 0)
	}
	d.SetFragments(tag.PixelData, nil, frame)
	var in, out bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(from)
	if err := d.Encode(&in, ts); err != nil {
		t.Fatal(err)
	}
	if err := transcode.Rewrite(&out, &in, from, uid.ExplicitVRLittleEndian, stream.Limits{}); err != nil {
		return nil, err
	}
	explicit, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	back, err := dataset.Read(&out, explicit, stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return back, nil
}

// A deflated frame whose samples come by plane stays so.
func TestPlanesStayPlanes(t *testing.T) {
	t.Parallel()
	pix := make([]byte, 3*64)
	for i := range pix {
		pix[i] = byte(i)
	}
	var frame bytes.Buffer
	w, err := flate.NewWriter(&frame, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(pix); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for _, planar := range []int{0, 1} {
		d, err := rewritten(t, uid.DeflatedImageFrame, "RGB", 3, planar, bytes.Clone(frame.Bytes()))
		if err != nil {
			t.Fatal(err)
		}
		got, _, _ := d.Raw(tag.PixelData)
		if v, _ := d.Int(tag.PlanarConfiguration); v != planar || !bytes.Equal(got, pix) {
			t.Errorf("planar configuration %d became %d, pixels % x", planar, v, got[:8])
		}
	}
	if _, err := rewritten(t, uid.DeflatedImageFrame, "YBR_FULL_422", 3, 1, bytes.Clone(frame.Bytes())); err == nil {
		t.Error("planes of luminance and chrominance were taken for pixels")
	}
}

// What has been through a lossy process says so, also where no element stands between
// that and Pixel Data.
func TestLossyIsMarked(t *testing.T) {
	t.Parallel()
	var frame bytes.Buffer
	if err := jpeg.Encode(&frame, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	d, err := rewritten(t, uid.JPEGBaseline8Bit, "MONOCHROME2", 1, 0, frame.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if got := d.String(tag.LossyImageCompression); got != "01" {
		t.Errorf("Lossy Image Compression is %q", got)
	}
}
