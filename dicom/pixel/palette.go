package pixel

import "encoding/binary"

// Palette holds the three tables of the Palette Color Lookup Table Module
// (PS3.3 C.7.9, C.7.6.3.1.5) with entries brought to 8 bits.
type Palette struct {
	First int // first stored value mapped
	RGB   [][3]uint8
}

// At is the colour of a stored value; outside values take the first or last
// entry (PS3.3 C.7.6.3.1.5).
func (p *Palette) At(v int) [3]uint8 {
	i := v - p.First
	if i < 0 {
		i = 0
	}
	if i >= len(p.RGB) {
		i = len(p.RGB) - 1
	}
	return p.RGB[i]
}

// channel is one of the three tables as the data set holds it.
type channel struct {
	descriptor []int
	data       []byte // Red/Green/Blue Palette Color Lookup Table Data
	segmented  []byte // or the Segmented form, PS3.3 C.7.9.2
}

// newPalette builds the palette from its three channels.
func newPalette(channels [3]channel, signed bool) (*Palette, error) {
	p := &Palette{}
	for c, ch := range channels {
		d, err := parseDescriptor(ch.descriptor, signed)
		if err != nil {
			return nil, err
		}
		var entries []uint16
		if len(ch.data) > 0 {
			entries, err = parseEntries(d, ch.data)
		} else {
			entries, err = expandSegments(d, ch.segmented)
		}
		if err != nil {
			return nil, err
		}
		if c == 0 {
			p.First, p.RGB = d.first, make([][3]uint8, d.entries)
		} else if d.entries != len(p.RGB) {
			return nil, &FormatError{"PaletteColorLookupTableDescriptor", "channels differ in length"}
		}
		shift := paletteShift(d, entries)
		for i, v := range entries {
			p.RGB[i][c] = uint8(min(v>>shift, 255))
		}
	}
	return p, nil
}

// paletteShift is the number of bits to drop. Files that declare 16 bits and
// fill only the lower 8 exist in numbers; no palette of true 16 bit entries has
// all of them below 256, so such a table is taken for what it is.
func paletteShift(d descriptor, entries []uint16) uint {
	if d.bits <= 8 {
		return 0
	}
	var top uint16
	for _, v := range entries {
		top = max(top, v)
	}
	if top < 256 {
		return 0
	}
	return uint(d.bits - 8)
}

// Segment types, PS3.3 C.7.9.2.
const (
	segmentDiscrete = 0
	segmentLinear   = 1
	segmentIndirect = 2
)

// expandSegments reads Segmented Palette Color Lookup Table Data (PS3.3
// C.7.9.2): discrete runs, linear ramps from the last value, and indirect
// segments that name earlier ones by byte offset. The output is bounded by the
// descriptor, indirection by one level, as the standard has it, so the work is
// bounded by entries plus the segment headers, each walked at most once per
// indirect segment.
func expandSegments(d descriptor, raw []byte) ([]uint16, error) {
	if len(raw) == 0 {
		return nil, &FormatError{"PaletteColorLookupTableData", "is missing"}
	}
	s := segments{words: segmentWords(d, raw), limit: d.entries, wide: d.bits > 8}
	s.out = make([]uint16, 0, d.entries)
	if err := s.run(0, len(s.words), true); err != nil {
		return nil, err
	}
	if len(s.out) == 0 {
		return nil, &FormatError{"SegmentedPaletteColorLookupTableData", "describes no entry"}
	}
	for len(s.out) < d.entries {
		s.out = append(s.out, s.out[len(s.out)-1])
	}
	return s.out, nil
}

// segmentWords splits the data into its units: bytes for 8 bit entries, words
// for 16 bit ones.
func segmentWords(d descriptor, raw []byte) []uint16 {
	if d.bits <= 8 {
		words := make([]uint16, len(raw))
		for i, b := range raw {
			words[i] = uint16(b)
		}
		return words
	}
	words := make([]uint16, len(raw)/2)
	for i := range words {
		words[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return words
}

type segments struct {
	words []uint16
	out   []uint16
	limit int
	wide  bool
	steps int
}

// run expands count segments (or, at the top, all up to the end) from word at.
func (s *segments) run(at, count int, top bool) error {
	fail := func(reason string) error {
		return &FormatError{"SegmentedPaletteColorLookupTableData", reason}
	}
	for n := 0; n < count && at+1 < len(s.words); n++ {
		if s.steps++; s.steps > 4*maxLUTEntries {
			return fail("has too many segments")
		}
		kind, length := s.words[at], int(s.words[at+1])
		at += 2
		if kind != segmentIndirect && len(s.out)+length > s.limit {
			if top && kind == 0 && length == 0 { // padding
				return nil
			}
			return fail("describes more entries than the descriptor")
		}
		switch kind {
		case segmentDiscrete:
			if at+length > len(s.words) {
				return fail("discrete segment is cut off")
			}
			s.out = append(s.out, s.words[at:at+length]...)
			at += length
		case segmentLinear:
			if at >= len(s.words) {
				return fail("linear segment is cut off")
			}
			if len(s.out) == 0 {
				return fail("begins with a linear segment")
			}
			y0, y1 := int(s.out[len(s.out)-1]), int(s.words[at])
			for i := 1; i <= length; i++ {
				s.out = append(s.out, uint16(y0+(y1-y0)*i/length))
			}
			at++
		case segmentIndirect:
			if !top {
				return fail("indirect segment names an indirect segment")
			}
			units := 2 // the offset takes two words, or four bytes
			if !s.wide {
				units = 4
			}
			if at+units > len(s.words) {
				return fail("indirect segment is cut off")
			}
			offset := s.offset(at)
			at += units
			if offset >= at {
				return fail("indirect segment points forward")
			}
			if err := s.run(offset, length, false); err != nil {
				return err
			}
		default:
			return fail("has a segment of unknown type")
		}
	}
	return nil
}

// offset reads the byte offset of an indirect segment, least significant part
// first, and gives it in units of words.
func (s *segments) offset(at int) int {
	if s.wide {
		return int(uint32(s.words[at])|uint32(s.words[at+1])<<16) / 2
	}
	return int(uint32(s.words[at]) | uint32(s.words[at+1])<<8 | uint32(s.words[at+2])<<16 | uint32(s.words[at+3])<<24)
}
