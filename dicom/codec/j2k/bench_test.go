package j2k_test

import (
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
