package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Encode returns the bytes of s under the values of a Specific Character Set, for
// answering a peer in its own. Escapes are written as PS3.5 §6.1.2.5.3 asks, back to
// the first set before each delimiter and at the end. A character that no set has is
// written as "?", or "〓" (the geta mark) in Japanese sets, and lossless is false.
func Encode(specificCharacterSet []string, vr, s string) (b []byte, lossless bool) {
	d := NewDecoder(specificCharacterSet)
	switch d.first {
	case utf8Set:
		return []byte(s), utf8.ValidString(s)
	case gb18030:
		return encodeWhole(simplifiedchinese.GB18030, s)
	case gbk:
		return encodeWhole(simplifiedchinese.GBK, s)
	case shiftJIS:
		return encodeWhole(japanese.ShiftJIS, s)
	}
	w := writer{d: d, vr: vr, lossless: true, out: make([]byte, 0, len(s)+8)}
	w.g0, w.g1 = d.initial()
	for _, c := range s {
		w.rune(c)
	}
	w.home()
	return w.out, w.lossless
}

func encodeWhole(e encoding.Encoding, s string) ([]byte, bool) {
	b, err := e.NewEncoder().Bytes([]byte(s))
	if err == nil {
		// Characters for private use have no agreed place and may come back as others.
		back, err := e.NewDecoder().Bytes(b)
		return b, err == nil && string(back) == s
	}
	b, err = encoding.ReplaceUnsupported(e.NewEncoder()).Bytes([]byte(s))
	if err != nil {
		return nil, false
	}
	return []byte(strings.ReplaceAll(string(b), "\x1a", "?")), false
}

// writer is the state of encoding one value with code extensions.
type writer struct {
	d        *Decoder
	vr       string
	out      []byte
	g0, g1   set
	lossless bool
}

// home returns G0 to the first set; G1 needs no escape, the delimiter resets it.
func (w *writer) home() {
	g0, g1 := w.d.initial()
	w.invoke(g0)
	w.g1 = g1
}

func (w *writer) invoke(s set) {
	if s.g1() {
		if w.g1 == s {
			return
		}
		w.g1 = s
	} else {
		if w.g0 == s {
			return
		}
		w.g0 = s
	}
	for _, e := range escapes {
		if e.to == s {
			w.out = append(w.out, 0x1b)
			w.out = append(w.out, e.seq...)
			return
		}
	}
}

func (w *writer) rune(c rune) {
	if c == 0x1b {
		w.missing() // an escape is nobody's text
		return
	}
	if c < 0x20 || c == '^' && w.vr == "PN" || c == '=' && w.vr == "PN" || c == '\\' && !w.single() {
		w.home()
		w.out = append(w.out, byte(c))
		return
	}
	// First what needs no escape, then the first set, then the others in their order.
	for _, s := range []set{w.g0, w.g1} {
		if b, ok := w.encode(s, c); ok {
			w.out = append(w.out, b...)
			return
		}
	}
	g0, _ := w.d.initial()
	for i := -1; i < len(w.d.declared); i++ {
		s := g0
		if i >= 0 {
			s = w.d.declared[i]
		}
		if b, ok := w.encode(s, c); ok && s != none {
			w.invoke(s)
			w.out = append(w.out, b...)
			return
		}
	}
	w.missing()
}

// single reports whether a backslash is no delimiter in the value (PS3.5 §6.4).
func (w *writer) single() bool { return w.vr == "LT" || w.vr == "ST" || w.vr == "UT" }

// encode is encodeRune, but for the yen sign of JIS romaji, which is the byte of the
// backslash and would divide a value where that is a delimiter.
func (w *writer) encode(s set, c rune) ([]byte, bool) {
	if s == roman && c == '¥' && !w.single() {
		return nil, false
	}
	return encodeRune(s, c)
}

// missing writes a mark for a character no set has.
func (w *writer) missing() {
	w.lossless = false
	if b, ok := encodeRune(w.g0, '〓'); ok {
		w.out = append(w.out, b...)
		return
	}
	w.home()
	w.out = append(w.out, '?')
}

// encodeRune returns the bytes of c in s, high bits set as G0 or G1 needs them.
func encodeRune(s set, c rune) ([]byte, bool) {
	switch s {
	case none:
		return nil, false
	case ascii:
		return []byte{byte(c)}, c < 0x80
	case roman:
		switch c {
		case '¥':
			return []byte{'\\'}, true
		case '‾':
			return []byte{'~'}, true
		}
		return []byte{byte(c)}, c < 0x80 && c != '~' && c != '\\'
	case kana:
		return []byte{byte(c - 0xFF61 + 0xa1)}, c >= 0xFF61 && c <= 0xFF9F
	case jisX0208, jisX0212:
		b, ok := unpair(s, c)
		return []byte{b[0] & 0x7f, b[1] & 0x7f}, ok
	case ksX1001, gb2312:
		b, ok := unpair(s, c)
		return b[:], ok
	}
	if m := charmapOf(s); m != nil {
		b, ok := m.EncodeRune(c)
		return []byte{b}, ok && b >= 0xa0
	}
	return nil, false
}
