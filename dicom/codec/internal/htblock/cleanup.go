package htblock

import "math/bits"

// Block decodes code-blocks. The zero value is ready.
type Block struct {
	// Of the row of quads above: significance of the lower samples of each
	// quad (bit 0 left, bit 1 right) and their magnitude exponents, with a
	// quad of padding at either end.
	sigma, sigmaAbove []uint8
	exp, expAbove     []uint8
	refine            refinement
}

// Fault is what is wrong with a code-block.
type Fault string

func (f Fault) Error() string { return string(f) }

const (
	faultLength   Fault = "HT cleanup segment shorter than its suffix"
	faultExponent Fault = "magnitude exponent beyond the bit-planes of an HT code-block"
	faultEnd      Fault = "HT cleanup segment ends before its code-block"
)

// Cleanup decodes an HT cleanup segment (T.814 §7.3) into data, w × h samples:
// the sign in bit 31, below it the magnitude with one bit below the binary
// point, in the middle of what is not known. plane is the bit-plane of the pass
// and missing the number of those above it that are zero in the whole block.
func (b *Block) Cleanup(data []uint32, w, h int, segment []byte, plane uint, missing int) error {
	length := len(segment)
	if length < 2 {
		return faultLength
	}
	suffix := int(segment[length-1])<<4 | int(segment[length-2]&0x0F)
	if suffix < 2 || suffix > length || suffix > 4079 {
		return faultLength
	}
	from := length - suffix
	magSgn := newForward(segment[:from], 0xFF)
	runs := mel{buf: segment[from : length-1]}
	vlc := backward{buf: segment[from : length-2], pos: suffix - 3, last: segment[length-2] | 0x0F}
	// The first bits are the upper half of the byte that the length shares.
	vlc.acc, vlc.n = uint64(vlc.last>>4), 4
	if vlc.acc&7 == 7 {
		vlc.acc, vlc.n = 7, 3
	}
	quads := (w + 1) / 2
	b.prepare(quads)
	limit := uint32(missing + 2)
	for y := 0; y < h; y += 2 {
		first := 0
		if y > 0 {
			first = 1
		}
		table := &vlcTable[first]
		above, expAbove := b.sigmaAbove, b.expAbove
		left := uint8(0) // ρ of the quad to the left
		var e [2]vlcEntry
		for q := 0; q < quads; q += 2 {
			// The codewords of a pair of quads, then its two U-VLC codes.
			e[1] = vlcEntry{}
			var gamma, kappa [2]uint32
			for i := range min(2, quads-q) {
				k := q + i + 1 // above has padding
				var c uint32
				if y == 0 {
					c = uint32(left&1|left>>1&1) | uint32(left>>2&1)<<1 | uint32(left>>3&1)<<2
				} else {
					nw, n, ne, nf := above[k-1]>>1&1, above[k]&1, above[k]>>1&1, above[k+1]&1
					c = uint32(nw|n) | uint32(left>>2&1|left>>3&1)<<1 | uint32(ne|nf)<<2
				}
				if c == 0 && runs.symbol() == 0 {
					e[i] = vlcEntry{}
				} else {
					if vlc.n < 7 {
						vlc.refill()
					}
					e[i] = table[c<<7|uint32(vlc.acc&127)]
					vlc.take(uint(e[i].length))
				}
				left = e[i].rho
				kappa[i] = 1
				if y > 0 && left&(left-1) != 0 {
					m := max(expAbove[2*k-1], expAbove[2*k], expAbove[2*k+1], expAbove[2*k+2])
					kappa[i] = uint32(max(m, 2) - 1)
				}
				gamma[i] = uint32(e[i].uOff)
			}
			u0, u1 := b.pairU(&vlc, &runs, gamma[0] != 0, gamma[1] != 0, y == 0)
			for i := range min(2, quads-q) {
				u := u0
				if i == 1 {
					u = u1
				}
				u += kappa[i]
				if u > limit && e[i].rho != 0 {
					return faultExponent
				}
				b.quad(data, w, h, 2*(q+i), y, &e[i], u, plane, &magSgn)
			}
		}
		b.sigma, b.sigmaAbove = b.sigmaAbove, b.sigma
		b.exp, b.expAbove = b.expAbove, b.exp
	}
	if vlc.consumed() > 8*suffix || runs.pos > len(runs.buf)+8 {
		return faultEnd
	}
	return nil
}

// consumed is about how many bits were taken.
func (b *backward) consumed() int { return 8*(len(b.buf)-1-b.pos) - int(b.n) }

// pairU decodes the unsigned residuals of a pair of quads (§7.3.6).
func (b *Block) pairU(vlc *backward, runs *mel, off0, off1, first bool) (u0, u1 uint32) {
	switch {
	case off0 && off1:
		base := uint32(0)
		if first {
			if runs.symbol() == 1 {
				base = 2
			} else {
				p0 := vlc.uPrefix()
				if p0 > 2 {
					u1 = vlc.take(1) + 1
					s0 := vlc.uSuffix(p0)
					return p0 + s0 + 4*vlc.uExtension(s0), u1
				}
				p1 := vlc.uPrefix()
				s0 := vlc.uSuffix(p0)
				s1 := vlc.uSuffix(p1)
				x0 := vlc.uExtension(s0)
				return p0 + s0 + 4*x0, p1 + s1 + 4*vlc.uExtension(s1)
			}
		}
		p0 := vlc.uPrefix()
		p1 := vlc.uPrefix()
		s0 := vlc.uSuffix(p0)
		s1 := vlc.uSuffix(p1)
		x0 := vlc.uExtension(s0)
		x1 := vlc.uExtension(s1)
		return base + p0 + s0 + 4*x0, base + p1 + s1 + 4*x1
	case off0:
		p := vlc.uPrefix()
		s := vlc.uSuffix(p)
		return p + s + 4*vlc.uExtension(s), 0
	case off1:
		p := vlc.uPrefix()
		s := vlc.uSuffix(p)
		return 0, p + s + 4*vlc.uExtension(s)
	}
	return 0, 0
}

// quad decodes the magnitudes and signs of a quad (§7.3.8): upper left, lower
// left, upper right, lower right.
func (b *Block) quad(data []uint32, w, h, x, y int, e *vlcEntry, u uint32, plane uint, magSgn *forward) {
	k := x/2 + 1
	var sig uint8
	var exps [2]uint8
	for j := range 4 {
		sx, sy := x+j>>1, y+j&1
		var v uint32
		if e.rho>>j&1 != 0 {
			m := uint(u) - uint(e.ek>>j&1)
			v = magSgn.take(m) | uint32(e.e1>>j&1)<<(m&31)
			if j&1 == 1 {
				sig |= 1 << (j >> 1)
				exps[j>>1] = uint8(bits.Len32(v | 1))
			}
			mu := v>>1 + 1
			v = (mu<<1|1)<<plane&(1<<31-1) | v<<31
		}
		if sx < w && sy < h {
			data[sy*w+sx] = v
		}
	}
	b.sigma[k] = sig
	b.exp[2*k], b.exp[2*k+1] = exps[0], exps[1]
}

// prepare sizes and clears the rows.
func (b *Block) prepare(quads int) {
	n := quads + 3
	if cap(b.sigma) < n || cap(b.sigmaAbove) < n {
		b.sigma, b.sigmaAbove = make([]uint8, n), make([]uint8, n)
		b.exp, b.expAbove = make([]uint8, 2*n+2), make([]uint8, 2*n+2)
	}
	b.sigma, b.sigmaAbove = b.sigma[:n], b.sigmaAbove[:n]
	b.exp, b.expAbove = b.exp[:2*n+2], b.expAbove[:2*n+2]
	clear(b.sigma)
	clear(b.sigmaAbove)
	clear(b.exp)
	clear(b.expAbove)
}
