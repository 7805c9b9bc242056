package jpegll

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec/internal/t81"
)

// bits is a position in unstuffed data: the next bits at the top of acc, n of
// them valid. data may be read t81.Tail bytes beyond its length.
type bits struct {
	data []byte
	pos  int // next byte to load
	acc  uint64
	n    uint
}

// consumed is how many bits were taken.
func (b *bits) consumed() int { return b.pos*8 - int(b.n) }

// left is how many are not taken yet; negative after an overrun.
func (b *bits) left() int { return len(b.data)*8 - b.consumed() }

// refill makes at least 56 bits valid, zeros beyond the end of the data.
func (b *bits) refill() {
	if b.pos+8 <= len(b.data)+t81.Tail {
		b.acc |= binary.BigEndian.Uint64(b.data[b.pos:b.pos+8:b.pos+8]) >> (b.n & 63)
		b.pos += int(63-b.n) >> 3
		b.n |= 56
		return
	}
	// Far beyond the end: left() has become negative and stays so.
	b.pos += int(63-b.n) >> 3
	b.n |= 56
}

// differences decodes the differences of one row of a scan into d.line, the
// components of a pixel beside each other.
func (d *Decoder) differences(b *bits, sc *t81.Scan, width int) error {
	if sc.N > 1 {
		return d.interleaved(b, sc, width)
	}
	table, h := &d.diffs[0], &d.tables[0][sc.Components[0].Td]
	line := d.line[:width]
	s := *b
	for len(line) >= 4 {
		// Four entries of diffTable take at most 48 of the 56 bits.
		s.refill()
		e0 := table[s.acc>>(64-diffBits)]
		a1 := s.acc << (e0 & 63)
		e1 := table[a1>>(64-diffBits)]
		a2 := a1 << (e1 & 63)
		e2 := table[a2>>(64-diffBits)]
		a3 := a2 << (e2 & 63)
		e3 := table[a3>>(64-diffBits)]
		if e0 != 0 && e1 != 0 && e2 != 0 && e3 != 0 {
			s.acc = a3 << (e3 & 63)
			s.n -= uint(e0&63 + e1&63 + e2&63 + e3&63)
			line[0], line[1], line[2], line[3] = uint16(e0>>16), uint16(e1>>16), uint16(e2>>16), uint16(e3>>16)
			line = line[4:]
			continue
		}
		for i := range 4 {
			v, ok := s.difference(table, h)
			if !ok {
				*b = s
				return errCode
			}
			line[i] = v
		}
		line = line[4:]
	}
	for i := range line {
		v, ok := s.difference(table, h)
		if !ok {
			*b = s
			return errCode
		}
		line[i] = v
	}
	*b = s
	if b.left() < 0 {
		return errShort
	}
	return nil
}

func (d *Decoder) interleaved(b *bits, sc *t81.Scan, width int) error {
	var tables [t81.MaxComponents]*diffTable
	var huffman [t81.MaxComponents]*t81.Huffman
	for i, c := range sc.Components[:sc.N] {
		tables[i], huffman[i] = &d.diffs[i], &d.tables[0][c.Td]
		if c.Td == sc.Components[0].Td {
			tables[i] = &d.diffs[0]
		}
	}
	s := *b
	line := d.line[:width*sc.N]
	for len(line) >= sc.N {
		for i := range sc.N {
			v, ok := s.difference(tables[i], huffman[i])
			if !ok {
				*b = s
				return errCode
			}
			line[i] = v
		}
		line = line[sc.N:]
	}
	*b = s
	if b.left() < 0 {
		return errShort
	}
	return nil
}

// difference decodes one difference modulo 2^16 (§H.1.2.2, Table H.2).
func (b *bits) difference(t *diffTable, h *t81.Huffman) (uint16, bool) {
	b.refill()
	if e := t[b.acc>>(64-diffBits)]; e != 0 {
		b.acc <<= e & 63
		b.n -= uint(e & 63)
		return uint16(e >> 16), true
	}
	length, ssss := h.Lookup(b.acc)
	if length == 0 || ssss > 16 {
		return 0, false
	}
	b.acc <<= length
	b.n -= length
	if ssss == 16 { // 32768, without magnitude bits
		return 32768, true
	}
	v := extend(b.acc, uint(ssss))
	b.acc <<= uint(ssss)
	b.n -= uint(ssss)
	return uint16(v), true
}
