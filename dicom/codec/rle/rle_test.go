package rle_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/rle"
)

func newDecoder() codec.Decoder { return new(rle.Decoder) }

func streams(t testing.TB) []codectest.Stream {
	var list []codectest.Stream
	for _, c := range []struct{ w, h, samples, precision int }{
		{24, 17, 1, 8}, {33, 9, 1, 16}, {12, 9, 3, 8}, {9, 7, 3, 16}, {7, 5, 3, 32}, {200, 3, 1, 16},
	} {
		m := codectest.Image(3, c.w, c.h, c.samples, c.precision)
		src, err := rle.Encode(nil, &m)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, codectest.Stream{
			Name: fmt.Sprintf("%dx%dx%d-%d", c.w, c.h, c.samples, c.precision), Src: src, Want: m,
			Options: codec.Options{Width: c.w, Height: c.h, Samples: c.samples, BitsAllocated: c.precision},
		})
	}
	return list
}

func TestContract(t *testing.T) { codectest.Run(t, newDecoder, streams(t)) }

// TestAnnexG decodes segments written by hand from PS3.5 §G.3.
func TestAnnexG(t *testing.T) {
	t.Parallel()
	src := make([]byte, 64)
	src[0], src[4] = 1, 64
	src = append(src, 2, 1, 2, 3, 0xFE, 9, 128, 0, 4, 0) // literal 1 2 3; 9 three times; nothing; literal 4; pad
	var m codec.Image
	if err := newDecoder().Decode(&m, src, codec.Options{Width: 7, Height: 1, BitsAllocated: 8}); err != nil {
		t.Fatal(err)
	}
	if want := []byte{1, 2, 3, 9, 9, 9, 4}; !bytes.Equal(m.Pix, want) {
		t.Errorf("got %v, want %v", m.Pix, want)
	}
}

func TestPackedBits(t *testing.T) {
	t.Parallel()
	src := make([]byte, 64)
	src[0], src[4] = 1, 64
	src = append(src, 1, 0b00000101, 0b00000010)
	var m codec.Image
	if err := newDecoder().Decode(&m, src, codec.Options{Width: 5, Height: 2, BitsAllocated: 1}); err != nil {
		t.Fatal(err)
	}
	if want := []byte{1, 0, 1, 0, 0, 0, 0, 0, 0, 1}; !bytes.Equal(m.Pix, want) {
		t.Errorf("got %v, want %v", m.Pix, want)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	valid := streams(t)[1]
	edit := func(at int, v byte) []byte {
		b := bytes.Clone(valid.Src)
		b[at] = v
		return b
	}
	for name, c := range map[string]struct {
		src  []byte
		opt  codec.Options
		kind error
	}{
		"no segments":      {edit(0, 0), valid.Options, codec.ErrCorrupt},
		"16 segments":      {edit(0, 16), valid.Options, codec.ErrCorrupt},
		"offset in header": {edit(4, 63), valid.Options, codec.ErrCorrupt},
		"offset past end":  {edit(10, 1), valid.Options, codec.ErrCorrupt},
		"no dimensions":    {valid.Src, codec.Options{}, codec.ErrMismatch},
		"64 bits":          {valid.Src, codec.Options{Width: 33, Height: 9, BitsAllocated: 64}, codec.ErrMismatch},
		"bomb":             {valid.Src, codec.Options{Width: 65500, Height: 65500, BitsAllocated: 16}, codec.ErrLimit},
	} {
		var m codec.Image
		if err := newDecoder().Decode(&m, c.src, c.opt); !errors.Is(err, c.kind) {
			t.Errorf("%s: got %v, want %v", name, err, c.kind)
		}
	}
}

func FuzzDecode(f *testing.F) {
	var seeds [][]byte
	for _, s := range streams(f) {
		seeds = append(seeds, s.Src)
	}
	codectest.Fuzz(f, newDecoder, codec.Options{Width: 33, Height: 9, Samples: 1, BitsAllocated: 16}, seeds...)
}

func BenchmarkDecode(b *testing.B) {
	b.Run("generated", func(b *testing.B) {
		m := codectest.Image(1, 512, 512, 1, 16)
		src, err := rle.Encode(nil, &m)
		if err != nil {
			b.Fatal(err)
		}
		codectest.Bench(b, newDecoder(), src, codec.Options{Width: 512, Height: 512, Samples: 1, BitsAllocated: 16})
	})
	b.Run("ct", func(b *testing.B) { codectest.BenchFile(b, newDecoder(), "derived/ct-ge/rle.dcm", 0) })
}

func BenchmarkEncode(b *testing.B) {
	m := codectest.Image(1, 512, 512, 1, 16)
	b.SetBytes(int64(len(m.Pix)))
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		var err error
		if dst, err = rle.Encode(dst[:0], &m); err != nil {
			b.Fatal(err)
		}
	}
}
