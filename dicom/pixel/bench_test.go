package pixel

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// ctFile is a 512 × 512 CT image: 12 of 16 bits, window 40/400.
func ctFile(b *testing.B, stored, signed int) []byte {
	b.Helper()
	s := shape{rows: 512, columns: 512, samples: 1, allocated: 16, stored: stored, high: stored - 1, signed: signed, frames: 1, photometric: Monochrome2}
	d := s.dataset()
	d.SetFloat(tag.RescaleIntercept, "DS", -1024)
	d.SetFloat(tag.WindowCenter, "DS", 40)
	d.SetFloat(tag.WindowWidth, "DS", 400)
	r := rand.New(rand.NewPCG(1, 1))
	pix := make([]byte, 512*512*2)
	for i := 0; i < len(pix); i += 2 {
		v := uint16(900 + r.IntN(400))
		pix[i], pix[i+1] = byte(v), byte(v>>8)
	}
	d.SetBytes(tag.PixelData, "OW", pix)
	return file(b, d, uid.ExplicitVRLittleEndian)
}

func benchmarkPicture(b *testing.B, side, stored, signed int) {
	raw := ctFile(b, stored, signed)
	r, err := Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		b.Fatal(err)
	}
	p := r.Presentation(0)
	var f Frame
	var tb Table
	var m image.Gray
	ResizeGray(&m, side, side)
	ctx := b.Context()
	b.SetBytes(512 * 512 * 2)
	b.ReportAllocs()
	for b.Loop() {
		if err := r.Frame(ctx, 0, &f); err != nil {
			b.Fatal(err)
		}
		Reduce(&m, &f, p.Transform(&f), &tb)
	}
}

// From the file in memory to the windowed picture, header not counted.
func BenchmarkThumbnail(b *testing.B)         { benchmarkPicture(b, 128, 12, 0) }
func BenchmarkThumbnailSigned16(b *testing.B) { benchmarkPicture(b, 128, 16, 1) }
func BenchmarkThumbnailOdd(b *testing.B)      { benchmarkPicture(b, 100, 12, 0) }
func BenchmarkHalf(b *testing.B)              { benchmarkPicture(b, 256, 12, 0) }
func BenchmarkFull(b *testing.B)              { benchmarkPicture(b, 512, 12, 0) }

func BenchmarkOpen(b *testing.B) {
	raw := ctFile(b, 12, 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Open(bytes.NewReader(raw), int64(len(raw))); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAutoWindow(b *testing.B) {
	raw := ctFile(b, 12, 0)
	r, err := Open(bytes.NewReader(raw), int64(len(raw)))
	if err != nil {
		b.Fatal(err)
	}
	var f Frame
	if err := r.Frame(b.Context(), 0, &f); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(512 * 512 * 2)
	b.ReportAllocs()
	for b.Loop() {
		AutoWindow(&f, Modality{}, Padding{})
	}
}
