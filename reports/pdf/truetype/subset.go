package truetype

import (
	"bytes"
	"encoding/binary"
	"slices"
)

// Subset collects the characters a document uses and numbers their glyphs anew
// from 1 in the order of first use; 0 stays .notdef. Two characters that share
// a glyph get a number each, so that a number always says which was meant.
type Subset struct {
	font  *Font
	old   []uint16 // new → old
	chars map[rune]uint16
	text  map[uint16]rune
	parts map[uint16]uint16 // old → new, of components
}

// NewSubset returns an empty subset of f.
func NewSubset(f *Font) *Subset {
	return &Subset{
		font: f, old: []uint16{0},
		chars: map[rune]uint16{}, text: map[uint16]rune{}, parts: map[uint16]uint16{},
	}
}

// Add puts a character into the subset and returns its glyph's new number;
// false when the font has no such character.
func (s *Subset) Add(r rune) (uint16, bool) {
	if n, ok := s.chars[r]; ok {
		return n, true
	}
	g, ok := s.font.Glyph(r)
	if !ok || len(s.old) > 0xFFFF {
		return 0, false
	}
	n := uint16(len(s.old))
	s.old = append(s.old, g)
	s.chars[r], s.text[n] = n, r
	return n, true
}

// component returns the new number of a glyph that others are made of.
func (s *Subset) component(old uint16) uint16 {
	if n, ok := s.parts[old]; ok {
		return n
	}
	n := uint16(len(s.old))
	s.old = append(s.old, old)
	s.parts[old] = n
	return n
}

// Len is the number of glyphs in the subset.
func (s *Subset) Len() int { return len(s.old) }

// Advance is the width of a glyph of the subset in thousandths.
func (s *Subset) Advance(n uint16) int { return s.font.Advance(s.old[n]) }

// Char returns the character a glyph of the subset stands for; false for glyphs
// that are only parts of others.
func (s *Subset) Char(n uint16) (rune, bool) {
	r, ok := s.text[n]
	return r, ok
}

// Composite glyph flags, ISO/IEC 14496-22 §5.3.4.2.
const (
	argsAreWords   = 0x0001
	haveScale      = 0x0008
	moreComponents = 0x0020
	haveXYScale    = 0x0040
	haveTwoByTwo   = 0x0080
)

// renumber returns a copy of an outline whose component glyphs are those of the
// subset, which grows by the components it has not got yet.
func (s *Subset) renumber(outline []byte) ([]byte, error) {
	if len(outline) < 10 || int16(binary.BigEndian.Uint16(outline)) >= 0 {
		return outline, nil // empty or simple
	}
	b := bytes.Clone(outline)
	for at := 10; ; {
		if at+4 > len(b) {
			return nil, &FormatError{"glyf", at, "composite glyph is cut"}
		}
		flags, old := binary.BigEndian.Uint16(b[at:]), binary.BigEndian.Uint16(b[at+2:])
		if int(old) >= s.font.glyphs {
			return nil, &FormatError{"glyf", at + 2, "component is no glyph"}
		}
		binary.BigEndian.PutUint16(b[at+2:], s.component(old))
		at += 4 + 2
		if flags&argsAreWords != 0 {
			at += 2
		}
		switch {
		case flags&haveScale != 0:
			at += 2
		case flags&haveXYScale != 0:
			at += 4
		case flags&haveTwoByTwo != 0:
			at += 8
		}
		if flags&moreComponents == 0 {
			return b, nil
		}
	}
}

// Build writes the subset as a TrueType file with the tables that ISO 32000-1
// §9.9 asks of an embedded CIDFontType2 program.
func (s *Subset) Build() ([]byte, error) {
	var glyf, loca []byte
	// len(s.old) grows while composites bring in their parts.
	for n := 0; n < len(s.old); n++ {
		if n > 0xFFFF {
			return nil, &FormatError{"glyf", n, "more parts than glyph numbers"}
		}
		outline, err := s.font.outline(s.old[n])
		if err != nil {
			return nil, err
		}
		if outline, err = s.renumber(outline); err != nil {
			return nil, err
		}
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		glyf = append(glyf, outline...)
		for len(glyf)%4 != 0 {
			glyf = append(glyf, 0)
		}
	}
	loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))

	head := bytes.Clone(s.font.tables["head"][:54])
	binary.BigEndian.PutUint32(head[8:], 0)  // checkSumAdjustment, set below
	binary.BigEndian.PutUint16(head[50:], 1) // long loca
	hhea := bytes.Clone(s.font.tables["hhea"][:36])
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(s.old)))
	maxp := bytes.Clone(s.font.tables["maxp"])
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(s.old)))

	tables := map[string][]byte{
		"glyf": glyf, "head": head, "hhea": hhea, "hmtx": s.hmtx(), "loca": loca, "maxp": maxp,
	}
	for _, hint := range []string{"cvt ", "fpgm", "prep"} {
		if b, ok := s.font.tables[hint]; ok {
			tables[hint] = b
		}
	}
	return assemble(tables), nil
}

func (s *Subset) hmtx() []byte {
	src := s.font.tables["hmtx"]
	var b []byte
	for _, old := range s.old {
		if int(old) < s.font.hMetrics {
			b = append(b, src[4*int(old):4*int(old)+4]...)
			continue
		}
		last := 4 * (s.font.hMetrics - 1)
		bearing := 4*s.font.hMetrics + 2*(int(old)-s.font.hMetrics)
		b = append(b, src[last], src[last+1], src[bearing], src[bearing+1])
	}
	return b
}

// assemble writes the offset table, the table records in order of their tags
// and the tables, ISO/IEC 14496-22 §4.5.
func assemble(tables map[string][]byte) []byte {
	tags := make([]string, 0, len(tables))
	for t := range tables {
		tags = append(tags, t)
	}
	slices.Sort(tags)
	n := len(tags)
	selector := 0
	for 1<<(selector+1) <= n {
		selector++
	}
	out := binary.BigEndian.AppendUint32(nil, 0x00010000)
	out = binary.BigEndian.AppendUint16(out, uint16(n))
	out = binary.BigEndian.AppendUint16(out, uint16(16<<selector))
	out = binary.BigEndian.AppendUint16(out, uint16(selector))
	out = binary.BigEndian.AppendUint16(out, uint16(16*n-16<<selector))
	offset := 12 + 16*n
	headAt := 0
	for _, t := range tags {
		b := tables[t]
		if t == "head" {
			headAt = offset
		}
		out = append(out, t...)
		out = binary.BigEndian.AppendUint32(out, checksum(b))
		out = binary.BigEndian.AppendUint32(out, uint32(offset))
		out = binary.BigEndian.AppendUint32(out, uint32(len(b)))
		offset += (len(b) + 3) &^ 3
	}
	for _, t := range tags {
		out = append(out, tables[t]...)
		for len(out)%4 != 0 {
			out = append(out, 0)
		}
	}
	binary.BigEndian.PutUint32(out[headAt+8:], 0xB1B0AFBA-checksum(out))
	return out
}

func checksum(b []byte) uint32 {
	var sum uint32
	for len(b) >= 4 {
		sum += binary.BigEndian.Uint32(b)
		b = b[4:]
	}
	if len(b) > 0 {
		var tail [4]byte
		copy(tail[:], b)
		sum += binary.BigEndian.Uint32(tail[:])
	}
	return sum
}
