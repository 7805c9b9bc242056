package ht

import (
	"encoding/binary"
	"math/bits"
)

// Decoder decodes code-blocks. The zero value is ready.
type Decoder struct {
	mel    mel
	vlc    []byte
	magsgn []byte
	quads  []quad
	rho    []uint8  // of the quad-row above, one more at both ends
	below  []uint32 // 2μ-1 of the samples at the bottom of the row above, likewise
	refine refinement
}

// quad is what the VLC stream says of a quad.
type quad struct {
	code
	u uint8
}

// Block is one code-block: its size, the lowest bit-plane of its cleanup pass,
// the passes to decode (1 to 3) and their bytes.
type Block struct {
	Width, Height int
	Plane         uint // p of the cleanup pass
	Missing       int  // bit-planes above Plane, all zero
	Passes        int
	Causal        bool
	Cleanup       []byte
	Refinement    []byte
}

// Stride is the distance of rows in what Decode gives: whole quads.
func (b *Block) Stride() int { return (b.Width + 1) &^ 1 }

// Decode gives the samples of b in out, which has room for Stride × (Height + 1)
// words: magnitudes with one fractional bit, set to the middle of what is not
// known, bit 31 the sign. The string is the reason when the bytes cannot be an
// HT set, else empty.
func (d *Decoder) Decode(out []uint32, b *Block) string {
	n := len(b.Cleanup)
	if n < 2 {
		return "cleanup segment of less than two bytes"
	}
	suffix := int(b.Cleanup[n-1])<<4 | int(b.Cleanup[n-2]&15)
	if suffix < 2 || suffix > n || suffix > 4079 {
		return "cleanup segment whose parts do not fit"
	}
	if b.Plane+uint(b.Missing) > 29 {
		return "too many bit-planes"
	}
	prefix := b.Cleanup[:n-suffix]
	across := (b.Width + 1) / 2
	// §7.3.4: the low half of this byte belongs to the length.
	first := b.Cleanup[n-2] | 15
	d.mel.start(b.Cleanup[n-suffix:n-2], first)
	have := uint(4)
	if first>>4&7 == 7 {
		have = 3
	}
	var vlcBits, magBits int
	d.vlc, vlcBits = unstuffBack(d.vlc, b.Cleanup[n-suffix:n-2], uint64(first>>4)&(1<<have-1), have, first, 3*across+16)
	d.magsgn, magBits = unstuff(d.magsgn, prefix, 16*across+16)

	d.quads = grow(d.quads, across+1)
	d.rho = grow(d.rho, across+3)
	d.below = grow(d.below, 2*across+4)
	clear(d.rho)
	clear(d.below)
	vlc, mag := 0, 0
	stride := b.Stride()
	for y := 0; y < b.Height; y += 2 {
		if y == 0 {
			vlc = d.firstRow(across, vlc)
		}
		var ok bool
		if vlc, mag, ok = d.row(out[y*stride:][:2*stride], across, vlc, mag, y == 0, b); !ok {
			return "exponent beyond the bit-planes of the block"
		}
		// An encoder may leave out a byte of ones at the end (§7.3.2).
		if vlc > vlcBits || mag > magBits+8 {
			return "cleanup segment ends before its samples"
		}
	}
	if b.Passes > 1 {
		if b.Plane == 0 {
			return "refinement below the last bit-plane"
		}
		d.refine.run(out, stride, b)
	}
	return ""
}

// firstRow decodes the codes of the first quad-row (§7.3.5, §7.3.6).
func (d *Decoder) firstRow(across, pos int) int {
	table := &decodeTable[0]
	context := uint32(0)
	for q := 0; q < across; q += 2 {
		v := load(d.vlc, pos)
		c1 := table[(context<<7|uint32(v)&127)&1023]
		if context == 0 && !d.mel.symbol() {
			c1 = 0
		}
		v >>= c1.length()
		pos += int(c1.length())
		context = c1.rho()&1 | c1.rho()>>1
		d.rho[q+1] = uint8(c1.rho())
		c2 := code(0)
		if q+1 < across {
			c2 = table[(context<<7|uint32(v)&127)&1023]
			if context == 0 && !d.mel.symbol() {
				c2 = 0
			}
			v >>= c2.length()
			pos += int(c2.length())
			context = c2.rho()&1 | c2.rho()>>1
			d.rho[q+2] = uint8(c2.rho())
		}
		u1, u2, n := uint32(0), uint32(0), 0
		if c1&c2>>12&1 == 0 {
			u1, u2, n = bounds(c1, c2, v)
		} else if d.mel.symbol() {
			u1, u2, n = bounds(c1, c2, v)
			u1 += 2
			u2 += 2
		} else if p := uPair[1][v&7]; p.u1 > 2 {
			// The second is 1 or 2, in a bit after the prefix of the first.
			v >>= p.prefix
			u2 = uint32(v&1) + 1
			v >>= 1
			u1 = uint32(p.u1) + uint32(v)&(1<<p.suffix1-1)
			v >>= p.suffix1
			n = int(p.prefix + 1 + p.suffix1)
			if u1 >= extended {
				u1 += uint32(v&15) << 2
				n += 4
			}
		} else {
			u1, u2, n = bounds(c1, c2, v)
		}
		pos += n
		d.quads[q] = quad{c1, uint8(u1)}
		d.quads[q+1] = quad{c2, uint8(u2)}
	}
	return pos
}

// load gives 57 bits or more from position pos on.
func load(buf []byte, pos int) uint64 {
	return binary.LittleEndian.Uint64(buf[pos>>3:]) >> (pos & 7)
}

// bounds decodes the u values of a pair (§7.3.6): prefixes, suffixes, then
// extensions. n is the number of their bits.
func bounds(c1, c2 code, v uint64) (u1, u2 uint32, n int) {
	p := &uPair[c1>>12&1|c2>>11&2][v&63]
	v >>= p.prefix
	u1 = uint32(p.u1) + uint32(v)&p.mask1
	v >>= p.suffix1
	u2 = uint32(p.u2) + uint32(v)&p.mask2
	v >>= p.suffix2
	n = int(p.prefix + p.suffix1 + p.suffix2)
	if u1 >= extended || u2 >= extended {
		var m int
		u1, u2, m = extensions(u1, u2, v)
		n += m
	}
	return u1, u2, n
}

// extended is the least u with an extension of four bits.
const extended = 5 + 28

func extensions(u1, u2 uint32, v uint64) (uint32, uint32, int) {
	n := 0
	if u1 >= extended {
		u1 += uint32(v&15) << 2
		v >>= 4
		n = 4
	}
	if u2 >= extended {
		u2 += uint32(v&15) << 2
		n += 4
	}
	return u1, u2, n
}

// narrow is the largest bound at which one load holds a quad.
const narrow = 14

// row decodes a quad-row into the two rows of out: the codes, which the first
// row has in d.quads, and magnitudes and signs (§7.3.7, §7.3.8). One pair of
// quads after the other, for the processor works on the samples of a pair while
// it waits for the codes of the next. The positions in the streams come back.
func (d *Decoder) row(out []uint32, across, vlc, mag int, first bool, b *Block) (int, int, bool) {
	table := &decodeTable[1]
	above := d.rho[: across+3 : across+3]
	quads := d.quads[: across+1 : across+1]
	codes, magsgn := d.vlc, d.magsgn
	below := d.below[: 2*across+4 : 2*across+4] // sample x is at 1+x
	stride := len(out) / 2
	top, bottom := out[:2*across], out[stride:][:2*across]
	shift, most := b.Plane&31, uint32(b.Missing+2)
	previous := below[0]                                                 // below[2q], as it was before this row
	left, corner, north := uint32(0), uint32(above[0]), uint32(above[1]) // rho of quads to the left and above
	for q := 0; q < across; q += 2 {
		var c, c2 code
		var bound, u2 uint32
		if first {
			c, c2 = quads[q].code, quads[q+1].code
			bound, u2 = uint32(quads[q].u)+1, uint32(quads[q+1].u)
		} else {
			v := load(codes, vlc)
			east := uint32(above[q+2])
			context := (corner>>3|north>>1)&1 | (left>>2|left>>3)&1<<1 | (north>>3|east>>1)&1<<2
			c = table[(context<<7|uint32(v)&127)&1023]
			if context == 0 && !d.mel.symbol() {
				c = 0
			}
			v >>= c.length()
			vlc += int(c.length())
			corner, north, left = north, east, c.rho()
			above[q+1] = uint8(left)
			if q+1 < across {
				east = uint32(above[q+3])
				context = (corner>>3|north>>1)&1 | (left>>2|left>>3)&1<<1 | (north>>3|east>>1)&1<<2
				c2 = table[(context<<7|uint32(v)&127)&1023]
				if context == 0 && !d.mel.symbol() {
					c2 = 0
				}
				v >>= c2.length()
				vlc += int(c2.length())
				corner, north, left = north, east, c2.rho()
				above[q+2] = uint8(left)
			}
			p := &uPair[c>>12&1|c2>>11&2][v&63]
			v >>= p.prefix & 7
			bound = uint32(p.u1) + uint32(v)&p.mask1
			v >>= p.suffix1 & 7
			u2 = uint32(p.u2) + uint32(v)&p.mask2
			vlc += int(p.prefix + p.suffix1 + p.suffix2)
			if bound >= extended || u2 >= extended {
				v >>= p.suffix2
				var n int
				bound, u2, n = extensions(bound, u2, v)
				vlc += n
			}
			bound++
		}
		for x := 2 * q; ; x += 2 {
			near := previous | below[x+1] | below[x+2] | below[x+3]
			previous = below[x+2]
			if rho := c & 15; rho == 0 {
				top[x], top[x+1], bottom[x], bottom[x+1] = 0, 0, 0, 0
				below[x+1], below[x+2] = 0, 0
			} else {
				if !first && rho&(rho-1) != 0 {
					bound += uint32(bits.Len32(near|2)) - 2
				}
				if bound > most {
					return vlc, mag, false
				}
				c := uint32(c)
				w := load(magsgn, mag)
				if bound <= narrow {
					// A sample that is not significant takes no bits: s is 0
					// for it, else all ones.
					s := -(c & 1)
					n := (bound - c>>4&1) & s
					v := uint32(w)&(1<<(n&31)-1) | c>>8&1<<(n&31)
					w >>= n & 63
					top[x] = ((v|1)+2)&s<<shift | v<<31
					used := n

					s = -(c >> 1 & 1)
					n = (bound - c>>5&1) & s
					v = uint32(w)&(1<<(n&31)-1) | c>>9&1<<(n&31)
					w >>= n & 63
					m := (v | 1) & s
					bottom[x] = (m+2)&s<<shift | v<<31
					below[x+1] = m
					used += n

					s = -(c >> 2 & 1)
					n = (bound - c>>6&1) & s
					v = uint32(w)&(1<<(n&31)-1) | c>>10&1<<(n&31)
					w >>= n & 63
					top[x+1] = ((v|1)+2)&s<<shift | v<<31
					used += n

					s = -(c >> 3 & 1)
					n = (bound - c>>7&1) & s
					v = uint32(w)&(1<<(n&31)-1) | c>>11&1<<(n&31)
					m = (v | 1) & s
					bottom[x+1] = (m+2)&s<<shift | v<<31
					below[x+2] = m
					mag += int(used + n)
				} else {
					m, o, n := wide(magsgn, mag, c, bound, shift)
					top[x], bottom[x], top[x+1], bottom[x+1] = o[0], o[1], o[2], o[3]
					below[x+1], below[x+2] = m[1], m[3]
					mag += n
				}
			}
			if x > 2*q || q+1 == across {
				break
			}
			c, bound = c2, u2+1
		}
	}
	return vlc, mag, true
}

// wide decodes the samples of a quad that one load does not hold; n is the
// number of their bits.
func wide(magsgn []byte, pos int, c, bound uint32, shift uint) (m, o [4]uint32, n int) {
	for i := range m {
		if c>>i&1 == 0 {
			continue
		}
		k := bound - c>>(4+i)&1
		v := uint32(load(magsgn, pos+n))&(1<<k-1) | c>>(8+i)&1<<k
		n += int(k)
		m[i] = v | 1
		o[i] = (m[i]+2)<<shift | v<<31
	}
	return m, o, n
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
