package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
)

// Decoder decodes text under one Specific Character Set (0008,0005).
type Decoder struct {
	first    set   // the first value: the state text begins in and returns to
	declared []set // all values
	labelled bool  // some value named a set other than the default
	unknown  bool  // some value names no set
}

// NewDecoder returns the Decoder for the values of Specific Character Set, none of them
// meaning the default repertoire.
func NewDecoder(specificCharacterSet []string) *Decoder {
	d := &Decoder{first: ascii}
	for i, term := range specificCharacterSet {
		s, ok := parseTerm(term)
		if !ok {
			d.unknown = true
			s = ascii
		}
		if i == 0 {
			d.first = s
		}
		if s != ascii {
			d.labelled = true
		}
		d.declared = append(d.declared, s)
	}
	return d
}

// Decode returns the text of a value and how far it can be trusted. Padding is kept;
// a delimiter of values or of name parts comes out as itself, so the result may be
// split at it. It never fails.
func (d *Decoder) Decode(vr string, raw []byte) (string, Quality) {
	s, q := d.decode(vr, raw)
	if vr == "PN" {
		// PS3.5 §6.2.1.1: empty component groups at the end carry nothing.
		if t := strings.TrimRight(s, "= \x00"); len(t) < len(s) && strings.Contains(s[len(t):], "=") {
			s = t
		}
	}
	if d.unknown && q == Exact && !plain(raw) {
		q = Recovered
	}
	return s, q
}

func (d *Decoder) decode(vr string, raw []byte) (string, Quality) {
	simple := plain(raw)
	if simple && d.first != kana && d.first != roman {
		return string(raw), Exact
	}
	switch d.first {
	case utf8Set:
		if utf8.Valid(raw) && !escaped(raw) {
			return string(raw), Exact
		}
		return d.recover(vr, raw)
	case gb18030:
		return whole(simplifiedchinese.GB18030, raw)
	case gbk:
		return whole(simplifiedchinese.GBK, raw)
	case shiftJIS:
		return whole(japanese.ShiftJIS, raw)
	}
	if !simple && d.suspect(raw) {
		if s, q := d.recover(vr, raw); q != Damaged {
			return s, q
		}
	}
	return d.iso2022(vr, raw)
}

// plain reports whether raw is printable ASCII and line ends only, which every set
// but JIS romaji reads alike.
func plain(raw []byte) bool {
	for _, c := range raw {
		if c >= 0x80 || c == 0x1b {
			return false
		}
	}
	return true
}

// escaped reports whether raw holds an escape sequence of the standard.
func escaped(raw []byte) bool {
	for i, c := range raw {
		if c == 0x1b {
			if _, _, ok := escape(raw[i+1:]); ok {
				return true
			}
		}
	}
	return false
}

func whole(e encoding.Encoding, raw []byte) (string, Quality) {
	b, err := e.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD"), Damaged
	}
	q := Exact
	if strings.ContainsRune(string(b), utf8.RuneError) {
		q = Damaged
	}
	return string(b), q
}
