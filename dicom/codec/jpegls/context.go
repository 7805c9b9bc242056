package jpegls

import "math/bits"

// context is the statistics of one context (T.87 §A.2.1) with the Golomb
// parameter that follows from them, worked out when they change.
type context struct {
	a, b, c, n int32
	k          int32
	flip       int32 // -1 when the map of §A.5.2 is the inverted one, else 0
}

// runContext is one of the two contexts of run interruption (§A.7.2).
type runContext struct {
	a, n, nn int32
}

const (
	regularContexts = 365
	minC, maxC      = -128, 127
)

// runOrder is J of §A.2.1.
var runOrder = [32]uint8{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15}

// model is the state that decoder and encoder share.
type model struct {
	params
	quant    [1 << 17]int8 // quantized gradient, index gradient + 65536 (§A.3.3)
	quantOf  preset        // thresholds that quant was made for
	quantN   int           // and NEAR
	contexts [512]context  // 365 used; the size lets an index be masked
	run      [2]runContext
	runIndex [4]int
}

const quantHalf = 1 << 16

// prepare makes m ready for a scan.
func (m *model) prepare(p params) {
	m.params = p
	key := preset{maxVal: 1, t1: p.t1, t2: p.t2, t3: p.t3}
	if m.quantOf != key || m.quantN != p.near {
		m.quantOf, m.quantN = key, p.near
		for i := range m.quant {
			m.quant[i] = quantize(i-quantHalf, &p)
		}
	}
}

// quantize is code segment A.4.
func quantize(d int, p *params) int8 {
	switch {
	case d <= -p.t3:
		return -4
	case d <= -p.t2:
		return -3
	case d <= -p.t1:
		return -2
	case d < -p.near:
		return -1
	case d <= p.near:
		return 0
	case d < p.t1:
		return 1
	case d < p.t2:
		return 2
	case d < p.t3:
		return 3
	default:
		return 4
	}
}

// resetState is the initialization of §A.2.1, at the start and after restarts.
func (m *model) resetState() {
	a := int32(max(2, (m.rangeSize+32)/64))
	c := context{a: a, n: 1}
	c.k = golomb(a, 1)
	for i := range regularContexts {
		m.contexts[i] = c
	}
	m.run = [2]runContext{{a: a, n: 1}, {a: a, n: 1}}
	m.runIndex = [4]int{}
}

// golomb is code segment A.10: the least k with n·2^k ≥ a.
func golomb(a, n int32) int32 {
	k := int32(bits.Len32(uint32(a)) - bits.Len32(uint32(n)))
	if k < 0 {
		return 0
	}
	if n<<uint(k&31) < a {
		k++
	}
	return k
}

// update is code segments A.12 and A.13. err is the quantized error, before it
// is multiplied by step.
func (c *context) update(err, step, reset int32) {
	a, b, n := c.a+abs(err), c.b+err*step, c.n
	if n == reset {
		a, b, n = a>>1, b>>1, n>>1
	}
	n++
	if b <= -n {
		b = max(b+n, 1-n)
		if c.c > minC {
			c.c--
		}
	} else if b > 0 {
		b = min(b-n, 0)
		if c.c < maxC {
			c.c++
		}
	}
	k := golomb(a, n)
	c.a, c.b, c.n, c.k = a, b, n, k
	c.flip = 0
	if k == 0 && step == 1 && 2*b <= -n {
		c.flip = -1
	}
}

// parameter gives k of §A.7.2 for run interruption of type t.
func (r *runContext) parameter(t int32) int32 {
	return golomb(r.a+t*(r.n>>1), r.n)
}

// update is code segment A.23.
func (r *runContext) update(err, mapped, t, reset int32) {
	if err < 0 {
		r.nn++
	}
	r.a += (mapped + 1 - t) >> 1
	if r.n == reset {
		r.a, r.n, r.nn = r.a>>1, r.n>>1, r.nn>>1
	}
	r.n++
}

func abs(v int32) int32 {
	m := v >> 31
	return (v ^ m) - m
}

// predict is the median of §A.4.1.
func predict(a, b, c int32) int32 {
	lo, hi := min(a, b), max(a, b)
	if c >= hi {
		return lo
	}
	if c <= lo {
		return hi
	}
	return a + b - c
}

// reduce brings a reconstructed sample back into 0 to MAXVAL (code segment A.9
// and §A.8).
func (p *params) reduce(v int32) int32 {
	if v < int32(-p.near) {
		v += int32(p.rangeSize * p.step)
	} else if v > int32(p.maxVal+p.near) {
		v -= int32(p.rangeSize * p.step)
	}
	return min(max(v, 0), int32(p.maxVal))
}
