package j2k

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

const (
	sotBytes = 12
	mTLM     = 0xFF55
	part15   = 1 << 14 // Rsiz: capabilities in CAP (T.814 Annex A)
)

// appendHeader writes the main header (T.800 §A.4 to A.6, T.814 §A.3) with the
// usual number of guard bits.
func (e *Encoder) appendHeader(dst []byte, m *codec.Image, levels int, rct bool) []byte {
	word, long := binary.BigEndian.AppendUint16, binary.BigEndian.AppendUint32
	dst = word(dst, mSOC)
	dst = word(dst, mSIZ)
	dst = word(dst, uint16(38+3*m.Samples))
	capabilities := uint16(0)
	if e.HighThroughput {
		capabilities = part15
	}
	dst = word(dst, capabilities)
	for _, v := range [8]int{m.Width, m.Height, 0, 0, m.Width, m.Height, 0, 0} {
		dst = long(dst, uint32(v))
	}
	dst = word(dst, uint16(m.Samples))
	depth := byte(m.Precision - 1)
	if m.Signed {
		depth |= 0x80
	}
	for range m.Samples {
		dst = append(dst, depth, 1, 1)
	}
	e.guard = usualGuard
	if e.HighThroughput {
		dst = word(word(dst, mCAP), 8)
		dst = long(dst, 1<<17) // Part 15
		dst = word(dst, 0)     // Ccap15: patchGuard
	}
	transform, style, order := byte(0), byte(0), byte(0)
	if rct {
		transform = 1
	}
	if e.HighThroughput {
		style, order = styleHT, 2
	}
	dst = word(word(dst, mCOD), 12)
	dst = append(dst, 0, order, 0, 1, transform, byte(levels), blockExponent-2, blockExponent-2, style, 1)
	dst = word(word(dst, mQCD), uint16(4+3*levels))
	e.guardPos = len(dst) - e.headPos
	dst = append(dst, usualGuard<<5)
	// Equation E-10, and a bit more for the differences of the transformation.
	exponent := m.Precision + int(transform)
	dst = append(dst, byte(exponent<<3))
	for range levels {
		dst = append(dst, byte((exponent+1)<<3), byte((exponent+1)<<3), byte((exponent+2)<<3))
	}
	return dst
}

// patchGuard enters the guard bits that the blocks turned out to need, and the
// bit-planes that CAP states (T.814 §A.3.7).
func (e *Encoder) patchGuard(head []byte) {
	head[e.guardPos] = byte(e.guard << 5)
	if !e.HighThroughput {
		return
	}
	d := &e.shape
	most := 0
	for c := range d.size.n {
		comp := &d.comps[c]
		for r := range comp.levels + 1 {
			for _, bd := range comp.resolutions[r].bands[:comp.resolutions[r].n] {
				most = max(most, bd.planes)
			}
		}
	}
	// Bits 0-4 of Ccap15; the other bits being zero mean: HT blocks only, one
	// set in each, no region of interest, the same style everywhere, reversible.
	magnitude := max(most-8, 0)
	if most >= 28 {
		magnitude = 13 + most>>2
	}
	at := bytesBefore(d.size.n)
	binary.BigEndian.PutUint16(head[at:], uint16(magnitude))
}

// bytesBefore is the offset of Ccap15 in the header.
func bytesBefore(components int) int { return 2 + 2 + 38 + 3*components + 2 + 2 + 4 }

// appendSOT writes a tile-part header of tile 0 (§A.4.2).
func appendSOT(dst []byte, length, part, parts int) []byte {
	dst = binary.BigEndian.AppendUint16(dst, mSOT)
	dst = append(dst, 0, 10, 0, 0)
	dst = binary.BigEndian.AppendUint32(dst, uint32(length))
	return append(dst, byte(part), byte(parts))
}

// appendTileParts writes the packets: all in one tile-part, or, for High
// Throughput, one of each resolution, with their lengths before (§A.7.1).
func (e *Encoder) appendTileParts(dst []byte, levels int) []byte {
	if !e.HighThroughput {
		at := len(dst)
		dst = appendSOT(dst, 0, 0, 1)
		dst = binary.BigEndian.AppendUint16(dst, mSOD)
		for r := range levels + 1 {
			dst = e.appendPackets(dst, r)
		}
		binary.BigEndian.PutUint32(dst[at+6:], uint32(len(dst)-at))
		return dst
	}
	const entry = 6
	dst = binary.BigEndian.AppendUint16(dst, mTLM)
	dst = binary.BigEndian.AppendUint16(dst, uint16(4+entry*(levels+1)))
	dst = append(dst, 0, 0x60) // two bytes of tile, four of length
	table := len(dst)
	for range levels + 1 {
		dst = append(dst, 0, 0, 0, 0, 0, 0)
	}
	for r := range levels + 1 {
		at := len(dst)
		dst = appendSOT(dst, 0, r, levels+1)
		dst = binary.BigEndian.AppendUint16(dst, mSOD)
		dst = e.appendPackets(dst, r)
		binary.BigEndian.PutUint32(dst[at+6:], uint32(len(dst)-at))
		binary.BigEndian.PutUint32(dst[table+entry*r+2:], uint32(len(dst)-at))
	}
	return dst
}
