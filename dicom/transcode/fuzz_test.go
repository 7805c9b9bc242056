package transcode_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/transcode"
	"github.com/dokuei/dokuei/dicom/uid"
)

// rleSample is an image of two frames of 2 × 2 cells of 8 bits, PS3.5 Annex G.
func rleSample(t testing.TB) []byte {
	t.Helper()
	d := dataset.New()
	d.SetString(tag.SOPInstanceUID, "UI", "1.2.3")
	d.SetInt(tag.SamplesPerPixel, "US", 1)
	d.SetString(tag.PhotometricInterpretation, "CS", "MONOCHROME2")
	d.SetString(tag.NumberOfFrames, "IS", "2")
	d.SetInt(tag.Rows, "US", 2)
	d.SetInt(tag.Columns, "US", 2)
	d.SetInt(tag.BitsAllocated, "US", 8)
	d.SetInt(tag.BitsStored, "US", 8)
	d.SetInt(tag.HighBit, "US", 7)
	d.SetInt(tag.PixelRepresentation, "US", 0)
	var b bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	if err := d.Encode(&b, ts); err != nil {
		t.Fatal(err)
	}
	b.WriteString("\xE0\x7F\x10\x00OB\x00\x00\xFF\xFF\xFF\xFF\xFE\xFF\x00\xE0\x00\x00\x00\x00")
	for _, cells := range []string{"\x01\x02\x03\x04", "\x05\x06\x07\x08"} {
		frame := make([]byte, 64)
		frame[0], frame[4] = 1, 64
		frame = append(frame, 3)
		frame = append(append(frame, cells...), 0)
		b.WriteString("\xFE\xFF\x00\xE0" + string([]byte{byte(len(frame)), 0, 0, 0}))
		b.Write(frame)
	}
	b.WriteString("\xFE\xFF\xDD\xE0\x00\x00\x00\x00")
	return b.Bytes()
}

func TestFramesAreJoined(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := transcode.Rewrite(&out, bytes.NewReader(rleSample(t)), uid.RLELossless, uid.ImplicitVRLittleEndian, stream.Limits{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.HasSuffix(out.Bytes(), []byte("\xE0\x7F\x10\x00\x08\x00\x00\x00\x01\x02\x03\x04\x05\x06\x07\x08")) {
		t.Errorf("% x", out.Bytes())
	}
	whole := rleSample(t)
	if err := transcode.Rewrite(io.Discard, bytes.NewReader(whole[:len(whole)-90]), uid.RLELossless, uid.ImplicitVRLittleEndian, stream.Limits{}); err == nil {
		t.Error("an object cut off between two frames was decoded")
	}
}

// Decoding what a peer or a disk gives never panics, and ends.
func FuzzDecode(f *testing.F) {
	syntaxes := []string{uid.RLELossless, uid.JPEGBaseline8Bit, uid.JPEGLosslessSV1, uid.JPEGLSLossless, uid.JPEG2000Lossless, uid.ExplicitVRLittleEndian}
	for n := range syntaxes {
		f.Add(rleSample(f), byte(n))
	}
	f.Fuzz(func(t *testing.T, b []byte, n byte) {
		from := syntaxes[int(n)%len(syntaxes)]
		_ = transcode.Rewrite(io.Discard, bytes.NewReader(b), from, uid.ExplicitVRLittleEndian, stream.Limits{}) // any error will do
	})
}
