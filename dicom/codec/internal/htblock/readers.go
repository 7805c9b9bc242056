package htblock

import "math/bits"

// forward reads a bit-stream from low to high addresses, least significant bit
// first; after a byte 0xFF the next has seven bits (T.814 §7.1.2, §7.1.5).
// Beyond its end come the bits of fill.
type forward struct {
	buf  []byte
	pos  int
	last byte
	fill byte
	acc  uint64
	n    uint
}

func newForward(buf []byte, fill byte) forward { return forward{buf: buf, fill: fill} }

// refill makes at least 56 bits valid.
func (f *forward) refill() {
	for f.n <= 56 {
		b := f.fill
		if f.pos < len(f.buf) {
			b = f.buf[f.pos]
		}
		f.pos++
		f.acc |= uint64(b) << f.n
		f.n += 8
		if f.last == 0xFF {
			// The stuffed bit is the most significant one; it is zero in the
			// stream and a one of the fill is taken back.
			f.n--
			f.acc &= 1<<(f.n&63) - 1
		}
		f.last = b
	}
}

// take gives n bits, at most 32.
func (f *forward) take(n uint) uint32 {
	if f.n < n {
		f.refill()
	}
	v := uint32(f.acc & (1<<(n&63) - 1))
	f.acc >>= n & 63
	f.n -= n
	return v
}

// backward reads a bit-stream from high to low addresses, least significant bit
// first; a byte whose low seven bits are ones has seven bits when the one before
// it was above 0x8F (§7.1.4, §7.1.6). Beyond its end come zeros.
type backward struct {
	buf  []byte
	pos  int // next byte
	last byte
	acc  uint64
	n    uint
}

func (b *backward) refill() {
	for b.n <= 56 {
		v := byte(0)
		if b.pos >= 0 {
			v = b.buf[b.pos]
		}
		b.pos--
		size := uint(8)
		if b.last > 0x8F && v&0x7F == 0x7F {
			size = 7
		}
		b.acc |= uint64(v&(1<<size-1)) << b.n
		b.n += size
		b.last = v
	}
}

func (b *backward) take(n uint) uint32 {
	if b.n < n {
		b.refill()
	}
	v := uint32(b.acc & (1<<(n&63) - 1))
	b.acc >>= n & 63
	b.n -= n
	return v
}

// mel decodes the adaptive run-length code of §7.3.3.
type mel struct {
	buf []byte
	pos int
	cur byte
	n   uint
	k   int
	run int
	one bool
}

// melExponent is Table 2.
var melExponent = [13]uint8{0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5}

func (m *mel) bit() uint32 {
	if m.n == 0 {
		m.n = 8
		if m.cur == 0xFF {
			m.n = 7
		}
		m.cur = 0xFF
		if m.pos < len(m.buf) {
			m.cur = m.buf[m.pos]
			if m.pos == len(m.buf)-1 { // shared with the VLC stream (§7.1.3)
				m.cur |= 0x0F
			}
		}
		m.pos++
	}
	m.n--
	return uint32(m.cur>>m.n) & 1
}

// symbol gives the next MEL symbol.
func (m *mel) symbol() uint32 {
	if m.run == 0 && !m.one {
		e := melExponent[m.k]
		if m.bit() == 1 {
			m.run = 1 << e
			m.k = min(m.k+1, 12)
		} else {
			for range e {
				m.run = m.run<<1 | int(m.bit())
			}
			m.k = max(m.k-1, 0)
			m.one = true
		}
	}
	if m.run > 0 {
		m.run--
		return 0
	}
	m.one = false
	return 1
}

// uvlc reads the U-VLC code of Table 3 in its three parts.
func (b *backward) uPrefix() uint32 {
	b.refill()
	zeros := uint32(bits.TrailingZeros64(b.acc | 8))
	if zeros >= 3 {
		b.take(3)
		return 5
	}
	b.take(uint(zeros) + 1)
	return zeros + 1
}

func (b *backward) uSuffix(prefix uint32) uint32 {
	switch {
	case prefix < 3:
		return 0
	case prefix == 3:
		return b.take(1)
	default:
		return b.take(5)
	}
}

func (b *backward) uExtension(suffix uint32) uint32 {
	if suffix < 28 {
		return 0
	}
	return b.take(4)
}
