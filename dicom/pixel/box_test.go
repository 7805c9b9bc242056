package pixel

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestBoxKernelsAgree: what Reduce uses adds what the plain loops add, for every
// length around the width of a vector. It says something in a build with
// GOEXPERIMENT=simd; without it both are the same.
func TestBoxKernelsAgree(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 5))
	for n := range 40 {
		for _, cells := range []int{2, 4} {
			for _, signed := range []bool{false, true} {
				row := make([]byte, 2*cells*n)
				for i := range row {
					row[i] = byte(rng.Uint32() | rng.Uint32()&0x80) // many at the ends of the range
				}
				want := make([]uint32, n)
				for i := range want {
					want[i] = rng.Uint32() >> 4
				}
				got := slices.Clone(want)
				if cells == 2 {
					addRow2(want, row, signed)
					sumRow2(got, row, signed)
				} else {
					addRow4(want, row, signed)
					sumRow4(got, row, signed)
				}
				if !slices.Equal(got, want) {
					t.Fatalf("%d sums of %d cells, signed %v:\n got %v\nwant %v", n, cells, signed, got, want)
				}
			}
		}
	}
}

func BenchmarkBox4(b *testing.B) {
	sums, row := make([]uint32, 128), make([]byte, 1024)
	b.SetBytes(int64(len(row)))
	for b.Loop() {
		sumRow4(sums, row, false)
	}
}
