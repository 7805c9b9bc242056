package charset

import (
	"strings"
	"unicode/utf8"
)

// reader is the state of one pass over a value (PS3.5 §6.1.2.5).
type reader struct {
	d      *Decoder
	vr     string
	out    strings.Builder
	g0, g1 set
	last   set // the last G1 set that was in force, for writers that forget to repeat it
	q      Quality
}

func (r *reader) worse(q Quality) {
	if q > r.q {
		r.q = q
	}
}

// reset returns to the first set (PS3.5 §6.1.2.5.3).
func (r *reader) reset() {
	r.g0, r.g1 = r.d.initial()
}

// initial is the state of the first value of Specific Character Set. A multi-byte set
// there, which the standard does not allow, leaves ASCII in G0.
func (d *Decoder) initial() (g0, g1 set) {
	switch {
	case d.first == kana || d.first == roman:
		return roman, kana // PS3.3 Table C.12-2: ISO_IR 13 is both
	case d.first.g1():
		return ascii, d.first
	}
	return ascii, none
}

// iso2022 decodes raw with code extensions.
func (d *Decoder) iso2022(vr string, raw []byte) (string, Quality) {
	r := reader{d: d, vr: vr}
	r.out.Grow(len(raw) + len(raw)/2)
	r.reset()
	for len(raw) > 0 {
		switch c := raw[0]; {
		case c == 0x1b:
			raw = r.escape(raw[1:])
		case c < 0x20 || c == 0x7f:
			// CR, LF, FF and HT reset; other controls have no meaning and pass.
			r.out.WriteByte(c)
			r.reset()
			raw = raw[1:]
		case r.g0.double() && c < 0x80:
			raw = r.kanji(raw)
		case c < 0x80:
			r.low(c)
			raw = raw[1:]
		default:
			raw = r.high(raw)
		}
	}
	return r.out.String(), r.q
}

// escape changes state. A set that was not declared is used all the same.
func (r *reader) escape(raw []byte) []byte {
	to, n, ok := escape(raw)
	if !ok {
		// ESC ( I puts katakana in G0, which DICOM does not use.
		if len(raw) >= 2 && raw[0] == '(' && raw[1] == 'I' {
			r.worse(Recovered)
			r.g0 = kana
			return raw[2:]
		}
		r.worse(Damaged)
		r.out.WriteRune(utf8.RuneError)
		return raw
	}
	if !r.d.has(to) {
		r.worse(Recovered)
	}
	if to.g1() {
		r.g1, r.last = to, to
	} else {
		r.g0 = to
	}
	return raw[n:]
}

// has reports whether an escape to s needs no further declaration. ASCII and JIS
// romaji go with every Japanese set.
func (d *Decoder) has(s set) bool {
	for _, t := range d.declared {
		if t == s || s == roman && (t == kana || t == jisX0208 || t == jisX0212) {
			return true
		}
	}
	return s == ascii && len(d.declared) > 0
}

// low writes one byte of a single-byte G0 set.
func (r *reader) low(c byte) {
	if r.delimiter(c) {
		r.out.WriteByte(c)
		r.reset()
		return
	}
	switch {
	case r.g0 == kana && c >= 0x21 && c <= 0x5f:
		r.out.WriteRune(0xFF61 + rune(c-0x21))
	case r.g0 == roman && c == '\\':
		r.out.WriteRune('¥')
	case r.g0 == roman && c == '~':
		r.out.WriteRune('‾')
	default:
		r.out.WriteByte(c)
	}
}

// delimiter reports whether c separates values or parts of a name (PS3.5 §6.1.2.5.3).
func (r *reader) delimiter(c byte) bool {
	switch c {
	case '\\':
		return r.vr != "LT" && r.vr != "ST" && r.vr != "UT"
	case '^', '=':
		return r.vr == "PN"
	}
	return false
}

// high writes a character of G1.
func (r *reader) high(raw []byte) []byte {
	g := r.g1
	if g == none {
		// Not designated since the last delimiter, though it should have been.
		r.worse(Recovered)
		if g = r.last; g == none {
			g = r.d.anyG1()
		}
	}
	switch {
	case g == kana && raw[0] >= 0xa1 && raw[0] <= 0xdf:
		r.out.WriteRune(0xFF61 + rune(raw[0]-0xa1))
	case g == ksX1001 || g == gb2312:
		if len(raw) < 2 || raw[0] < 0xa1 || raw[1] < 0xa1 {
			return r.damaged(raw)
		}
		if c, ok := pair(g, raw[0], raw[1]); ok {
			r.out.WriteRune(c)
		} else {
			r.damaged(raw)
		}
		return raw[2:]
	default:
		m := charmapOf(g)
		if m == nil {
			return r.damaged(raw)
		}
		c := m.DecodeByte(raw[0])
		if c == utf8.RuneError || raw[0] < 0xa0 {
			return r.damaged(raw)
		}
		r.out.WriteRune(c)
	}
	return raw[1:]
}

func (r *reader) damaged(raw []byte) []byte {
	r.worse(Damaged)
	r.out.WriteRune(utf8.RuneError)
	return raw[1:]
}

// anyG1 is the first declared set that could give meaning to a high byte.
func (d *Decoder) anyG1() set {
	for _, s := range d.declared {
		if s.g1() {
			return s
		}
	}
	return none
}

// kanji writes a run of two-byte G0 characters, which goes up to the next escape,
// control or high byte. In it any byte from 0x21 to 0x7E may be half a character, so a
// delimiter shows only when the run cannot be divided into pairs otherwise.
func (r *reader) kanji(raw []byte) []byte {
	n := 0
	for n < len(raw) && raw[n] >= 0x20 && raw[n] < 0x7f {
		n++
	}
	if n == 0 {
		return r.damaged(raw)
	}
	run, rest := raw[:n], raw[n:]
	closed := len(rest) > 0 && rest[0] == 0x1b
	for len(run) > 0 {
		if run[0] == ' ' {
			// Padding or a space without return to the first set.
			r.worse(Recovered)
			r.out.WriteByte(' ')
			run = run[1:]
			continue
		}
		part := run
		if i := indexSpace(run); i >= 0 {
			part = run[:i]
		}
		if len(part)%2 == 0 {
			r.pairs(part)
			run = run[len(part):]
			continue
		}
		r.worse(Recovered)
		i := r.brokenAt(part)
		if i < 0 {
			r.pairs(part[:len(part)-1])
			r.damaged(part[len(part)-1:])
			run = run[len(part):]
			continue
		}
		r.pairs(part[:i])
		r.out.WriteByte(part[i])
		run = run[i+1:]
		if !closed {
			// Nobody returns to the first set behind the run: its writer thought that the
			// delimiter had done that.
			r.reset()
			return raw[n-len(run):]
		}
	}
	return rest
}

func indexSpace(b []byte) int {
	// A space is never the first half of a character; as a second half it is not valid.
	for i := 0; i < len(b); i += 2 {
		if b[i] == ' ' {
			return i
		}
		if i+1 < len(b) && b[i+1] == ' ' {
			return i + 1
		}
	}
	return -1
}

// brokenAt finds the delimiter that was written without return to the first set, in
// a run of odd length: the first one at a place where a character may begin.
func (r *reader) brokenAt(run []byte) int {
	for i := 0; i < len(run); i += 2 {
		if r.delimiter(run[i]) {
			return i
		}
	}
	return -1
}

func (r *reader) pairs(b []byte) {
	for i := 0; i+1 < len(b); i += 2 {
		if c, ok := pair(r.g0, b[i]|0x80, b[i+1]|0x80); ok {
			r.out.WriteRune(c)
		} else {
			r.worse(Damaged)
			r.out.WriteRune(utf8.RuneError)
		}
	}
}
