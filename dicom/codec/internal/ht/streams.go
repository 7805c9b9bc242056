package ht

import (
	"encoding/binary"
	"math/bits"
)

// mel decodes the adaptive run-length symbols (§7.3.3): MSB first, seven bits in
// the byte after 0xFF, ones after the end.
type mel struct {
	buf []byte
	end uint32 // the byte after buf, which it shares with VLC
	pos int
	tmp uint32
	n   uint
	k   uint8
	run int
	one bool
}

func (m *mel) start(buf []byte, end byte) { *m = mel{buf: buf, end: uint32(end)} }

func (m *mel) bit() uint32 {
	if m.n == 0 {
		m.n = 8
		if m.tmp == 0xFF {
			m.n = 7
		}
		switch {
		case m.pos < len(m.buf):
			m.tmp = uint32(m.buf[m.pos])
		case m.pos == len(m.buf):
			m.tmp = m.end
		default:
			m.tmp = 0xFF
		}
		m.pos++
	}
	m.n--
	return m.tmp >> m.n & 1
}

// symbol is decodeMELSym.
func (m *mel) symbol() bool {
	if m.run == 0 && !m.one {
		e := melExponent[m.k]
		if m.bit() == 1 {
			m.run = 1 << e
			m.k = min(m.k+1, 12)
		} else {
			for range e {
				m.run = m.run<<1 | int(m.bit())
			}
			m.k = max(m.k, 1) - 1
			m.one = true
		}
	}
	if m.run > 0 {
		m.run--
		return false
	}
	m.one = false
	return true
}

// unstuff copies src without the bits that follow 0xFF bytes (§7.3.2), and pad
// bytes of ones after it; n is the number of bits before these.
func unstuff(dst, src []byte, pad int) (out []byte, n int) {
	out = room(dst, len(src)+pad+16)
	var acc uint64
	var have uint
	at, last := 0, byte(0)
	for i := 0; i < len(src); {
		if last != 0xFF && i+8 <= len(src) {
			v := binary.LittleEndian.Uint64(src[i:])
			// Whether a byte before the eighth is 0xFF: none is stuffed if not.
			y := ^v | 0xFF<<56
			if (y-0x0101010101010101)&^y&0x8080808080808080 == 0 {
				binary.LittleEndian.PutUint64(out[at:], acc|v<<have)
				acc = v >> (64 - have)
				at += 8
				i += 8
				last = byte(v >> 56)
				continue
			}
		}
		b := src[i]
		i++
		if last == 0xFF {
			acc |= uint64(b&0x7F) << have
			have += 7
		} else {
			acc |= uint64(b) << have
			have += 8
		}
		last = b
		if have >= 32 {
			binary.LittleEndian.PutUint32(out[at:], uint32(acc))
			acc >>= 32
			have -= 32
			at += 4
		}
	}
	n = at*8 + int(have)
	acc |= ^uint64(0) << have
	for end := len(src) + pad; at < end; at += 8 {
		binary.LittleEndian.PutUint64(out[at:], acc)
		acc = ^uint64(0)
	}
	return out, n
}

// unstuffBack does so for a stream that runs from the end of src to its
// beginning, where a byte of seven ones after one above 0x8F holds seven bits
// (§7.3.4). last is the byte before the first. The padding is zero.
func unstuffBack(dst, src []byte, acc uint64, have uint, last byte, pad int) (out []byte, n int) {
	out = room(dst, len(src)+pad+16)
	at := 0
	for i := len(src) - 1; i >= 0; i-- {
		if i >= 7 {
			v := bits.ReverseBytes64(binary.LittleEndian.Uint64(src[i-7:]))
			// Whether a byte has seven ones: none is stuffed if not.
			y := ^(v | 0x8080808080808080)
			if (y-0x0101010101010101)&^y&0x8080808080808080 == 0 {
				binary.LittleEndian.PutUint64(out[at:], acc|v<<have)
				acc = v >> (64 - have)
				at += 8
				i -= 7
				last = byte(v >> 56)
				continue
			}
		}
		b := src[i]
		acc |= uint64(b) << have
		have += 8
		if last > 0x8F && b&0x7F == 0x7F {
			have--
			acc &^= 1 << have
		}
		last = b
		if have >= 32 {
			binary.LittleEndian.PutUint32(out[at:], uint32(acc))
			acc >>= 32
			have -= 32
			at += 4
		}
	}
	n = at*8 + int(have)
	for end := len(src) + pad; at < end; at += 8 {
		binary.LittleEndian.PutUint64(out[at:], acc)
		acc = 0
	}
	return out, n
}

// room gives a slice of at least n bytes, all of dst's capacity.
func room(dst []byte, n int) []byte {
	if cap(dst) < n {
		return make([]byte, n+n/4)
	}
	return dst[:cap(dst)]
}
