package preview_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/viewer/preview"
)

// What a picture costs before its first average: BenchmarkReadBack takes the frame
// from the file that has just been written, as the pipeline does; BenchmarkTakeAlong
// copies it out of a stream in the pieces in which it arrives, as a pipeline would
// that begins before the object is whole. See doc.go, Arriving.
func BenchmarkReadBack(b *testing.B) {
	store, err := fsobject.Open(b.TempDir(), fsobject.Options{Reserve: -1})
	if err != nil {
		b.Fatal(err)
	}
	defer store.Close()
	w, err := store.Create(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	if _, err := w.Write(headSlice()); err != nil {
		b.Fatal(err)
	}
	if err := w.Commit(b.Context(), "a"); err != nil {
		b.Fatal(err)
	}
	p := preview.New(preview.Options{Objects: store, Derived: derived(b)})
	defer p.Close()
	b.SetBytes(512 * 512 * 2)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Frame(b.Context(), "a", 0, func(*pixel.Frame) error { return nil }); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkTakeAlong(b *testing.B) {
	raw := headSlice()
	ts := stream.SyntaxFor("1.2.840.10008.1.2.1")
	at := bytes.Index(raw, []byte{0x08, 0x00, 0x05, 0x00}) // behind the meta group
	frame := make([]byte, 0, 512*512*2)
	piece := make([]byte, 16<<10)
	b.SetBytes(512 * 512 * 2)
	b.ReportAllocs()
	for b.Loop() {
		// The scan is part of receiving in either case.
		b.StopTimer()
		s := stream.NewScanner(bytes.NewReader(raw[at:]), ts, stream.Limits{})
		frame = frame[:0]
		for {
			e, err := s.Next()
			if err != nil {
				b.Fatal(err)
			}
			if e.Tag != tag.PixelData {
				continue
			}
			b.StartTimer()
			for r := s.ValueReader(); ; {
				n, err := r.Read(piece)
				frame = append(frame, piece[:n]...)
				if err == io.EOF { //nolint:errorlint // what it says
					break
				}
				if err != nil {
					b.Fatal(err)
				}
			}
			break
		}
		if len(frame) != cap(frame) {
			b.Fatalf("%d bytes of pixels", len(frame))
		}
	}
}
