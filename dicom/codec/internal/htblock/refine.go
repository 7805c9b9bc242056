package htblock

// refinement is the work space of the two refinement passes: a significance
// state per sample, with a border.
type refinement struct {
	state []uint8
}

// States of a sample.
const (
	fromCleanup = 1
	fresh       = 2 // significant since the significance propagation pass
)

// Refine decodes the HT significance propagation pass and, when both is set, the
// HT magnitude refinement pass (T.814 §7.4, §7.5) on top of what Cleanup left in
// data. plane is the bit-plane of these passes, one below that of the cleanup.
func (b *Block) Refine(data []uint32, w, h int, segment []byte, plane uint, both, causal bool) {
	r := &b.refine
	stride := w + 2
	n := stride * (h + 2)
	if cap(r.state) < n {
		r.state = make([]uint8, n)
	}
	r.state = r.state[:n]
	clear(r.state)
	for y := range h {
		row := r.state[(y+1)*stride+1:]
		for x, v := range data[y*w : (y+1)*w] {
			if v&(1<<31-1) != 0 {
				row[x] = fromCleanup
			}
		}
	}
	r.propagate(data, w, h, segment, plane, causal)
	if both {
		r.magnitudes(data, w, h, segment, plane)
	}
}

// propagate is §7.4: stripes of four rows, in groups of four columns; the signs
// of a group follow its significance bits.
func (r *refinement) propagate(data []uint32, w, h int, segment []byte, plane uint, causal bool) {
	stride := w + 2
	in := newForward(segment, 0)
	value := uint32(3) << plane
	var found [16]int32
	for y0 := 0; y0 < h; y0 += 4 {
		y1 := min(y0+4, h)
		for x0 := 0; x0 < w; x0 += 4 {
			n := 0
			for x := x0; x < min(x0+4, w); x++ {
				for y := y0; y < y1; y++ {
					s := (y+1)*stride + x + 1
					if r.state[s] != 0 || !r.near(s, stride, causal && y == y1-1 && y1 == y0+4) {
						continue
					}
					if in.take(1) != 0 {
						r.state[s] = fresh
						found[n] = int32(y*w + x)
						n++
					}
				}
			}
			for _, at := range found[:n] {
				data[at] = value | in.take(1)<<31
			}
		}
	}
}

// near tells whether a neighbour of sample s is significant; the row below does
// not count at the end of a causal stripe.
func (r *refinement) near(s, stride int, causal bool) bool {
	t := r.state
	any := t[s-stride-1] | t[s-stride] | t[s-stride+1] | t[s-1] | t[s+1]
	if !causal {
		any |= t[s+stride-1] | t[s+stride] | t[s+stride+1]
	}
	return any != 0
}

// magnitudes is §7.5: one more bit for what the cleanup found, read from the end
// of the segment.
func (r *refinement) magnitudes(data []uint32, w, h int, segment []byte, plane uint) {
	stride := w + 2
	in := backward{buf: segment, pos: len(segment) - 1, last: 0xFF}
	half := uint32(1) << plane
	for y0 := 0; y0 < h; y0 += 4 {
		for x := range w {
			for y := y0; y < min(y0+4, h); y++ {
				if r.state[(y+1)*stride+x+1] == fromCleanup {
					data[y*w+x] += half * (2*in.take(1) - 1)
				}
			}
		}
	}
}
