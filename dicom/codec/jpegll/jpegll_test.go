package jpegll

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"pgregory.net/rapid"
)

func newDecoder() codec.Decoder { return new(Decoder) }

func streams(t testing.TB) []codectest.Stream {
	var list []codectest.Stream
	for _, c := range []struct{ w, h, samples, precision int }{{23, 11, 1, 16}, {17, 13, 1, 12}, {15, 9, 1, 8}, {11, 7, 3, 8}, {1, 5, 1, 16}} {
		m := codectest.Image(5, c.w, c.h, c.samples, c.precision)
		src, err := Encode(nil, &m)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, codectest.Stream{Name: fmt.Sprintf("%dx%dx%d-%d", c.w, c.h, c.samples, c.precision), Src: src, Want: m})
	}
	m := codectest.Image(6, 13, 12, 3, 10)
	list = append(list, codectest.Stream{
		Name: "separate-restart", Want: m,
		Src: encodeVariant(&m, variant{selection: 4, restartRows: 5, separate: true}),
	})
	return append(list, sampledStreams()...)
}

func TestContract(t *testing.T) { codectest.Run(t, newDecoder, streams(t)) }

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	rapid.Check(t, func(t *rapid.T) {
		m := codectest.Image(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 20).Draw(t, "height"),
			rapid.IntRange(1, 4).Draw(t, "samples"), rapid.IntRange(2, 16).Draw(t, "precision"))
		src, err := Encode(nil, &m)
		if err != nil {
			t.Fatal(err)
		}
		check(t, d, src, &m)
	})
}

// TestVariants: every selection value with point transform, restart intervals
// and separate scans.
func TestVariants(t *testing.T) {
	t.Parallel()
	d := new(Decoder)
	rapid.Check(t, func(t *rapid.T) {
		m := codectest.Image(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 40).Draw(t, "width"), rapid.IntRange(1, 20).Draw(t, "height"),
			rapid.IntRange(1, 4).Draw(t, "samples"), rapid.IntRange(2, 16).Draw(t, "precision"))
		v := variant{
			selection:      rapid.IntRange(1, 7).Draw(t, "selection"),
			pointTransform: rapid.IntRange(0, m.Precision-1).Draw(t, "point transform"),
			restartRows:    rapid.IntRange(0, 5).Draw(t, "restart"),
			separate:       rapid.Bool().Draw(t, "separate"),
		}
		src := encodeVariant(&m, v)
		dropBits(&m, v.pointTransform)
		check(t, d, src, &m)
	})
}

func dropBits(m *codec.Image, n int) {
	if m.Precision <= 8 {
		for i := range m.Pix {
			m.Pix[i] = m.Pix[i] >> n << n
		}
		return
	}
	for p := m.Pix; len(p) > 0; p = p[2:] {
		binary.LittleEndian.PutUint16(p, binary.LittleEndian.Uint16(p)>>n<<n)
	}
}

func check(t *rapid.T, d *Decoder, src []byte, want *codec.Image) {
	var m codec.Image
	if err := d.Decode(&m, src, codec.Options{}); err != nil {
		t.Fatal(err)
	}
	if m.Config != want.Config || !bytes.Equal(m.Pix, want.Pix) {
		t.Fatalf("got %+v, want %+v, or other samples", m.Config, want.Config)
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	m := codectest.Image(1, 20, 10, 1, 12)
	valid, err := Encode(nil, &m)
	if err != nil {
		t.Fatal(err)
	}
	sof := bytes.Index(valid, []byte{0xFF, 0xC3})
	edit := func(at int, v ...byte) []byte {
		b := bytes.Clone(valid)
		copy(b[at:], v)
		return b
	}
	for name, c := range map[string]struct {
		src  []byte
		kind error
	}{
		"empty":             {nil, codec.ErrTruncated},
		"not JPEG":          {[]byte("GIF89a"), codec.ErrCorrupt},
		"baseline":          {edit(sof+1, 0xC0), codec.ErrUnsupported},
		"arithmetic":        {edit(sof+1, 0xCB), codec.ErrUnsupported},
		"bomb":              {edit(sof+5, 0xFF, 0xDC, 0xFF, 0xDC), codec.ErrLimit},
		"more than it has":  {edit(sof+5, 0x10, 0, 0x10, 0), codec.ErrTruncated},
		"17 bits":           {edit(sof+4, 17), codec.ErrCorrupt},
		"no width":          {edit(sof+7, 0, 0), codec.ErrCorrupt},
		"fewer bits":        {edit(sof+4, 8), codec.ErrCorrupt},
		"fewer rows":        {edit(sof+5, 0, 5), codec.ErrCorrupt},
		"more rows":         {edit(sof+5, 0, 12), codec.ErrTruncated},
		"selection value 0": {edit(bytes.Index(valid, []byte{0xFF, 0xDA})+7, 0), codec.ErrCorrupt},
	} {
		var m codec.Image
		if err := newDecoder().Decode(&m, c.src, codec.Options{}); !errors.Is(err, c.kind) {
			t.Errorf("%s: got %v, want %v", name, err, c.kind)
		}
	}
}

// TestDNL: the number of lines may follow the scan (T.81 §B.2.5).
func TestDNL(t *testing.T) {
	t.Parallel()
	m := codectest.Image(1, 20, 10, 1, 12)
	src := encodeVariant(&m, variant{selection: 1})
	sof := bytes.Index(src, []byte{0xFF, 0xC3})
	src[sof+5], src[sof+6] = 0, 0
	src = append(src[:len(src)-2], 0xFF, 0xDC, 0, 4, 0, 10, 0xFF, 0xD9)
	var got codec.Image
	if err := newDecoder().Decode(&got, src, codec.Options{}); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Pix, m.Pix) {
		t.Error("samples differ")
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
	b.Run("generated", func(b *testing.B) {
		m := codectest.Image(1, 512, 512, 1, 16)
		src, err := Encode(nil, &m)
		if err != nil {
			b.Fatal(err)
		}
		codectest.Bench(b, newDecoder(), src, codec.Options{})
	})
	for _, name := range []string{"sv1", "p14-sv2", "p14-sv4", "p14-sv5", "p14-sv6", "p14-sv7"} {
		b.Run("ct-"+name, func(b *testing.B) {
			codectest.BenchFile(b, newDecoder(), "derived/ct-ge/jpeg-ll-"+name+".dcm", 0)
		})
	}
}

func BenchmarkEncode(b *testing.B) {
	m := codectest.Image(1, 512, 512, 1, 16)
	b.SetBytes(int64(len(m.Pix)))
	b.ReportAllocs()
	var dst []byte
	for b.Loop() {
		var err error
		if dst, err = Encode(dst[:0], &m); err != nil {
			b.Fatal(err)
		}
	}
}
