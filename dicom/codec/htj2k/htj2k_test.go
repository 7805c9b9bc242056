package htj2k_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
)

func newDecoder() codec.Decoder { return new(htj2k.Decoder) }

// goldens are the files of testdata and the frames they were made from.
var goldens = []struct {
	name                              string
	seed                              uint64
	width, height, samples, precision int
	lossy                             bool
}{
	{"g16.j2c", 3, 37, 29, 1, 16, false},
	{"g12-rpcl-tiles.j2c", 2, 37, 29, 1, 12, false},
	{"c8.j2c", 4, 25, 21, 3, 8, false},
	{"g8-blocks.j2c", 1, 37, 29, 1, 8, false},
	{"g16-irreversible.j2c", 3, 37, 29, 1, 16, true},
}

func streams(t testing.TB) []codectest.Stream {
	var list []codectest.Stream
	for _, g := range goldens {
		src, err := os.ReadFile(filepath.Join("testdata", g.name))
		if err != nil {
			t.Fatal(err)
		}
		s := codectest.Stream{Name: g.name, Src: src, Want: codectest.Image(g.seed, g.width, g.height, g.samples, g.precision)}
		if g.lossy { // TestPixels looks after its samples
			if err := newDecoder().Decode(&s.Want, src, codec.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, s)
	}
	return list
}

func TestContract(t *testing.T) { codectest.Run(t, newDecoder, streams(t)) }

func FuzzDecode(f *testing.F) {
	var seeds [][]byte
	for _, s := range streams(f) {
		seeds = append(seeds, s.Src)
	}
	codectest.Fuzz(f, newDecoder, codec.Options{}, seeds...)
}

func FuzzReduced(f *testing.F) {
	var seeds [][]byte
	for _, s := range streams(f) {
		seeds = append(seeds, s.Src)
	}
	codectest.Fuzz(f, newDecoder, codec.Options{Reduce: 1}, seeds...)
}

func BenchmarkDecode(b *testing.B) {
	for _, c := range []struct {
		name, path string
		reduce     int
	}{
		{"ct", "derived/ct-ge-unsigned/htj2k-rev.dcm", 0},
		{"ct-half", "derived/ct-ge-unsigned/htj2k-rev.dcm", 1},
		{"ct-quarter", "derived/ct-ge-unsigned/htj2k-rev.dcm", 2},
		{"ct-irreversible", "derived/ct-ge-unsigned/htj2k-irrev.dcm", 0},
	} {
		b.Run(c.name, func(b *testing.B) { codectest.BenchFile(b, newDecoder(), c.path, c.reduce) })
	}
}
