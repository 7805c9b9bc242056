package j2k_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
	"pgregory.net/rapid"
)

// TestEncodeRoundTrip: any frame comes back as it was, through both kinds of
// code-blocks.
func TestEncodeRoundTrip(t *testing.T) {
	t.Parallel()
	for _, high := range []bool{false, true} {
		t.Run(fmt.Sprint("high-throughput=", high), func(t *testing.T) {
			t.Parallel()
			e := &j2k.Encoder{HighThroughput: high}
			d := newDecoder()
			rapid.Check(t, func(t *rapid.T) {
				m := codectest.Image(rapid.Uint64().Draw(t, "seed"), rapid.IntRange(1, 150).Draw(t, "width"), rapid.IntRange(1, 90).Draw(t, "height"),
					rapid.IntRange(1, 4).Draw(t, "samples"), rapid.IntRange(1, 16).Draw(t, "precision"))
				m.Signed = rapid.Bool().Draw(t, "signed")
				codectest.ExtendSign(&m)
				if m.Samples == 3 && rapid.Bool().Draw(t, "rgb") {
					m.Color = codec.ColorRGB
				}
				src, err := e.Encode([]byte("before"), &m)
				if err != nil {
					t.Fatal(err)
				}
				if !bytes.HasPrefix(src, []byte("before")) || len(src)%2 != 0 {
					t.Fatal("bytes before the code-stream changed, or an odd length")
				}
				var got codec.Image
				if err := d.Decode(&got, src[6:], codec.Options{}); err != nil {
					t.Fatal(err)
				}
				if got.Config != m.Config || !bytes.Equal(got.Pix, m.Pix) {
					t.Fatalf("got %+v, want %+v, or other samples", got.Config, m.Config)
				}
			})
		})
	}
}

// TestEncodedContract: what the encoder writes is as good to a decoder as what
// others write, and frames after the first are encoded without allocation.
func TestEncodedContract(t *testing.T) {
	for _, high := range []bool{false, true} {
		e := &j2k.Encoder{HighThroughput: high}
		var list []codectest.Stream
		for i, samples := range []int{1, 3} {
			m := codectest.Image(uint64(i), 21, 13, samples, 12)
			if samples == 3 {
				m.Color = codec.ColorRGB
			}
			src, err := e.Encode(nil, &m)
			if err != nil {
				t.Fatal(err)
			}
			again := make([]byte, 0, len(src))
			if n := testing.AllocsPerRun(3, func() { again, err = e.Encode(again[:0], &m) }); n != 0 || err != nil || !bytes.Equal(again, src) {
				t.Errorf("high throughput %v, %d samples: %v allocations, %v, or other bytes", high, samples, n, err)
			}
			list = append(list, codectest.Stream{Name: fmt.Sprint("high-", high, "-samples-", samples), Src: src, Want: m})
		}
		codectest.Run(t, newDecoder, list)
	}
}

// TestEncodeRefused: what cannot be coded is named, and dst comes back as it was.
func TestEncodeRefused(t *testing.T) {
	t.Parallel()
	m := codectest.Image(1, 20, 10, 1, 12)
	short, deep, wide, many := m, m, m, m
	short.Pix = m.Pix[:len(m.Pix)-1]
	deep.Precision = 17
	wide.Width, wide.Height, wide.Pix = 40_000, 1, make([]byte, 80_000)
	many.Samples = 5
	for name, m := range map[string]codec.Image{"short": short, "deep": deep, "wide": wide, "many": many, "empty": {}} {
		dst, err := new(j2k.Encoder).Encode([]byte{1}, &m)
		if !errors.Is(err, codec.ErrUnsupported) || len(dst) != 1 {
			t.Errorf("%s: %d bytes, %v", name, len(dst), err)
		}
	}
}

// TestPrefix: the bytes before the tile-part of a resolution decode to what the
// whole does when that resolution and those above are left out.
func TestPrefix(t *testing.T) {
	t.Parallel()
	m := codectest.Image(3, 300, 200, 1, 12)
	src, err := (&j2k.Encoder{HighThroughput: true}).Encode(nil, &m)
	if err != nil {
		t.Fatal(err)
	}
	var d j2k.Decoder
	last := len(src) + 1
	for reduce := range 6 {
		n, ok := d.Prefix(src, reduce)
		if !ok || n >= last {
			t.Fatalf("reduce %d: prefix of %d bytes, %v, after %d", reduce, n, ok, last)
		}
		last = n
		var whole, part codec.Image
		o := codec.Options{Width: 300, Height: 200, Reduce: reduce}
		if err := d.Decode(&whole, src, o); err != nil {
			t.Fatal(err)
		}
		if err := d.Decode(&part, src[:n:n], o); err != nil {
			t.Fatalf("reduce %d: %v", reduce, err)
		}
		if part.Config != whole.Config || !bytes.Equal(part.Pix, whole.Pix) {
			t.Errorf("reduce %d: the prefix gives other samples", reduce)
		}
		if err := d.Decode(&part, src[:n-1:n-1], o); err == nil && reduce > 0 {
			t.Errorf("reduce %d: a byte less decodes as well", reduce)
		}
	}
	if _, ok := d.Prefix(src, 6); ok {
		t.Error("a prefix with less than the lowest resolution")
	}
}
