package codectest

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/internal/shareddata"
)

// Image makes a frame that resembles a slice: flat background, a disc with a
// gradient, noise in its low bits, and some samples at both ends of the range.
func Image(seed uint64, width, height, samples, precision int) codec.Image {
	m := codec.Image{Config: codec.Config{Width: width, Height: height, Samples: samples, Precision: precision, Lossless: true}}
	if samples == 1 {
		m.Color = codec.ColorGray
	}
	size := codec.BytesPerSample(precision)
	m.Pix = make([]byte, 0, m.FrameBytes())
	rng := rand.New(rand.NewPCG(seed, 7))
	top := int64(1)<<precision - 1
	noise := max(top/256, 1)
	for y := range height {
		for x := range width {
			for c := range samples {
				dx, dy := int64(2*x-width), int64(2*y-height)
				v := top / 16
				if dx*dx+dy*dy < int64(width*height)*3/4 {
					v = top/4 + top/2*int64(x+y*(c+1))/int64(width+height*(c+1)) + rng.Int64N(noise+1)
				}
				switch rng.IntN(97) {
				case 0:
					v = 0
				case 1:
					v = top
				}
				for b := range size {
					m.Pix = append(m.Pix, byte(v>>(8*b)))
				}
			}
		}
	}
	return m
}

// Bench decodes one stream over and over.
func Bench(b *testing.B, d codec.Decoder, src []byte, o codec.Options) {
	b.Helper()
	var m codec.Image
	if err := d.Decode(&m, src, o); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(m.Pix)))
	b.ReportAllocs()
	for b.Loop() {
		if err := d.Decode(&m, src, o); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchFile does so with the first frame of a file of the optional folder.
func BenchFile(b *testing.B, d codec.Decoder, path string, reduce int) {
	b.Helper()
	dir := shareddata.Dir(b)
	if dir == "" {
		b.Skip("no folder of real files")
	}
	raw, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		b.Fatal(err)
	}
	f, err := ParseFile(raw)
	if err != nil {
		b.Fatal(err)
	}
	src, err := f.Stream(0)
	if err != nil {
		b.Fatal(err)
	}
	Bench(b, d, src, codec.Options{Width: f.Columns, Height: f.Rows, Samples: f.Samples, BitsAllocated: f.BitsAllocated, Reduce: reduce})
}

// ExtendSign makes the samples of m, when it is signed, those that a decoder
// gives for their low bits.
func ExtendSign(m *codec.Image) {
	if !m.Signed {
		return
	}
	size := codec.BytesPerSample(m.Precision)
	drop := 32 - m.Precision
	for p := m.Pix; len(p) >= size; p = p[size:] {
		var v uint32
		for i := range size {
			v |= uint32(p[i]) << (8 * i)
		}
		v = uint32(int32(v<<drop) >> drop)
		for i := range size {
			p[i] = byte(v >> (8 * i))
		}
	}
}
