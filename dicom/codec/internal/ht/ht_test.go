package ht

import (
	"math/bits"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// block makes samples of different densities; some are large.
func block(seed uint64, width, height, depth, density int) []uint32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	stride := (width + 1) &^ 1
	data := make([]uint32, stride*(height+1))
	for y := range height {
		for x := range width {
			if rng.IntN(100) < density {
				data[y*stride+x] = rng.Uint32N(1<<rng.IntN(depth+1)) | rng.Uint32()&(1<<31)
			}
			if data[y*stride+x] == 1<<31 {
				data[y*stride+x] = 0
			}
		}
	}
	data[0] |= 1
	return data
}

func TestRoundTrip(t *testing.T) {
	t.Parallel()
	var e Encoder
	var d Decoder
	rapid.Check(t, func(t *rapid.T) {
		width, height := rapid.IntRange(1, 70).Draw(t, "width"), rapid.IntRange(1, 40).Draw(t, "height")
		depth := rapid.IntRange(1, 29).Draw(t, "depth")
		data := block(rapid.Uint64().Draw(t, "seed"), width, height, depth, rapid.IntRange(0, 100).Draw(t, "density"))
		b := Block{Width: width, Height: height, Missing: depth - 1, Passes: 1}
		b.Cleanup = e.Encode(nil, data, width, height)
		for i, v := range b.Cleanup[1:] {
			if b.Cleanup[i] == 0xFF && v > 0x8F {
				t.Fatalf("marker %#02x at %d of %d bytes", v, i, len(b.Cleanup))
			}
		}
		out := make([]uint32, b.Stride()*(height+1))
		if reason := d.Decode(out, &b); reason != "" {
			t.Fatal(reason)
		}
		for y := range height {
			for x := range width {
				want := data[y*b.Stride()+x]
				if want != 0 {
					want = want&(1<<31) | want<<1 | 1
				}
				if got := out[y*b.Stride()+x]; got != want {
					t.Fatalf("%d, %d: %#x, want %#x", x, y, got, want)
				}
			}
		}
	})
}

// TestCodes: the rows of Annex C form complete prefix codes, and each quad that
// the encoder may meet has one.
func TestCodes(t *testing.T) {
	t.Parallel()
	for i := range vlcRows {
		for context, rows := range vlcRows[i] {
			sum := 0
			for _, r := range rows {
				sum += 128 >> (r >> 7 & 7)
			}
			if sum != 128 {
				t.Errorf("table %d, context %d: %d of 128 codewords", i, context, sum)
			}
			for rho := range uint32(16) {
				for reach := range uint32(16) {
					if reach&^rho != 0 || context == 0 && rho == 0 {
						continue
					}
					w := encodeTable[i][uint32(context)<<8|rho<<4|reach]
					if w == 0 {
						t.Errorf("table %d, context %d: no code for %04b, %04b", i, context, rho, reach)
						continue
					}
					c := decodeTable[i][uint32(context)<<7|uint32(w&127)]
					if c.rho() != rho || (c.uOff() != 0) != (reach != 0) || uint32(c>>4&15)&reach != uint32(c>>8&15) || bits.OnesCount32(reach) > 4 {
						t.Errorf("table %d, context %d: %04b, %04b comes back as %04b", i, context, rho, reach, c.rho())
					}
				}
			}
		}
	}
}

// FuzzDecode: any bytes give samples or a reason, within the memory given.
func FuzzDecode(f *testing.F) {
	var e Encoder
	for seed := range uint64(4) {
		f.Add(e.Encode(nil, block(seed, 9, 7, 12, 60), 9, 7), []byte{1, 2, 3}, uint8(9), uint8(7), uint8(1))
	}
	var d Decoder
	f.Fuzz(func(t *testing.T, cleanup, refinement []byte, width, height, plane uint8) {
		b := Block{
			Width: int(width)%64 + 1, Height: int(height)%64 + 1, Plane: uint(plane) % 16, Missing: int(plane >> 4),
			Passes: 1 + len(refinement)%3, Cleanup: cleanup, Refinement: refinement,
		}
		out := make([]uint32, b.Stride()*(b.Height+1))
		if d.Decode(out, &b) != "" {
			return
		}
		again := make([]uint32, len(out))
		if reason := d.Decode(again, &b); reason != "" || !slices.Equal(out, again) {
			t.Fatalf("decoded again: %q, or other samples", reason)
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	data := block(1, 64, 64, 8, 90)
	var e Encoder
	var dst []byte
	b.SetBytes(64 * 64 * 2)
	b.ReportAllocs()
	for b.Loop() {
		dst = e.Encode(dst[:0], data, 64, 64)
	}
}

func BenchmarkDecode(b *testing.B) {
	var e Encoder
	var d Decoder
	set := Block{Width: 64, Height: 64, Missing: 8, Passes: 1, Cleanup: e.Encode(nil, block(1, 64, 64, 8, 90), 64, 64)}
	out := make([]uint32, 64*65)
	b.SetBytes(64 * 64 * 2)
	b.ReportAllocs()
	for b.Loop() {
		if reason := d.Decode(out, &set); reason != "" {
			b.Fatal(reason)
		}
	}
}
