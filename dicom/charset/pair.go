package charset

import (
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/korean"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// grid is a two-byte set of 94 rows and 94 cells (ISO/IEC 2022); 0 has no character.
type grid [94 * 94]rune

// The grids are made on first use, 35 KB each.
var (
	jisX0208Grid = sync.OnceValue(func() *grid { return makeGrid(japanese.EUCJP) })
	jisX0212Grid = sync.OnceValue(func() *grid { return makeGrid(japanese.EUCJP, 0x8f) })
	ksX1001Grid  = sync.OnceValue(func() *grid { return makeGrid(korean.EUCKR) })
	gb2312Grid   = sync.OnceValue(func() *grid { return makeGrid(simplifiedchinese.GBK) })
)

// makeGrid decodes every pair of e, an EUC form of the set, behind a prefix.
func makeGrid(e encoding.Encoding, prefix ...byte) *grid {
	g := new(grid)
	d := e.NewDecoder()
	for i := range g {
		b, err := d.Bytes(append(append([]byte(nil), prefix...), byte(0xa1+i/94), byte(0xa1+i%94)))
		if c, n := utf8.DecodeRune(b); err == nil && n == len(b) && c != utf8.RuneError {
			g[i] = c
		}
	}
	return g
}

// The inverses, made on first use too. A character that stands twice is written as its
// first place.
var (
	jisX0208Place = sync.OnceValue(func() map[rune]uint16 { return places(jisX0208, jisX0208Grid()) })
	jisX0212Place = sync.OnceValue(func() map[rune]uint16 { return places(jisX0212, jisX0212Grid()) })
	ksX1001Place  = sync.OnceValue(func() map[rune]uint16 { return places(ksX1001, ksX1001Grid()) })
	gb2312Place   = sync.OnceValue(func() map[rune]uint16 { return places(gb2312, gb2312Grid()) })
)

func places(s set, g *grid) map[rune]uint16 {
	m := make(map[rune]uint16, len(g))
	for i := len(g) - 1; i >= 0; i-- {
		row := i/94 + 1
		// Rows 9-15 and 85-94 of JIS X 0208 are vendors' additions and no part of the set,
		// nor are rows 88-94 of GB 2312.
		if g[i] == 0 || s == jisX0208 && (row > 8 && row < 16 || row > 84) || s == gb2312 && row > 87 {
			continue
		}
		c := g[i]
		if s == jisX0208 {
			c = toJIS(c)
		}
		m[c] = uint16(i)
	}
	return m
}

// unpair encodes one character of a two-byte set, both bytes with the high bit.
func unpair(s set, c rune) (b [2]byte, ok bool) {
	var m map[rune]uint16
	switch s {
	case jisX0208:
		m = jisX0208Place()
		// The forms of Microsoft's table are the same characters.
		c = toJIS(c)
	case jisX0212:
		m = jisX0212Place()
	case ksX1001:
		m = ksX1001Place()
	default:
		m = gb2312Place()
	}
	i, ok := m[c]
	return [2]byte{byte(0xa1 + i/94), byte(0xa1 + i%94)}, ok
}

// pair decodes one character of a two-byte set, both bytes with the high bit.
func pair(s set, a, b byte) (rune, bool) {
	if a < 0xa1 || a > 0xfe || b < 0xa1 || b > 0xfe {
		return utf8.RuneError, false
	}
	var g *grid
	switch s {
	case jisX0208:
		g = jisX0208Grid()
	case jisX0212:
		g = jisX0212Grid()
	case ksX1001:
		g = ksX1001Grid()
	default:
		g = gb2312Grid()
	}
	c := g[int(a-0xa1)*94+int(b-0xa1)]
	if c == 0 {
		return utf8.RuneError, false
	}
	if s == jisX0208 {
		c = toJIS(c)
	}
	return c, true
}

// toJIS undoes the choices in which Microsoft's table of JIS X 0208 differs from that
// of JIS, so that a wave dash is a wave dash.
func toJIS(c rune) rune {
	switch c {
	case 0xFF5E:
		return 0x301C
	case 0x2225:
		return 0x2016
	case 0xFF0D:
		return 0x2212
	case 0xFFE0:
		return 0x00A2
	case 0xFFE1:
		return 0x00A3
	case 0xFFE2:
		return 0x00AC
	}
	return c
}
