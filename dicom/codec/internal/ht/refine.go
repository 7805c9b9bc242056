package ht

// refinement holds the state of the significance propagation and magnitude
// refinement passes (§7.4, §7.5), which visit stripes of four rows column by
// column.
type refinement struct {
	state []uint8 // with a border of one sample
	buf   []byte
	pos   int
	tmp   uint32
	n     uint
	last  uint32
}

// States of a sample.
const (
	inCleanup   = 1 // significant since the cleanup pass
	propagated  = 2 // since this significance propagation
	significant = inCleanup | propagated
)

// run applies the refinement passes of b to its samples.
func (r *refinement) run(out []uint32, stride int, b *Block) {
	w := b.Width + 2
	r.state = grow(r.state, w*(b.Height+2))
	clear(r.state)
	for y := range b.Height {
		row := r.state[(y+1)*w+1:][:b.Width]
		for x := range row {
			if out[y*stride+x] != 0 {
				row[x] = inCleanup
			}
		}
	}
	r.buf, r.pos, r.tmp, r.n, r.last = b.Refinement, 0, 0, 0, 0
	plane := b.Plane - 1
	r.propagate(out, stride, b, plane)
	if b.Passes > 2 {
		r.pos, r.n, r.last = len(b.Refinement)-1, 0, 0xFF
		r.magnitudes(out, stride, b, plane)
	}
	r.buf = nil
}

// forward is importSigPropBit.
func (r *refinement) forward() uint32 {
	if r.n == 0 {
		r.n = 8
		if r.tmp == 0xFF {
			r.n = 7
		}
		r.tmp, r.last = 0, 0
		if r.pos < len(r.buf) {
			r.tmp = uint32(r.buf[r.pos])
			r.last = r.tmp
		}
		r.pos++
	}
	r.n--
	v := r.last & 1
	r.last >>= 1
	return v
}

// backward is importMagRefBit.
func (r *refinement) backward() uint32 {
	if r.n == 0 {
		r.tmp = 0
		if r.pos >= 0 {
			r.tmp = uint32(r.buf[r.pos])
		}
		r.pos--
		r.n = 8
		if r.last > 0x8F && r.tmp&0x7F == 0x7F {
			r.n = 7
		}
		r.last = r.tmp
	}
	r.n--
	v := r.tmp & 1
	r.tmp >>= 1
	return v
}

// propagate is the significance propagation pass: of four columns of a stripe
// first the significances, then the signs.
func (r *refinement) propagate(out []uint32, stride int, b *Block, plane uint) {
	w := b.Width + 2
	for y0 := 0; y0 < b.Height; y0 += 4 {
		y1 := min(y0+4, b.Height)
		for x0 := 0; x0 < b.Width; x0 += 4 {
			x1 := min(x0+4, b.Width)
			found := false
			for x := x0; x < x1; x++ {
				for y := y0; y < y1; y++ {
					at := (y+1)*w + x + 1
					if r.state[at] != 0 || !r.near(at, w, b.Causal && y == y0+3) {
						continue
					}
					if r.forward() != 0 {
						r.state[at] = propagated
						found = true
					}
				}
			}
			if !found {
				continue
			}
			for x := x0; x < x1; x++ {
				for y := y0; y < y1; y++ {
					if r.state[(y+1)*w+x+1] == propagated {
						out[y*stride+x] = 3<<plane | r.forward()<<31
					}
				}
			}
		}
	}
}

// near tells whether a neighbour is significant; the stripe below does not count
// when it is causal.
func (r *refinement) near(at, w int, causal bool) bool {
	s := r.state
	n := s[at-w-1] | s[at-w] | s[at-w+1] | s[at-1] | s[at+1]
	if !causal {
		n |= s[at+w-1] | s[at+w] | s[at+w+1]
	}
	return n&significant != 0
}

// magnitudes is the magnitude refinement pass.
func (r *refinement) magnitudes(out []uint32, stride int, b *Block, plane uint) {
	w := b.Width + 2
	half := uint32(1) << plane
	for y0 := 0; y0 < b.Height; y0 += 4 {
		for x := range b.Width {
			for y := y0; y < min(y0+4, b.Height); y++ {
				if r.state[(y+1)*w+x+1] == inCleanup {
					out[y*stride+x] += half * (2*r.backward() - 1)
				}
			}
		}
	}
}
