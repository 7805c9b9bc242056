package t81

import "github.com/dokuei/dokuei/dicom/codec"

// FastBits is the width of the direct part of a Huffman table.
const FastBits = 10

// Huffman is a decoding table (T.81 Annex C and §F.2.2.3).
type Huffman struct {
	Defined bool
	// Fast is indexed by the next FastBits bits: code length << 8 | value for
	// codes that fit, otherwise 0.
	Fast    [1 << FastBits]uint16
	maxCode [17]int32 // largest code of each length, -1 when there is none
	offset  [17]int32 // index into values of the code 0 of each length
	values  [256]byte
}

// Build makes the table of a DHT entry: counts of codes by length 1 to 16, and
// the values. It gives false for lengths that no prefix code can have.
func (h *Huffman) Build(counts *[16]byte, values []byte) bool {
	h.Defined = false
	clear(h.Fast[:])
	code, k := int32(0), 0
	for l := 1; l <= 16; l++ {
		n := int(counts[l-1])
		if k+n > len(values) || k+n > len(h.values) || code+int32(n) > 1<<l {
			return false
		}
		h.offset[l] = int32(k) - code
		for range n {
			v := values[k]
			h.values[k] = v
			if l <= FastBits {
				first := code << (FastBits - l)
				entry := uint16(l)<<8 | uint16(v)
				for i := range int32(1) << (FastBits - l) {
					h.Fast[first+i] = entry
				}
			}
			code++
			k++
		}
		h.maxCode[l] = -1
		if n > 0 {
			h.maxCode[l] = code - 1
		}
		code <<= 1
	}
	h.Defined = k > 0
	return h.Defined
}

// Lookup decodes the code at the top of bits (§F.2.2.3, DECODE): its length and
// value. Length 0 means that no code begins so.
func (h *Huffman) Lookup(bits uint64) (length uint, value byte) {
	if e := h.Fast[bits>>(64-FastBits)]; e != 0 {
		return uint(e >> 8), byte(e)
	}
	for l := FastBits + 1; l <= 16; l++ {
		code := int32(bits >> (64 - l))
		if code <= h.maxCode[l] {
			return uint(l), h.values[(h.offset[l]+code)&255]
		}
	}
	return 0, 0
}

// Tables are the Huffman destinations of Table B.5: class 0 is DC or lossless,
// class 1 is AC.
type Tables [2][4]Huffman

// Parse decodes a DHT segment (§B.2.4.2).
func (t *Tables) Parse(s Segment) error {
	p, at := s.Payload, s.Offset
	for len(p) > 0 {
		if len(p) < 17 {
			return codec.Errorf(codec.ErrCorrupt, int64(at), "Huffman table of %d bytes", len(p))
		}
		class, dest := p[0]>>4, p[0]&15
		if class > 1 || dest > 3 {
			return codec.Errorf(codec.ErrCorrupt, int64(at), "Huffman table class %d destination %d", class, dest)
		}
		counts := (*[16]byte)(p[1:17])
		n := 0
		for _, c := range counts {
			n += int(c)
		}
		if n > len(p)-17 || n > 256 {
			return codec.Errorf(codec.ErrCorrupt, int64(at), "Huffman table of %d codes in %d bytes", n, len(p)-17)
		}
		if !t[class][dest].Build(counts, p[17:17+n]) {
			return codec.Errorf(codec.ErrCorrupt, int64(at), "Huffman table that is no prefix code")
		}
		p, at = p[17+n:], at+17+n
	}
	return nil
}

// Reset forgets all tables, so that none leaks from one frame into the next.
func (t *Tables) Reset() {
	for class := range t {
		for i := range t[class] {
			t[class][i].Defined = false
		}
	}
}
