package jpeg

import (
	"bytes"
	"fmt"
	"image"
	stdjpeg "image/jpeg"
	"math"
	"math/rand/v2"
	"testing"

	"github.com/gen2brain/jpegn"
)

// picture is one of several kinds, all samples of the range among them.
func picture(kind string, width, height int) *image.Gray {
	m := image.NewGray(image.Rect(0, 0, width, height))
	rng := rand.New(rand.NewPCG(1, uint64(len(kind))))
	for y := range height {
		for x := range width {
			var v int
			switch kind {
			case "smooth":
				v = 128 + int(100*math.Sin(float64(x)/17)*math.Cos(float64(y)/11))
			case "noise":
				v = rng.IntN(256)
			case "extremes":
				v = 255 * rng.IntN(2)
			case "chequers":
				v = 255 * ((x + y) & 1)
			case "stripes":
				v = 255 * (x & 1)
			case "white":
				v = 255
			case "grain":
				v = 90 + int(60*math.Sin(float64(x*y)/900)) + rng.IntN(24)
			}
			m.Pix[y*m.Stride+x] = uint8(v)
		}
	}
	return m
}

var kinds = []string{"smooth", "noise", "extremes", "chequers", "stripes", "white", "black", "grain"}

func encode(e *GrayEncoder, m *image.Gray) []byte {
	return e.Append(nil, m.Pix, m.Stride, m.Rect.Dx(), m.Rect.Dy())
}

// off is the mean square by which a JPEG differs from the picture.
func off(t *testing.T, raw []byte, m *image.Gray) float64 {
	t.Helper()
	got, err := stdjpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	g, ok := got.(*image.Gray)
	if !ok || g.Rect != m.Rect {
		t.Fatalf("%T of %v, want grey of %v", got, got.Bounds(), m.Rect)
	}
	sum := 0.0
	for y := range m.Rect.Dy() {
		for x := range m.Rect.Dx() {
			d := float64(g.GrayAt(x, y).Y) - float64(m.GrayAt(x, y).Y)
			sum += d * d
		}
	}
	return sum / float64(m.Rect.Dx()*m.Rect.Dy())
}

// TestGrayEncoder: what it writes is decoded by others, to as good a picture and as
// few bytes as the standard library's encoder makes of it.
func TestGrayEncoder(t *testing.T) {
	t.Parallel()
	for _, quality := range []int{1, 20, 50, 75, 90, 95} {
		e := NewGrayEncoder(quality)
		for _, kind := range kinds {
			m := picture(kind, 256, 200)
			ours := encode(e, m)
			var std bytes.Buffer
			if err := stdjpeg.Encode(&std, m, &stdjpeg.Options{Quality: quality}); err != nil {
				t.Fatal(err)
			}
			a, b := off(t, ours, m), off(t, std.Bytes(), m)
			if a > 1.05*b+0.3 || float64(len(ours)) > 1.05*float64(std.Len())+100 {
				t.Errorf("quality %d, %s: off by %.2f in %d bytes; the standard library %.2f in %d", quality, kind, a, len(ours), b, std.Len())
			}
		}
	}
}

// TestGrayEncoderSizes: every size around those of blocks, behind what is there, from
// part of a picture.
func TestGrayEncoderSizes(t *testing.T) {
	t.Parallel()
	e := NewGrayEncoder(90)
	whole := picture("smooth", 64, 64)
	for _, width := range []int{1, 7, 8, 9, 15, 16, 17, 31, 33} {
		for _, height := range []int{1, 7, 8, 9, 17} {
			part := whole.SubImage(image.Rect(20, 30, 20+width, 30+height)).(*image.Gray)
			raw := e.Append([]byte("before"), part.Pix, part.Stride, width, height)
			if !bytes.HasPrefix(raw, []byte("before\xff\xd8")) {
				t.Fatal("what was there is gone")
			}
			m := image.NewGray(image.Rect(0, 0, width, height))
			for y := range height {
				copy(m.Pix[y*m.Stride:], part.Pix[y*part.Stride:][:width])
			}
			if d := off(t, raw[len("before"):], m); d > 12 {
				t.Errorf("%d × %d: off by %.1f", width, height, d)
			}
		}
	}
}

// TestQuantizeAgrees: vectors give what plain code gives, which is the cosine transform.
func TestQuantizeAgrees(t *testing.T) {
	t.Parallel()
	for _, quality := range []int{5, 50, 75, 90, 100} {
		e := NewGrayEncoder(quality)
		for _, kind := range kinds {
			for seed := range 20 {
				m := picture(kind, 40+seed, 8)
				pix := m.Pix[seed:]
				var fast, plain [128]int16
				var fastZeros, plainZeros [4]uint32
				e.steps.plainQuantize2(pix, m.Stride, &plain, &plainZeros)
				if fastQuantize2(pix, m.Stride, &e.steps, &fast, &fastZeros) && (fast != plain || fastZeros != plainZeros) {
					t.Fatalf("quality %d, %s: vectors give\n%v %x\nplain code\n%v %x", quality, kind, fast, fastZeros, plain, plainZeros)
				}
				checkCosines(t, e, pix, m.Stride, &plain)
			}
		}
	}
}

// checkCosines compares with the transform of T.81 §A.3.3 in floating point.
func checkCosines(t *testing.T, e *GrayEncoder, pix []byte, stride int, got *[128]int16) {
	t.Helper()
	for b := range 2 {
		for v := range 8 {
			for u := range 8 {
				sum := 0.0
				for y := range 8 {
					for x := range 8 {
						sum += (float64(pix[y*stride+8*b+x]) - 128) *
							math.Cos(float64(2*x+1)*float64(u)*math.Pi/16) * math.Cos(float64(2*y+1)*float64(v)*math.Pi/16)
					}
				}
				for _, f := range []int{u, v} {
					if f == 0 {
						sum /= math.Sqrt2
					}
				}
				q := float64(e.table[8*v+u])
				if d := math.Abs(sum/4/q - float64(got[64*b+8*u+v])); d > 0.52+1.5/q {
					t.Fatalf("coefficient %d, %d with a step of %.0f: %d, want %.2f", u, v, q, got[64*b+8*u+v], sum/4/q)
				}
			}
		}
	}
}

func BenchmarkGrayEncoder(b *testing.B) {
	for _, kind := range []string{"grain", "smooth"} {
		for _, side := range []int{256, 128} {
			b.Run(fmt.Sprintf("%s/%d", kind, side), func(b *testing.B) {
				m := picture(kind, side, side)
				e := NewGrayEncoder(75)
				var out []byte
				b.SetBytes(int64(side * side))
				b.ReportAllocs()
				for b.Loop() {
					out = e.Append(out[:0], m.Pix, m.Stride, side, side)
				}
				b.ReportMetric(float64(len(out)), "bytes")
			})
			b.Run(fmt.Sprintf("%s/%d/jpegn", kind, side), func(b *testing.B) {
				m := picture(kind, side, side)
				var out bytes.Buffer
				b.SetBytes(int64(side * side))
				b.ReportAllocs()
				for b.Loop() {
					out.Reset()
					if err := jpegn.Encode(&out, m, &jpegn.EncodeOptions{Quality: 75}); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(out.Len()), "bytes")
			})
		}
	}
}
