package j2k_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
)

func newDecoder() codec.Decoder { return new(j2k.Decoder) }

// goldens are the files of testdata and the frames they were made from.
var goldens = []struct {
	name                              string
	seed                              uint64
	width, height, samples, precision int
}{
	{"g16.j2k", 3, 37, 29, 1, 16},
	{"g12-tiles-rpcl-markers.j2k", 2, 37, 29, 1, 12},
	{"g16-modes63.j2k", 3, 37, 29, 1, 16},
	{"g16-bypass.j2k", 3, 37, 29, 1, 16},
	{"g12-causal-segments.j2k", 2, 37, 29, 1, 12},
	{"g8-layers-cprl-precincts.j2k", 1, 37, 29, 1, 8},
	{"g8-pcrl-precincts.j2k", 1, 37, 29, 1, 8},
	{"g12-rlcp-layers.j2k", 2, 37, 29, 1, 12},
	{"c8-mct.j2k", 4, 25, 21, 3, 8},
	{"c8-nomct-tileparts.j2k", 4, 25, 21, 3, 8},
	{"c8-poc.j2k", 4, 25, 21, 3, 8},
	{"g12-roi.j2k", 2, 37, 29, 1, 12},
	{"g8-offset-tiles.j2k", 1, 37, 29, 1, 8},
	{"c8-narrow-tile.j2k", 1, 16, 9, 3, 8}, // the last has no column at half the resolution
	{"g8.jp2", 1, 37, 29, 1, 8},
	{"g8-nolevels.j2k", 1, 37, 29, 1, 8},
	{"g12-signed.j2k", 5, 25, 21, 1, 12},
	{"g12-mixed-blocks.j2k", 2, 37, 29, 1, 12}, // HT and Part 1
	{"c8-irreversible.j2k", 4, 25, 21, 3, 8},
	{"g16-irreversible.j2k", 3, 37, 29, 1, 16},
}

func streams(t testing.TB) []codectest.Stream {
	var list []codectest.Stream
	for _, g := range goldens {
		src, err := os.ReadFile(filepath.Join("testdata", g.name))
		if err != nil {
			t.Fatal(err)
		}
		s := codectest.Stream{Name: g.name, Src: src, Want: codectest.Image(g.seed, g.width, g.height, g.samples, g.precision)}
		if g.name == "g12-signed.j2k" { // made from the samples less 2048
			s.Want.Signed = true
			for p := s.Want.Pix; len(p) > 0; p = p[2:] {
				binary.LittleEndian.PutUint16(p, binary.LittleEndian.Uint16(p)-2048)
			}
		}
		if bytes.Contains([]byte(g.name), []byte("irreversible")) { // TestPixels looks after these
			if err := newDecoder().Decode(&s.Want, src, codec.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, s)
	}
	return list
}

func TestContract(t *testing.T) { codectest.Run(t, newDecoder, streams(t)) }

// TestReduce: a reduced frame has the size of T.800 §B.5 and its samples are
// near the mean of those they stand for.
func TestReduce(t *testing.T) {
	t.Parallel()
	for _, s := range streams(t) {
		var full, half codec.Image
		if err := newDecoder().Decode(&full, s.Src, codec.Options{}); err != nil {
			t.Fatal(err)
		}
		err := newDecoder().Decode(&half, s.Src, codec.Options{Width: s.Want.Width, Height: s.Want.Height, Reduce: 1})
		if s.Name == "g8-nolevels.j2k" || s.Name == "g16-bypass.j2k" {
			if !errors.Is(err, codec.ErrUnsupported) {
				t.Errorf("%s: got %v, want %v", s.Name, err, codec.ErrUnsupported)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", s.Name, err)
			continue
		}
		if d := half.Width - full.Width/2; d < 0 || d > 1 {
			t.Errorf("%s: %d columns of %d", s.Name, half.Width, full.Width)
		}
		if d := mean(&half) - mean(&full); d > 0.2*mean(&full) || -d > 0.2*mean(&full) {
			t.Errorf("%s: mean %g, of the full frame %g", s.Name, mean(&half), mean(&full))
		}
	}
}

func mean(m *codec.Image) (sum float64) {
	n := m.Width * m.Height * m.Samples
	for i := range n {
		v := 0
		switch {
		case m.Precision <= 8:
			v = int(m.Pix[i])
		case m.Signed:
			v = int(int16(binary.LittleEndian.Uint16(m.Pix[2*i:]))) + 1<<(m.Precision-1)
		default:
			v = int(binary.LittleEndian.Uint16(m.Pix[2*i:]))
		}
		sum += float64(v)
	}
	return sum / float64(n)
}

func TestRefused(t *testing.T) {
	t.Parallel()
	valid, err := os.ReadFile("testdata/g16.j2k")
	if err != nil {
		t.Fatal(err)
	}
	wrapped, err := os.ReadFile("testdata/g8.jp2")
	if err != nil {
		t.Fatal(err)
	}
	edit := func(at int, v ...byte) []byte {
		b := bytes.Clone(valid)
		copy(b[at:], v)
		return b
	}
	cod := bytes.Index(valid, []byte{0xFF, 0x52})
	sot := bytes.Index(valid, []byte{0xFF, 0x90})
	for name, c := range map[string]struct {
		src  []byte
		kind error
	}{
		"empty":            {nil, codec.ErrTruncated},
		"no code-stream":   {[]byte("GIF89a and more"), codec.ErrCorrupt},
		"bomb":             {edit(8, 0x7F, 0xFF, 0xFF, 0xFF, 0x7F, 0xFF, 0xFF, 0xFF), codec.ErrLimit},
		"blank bomb":       {edit(8, 0, 0, 0x20, 0, 0, 0, 0x20, 0), codec.ErrLimit},
		"many tiles":       {edit(24, 0, 0, 0, 1, 0, 0, 0, 1), codec.ErrTruncated},
		"no tile":          {edit(24, 0, 0, 0, 0), codec.ErrCorrupt},
		"no component":     {edit(40, 0, 0), codec.ErrCorrupt},
		"2000 components":  {edit(40, 7, 208), codec.ErrUnsupported},
		"300 components":   {edit(40, 1, 44), codec.ErrCorrupt}, // SIZ is too short for them
		"38 bits":          {edit(42, 37), codec.ErrUnsupported},
		"33 levels":        {edit(cod+9, 33), codec.ErrCorrupt},
		"more levels":      {edit(cod+9, 9), codec.ErrCorrupt},
		"huge code-blocks": {edit(cod+10, 9, 9), codec.ErrCorrupt},
		"no layer":         {edit(cod+6, 0, 0), codec.ErrCorrupt},
		"progression 5":    {edit(cod+5, 5), codec.ErrCorrupt},
		"more layers":      {edit(cod+6, 0xFF, 0xFF), codec.ErrTruncated},
		"tile 7":           {edit(sot+4, 0, 7), codec.ErrCorrupt},
		"long tile-part":   {edit(sot+6, 0, 1, 0, 0), codec.ErrTruncated},
		"palette":          {bytes.Replace(wrapped, []byte("colr"), []byte("pclr"), 1), codec.ErrUnsupported},
	} {
		var m codec.Image
		if err := newDecoder().Decode(&m, c.src, codec.Options{}); !errors.Is(err, c.kind) {
			t.Errorf("%s: got %v, want %v", name, err, c.kind)
		}
	}
}

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

// FuzzPlanes: components of any size, within the limits.
func FuzzPlanes(f *testing.F) {
	for _, s := range streams(f) {
		f.Add(s.Src)
	}
	src, err := os.ReadFile("testdata/planes8-subsampled.j2k")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(src)
	o := codec.Options{MaxPixels: 1 << 16, MaxBytes: 1 << 20}
	var d j2k.Decoder
	f.Fuzz(func(t *testing.T, src []byte) {
		planes, err := d.DecodePlanes(src, o)
		var e *codec.Error
		if err != nil {
			if !errors.As(err, &e) || e.Offset < 0 || e.Offset > int64(len(src)) {
				t.Fatalf("got %T %v", err, err)
			}
			return
		}
		for i, p := range planes {
			if len(p.Pix) != p.Width*p.Height*codec.BytesPerSample(p.Precision) {
				t.Fatalf("component %d: %d bytes of %d × %d samples of %d bits", i, len(p.Pix), p.Width, p.Height, p.Precision)
			}
		}
	})
}
