package j2k

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// TestPassesAgree runs both forms of the coding passes over the same bytes, which mean
// nothing: all samples, flags, contexts and the decoder must be the same after each.
func TestPassesAgree(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(7, 7))
	for round := range 400 {
		w, h, causal := 1+rng.IntN(64), 1+rng.IntN(64), rng.IntN(2) == 1
		src := make([]byte, rng.IntN(2000))
		for i := range src {
			// Half of the rounds have runs of few bits, and many stuffed bytes.
			src[i] = byte(rng.IntN(256))
			if round%2 == 1 && rng.IntN(3) > 0 {
				src[i] = []byte{0, 0xFF, 0x7F, 0x8F}[rng.IntN(4)]
			}
		}
		src = append(src, 0xFF, 0xFF)
		var a, b blockCoder
		a.reset(w, h, causal)
		b.reset(w, h, causal)
		a.mq.start(src)
		b.mq.start(src)
		orient := rng.IntN(4)
		zc := &zeroContext[orient]
		for pass := 2; pass < 2+3*8; pass++ {
			plane := uint(9 - pass/3)
			switch pass % 3 {
			case 0:
				a.significancePass(orient, plane)
				b.significanceGo(zc, 3<<plane)
			case 1:
				a.refinementPass(plane)
				b.refinementGo(1 << plane)
			case 2:
				a.cleanupPass(orient, plane)
				b.cleanupGo(zc, 3<<plane)
			}
			m, n := a.mq, b.mq
			m.buf, n.buf = nil, nil
			if !slices.Equal(a.data, b.data) || !slices.Equal(a.flags, b.flags) || a.contexts != b.contexts ||
				m.a != n.a || m.c != n.c || m.ct != n.ct || m.pos != n.pos || m.slack != n.slack || m.full != n.full {
				t.Fatalf("round %d: %d × %d, causal %v, orientation %d: pass %d differs", round, w, h, causal, orient, pass)
			}
		}
	}
}
