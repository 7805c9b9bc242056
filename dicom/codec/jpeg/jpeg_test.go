package jpeg

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"pgregory.net/rapid"
)

func newDecoder() codec.Decoder { return new(Decoder) }

// streams are decoded once for their samples, which TestAgainstCosines and
// TestPixels hold true; the contract suite then looks after everything else.
func streams(t testing.TB) []codectest.Stream {
	var list []codectest.Stream
	for i, w := range []writer{
		{precision: 8, q: 3},
		{precision: 12, q: 9, restart: 2},
		{precision: 8, q: 4, h: 2, v: 2},
		{precision: 8, q: 4, separate: true, restart: 3},
		{precision: 12, q: 7, progressive: true},
		{precision: 8, q: 2, progressive: true, h: 2, v: 1, restart: 2},
	} {
		samples := 1
		if w.h > 0 || w.separate {
			samples = 3
		}
		m := codectest.Image(uint64(i), 21, 18, samples, w.precision)
		src, _ := w.encode(&m)
		s := codectest.Stream{Name: fmt.Sprintf("%d-%dbit-progressive=%v", i, w.precision, w.progressive), Src: src}
		if err := newDecoder().Decode(&s.Want, src, codec.Options{}); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		list = append(list, s)
		s.Name, s.Options.Reduce, s.Want = s.Name+"-reduced", 1+i%maxReduce, codec.Image{}
		if err := newDecoder().Decode(&s.Want, src, s.Options); err != nil {
			t.Fatalf("%s: %v", s.Name, err)
		}
		list = append(list, s)
	}
	return list
}

func TestContract(t *testing.T) { codectest.Run(t, newDecoder, streams(t)) }

// TestAgainstCosines compares with the inverse transform in floating point.
func TestAgainstCosines(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	rapid.Check(t, func(t *rapid.T) {
		m := codectest.Image(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 30).Draw(t, "height"),
			rapid.SampledFrom([]int{1, 3, 4}).Draw(t, "samples"), rapid.SampledFrom([]int{8, 12}).Draw(t, "precision"))
		w := writer{
			precision: m.Precision, q: rapid.IntRange(1, 60).Draw(t, "q"), restart: rapid.IntRange(0, 4).Draw(t, "restart"),
			progressive: rapid.Bool().Draw(t, "progressive"), separate: rapid.Bool().Draw(t, "separate"),
		}
		src, planes := w.encode(&m)
		var got codec.Image
		if err := d.Decode(&got, src, codec.Options{Width: m.Width, Height: m.Height, Samples: m.Samples}); err != nil {
			t.Fatal(err)
		}
		for i := range m.Width * m.Height * m.Samples {
			v := 0
			if m.Precision == 8 {
				v = int(got.Pix[i])
			} else {
				v = int(binary.LittleEndian.Uint16(got.Pix[2*i:]))
			}
			p := i / m.Samples
			if want := w.sample(&planes[i%m.Samples], p%m.Width, p/m.Width); v-want > 1 || want-v > 1 {
				t.Fatalf("sample %d: got %d, want %d within 1", i, v, want)
			}
		}
	})
}

// TestReduced compares a reduced frame with the smaller inverse transform in floating
// point, and its mean with that of the frame.
func TestReduced(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	rapid.Check(t, func(t *rapid.T) {
		m := codectest.Image(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 30).Draw(t, "height"),
			rapid.SampledFrom([]int{1, 3}).Draw(t, "samples"), rapid.SampledFrom([]int{8, 12}).Draw(t, "precision"))
		w := writer{precision: m.Precision, q: rapid.IntRange(1, 60).Draw(t, "q"), progressive: rapid.Bool().Draw(t, "progressive")}
		src, planes := w.encode(&m)
		reduce := rapid.IntRange(1, maxReduce).Draw(t, "reduce")
		var got codec.Image
		if err := d.Decode(&got, src, codec.Options{Width: m.Width, Height: m.Height, Samples: m.Samples, Reduce: reduce}); err != nil {
			t.Fatal(err)
		}
		size := 8 >> reduce
		if got.Width != ceilDiv(m.Width*size, 8) || got.Height != ceilDiv(m.Height*size, 8) {
			t.Fatalf("%d × %d of %d × %d", got.Width, got.Height, m.Width, m.Height)
		}
		for i := range got.Width * got.Height * m.Samples {
			v := 0
			if m.Precision == 8 {
				v = int(got.Pix[i])
			} else {
				v = int(binary.LittleEndian.Uint16(got.Pix[2*i:]))
			}
			p := i / m.Samples
			if want := w.reduced(&planes[i%m.Samples], size, p%got.Width, p/got.Width); v-want > 1 || want-v > 1 {
				t.Fatalf("sample %d at %d: got %d, want %d within 1", i, size, v, want)
			}
		}
	})
}

// TestStandardLibrary compares grey baseline frames with image/jpeg.
func TestStandardLibrary(t *testing.T) {
	t.Parallel()
	m := codectest.Image(2, 61, 47, 1, 8)
	var b bytes.Buffer
	if err := stdjpeg.Encode(&b, &image.Gray{Pix: m.Pix, Stride: 61, Rect: image.Rect(0, 0, 61, 47)}, nil); err != nil {
		t.Fatal(err)
	}
	want, err := stdjpeg.Decode(bytes.NewReader(b.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var got codec.Image
	if err := newDecoder().Decode(&got, b.Bytes(), codec.Options{}); err != nil {
		t.Fatal(err)
	}
	for i, v := range got.Pix {
		w := want.(*image.Gray).GrayAt(i%61, i/61).Y
		if d := int(v) - int(w); d > 1 || d < -1 {
			t.Fatalf("sample %d: got %d, want %d within 1", i, v, w)
		}
	}
}

func TestColorModel(t *testing.T) {
	t.Parallel()
	m := codectest.Image(1, 9, 9, 3, 8)
	w := writer{precision: 8, q: 8}
	plain, _ := w.encode(&m)
	sof := bytes.Index(plain, []byte{0xFF, 0xC1})
	rgb := bytes.ReplaceAll(bytes.ReplaceAll(bytes.ReplaceAll(plain, []byte{1, 0x11, 0}, []byte{'R', 0x11, 0}), []byte{2, 0x11, 0}, []byte{'G', 0x11, 0}), []byte{3, 0x11, 0}, []byte{'B', 0x11, 0})
	sos := bytes.Index(rgb, []byte{0xFF, 0xDA})
	rgb[sos+5], rgb[sos+7], rgb[sos+9] = 'R', 'G', 'B'
	with := func(segment ...byte) []byte {
		return append(append(bytes.Clone(plain[:sof]), segment...), plain[sof:]...)
	}
	for name, c := range map[string]struct {
		src  []byte
		want codec.ColorModel
	}{
		"nothing said": {plain, codec.ColorUnknown},
		"R G B":        {rgb, codec.ColorRGB},
		"JFIF":         {with(0xFF, 0xE0, 0, 9, 'J', 'F', 'I', 'F', 0, 1, 2), codec.ColorYBR},
		"Adobe 0":      {with(0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0), codec.ColorRGB},
		"Adobe 1":      {with(0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 1), codec.ColorYBR},
	} {
		var got codec.Image
		if err := newDecoder().Decode(&got, c.src, codec.Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got.Color != c.want {
			t.Errorf("%s: got %d, want %d", name, got.Color, c.want)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	m := codectest.Image(1, 20, 10, 1, 8)
	w := writer{precision: 8, q: 8}
	valid, _ := w.encode(&m)
	sof := bytes.Index(valid, []byte{0xFF, 0xC1})
	edit := func(at int, v ...byte) []byte {
		b := bytes.Clone(valid)
		copy(b[at:], v)
		return b
	}
	for name, c := range map[string]struct {
		src  []byte
		kind error
	}{
		"empty":          {nil, codec.ErrTruncated},
		"not JPEG":       {[]byte("GIF89a"), codec.ErrCorrupt},
		"lossless":       {edit(sof+1, 0xC3), codec.ErrUnsupported},
		"arithmetic":     {edit(sof+1, 0xC9), codec.ErrUnsupported},
		"bomb":           {edit(sof+5, 0xFF, 0xDC, 0xFF, 0xDC), codec.ErrLimit},
		"16 bits":        {edit(sof+4, 16), codec.ErrUnsupported},
		"no width":       {edit(sof+7, 0, 0), codec.ErrCorrupt},
		"more rows":      {edit(sof+5, 0, 30), codec.ErrTruncated},
		"fewer rows":     {edit(sof+5, 0, 3), codec.ErrCorrupt},
		"no quantizer":   {edit(sof+12, 2), codec.ErrCorrupt},
		"no Huffman":     {edit(bytes.Index(valid, []byte{0xFF, 0xDA})+6, 0x22), codec.ErrCorrupt},
		"other sampling": {edit(sof+11, 0x51), codec.ErrCorrupt},
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

func BenchmarkDecode(b *testing.B) {
	b.Run("generated-8", func(b *testing.B) {
		m := codectest.Image(2, 512, 512, 1, 8)
		var buf bytes.Buffer
		if err := stdjpeg.Encode(&buf, &image.Gray{Pix: m.Pix, Stride: 512, Rect: image.Rect(0, 0, 512, 512)}, nil); err != nil {
			b.Fatal(err)
		}
		codectest.Bench(b, newDecoder(), buf.Bytes(), codec.Options{})
	})
	for _, name := range []string{"baseline", "extended12", "progressive"} {
		b.Run("ct-"+name, func(b *testing.B) {
			codectest.BenchFile(b, newDecoder(), "derived/ct-ge/jpeg-"+name+".dcm", 0)
		})
	}
}
