package stream_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// BenchmarkScanCTHeader walks the header of a CT image of 180 elements with sequences
// and private groups, reading every value, up to its Pixel Data.
func BenchmarkScanCTHeader(b *testing.B) {
	for _, ts := range []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian} {
		b.Run(uid.Name(ts), func(b *testing.B) {
			data := ctHeader(b, ts)
			syntax, _ := uid.LookupTransferSyntax(ts)
			r := bytes.NewReader(data)
			s := stream.NewScanner(r, syntax, stream.Limits{})
			b.SetBytes(int64(len(data) - 512*512*2))
			b.ReportAllocs()
			for b.Loop() {
				r.Reset(data)
				s.Reset(r, syntax, stream.Limits{})
				for {
					e, err := s.Next()
					if err == io.EOF || err == nil && e.Tag == tag.PixelData {
						break
					}
					if err != nil {
						b.Fatal(err)
					}
					if e.Kind == stream.KindValue {
						if _, err := s.Value(); err != nil {
							b.Fatal(err)
						}
					}
				}
			}
		})
	}
}
