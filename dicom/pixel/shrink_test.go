package pixel

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// TestHalveAgrees: whole vectors at once give what cell by cell gives, for every
// length around the width of a vector and every place of the value in its cell.
func TestHalveAgrees(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 5))
	for n := range 40 {
		for stored := 1; stored <= 16; stored++ {
			for high := stored - 1; high < 16; high++ {
				for _, signed := range []bool{false, true} {
					c := cells{up: uint(15 - high), down: uint(16 - stored), signed: signed}
					rows := make([]byte, 8*n)
					for i := range rows {
						rows[i] = byte(rng.Uint32() | rng.Uint32()&0x80) // many at the ends of the range
					}
					a, b := rows[:4*n], rows[4*n:]
					got, want := make([]byte, 2*n), make([]byte, 2*n)
					c.halve(got, a, b)
					for x := range n { // too short for a vector
						c.halve(want[2*x:2*x+2], a[4*x:4*x+4], b[4*x:4*x+4])
					}
					if !bytes.Equal(got, want) {
						t.Fatalf("%d cells of %d bits up to %d, signed %v:\n got %v\nwant %v", n, stored, high, signed, got, want)
					}
				}
			}
		}
	}
}

// TestShrinkWhileItComes: a frame that comes in pieces is averaged as it is when it is
// there, aligned.
func TestShrinkWhileItComes(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 9))
	for _, c := range []struct{ columns, rows, width, height, allocated, stored, high int }{
		{512, 512, 256, 256, 16, 12, 11},
		{64, 32, 32, 16, 16, 12, 13},
		{64, 32, 32, 16, 16, 16, 15},
		{64, 32, 16, 8, 16, 10, 9},
		{64, 32, 64, 32, 16, 12, 11},
		{63, 31, 20, 9, 16, 12, 12},
		{64, 31, 32, 9, 16, 12, 11},
		{300, 200, 128, 85, 8, 8, 7},
		{300, 200, 128, 85, 8, 6, 6},
		{5, 7, 5, 3, 16, 16, 15},
		{1, 40000, 1, 3, 16, 16, 15},
	} {
		for representation := range 2 {
			f := Format{
				Rows: c.rows, Columns: c.columns, Samples: 1, BitsAllocated: c.allocated, BitsStored: c.stored, HighBit: c.high,
				PixelRepresentation: representation, Photometric: Monochrome2, Frames: 1,
			}
			raw := make([]byte, f.FrameBytes())
			for i := range raw {
				raw[i] = byte(rng.Uint32())
			}
			whole := Frame{
				Rows: c.rows, Columns: c.columns, Samples: 1, BitsAllocated: c.allocated, BitsStored: c.stored,
				Signed: f.Signed(), Photometric: Monochrome2, Pix: bytes.Clone(raw),
			}
			alignCells(whole.Pix, c.allocated, c.stored, c.high, f.Signed())
			var want, got Frame
			var s Shrinker
			s.Shrink(&want, &whole, c.width, c.height)
			checkMeans(t, &want, &whole)
			for range 3 {
				s.Begin(&got, f, c.width, c.height)
				for rest := append(raw[:len(raw):len(raw)], 1, 2, 3); len(rest) > 0; {
					n := min(1+rng.IntN(3000), len(rest))
					s.Write(rest[:n])
					rest = rest[n:]
				}
				if !s.Done() || !bytes.Equal(got.Pix, want.Pix) || got.Signed != want.Signed || got.Columns != c.width || got.Rows != c.height {
					t.Fatalf("%+v: other pixels (done: %v)", f, s.Done())
				}
			}
			s.Begin(&got, f, c.width, c.height)
			if s.Write(raw[:len(raw)-1]); s.Done() {
				t.Fatalf("%+v: done without the last byte", f)
			}
		}
	}
}

// checkMeans compares with the plain mean of each box, where no row was skipped.
func checkMeans(t *testing.T, small, f *Frame) {
	t.Helper()
	if f.Rows > 1000 {
		return
	}
	for y := range small.Rows {
		for x := range small.Columns {
			sum, n := 0, 0
			for r := y * f.Rows / small.Rows; r < (y+1)*f.Rows/small.Rows; r++ {
				for c := x * f.Columns / small.Columns; c < (x+1)*f.Columns/small.Columns; c++ {
					sum += f.Value(r, c, 0)
					n++
				}
			}
			if d := 2*n*small.Value(y, x, 0) - 2*sum; d < -n || d > n {
				t.Fatalf("mean %d at %d, %d: the sum is %d of %d cells", small.Value(y, x, 0), x, y, sum, n)
			}
		}
	}
}

func BenchmarkShrink(b *testing.B) {
	for _, width := range []int{256, 200, 128} {
		b.Run(fmt.Sprintf("512to%d", width), func(b *testing.B) {
			f := Frame{Rows: 512, Columns: 512, Samples: 1, BitsAllocated: 16, BitsStored: 12, Pix: make([]byte, 512*512*2)}
			var dst Frame
			var s Shrinker
			b.SetBytes(int64(len(f.Pix)))
			b.ReportAllocs()
			for b.Loop() {
				s.Shrink(&dst, &f, width, width)
			}
		})
	}
}
