package jpegls_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// table is an LSE of a mapping table 1 in two parts.
func table(width, count int) []byte {
	entries := make([]byte, 0, width*count)
	for i := range count {
		for b := range width {
			entries = append(entries, byte(i*7+b*31))
		}
	}
	cut := len(entries) / 2
	part := func(kind byte, e []byte) []byte {
		n := len(e) + 5
		return append([]byte{0xFF, 0xF8, byte(n >> 8), byte(n), kind, 1, byte(width)}, e...)
	}
	return append(part(2, entries[:cut]), part(3, entries[cut:])...)
}

// mapped is an image whose samples go through a table.
func mapped(t testing.TB, m *codec.Image, lse []byte) []byte {
	t.Helper()
	src, err := jpegls.Encode(nil, m, jpegls.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sos := bytes.Index(src, []byte{0xFF, 0xDA})
	out := append(bytes.Clone(src[:sos]), lse...)
	out = append(out, src[sos:]...)
	out[sos+len(lse)+6] = 1 // the mapping table selector of the one component
	return out
}

func TestMappingTables(t *testing.T) {
	t.Parallel()
	m := codectest.Image(9, 31, 17, 1, 8)
	for width, samples := range map[int]int{1: 1, 2: 1, 3: 3} {
		src := mapped(t, &m, table(width, 256))
		var got codec.Image
		if err := newDecoder().Decode(&got, src, codec.Options{}); err != nil {
			t.Fatal(width, err)
		}
		if got.Samples != samples || got.Precision != map[int]int{1: 8, 2: 16, 3: 8}[width] {
			t.Fatalf("%d bytes an entry: %+v", width, got.Config)
		}
		for i, v := range m.Pix {
			for b := range width {
				at := i*width + b
				if width == 2 { // entries are big endian, samples little
					at = i*2 + 1 - b
				}
				if want := byte(int(v)*7 + b*31); got.Pix[at] != want {
					t.Fatalf("%d bytes an entry: byte %d of sample %d is %d, want %d", width, b, i, got.Pix[at], want)
				}
			}
		}
	}
	// A data set of indices has the colours of its own.
	var got codec.Image
	if err := newDecoder().Decode(&got, mapped(t, &m, table(3, 256)), codec.Options{Samples: 1}); err != nil || !bytes.Equal(got.Pix, m.Pix) {
		t.Errorf("indices: %v", err)
	}
	for name, lse := range map[string][]byte{
		"too few entries":  table(1, 20),
		"no width":         {0xFF, 0xF8, 0, 5, 2, 1, 0},
		"goes on as other": append(table(1, 256), 0xFF, 0xF8, 0, 7, 3, 1, 2, 0, 0),
		"of another":       {0xFF, 0xF8, 0, 6, 2, 7, 1, 0},
	} {
		if err := newDecoder().Decode(&got, mapped(t, &m, lse), codec.Options{}); !errors.Is(err, codec.ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// separate is a frame of components of several sizes, each in a scan of its own.
func separate(t testing.TB, width, height int, factors []byte, planes ...*codec.Image) []byte {
	t.Helper()
	n := len(planes)
	out := []byte{0xFF, 0xD8, 0xFF, 0xF7, 0, byte(8 + 3*n), byte(planes[0].Precision), byte(height >> 8), byte(height), byte(width >> 8), byte(width), byte(n)}
	for i, f := range factors {
		out = append(out, byte(i+1), f, 0)
	}
	for i, p := range planes {
		src, err := jpegls.Encode(nil, p, jpegls.EncodeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		sos := bytes.Index(src, []byte{0xFF, 0xDA})
		scan := bytes.Clone(src[sos : len(src)-2])
		scan[5] = byte(i + 1)
		out = append(out, scan...)
	}
	return append(out, 0xFF, 0xD9)
}

func TestSubsampled(t *testing.T) {
	t.Parallel()
	for _, precision := range []int{8, 12} {
		full, half := codectest.Image(1, 21, 13, 1, precision), codectest.Image(2, 11, 7, 1, precision)
		var got codec.Image
		if err := newDecoder().Decode(&got, separate(t, 21, 13, []byte{0x22, 0x11}, &full, &half), codec.Options{}); err != nil {
			t.Fatal(err)
		}
		for y := range 13 {
			for x := range 21 {
				at := y*21 + x
				if a, b := sample(&got, 2*at), sample(&full, at); a != b {
					t.Fatalf("full component at %d, %d: %d, want %d", x, y, a, b)
				}
				if a, b := sample(&got, 2*at+1), sample(&half, y/2*11+x/2); a != b {
					t.Fatalf("half component at %d, %d: %d, want %d", x, y, a, b)
				}
			}
		}
	}
}

// The conformance streams of T.87 Annex E with components of three sizes: the one at
// full size is that of the stream without.
func TestConformanceSubsampled(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		t.Skip("no folder of real files")
	}
	read := func(name string) codec.Image {
		src, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		var m codec.Image
		if err := newDecoder().Decode(&m, src, codec.Options{}); err != nil {
			t.Fatal(name, err)
		}
		return m
	}
	whole := read("codec/jpegls/t8c0e0.jls")
	for name, near := range map[string]int{"codec/jpegls/t8sse0.jls": 0, "codec/jpegls/t8sse3.jls": 3} {
		m := read(name)
		for i := range m.Width * m.Height {
			if d := sample(&m, 3*i) - sample(&whole, 3*i); d > near || -d > near {
				t.Fatalf("%s: sample %d differs by %d", name, i, d)
			}
		}
	}
}
