package ht

import (
	"encoding/binary"
	"math/bits"
)

// Encoder encodes code-blocks. The zero value is ready.
type Encoder struct {
	mel    melWriter
	vlc    bitWriter
	magsgn bitWriter
	rho    []uint8 // of the quad-row above, one more at both ends
	below  []uint32
	quads  []encoded
}

// encoded is a quad whose codeword is known.
type encoded struct {
	word    word
	context uint8
	rho     uint8
	u       uint8
}

// Encode appends the cleanup segment of a code-block of width × height samples,
// not all of them zero, whose lowest bit-plane is 0. data has rows of whole
// quads (Block.Stride) and a row more when height is odd, magnitudes with bit 31
// for the sign; samples outside of the block are zero.
func (e *Encoder) Encode(dst []byte, data []uint32, width, height int) []byte {
	across := (width + 1) / 2
	stride := 2 * across
	e.mel.reset()
	e.vlc.reset(((across+1)/2*5 + 8) * ((height + 1) / 2))
	e.magsgn.reset(4*stride*(height+1) + 8)
	e.rho = grow(e.rho, across+3)
	e.below = grow(e.below, 2*across+4)
	e.quads = grow(e.quads, across+1)
	clear(e.rho)
	clear(e.below)
	for y := 0; y < height; y += 2 {
		e.row(data[y*stride:][:2*stride], across, y == 0)
		for q := 0; q < across; q += 2 {
			e.codes(q, min(2, across-q), y == 0)
		}
	}
	dst = e.magsgn.appendStuffed(dst)
	from := len(dst)
	dst = e.mel.appendTo(dst)
	dst = e.vlc.appendBackward(dst)
	suffix := len(dst) + 1 - from
	dst[len(dst)-1] |= byte(suffix & 15)
	return append(dst, byte(suffix>>4))
}

// row finds the codewords of a quad-row and writes its magnitudes and signs.
func (e *Encoder) row(data []uint32, across int, first bool) {
	table := &encodeTable[0]
	if !first {
		table = &encodeTable[1]
	}
	stride := len(data) / 2
	top, bottom := data[:stride], data[stride:]
	above, below := e.rho, e.below
	left, corner := uint32(0), uint32(above[0])
	previous := below[0]
	for q := range across {
		x := 2 * q
		near := previous | below[x+1] | below[x+2] | below[x+3]
		previous = below[x+2]
		north, east := uint32(above[q+1]), uint32(above[q+2])
		context := left&1 | left>>1
		if !first {
			context = (corner>>3|north>>1)&1 | (left>>2|left>>3)&1<<1 | (north>>3|east>>1)&1<<2
		}
		corner = north
		// 2μ-1 of each sample, whose length is its exponent; 0 for μ = 0.
		s := [4]uint32{top[x], bottom[x], top[x+1], bottom[x+1]}
		var m [4]uint32
		rho := uint32(0)
		for i, v := range s {
			if v&^(1<<31) != 0 {
				m[i] = v<<1 - 1
				rho |= 1 << i
			}
		}
		above[q+1], left = uint8(rho), rho
		below[x+1], below[x+2] = m[1], m[3]
		if rho == 0 {
			e.quads[q] = encoded{word: table[context<<8], context: uint8(context)}
			continue
		}
		kappa := 1
		if !first && rho&(rho-1) != 0 {
			kappa = max(bits.Len32(near), 2) - 1
		}
		bound := max(bits.Len32(m[0]|m[1]|m[2]|m[3]), kappa)
		reach := uint32(0) // the samples whose exponent is the bound
		if bound > kappa {
			for i, v := range m {
				reach |= v >> (bound - 1) << i
			}
		}
		w := table[context<<8|rho<<4|reach]
		e.quads[q] = encoded{word: w, context: uint8(context), rho: uint8(rho), u: uint8(bound - kappa)}
		known := uint32(w >> 12)
		for i, v := range m {
			if v != 0 {
				n := uint(bound) - uint(known>>i&1)
				e.magsgn.write((v-1|s[i]>>31)&(1<<n-1), n)
			}
		}
	}
}

// codes writes the codewords of one pair of quads, or of the last quad (§7.3.5,
// §7.3.6).
func (e *Encoder) codes(q, n int, first bool) {
	var u [2]uint8
	for i, c := range e.quads[q : q+n] {
		u[i] = c.u
		if c.context == 0 {
			e.mel.symbol(c.rho != 0)
			if c.rho == 0 {
				continue
			}
		}
		e.vlc.write(uint32(c.word&127), uint(c.word>>8&7))
	}
	if first && u[0] > 0 && u[1] > 0 {
		large := u[0] > 2 && u[1] > 2
		e.mel.symbol(large)
		if large {
			u[0] -= 2
			u[1] -= 2
		} else if u[0] > 2 {
			a := uCodes[u[0]]
			e.vlc.write(a.prefix, a.prefixBits)
			e.vlc.write(uint32(u[1]-1), 1)
			e.vlc.write(a.rest, a.restBits)
			return
		}
	}
	if u[0]|u[1] == 0 {
		return
	}
	a, b := uCodes[u[0]], uCodes[u[1]]
	e.vlc.write(a.prefix|b.prefix<<a.prefixBits, a.prefixBits+b.prefixBits)
	// The suffixes, then the extensions.
	sa, sb := min(a.restBits, 5), min(b.restBits, 5)
	e.vlc.write(a.rest&(1<<sa-1)|b.rest&(1<<sb-1)<<sa, sa+sb)
	e.vlc.write(a.rest>>sa|b.rest>>sb<<(a.restBits-sa), a.restBits-sa+b.restBits-sb)
}

// uCode is the code of a value u (Table 3): its prefix, and its suffix with the
// extension above it.
type uCode struct {
	prefix, rest         uint32
	prefixBits, restBits uint
}

var uCodes = func() (t [33]uCode) {
	for u := range uint32(len(t)) {
		switch {
		case u == 0:
		case u < 3:
			t[u] = uCode{prefix: u, prefixBits: uint(u)}
		case u < 5:
			t[u] = uCode{prefix: 4, prefixBits: 3, rest: u - 3, restBits: 1}
		default:
			t[u] = uCode{prefixBits: 3, rest: u - 5, restBits: 5}
		}
	}
	return t
}()

// bitWriter collects bits, the first lowest.
type bitWriter struct {
	buf  []byte
	at   int
	acc  uint64
	have uint
}

// reset makes room for n bytes.
func (b *bitWriter) reset(n int) {
	b.buf = room(b.buf, n+8)
	b.at, b.acc, b.have = 0, 0, 0
}

// write takes at most 32 bits.
func (b *bitWriter) write(v uint32, n uint) {
	b.acc |= uint64(v) << b.have
	b.have += n
	if b.have >= 32 {
		binary.LittleEndian.PutUint32(b.buf[b.at:], uint32(b.acc))
		b.at += 4
		b.acc >>= 32
		b.have -= 32
	}
}

// finish puts the last bits, followed by those of pad, into the buffer and gives
// the number of bits.
func (b *bitWriter) finish(pad uint64) int {
	n := b.at*8 + int(b.have)
	binary.LittleEndian.PutUint64(b.buf[b.at:], b.acc|pad<<b.have)
	return n
}

// appendStuffed appends the MagSgn bytes (§7.3.2): a zero bit follows 0xFF, ones
// fill the last byte, and a last byte of ones is left out.
func (b *bitWriter) appendStuffed(dst []byte) []byte {
	n := b.finish(^uint64(0))
	last := byte(0)
	for pos := 0; pos < n; {
		v := load(b.buf, pos)
		if pos+64 <= n && pos&7 == 0 && last != 0xFF {
			y := ^v | 0xFF<<56
			if (y-0x0101010101010101)&^y&0x8080808080808080 == 0 {
				dst = binary.LittleEndian.AppendUint64(dst, v)
				last = byte(v >> 56)
				pos += 64
				continue
			}
		}
		if last == 0xFF {
			last = byte(v & 0x7F)
			pos += 7
		} else {
			last = byte(v)
			pos += 8
		}
		dst = append(dst, last)
	}
	if last == 0xFF {
		dst = dst[:len(dst)-1]
	}
	return dst
}

// appendBackward appends the VLC bytes (§7.3.4) so that the first come last. The
// low half of the byte at the end is left zero, for the length.
func (b *bitWriter) appendBackward(dst []byte) []byte {
	n := b.finish(0)
	from := len(dst)
	v := byte(load(b.buf, 0) & 15)
	pos := 4
	if v&7 == 7 {
		v, pos = 7, 3
	}
	dst = append(dst, v<<4)
	for last := v<<4 | 15; pos < n; dst = append(dst, last) {
		v := byte(load(b.buf, pos))
		if last > 0x8F && v&0x7F == 0x7F {
			last = 0x7F
			pos += 7
		} else {
			last = v
			pos += 8
		}
	}
	for i, j := from, len(dst)-1; i < j; i, j = i+1, j-1 {
		dst[i], dst[j] = dst[j], dst[i]
	}
	return dst
}

// melWriter is the inverse of mel.
type melWriter struct {
	buf []byte
	tmp uint32
	n   uint // bits free in tmp
	k   uint8
	run int
}

func (m *melWriter) reset() { *m = melWriter{buf: m.buf[:0], n: 8} }

func (m *melWriter) bit(v uint32) {
	m.n--
	m.tmp |= v << m.n
	if m.n == 0 {
		m.buf = append(m.buf, byte(m.tmp))
		m.n = 8
		if m.tmp == 0xFF {
			m.n = 7
		}
		m.tmp = 0
	}
}

// symbol is the encoder's side of §7.3.3.
func (m *melWriter) symbol(one bool) {
	e := uint(melExponent[m.k])
	if !one {
		if m.run++; m.run == 1<<e {
			m.bit(1)
			m.run = 0
			m.k = min(m.k+1, 12)
		}
		return
	}
	m.bit(0)
	for e > 0 {
		e--
		m.bit(uint32(m.run) >> e & 1)
	}
	m.run = 0
	m.k = max(m.k, 1) - 1
}

// appendTo ends the stream: a run that is not complete is written as if it were,
// and 0xFF is not left before the bytes of VLC.
func (m *melWriter) appendTo(dst []byte) []byte {
	if m.run > 0 {
		m.bit(1)
	}
	if m.n != 8 {
		m.buf = append(m.buf, byte(m.tmp))
	}
	return append(dst, m.buf...)
}
