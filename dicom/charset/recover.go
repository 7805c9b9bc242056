package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// suspect reports whether raw cannot be, or is most unlikely to be, what the label
// says.
func (d *Decoder) suspect(raw []byte) bool {
	if escaped(raw) {
		return false
	}
	high, c1, outside := 0, false, false
	for _, c := range raw {
		if c >= 0x80 {
			high++
			c1 = c1 || c < 0xa0
			outside = outside || c < 0xa1 || c > 0xdf
		}
	}
	if high == 0 {
		return false
	}
	switch d.first {
	case kana, roman:
		return outside
	case ascii, jisX0208, jisX0212:
		return d.anyG1() == none // no set for high bytes was declared
	case latin1, latin5, latin9:
		// UTF-8 there would be a capital and a sign in turn, all through.
		return c1 || utf8.Valid(raw)
	}
	return c1 // the letters of the others can look like UTF-8 by chance
}

// recover reads text whose label is wrong or missing as what it plainly is. The result
// is Damaged when it is nothing plain.
func (d *Decoder) recover(vr string, raw []byte) (string, Quality) {
	switch {
	case escaped(raw):
		e := *d
		if e.first == utf8Set {
			e.first = ascii
		}
		s, q := e.iso2022(vr, raw)
		return s, max(q, Recovered)
	case utf8.Valid(raw):
		return string(raw), Recovered
	}
	if d.japanese() || looksShiftJIS(raw) {
		if s, ok := decodeShiftJIS(raw); ok {
			return s, Recovered
		}
	}
	if d.first == utf8Set {
		return strings.ToValidUTF8(string(raw), "\uFFFD"), Damaged
	}
	if d.japanese() {
		if s, ok := clean(japanese.EUCJP.NewDecoder().Bytes(raw)); ok {
			return s, Recovered
		}
		return "", Damaged
	}
	if !d.labelled || d.first == latin1 {
		// What unlabelled text of Europe is, with the signs Windows puts in 80-9F.
		if s, ok := clean(charmap.Windows1252.NewDecoder().Bytes(raw)); ok {
			return s, Recovered
		}
	}
	return "", Damaged
}

func (d *Decoder) japanese() bool {
	for _, s := range d.declared {
		if s == kana || s == roman || s == jisX0208 || s == jisX0212 {
			return true
		}
	}
	return false
}

func clean(b []byte, err error) (string, bool) {
	return string(b), err == nil && !strings.ContainsRune(string(b), utf8.RuneError)
}

func decodeShiftJIS(raw []byte) (string, bool) {
	return clean(japanese.ShiftJIS.NewDecoder().Bytes(raw))
}

// looksShiftJIS tells Shift-JIS from European text without a label: it has first
// bytes in 81-9F, where the Latin sets have nothing, or half-width katakana in rows,
// where Latin text has single accented letters.
func looksShiftJIS(raw []byte) bool {
	lead, rows := false, 0
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case c >= 0x81 && c <= 0x9f:
			if i+1 < len(raw) && raw[i+1] >= 0x40 {
				lead = true
			}
			i++
		case c >= 0xe0 && c <= 0xfc:
			i++
		case c >= 0xa1 && c <= 0xdf:
			if i+1 < len(raw) && raw[i+1] >= 0xa1 && raw[i+1] <= 0xdf {
				rows++
			}
		}
	}
	return lead || rows >= 2
}
