package deflated_test

import (
	"bytes"
	"compress/flate"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/deflated"
)

func newDecoder() codec.Decoder { return new(deflated.Decoder) }

func deflate(t testing.TB, b []byte) []byte {
	var out bytes.Buffer
	w, err := flate.NewWriter(&out, 6)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func streams(t testing.TB) (list []codectest.Stream) {
	for _, bits := range []int{1, 8, 16} {
		for _, samples := range []int{1, 3} {
			m := codectest.Image(uint64(bits), 37, 29, samples, bits)
			m.Lossless = true
			pix := m.Pix
			if bits == 1 {
				pix = make([]byte, (len(m.Pix)+7)/8)
				for i, v := range m.Pix {
					pix[i/8] |= v << (i % 8)
				}
			}
			list = append(list, codectest.Stream{
				Name: "frame", Src: deflate(t, pix), Want: m,
				Options: codec.Options{Width: 37, Height: 29, Samples: samples, BitsAllocated: bits},
			})
		}
	}
	return list
}

func TestDecode(t *testing.T) {
	t.Parallel()
	var d deflated.Decoder
	for _, s := range streams(t) {
		var m codec.Image
		if err := d.Decode(&m, append(s.Src, 0), s.Options); err != nil || !bytes.Equal(m.Pix, s.Want.Pix) || m.Config != s.Want.Config {
			t.Errorf("%+v: other samples or shape %+v, %v", s.Options, m.Config, err)
		}
		for n := range s.Src {
			err := d.Decode(&m, s.Src[:n], s.Options)
			if err != nil && !errors.Is(err, codec.ErrTruncated) || err == nil && n < len(s.Src)-8 {
				t.Fatalf("%+v: of %d of %d bytes: %v", s.Options, n, len(s.Src), err)
			}
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	good := streams(t)[2]
	with := func(edit func(*codec.Options)) codec.Options {
		o := good.Options
		edit(&o)
		return o
	}
	for name, c := range map[string]struct {
		src  []byte
		o    codec.Options
		kind error
	}{
		"larger frame": {good.Src, with(func(o *codec.Options) { o.Height++ }), codec.ErrMismatch},
		"huge frame":   {good.Src, with(func(o *codec.Options) { o.Height = 1 << 19 }), codec.ErrTruncated},
		"limit":        {good.Src, with(func(o *codec.Options) { o.MaxPixels = 37 * 28 }), codec.ErrLimit},
		"noise":        {bytes.Repeat([]byte{0xFF}, 64), good.Options, codec.ErrCorrupt},
		"reduced":      {good.Src, with(func(o *codec.Options) { o.Reduce = 1 }), codec.ErrUnsupported},
		"12 bits":      {good.Src, with(func(o *codec.Options) { o.BitsAllocated = 12 }), codec.ErrUnsupported},
	} {
		var m codec.Image
		if err := new(deflated.Decoder).Decode(&m, c.src, c.o); !errors.Is(err, c.kind) {
			t.Errorf("%s: got %v, want %v", name, err, c.kind)
		}
	}
}

func FuzzDecode(f *testing.F) {
	all := streams(f)
	codectest.Fuzz(f, newDecoder, all[2].Options, all[2].Src, all[4].Src)
}
