package codectest

import (
	"bytes"
	"math/rand/v2"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
)

// RunRows is the contract of codec.RowDecoder: a stream that comes in pieces gives the rows of
// the whole frame, some of them early. refused tells what r need not take.
func RunRows(t *testing.T, r codec.RowDecoder, streams []Stream, refused func(Stream) bool) {
	rng := rand.New(rand.NewPCG(2, 2))
	taken := 0
	for _, s := range streams {
		for range 5 {
			r.Begin(s.Options)
			var got []byte
			var err error
			early := 0
			for rest := s.Src; len(rest) > 0 && err == nil; {
				n := min(1+rng.IntN(400), len(rest))
				err = r.Write(rest[:n], func(row []byte) { got = append(got, row...) })
				if rest = rest[n:]; len(rest) > 0 {
					early = len(got)
				}
			}
			if err != nil {
				if !refused(s) {
					t.Errorf("%s: %v", s.Name, err)
				}
				break
			}
			if !r.Done() || !bytes.Equal(got, s.Want.Pix) || r.Config() != s.Want.Config {
				t.Errorf("%s: done %v, %d bytes of rows, or others", s.Name, r.Done(), len(got))
				break
			}
			if early > 0 {
				taken++
			}
		}
	}
	if taken == 0 {
		t.Error("no row came before the last piece")
	}
}

// FuzzRows: what r gives whole is what d gives.
func FuzzRows(f *testing.F, r codec.RowDecoder, d codec.Decoder, streams []Stream) {
	FuzzRowsWith(f, r, d, streams, codec.Options{})
}

// FuzzRowsWith is FuzzRows for frames that a data set describes.
func FuzzRowsWith(f *testing.F, r codec.RowDecoder, d codec.Decoder, streams []Stream, o codec.Options) {
	for _, s := range streams {
		f.Add(s.Src, uint16(100))
	}
	o.MaxPixels, o.MaxBytes = 1<<16, 1<<20
	var m codec.Image
	f.Fuzz(func(t *testing.T, src []byte, piece uint16) {
		r.Begin(o)
		var got []byte
		for rest := src; len(rest) > 0; {
			n := min(int(piece)+1, len(rest))
			if r.Write(rest[:n], func(row []byte) { got = append(got, row...) }) != nil {
				break
			}
			rest = rest[n:]
		}
		if !r.Done() {
			return
		}
		if err := d.Decode(&m, src, o); err == nil && !bytes.Equal(got, m.Pix) {
			t.Fatalf("%d bytes of rows, or others than the %d of the frame", len(got), len(m.Pix))
		}
	})
}
