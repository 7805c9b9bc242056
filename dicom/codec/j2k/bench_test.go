package j2k_test

import (
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
)

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name, path string
		reduce     int
	}{
		{"ct", "derived/ct-ge/j2k-opj-rev.dcm", 0},
		{"ct-half", "derived/ct-ge/j2k-opj-rev.dcm", 1},
		{"ct-quarter", "derived/ct-ge/j2k-opj-rev.dcm", 2},
		{"ct-eighth", "derived/ct-ge/j2k-opj-rev.dcm", 3},
		{"ct-irreversible", "derived/ct-ge/j2k-opj-irrev-r10.dcm", 0},
	} {
		b.Run(c.name, func(b *testing.B) { codectest.BenchFile(b, new(j2k.Decoder), c.path, c.reduce) })
	}
}

func BenchmarkEncode(b *testing.B) {
	for _, high := range []bool{false, true} {
		b.Run(fmt.Sprint("high-throughput-", high), func(b *testing.B) {
			m := codectest.Image(1, 512, 512, 1, 16)
			e := &j2k.Encoder{HighThroughput: high}
			b.SetBytes(int64(len(m.Pix)))
			b.ReportAllocs()
			var dst []byte
			for b.Loop() {
				var err error
				if dst, err = e.Encode(dst[:0], &m); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
