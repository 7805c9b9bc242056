package charset

import (
	"strings"

	"golang.org/x/text/encoding/charmap"
)

// set is one character set: a code element that can stand in G0 or G1 (PS3.3 Tables
// C.12-2 to C.12-4), or a whole encoding without extensions.
type set uint8

const (
	none     set = iota
	ascii        // ISO-IR 6, G0
	roman        // ISO-IR 14, JIS X 0201 romaji, G0
	kana         // ISO-IR 13, JIS X 0201 katakana, G1
	latin1       // ISO-IR 100, G1, and so on
	latin2       // 101
	latin3       // 109
	latin4       // 110
	cyrillic     // 144
	arabic       // 127
	greek        // 126
	hebrew       // 138
	latin5       // 148
	latin9       // 203
	thai         // 166
	jisX0208     // ISO-IR 87, G0, two bytes
	jisX0212     // ISO-IR 159, G0, two bytes
	ksX1001      // ISO-IR 149, G1, two bytes
	gb2312       // ISO-IR 58, G1, two bytes
	utf8Set      // ISO_IR 192
	gb18030      // GB18030
	gbk          // GBK
	shiftJIS     // no defined term; named by some labels of the field
)

// g1 reports whether s is invoked by bytes of 0x80 and over.
func (s set) g1() bool {
	return s == kana || s >= latin1 && s <= thai || s == ksX1001 || s == gb2312
}

// double reports whether a character of s takes two bytes.
func (s set) double() bool {
	return s == jisX0208 || s == jisX0212 || s == ksX1001 || s == gb2312
}

// escapes are the sequences of PS3.3 Tables C.12-3 and C.12-4 without the ESC, first
// the one to write for each set, then others met in old Japanese text.
var escapes = []struct {
	seq string
	to  set
}{
	{"(B", ascii},
	{"(J", roman},
	{")I", kana},
	{"-A", latin1},
	{"-B", latin2},
	{"-C", latin3},
	{"-D", latin4},
	{"-L", cyrillic},
	{"-G", arabic},
	{"-F", greek},
	{"-H", hebrew},
	{"-M", latin5},
	{"-b", latin9},
	{"-T", thai},
	{"$B", jisX0208},
	{"$(D", jisX0212},
	{"$)C", ksX1001},
	{"$)A", gb2312},
	{"$@", jisX0208},  // JIS C 6226-1978
	{"$(B", jisX0208}, // the long form
	{"$(@", jisX0208},
	{"(H", roman}, // a Swedish set, written for JIS romaji by old software
}

// escape matches b, which follows an ESC.
func escape(b []byte) (to set, n int, ok bool) {
	for _, e := range escapes {
		if len(b) >= len(e.seq) && string(b[:len(e.seq)]) == e.seq {
			return e.to, len(e.seq), true
		}
	}
	return none, 0, false
}

// charmapOf returns the table of a single-byte G1 set.
func charmapOf(s set) *charmap.Charmap {
	switch s {
	case latin1:
		return charmap.ISO8859_1
	case latin2:
		return charmap.ISO8859_2
	case latin3:
		return charmap.ISO8859_3
	case latin4:
		return charmap.ISO8859_4
	case cyrillic:
		return charmap.ISO8859_5
	case arabic:
		return charmap.ISO8859_6
	case greek:
		return charmap.ISO8859_7
	case hebrew:
		return charmap.ISO8859_8
	case latin5:
		return charmap.ISO8859_9
	case latin9:
		return charmap.ISO8859_15
	case thai:
		return charmap.Windows874 // TIS 620 and a few more
	}
	return nil
}

// byNumber are the ISO-IR registration numbers of the defined terms.
var byNumber = map[string]set{
	"6": ascii, "13": kana, "14": roman, "58": gb2312, "87": jisX0208,
	"100": latin1, "101": latin2, "109": latin3, "110": latin4, "126": greek,
	"127": arabic, "138": hebrew, "144": cyrillic, "148": latin5, "149": ksX1001,
	"159": jisX0212, "166": thai, "192": utf8Set, "203": latin9,
}

// byName are terms without a number, the defined ones first.
var byName = map[string]set{
	"": ascii, "GB18030": gb18030, "GBK": gbk,
	"GB2312": gbk, "UTF8": utf8Set, "UNICODE": utf8Set, "ASCII": ascii, "USASCII": ascii,
	"LATIN1": latin1, "ISO88591": latin1, "ISO885915": latin9,
	"SHIFTJIS": shiftJIS, "SJIS": shiftJIS, "WINDOWS31J": shiftJIS, "CP932": shiftJIS,
}

// parseTerm reads one value of Specific Character Set. Case, spaces, hyphens and
// underscores do not matter, since writers mix them up ("ISO IR 100", "ISO-IR 192",
// "ISO2022IR87").
func parseTerm(term string) (set, bool) {
	t := strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '_' || r == '-' || r == 0:
			return -1
		case r >= 'a' && r <= 'z':
			return r - 'a' + 'A'
		}
		return r
	}, term)
	if s, ok := byName[t]; ok {
		return s, true
	}
	t = strings.TrimPrefix(t, "ISO")
	t = strings.TrimPrefix(t, "2022")
	s, ok := byNumber[strings.TrimPrefix(t, "IR")]
	return s, ok
}
