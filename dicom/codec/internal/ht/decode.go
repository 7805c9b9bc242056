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
		} else {
			vlc = d.nextRow(across, vlc)
		}
		var ok bool
		if mag, ok = d.samples(out[y*stride:][:2*stride], across, mag, y == 0, b); !ok {
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
		var pair [2]code
		for i := range min(2, across-q) {
			c := table[context<<7|uint32(v)&127]
			if context == 0 && !d.mel.symbol() {
				c = 0
			}
			n := c >> 13
			v >>= n
			pos += int(n)
			pair[i] = c
			rho := c.rho()
			d.rho[q+i+1] = uint8(rho)
			context = rho&1 | rho>>1
		}
		var u1, u2 uint32
		if pair[0].uOff()&pair[1].uOff() == 0 {
			u1, u2, pos = bounds(pair, v, pos)
		} else if d.mel.symbol() {
			u1, u2, pos = bounds(pair, v, pos)
			u1 += 2
			u2 += 2
		} else if p := uPrefix[v&7]; p&15 > 2 {
			n := uint(p >> 4 & 3)
			v >>= n
			u2 = uint32(v&1) + 1
			v >>= 1
			var more int
			u1, more = suffix(p, &v)
			pos += int(n) + 1 + more
			var extra int
			u1, extra = extension(u1, v)
			pos += extra
		} else {
			u1, u2, pos = bounds(pair, v, pos)
		}
		d.quads[q] = quad{pair[0], uint8(u1)}
		d.quads[q+1] = quad{pair[1], uint8(u2)}
	}
	return pos
}

// nextRow decodes the codes of any other quad-row.
func (d *Decoder) nextRow(across, pos int) int {
	table := &decodeTable[1]
	above := d.rho[: across+3 : across+3]
	left, corner := uint32(0), uint32(above[0]) // rho of the quads to the left and above it
	for q := 0; q < across; q += 2 {
		v := load(d.vlc, pos)
		var pair [2]code
		for i := range min(2, across-q) {
			north, east := uint32(above[q+i+1]), uint32(above[q+i+2])
			context := (corner>>3|north>>1)&1 | (left>>2|left>>3)&1<<1 | (north>>3|east>>1)&1<<2
			c := table[context<<7|uint32(v)&127]
			if context == 0 && !d.mel.symbol() {
				c = 0
			}
			n := c >> 13
			v >>= n
			pos += int(n)
			pair[i] = c
			corner, left = north, c.rho()
			above[q+i+1] = uint8(left)
		}
		var u1, u2 uint32
		if (pair[0] | pair[1]).uOff() != 0 {
			u1, u2, pos = bounds(pair, v, pos)
		}
		d.quads[q] = quad{pair[0], uint8(u1)}
		d.quads[q+1] = quad{pair[1], uint8(u2)}
	}
	return pos
}

// load gives 57 bits or more from position pos on.
func load(buf []byte, pos int) uint64 {
	return binary.LittleEndian.Uint64(buf[pos>>3:]) >> (pos & 7)
}

// bounds decodes the u values of a pair (§7.3.6): prefixes, suffixes, then
// extensions.
func bounds(pair [2]code, v uint64, pos int) (u1, u2 uint32, next int) {
	var p1, p2 uint16
	if pair[0].uOff() != 0 {
		p1 = uPrefix[v&7]
		v >>= p1 >> 4 & 3
		pos += int(p1 >> 4 & 3)
	}
	if pair[1].uOff() != 0 {
		p2 = uPrefix[v&7]
		v >>= p2 >> 4 & 3
		pos += int(p2 >> 4 & 3)
	}
	if p1|p2 < 1<<6 {
		return uint32(p1 & 15), uint32(p2 & 15), pos
	}
	u1, n1 := suffix(p1, &v)
	u2, n2 := suffix(p2, &v)
	u1, m1 := extension(u1, v)
	u2, m2 := extension(u2, v>>m1)
	return u1, u2, pos + n1 + n2 + m1 + m2
}

func suffix(p uint16, v *uint64) (uint32, int) {
	n := p >> 6
	u := uint32(p&15) + uint32(*v&(1<<n-1))
	*v >>= n
	return u, int(n)
}

func extension(u uint32, v uint64) (uint32, int) {
	if u < 5+28 {
		return u, 0
	}
	return u + uint32(v&15)<<2, 4
}

// samples decodes magnitudes and signs of a quad-row (§7.3.7, §7.3.8) into the
// two rows of out.
func (d *Decoder) samples(out []uint32, across, pos int, first bool, b *Block) (int, bool) {
	buf := d.magsgn
	below := d.below[: 2*across+4 : 2*across+4] // sample x is at 1+x
	stride := len(out) / 2
	top, bottom := out[:stride], out[stride:]
	shift, most := b.Plane, uint32(b.Missing+2)
	previous := below[0] // below[2q], as it was before this row
	for q := range across {
		c, u := d.quads[q].code, uint32(d.quads[q].u)
		x := 2 * q
		near := previous | below[x+1] | below[x+2] | below[x+3]
		previous = below[x+2]
		rho := c.rho()
		if rho == 0 {
			top[x], top[x+1], bottom[x], bottom[x+1] = 0, 0, 0, 0
			below[x+1], below[x+2] = 0, 0
			continue
		}
		bound := u + 1
		if !first && rho&(rho-1) != 0 {
			bound = u + max(uint32(bits.Len32(near)), 2) - 1
		}
		if bound > most {
			return pos, false
		}
		v0, v1, v2, v3 := uint32(0), uint32(0), uint32(0), uint32(0)
		var m1, m3 uint32
		w := load(buf, pos)
		if rho&1 != 0 {
			n := bound - uint32(c>>4&1)
			v := uint32(w)&(1<<n-1) | uint32(c>>8&1)<<n
			w >>= n
			pos += int(n)
			v0 = ((v|1)+2)<<shift | v<<31
		}
		if rho&2 != 0 {
			n := bound - uint32(c>>5&1)
			if bound > 14 {
				w = load(buf, pos)
			}
			v := uint32(w)&(1<<n-1) | uint32(c>>9&1)<<n
			w >>= n
			pos += int(n)
			m1 = v | 1
			v1 = (m1+2)<<shift | v<<31
		}
		if rho&4 != 0 {
			n := bound - uint32(c>>6&1)
			if bound > 14 {
				w = load(buf, pos)
			}
			v := uint32(w)&(1<<n-1) | uint32(c>>10&1)<<n
			w >>= n
			pos += int(n)
			v2 = ((v|1)+2)<<shift | v<<31
		}
		if rho&8 != 0 {
			n := bound - uint32(c>>7&1)
			if bound > 14 {
				w = load(buf, pos)
			}
			v := uint32(w)&(1<<n-1) | uint32(c>>11&1)<<n
			pos += int(n)
			m3 = v | 1
			v3 = (m3+2)<<shift | v<<31
		}
		top[x], bottom[x], top[x+1], bottom[x+1] = v0, v1, v2, v3
		below[x+1], below[x+2] = m1, m3
	}
	return pos, true
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
