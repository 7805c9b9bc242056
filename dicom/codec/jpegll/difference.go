package jpegll

import "github.com/dokuei/dokuei/dicom/codec/internal/t81"

// differences decodes the differences of one row of a scan into d.line, the
// components of a pixel beside each other.
func (d *Decoder) differences(b *t81.Bits, sc *t81.Scan, width int) error {
	if sc.N > 1 {
		return d.interleaved(b, sc, width)
	}
	table, h := &d.diffs[0], &d.tables[0][sc.Components[0].Td]
	line := d.line[:width]
	s := *b
	for len(line) >= 4 {
		// Four entries of diffTable take at most 48 of the 56 bits.
		s.Refill()
		e0 := table[s.Acc>>(64-diffBits)]
		a1 := s.Acc << (e0 & 63)
		e1 := table[a1>>(64-diffBits)]
		a2 := a1 << (e1 & 63)
		e2 := table[a2>>(64-diffBits)]
		a3 := a2 << (e2 & 63)
		e3 := table[a3>>(64-diffBits)]
		if e0 != 0 && e1 != 0 && e2 != 0 && e3 != 0 {
			s.Acc = a3 << (e3 & 63)
			s.N -= uint(e0&63 + e1&63 + e2&63 + e3&63)
			line[0], line[1], line[2], line[3] = uint16(e0>>16), uint16(e1>>16), uint16(e2>>16), uint16(e3>>16)
			line = line[4:]
			continue
		}
		for i := range 4 {
			v, ok := difference(&s, table, h)
			if !ok {
				*b = s
				return errCode
			}
			line[i] = v
		}
		line = line[4:]
	}
	for i := range line {
		v, ok := difference(&s, table, h)
		if !ok {
			*b = s
			return errCode
		}
		line[i] = v
	}
	*b = s
	if b.Left() < 0 {
		return errShort
	}
	return nil
}

func (d *Decoder) interleaved(b *t81.Bits, sc *t81.Scan, width int) error {
	var tables [t81.MaxComponents]*diffTable
	var huffman [t81.MaxComponents]*t81.Huffman
	for i := range sc.N {
		tables[i], huffman[i] = d.table(sc, i)
	}
	s := *b
	line := d.line[:width*sc.N]
	for len(line) >= sc.N {
		for i := range sc.N {
			v, ok := difference(&s, tables[i], huffman[i])
			if !ok {
				*b = s
				return errCode
			}
			line[i] = v
		}
		line = line[sc.N:]
	}
	*b = s
	if b.Left() < 0 {
		return errShort
	}
	return nil
}

// difference decodes one difference modulo 2^16 (§H.1.2.2, Table H.2).
func difference(b *t81.Bits, t *diffTable, h *t81.Huffman) (uint16, bool) {
	b.Refill()
	if e := t[b.Acc>>(64-diffBits)]; e != 0 {
		b.Skip(uint(e & 63))
		return uint16(e >> 16), true
	}
	length, ssss := h.Lookup(b.Acc)
	if length == 0 || ssss > 16 {
		return 0, false
	}
	b.Skip(length)
	if ssss == 16 { // 32768, without magnitude bits
		return 32768, true
	}
	return uint16(b.Receive(uint(ssss))), true
}
