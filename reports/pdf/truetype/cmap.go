package truetype

import (
	"encoding/binary"
	"sort"
)

// group is a run of characters with consecutive glyphs.
type group struct {
	first, last rune
	glyph       uint32 // of first
}

// cmap maps characters to glyphs: sorted runs, from the best subtable.
type cmap []group

func (c cmap) lookup(r rune) uint16 {
	i := sort.Search(len(c), func(i int) bool { return c[i].last >= r })
	if i == len(c) || c[i].first > r {
		return 0
	}
	g := c[i].glyph + uint32(r-c[i].first)
	if g > 0xFFFF {
		return 0
	}
	return uint16(g)
}

// parseCmap reads the character map, ISO/IEC 14496-22 §5.2.1. Full-repertoire
// subtables (platform 3 encoding 10, platform 0 encoding 4 and 6; format 12)
// go before those of the Basic Multilingual Plane (3/1, 0/3; format 4).
func parseCmap(b []byte) (cmap, error) {
	if len(b) < 4 {
		return nil, &FormatError{"cmap", 0, "missing or cut"}
	}
	n := int(binary.BigEndian.Uint16(b[2:]))
	if len(b) < 4+8*n {
		return nil, &FormatError{"cmap", 2, "encoding records are cut"}
	}
	var best cmap
	bestRank := 0
	for i := range n {
		rec := b[4+8*i:]
		platform, encoding := binary.BigEndian.Uint16(rec), binary.BigEndian.Uint16(rec[2:])
		off := uint64(binary.BigEndian.Uint32(rec[4:]))
		if off+4 > uint64(len(b)) {
			return nil, &FormatError{"cmap", 4 + 8*i, "subtable lies outside the table"}
		}
		sub := b[off:]
		format := binary.BigEndian.Uint16(sub)
		rank := 0
		switch {
		case format == 12 && (platform == 3 && encoding == 10 || platform == 0 && (encoding == 4 || encoding == 6)):
			rank = 2
		case format == 4 && (platform == 3 && encoding == 1 || platform == 0 && encoding <= 3):
			rank = 1
		}
		if rank <= bestRank {
			continue
		}
		var c cmap
		var err error
		if format == 12 {
			c, err = parseFormat12(sub)
		} else {
			c, err = parseFormat4(sub)
		}
		if err != nil {
			return nil, err
		}
		best, bestRank = c, rank
	}
	if best == nil {
		return nil, &FormatError{"cmap", 0, "no Unicode subtable"}
	}
	return best, nil
}

// parseFormat12 reads segmented coverage, §5.2.1.3.7.
func parseFormat12(b []byte) (cmap, error) {
	if len(b) < 16 {
		return nil, &FormatError{"cmap", 0, "format 12 header is cut"}
	}
	n := uint64(binary.BigEndian.Uint32(b[12:]))
	if 16+12*n > uint64(len(b)) {
		return nil, &FormatError{"cmap", 12, "format 12 groups are cut"}
	}
	c := make(cmap, n)
	for i := range c {
		rec := b[16+12*i:]
		first, last := binary.BigEndian.Uint32(rec), binary.BigEndian.Uint32(rec[4:])
		if first > last || last > 0x10FFFF || i > 0 && rune(first) <= c[i-1].last {
			return nil, &FormatError{"cmap", 16 + 12*i, "groups are not in order"}
		}
		c[i] = group{rune(first), rune(last), binary.BigEndian.Uint32(rec[8:])}
	}
	return c, nil
}

// parseFormat4 reads segment mapping to delta values, §5.2.1.3.3.
func parseFormat4(b []byte) (cmap, error) {
	if len(b) < 16 {
		return nil, &FormatError{"cmap", 0, "format 4 header is cut"}
	}
	segs := int(binary.BigEndian.Uint16(b[6:])) / 2
	if len(b) < 16+8*segs {
		return nil, &FormatError{"cmap", 6, "format 4 segments are cut"}
	}
	ends, starts := b[14:], b[16+2*segs:]
	deltas, offsets := b[16+4*segs:], b[16+6*segs:]
	var c cmap
	for i := range segs {
		first := int(binary.BigEndian.Uint16(starts[2*i:]))
		last := int(binary.BigEndian.Uint16(ends[2*i:]))
		delta := binary.BigEndian.Uint16(deltas[2*i:])
		offset := int(binary.BigEndian.Uint16(offsets[2*i:]))
		if first > last || len(c) > 0 && rune(first) <= c[len(c)-1].last {
			return nil, &FormatError{"cmap", 14 + 2*i, "segments are not in order"}
		}
		for code := first; code <= last && code < 0xFFFF; code++ {
			g := uint16(code) + delta
			if offset != 0 {
				// The offset counts from its own place in the table.
				at := 2*i + offset + 2*(code-first)
				if at+2 > len(offsets) {
					return nil, &FormatError{"cmap", 16 + 6*segs + 2*i, "glyph id lies outside the subtable"}
				}
				if g = binary.BigEndian.Uint16(offsets[at:]); g != 0 {
					g += delta
				}
			}
			if g == 0 {
				continue
			}
			if k := len(c) - 1; k >= 0 && c[k].last == rune(code)-1 && c[k].glyph+uint32(rune(code)-c[k].first) == uint32(g) {
				c[k].last = rune(code)
				continue
			}
			c = append(c, group{rune(code), rune(code), uint32(g)})
		}
	}
	return c, nil
}
