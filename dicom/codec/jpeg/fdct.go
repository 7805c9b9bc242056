package jpeg

import "math"

// steps are the divisors of the coefficients as forward leaves them, for vectors: a
// column of eight frequencies after another, each for two blocks.
type steps [8]struct {
	half  [16]uint16 // what is added to round
	recip [16]uint16 // 2^(16+shift) through the divisor
	scale [16]uint16 // 2^(16-shift)
}

// aan are the factors by which the transform of Arai, Agui and Nakajima (1988) leaves
// its outputs too large, beside eight for two dimensions. Samples go in doubled, for
// precision: ±256 becomes less than ±25,900 (the sum of the cosines' magnitudes is
// largest for the first and second), and nothing on the way passes ±32,767.
var aan = [8]float64{1, 1.387039845, 1.306562965, 1.175875602, 1, 0.785694958, 0.541196100, 0.275899379}

// set works out the divisors of a table, row by row, in which steps that are too
// fine for 16 bits are made coarser.
func (s *steps) set(table *[64]int) {
	for v := range 8 {
		for u := range 8 {
			factor := 16 * aan[u] * aan[v]
			q := &table[8*v+u]
			*q = max(*q, int(2/factor)+1)
			d := float64(*q) * factor
			shift := math.Ceil(math.Log2(d)) - 1 // recip has its highest bit
			for _, i := range []int{v, v + 8} {
				s[u].half[i] = uint16(d / 2)
				s[u].recip[i] = uint16(math.Round(math.Ldexp(1, 16+int(shift)) / d))
				s[u].scale[i] = uint16(math.Ldexp(1, 16-int(shift)))
			}
		}
	}
}

// quantize2 transforms and quantizes the blocks of sixteen columns and eight rows of
// samples. out has first one, then the other, by column and then row of the frequency;
// zeros[i] a bit for each coefficient that is 0: of columns 2i and 2i+1 of the first
// block, then of the second.
func (s *steps) quantize2(pix []byte, stride int, out *[128]int16, zeros *[4]uint32) {
	_ = pix[7*stride+pair-1]
	if !fastQuantize2(pix, stride, s, out, zeros) {
		s.plainQuantize2(pix, stride, out, zeros)
	}
}

func (s *steps) plainQuantize2(pix []byte, stride int, out *[128]int16, zeros *[4]uint32) {
	*zeros = [4]uint32{}
	for b := range 2 {
		var m [64]int16
		for y := range 8 {
			for x := range 8 {
				m[8*y+x] = 2 * (int16(pix[y*stride+8*b+x]) - 128)
			}
		}
		for x := range 8 {
			forward(m[:], x, 8)
		}
		for y := range 8 {
			forward(m[:], 8*y, 1)
		}
		for u := range 8 {
			for v := range 8 {
				c := s.divide(u, m[8*v+u], v)
				out[64*b+8*u+v] = c
				if c == 0 {
					zeros[u/2] |= 1 << (16*b + u%2*8 + v)
				}
			}
		}
	}
}

func (s *steps) divide(u int, x int16, v int) int16 {
	a := x
	if a < 0 {
		a = -a
	}
	t := uint16(a) + s[u].half[v]
	t = uint16(uint32(t) * uint32(s[u].recip[v]) >> 16)
	t = uint16(uint32(t) * uint32(s[u].scale[v]) >> 16)
	if x < 0 {
		return -int16(t)
	}
	return int16(t)
}

// Constants of 15 fractional bits.
const (
	c707 = 23170
	c382 = 12540
	c541 = 17734
	c306 = 10045 // 1.306562965 without the 1
)

// times multiplies by a constant and rounds, as VPMULHRSW does.
func times(a int16, c int32) int16 { return int16((int32(a)*c + 1<<14) >> 15) }

// forward is the transform of eight values in m, from at on, each every further.
func forward(m []int16, at, every int) {
	d := func(i int) *int16 { return &m[at+i*every] }
	t0, t7 := *d(0)+*d(7), *d(0)-*d(7)
	t1, t6 := *d(1)+*d(6), *d(1)-*d(6)
	t2, t5 := *d(2)+*d(5), *d(2)-*d(5)
	t3, t4 := *d(3)+*d(4), *d(3)-*d(4)

	t10, t13 := t0+t3, t0-t3
	t11, t12 := t1+t2, t1-t2
	z1 := times(t12+t13, c707)
	*d(0), *d(4) = t10+t11, t10-t11
	*d(2), *d(6) = t13+z1, t13-z1

	t10, t11, t12 = t4+t5, t5+t6, t6+t7
	z5 := times(t10-t12, c382)
	z2 := times(t10, c541) + z5
	z4 := times(t12, c306) + t12 + z5
	z3 := times(t11, c707)
	z11, z13 := t7+z3, t7-z3
	*d(5), *d(3) = z13+z2, z13-z2
	*d(1), *d(7) = z11+z4, z11-z4
}
