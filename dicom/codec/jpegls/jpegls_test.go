package jpegls_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
	"pgregory.net/rapid"
)

func newDecoder() codec.Decoder { return new(jpegls.Decoder) }

func streams(t testing.TB) []codectest.Stream {
	var list []codectest.Stream
	for i, c := range []struct {
		w, h, samples, precision int
		o                        jpegls.EncodeOptions
	}{
		{23, 11, 1, 16, jpegls.EncodeOptions{}},
		{17, 13, 1, 12, jpegls.EncodeOptions{RestartRows: 5}},
		{40, 9, 1, 8, jpegls.EncodeOptions{}},
		{11, 7, 3, 8, jpegls.EncodeOptions{Interleave: jpegls.InterleaveLine}},
		{11, 7, 3, 10, jpegls.EncodeOptions{Interleave: jpegls.InterleaveSample}},
		{12, 9, 2, 8, jpegls.EncodeOptions{RestartRows: 4}},
		{19, 11, 1, 12, jpegls.EncodeOptions{Near: 3}},
	} {
		m := codectest.Image(uint64(i), c.w, c.h, c.samples, c.precision)
		src, err := jpegls.Encode(nil, &m, c.o)
		if err != nil {
			t.Fatal(err)
		}
		if c.o.Near > 0 { // TestRoundTrip looks after its samples
			if err := newDecoder().Decode(&m, src, codec.Options{}); err != nil {
				t.Fatal(err)
			}
		}
		list = append(list, codectest.Stream{Name: fmt.Sprintf("%dx%dx%d-%d-%v", c.w, c.h, c.samples, c.precision, c.o), Src: src, Want: m})
	}
	return list
}

func TestContract(t *testing.T) { codectest.Run(t, newDecoder, streams(t)) }

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	d := newDecoder()
	rapid.Check(t, func(t *rapid.T) {
		m := codectest.Image(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 90).Draw(t, "width"), rapid.IntRange(1, 20).Draw(t, "height"),
			rapid.IntRange(1, 4).Draw(t, "samples"), rapid.IntRange(2, 16).Draw(t, "precision"))
		o := jpegls.EncodeOptions{
			Near:        rapid.IntRange(0, min(255, (1<<m.Precision-1)/2)).Draw(t, "near"),
			Interleave:  jpegls.Interleave(rapid.IntRange(0, 2).Draw(t, "interleave")),
			RestartRows: rapid.IntRange(0, 6).Draw(t, "restart"),
		}
		src, err := jpegls.Encode(nil, &m, o)
		if err != nil {
			t.Fatal(err)
		}
		var got codec.Image
		if err := d.Decode(&got, src, codec.Options{}); err != nil {
			t.Fatal(err)
		}
		if got.Lossless != (o.Near == 0) {
			t.Fatalf("Lossless %v with NEAR %d", got.Lossless, o.Near)
		}
		for i := range m.Width * m.Height * m.Samples {
			if diff := sample(&got, i) - sample(&m, i); diff > o.Near || -diff > o.Near {
				t.Fatalf("sample %d differs by %d with NEAR %d", i, diff, o.Near)
			}
		}
	})
}

func sample(m *codec.Image, i int) int {
	if m.Precision <= 8 {
		return int(m.Pix[i])
	}
	return int(binary.LittleEndian.Uint16(m.Pix[2*i:]))
}

// TestAnnexH is the worked example of T.87 §H.3.
func TestAnnexH(t *testing.T) {
	t.Parallel()
	src := []byte{
		0xFF, 0xD8, 0xFF, 0xF7, 0x00, 0x0B, 0x08, 0x00, 0x04, 0x00, 0x04, 0x01, 0x01, 0x11, 0x00,
		0xFF, 0xDA, 0x00, 0x08, 0x01, 0x01, 0x00, 0x00, 0x00, 0x00,
		0xC0, 0x00, 0x00, 0x6C, 0x80, 0x20, 0x8E, 0x01, 0xC0, 0x00, 0x00, 0x57, 0x40, 0x00, 0x00, 0x6E,
		0xE6, 0x00, 0x00, 0x01, 0xBC, 0x18, 0x00, 0x00, 0x05, 0xD8, 0x00, 0x00, 0x91, 0x60, 0xFF, 0xD9,
	}
	want := codec.Image{
		Config: codec.Config{Width: 4, Height: 4, Samples: 1, Precision: 8, Lossless: true, Color: codec.ColorGray},
		Pix:    []byte{0, 0, 90, 74, 68, 50, 43, 205, 64, 145, 145, 145, 100, 145, 145, 145},
	}
	var got codec.Image
	if err := newDecoder().Decode(&got, src, codec.Options{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Pix, want.Pix) {
		t.Errorf("got %v, want %v", got.Pix, want.Pix)
	}
	again, err := jpegls.Encode(nil, &want, jpegls.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(again, src) {
		t.Errorf("encoded % x, want % x", again, src)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	m := codectest.Image(1, 20, 10, 1, 12)
	valid, err := jpegls.Encode(nil, &m, jpegls.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	sof := bytes.Index(valid, []byte{0xFF, 0xF7})
	edit := func(at int, v ...byte) []byte {
		b := bytes.Clone(valid)
		copy(b[at:], v)
		return b
	}
	insert := func(v ...byte) []byte {
		return append(append(bytes.Clone(valid[:2]), v...), valid[2:]...)
	}
	sos := bytes.Index(valid, []byte{0xFF, 0xDA})
	for name, c := range map[string]struct {
		src  []byte
		kind error
	}{
		"empty":           {nil, codec.ErrTruncated},
		"lossless JPEG":   {edit(sof+1, 0xC3), codec.ErrUnsupported},
		"bomb":            {edit(sof+5, 0xFF, 0xDC, 0xFF, 0xDC), codec.ErrLimit},
		"17 bits":         {edit(sof+4, 17), codec.ErrCorrupt},
		"no width":        {edit(sof+7, 0, 0), codec.ErrCorrupt},
		"fewer rows":      {edit(sof+5, 0, 5), codec.ErrCorrupt},
		"more rows":       {edit(sof+5, 0, 99), codec.ErrTruncated},
		"point transform": {edit(sos+9, 1), codec.ErrUnsupported},
		"mapping table":   {edit(sos+6, 1), codec.ErrCorrupt},
		"interleave 3":    {edit(sos+8, 3), codec.ErrCorrupt},
		"mrfx":            {insert(0xFF, 0xE8, 0, 7, 'm', 'r', 'f', 'x', 1), codec.ErrUnsupported},
		"thresholds":      {insert(0xFF, 0xF8, 0, 13, 1, 0x0F, 0xFF, 0, 9, 0, 8, 0, 7, 0, 64), codec.ErrCorrupt},
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
	plane := codectest.Image(3, 16, 8, 1, 8)
	half := codectest.Image(4, 8, 4, 1, 8)
	seeds = append(seeds, mapped(f, &plane, table(3, 256)), separate(f, 16, 8, []byte{0x22, 0x11}, &plane, &half))
	codectest.Fuzz(f, newDecoder, codec.Options{}, seeds...)
}

func BenchmarkDecode(b *testing.B) {
	b.Run("generated", func(b *testing.B) {
		m := codectest.Image(1, 512, 512, 1, 16)
		src, err := jpegls.Encode(nil, &m, jpegls.EncodeOptions{})
		if err != nil {
			b.Fatal(err)
		}
		codectest.Bench(b, newDecoder(), src, codec.Options{})
	})
	b.Run("ct", func(b *testing.B) { codectest.BenchFile(b, newDecoder(), "derived/ct-ge/jpegls-lossless.dcm", 0) })
}

func BenchmarkEncode(b *testing.B) {
	m := codectest.Image(1, 512, 512, 1, 16)
	b.SetBytes(int64(len(m.Pix)))
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		var err error
		if dst, err = jpegls.Encode(dst[:0], &m, jpegls.EncodeOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
