package hl7

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
)

// Charset is how the characters of a message are written as bytes.
type Charset string

// The character sets, by what they are called in HL7 table 0211.
const (
	ASCII  Charset = "ASCII"
	UTF8   Charset = "UNICODE UTF-8"
	JIS    Charset = "ISO IR87"  // ISO-2022-JP: JIS X 0208, also IR14, IR13, IR159
	Latin1 Charset = "8859/1"    // ISO 8859-1
	SJIS   Charset = "SHIFT_JIS" // not in the table; met all the same
)

// charsetOf reads the repetitions of MSH-18. known is false for a set we do not have.
func charsetOf(repetitions []string) (c Charset, known bool) {
	c = ASCII
	for _, r := range repetitions {
		switch name := strings.ToUpper(strings.Join(strings.Fields(strings.ReplaceAll(r, "_", " ")), " ")); name {
		case "", "ASCII", "ISO IR6", "ISO IR 6":
		case "UNICODE UTF-8", "UTF-8", "UTF8", "UNICODE", "ISO IR192", "ISO IR 192":
			return UTF8, true
		case "8859/1", "ISO IR100", "ISO IR 100":
			return Latin1, true
		case "SHIFT JIS", "SHIFT-JIS", "SJIS", "WINDOWS-31J", "MS932", "CP932":
			return SJIS, true
		case "ISO IR87", "ISO IR 87", "ISO IR14", "ISO IR 14", "ISO IR13", "ISO IR 13", "ISO IR159", "ISO IR 159",
			"JAS2020", "JIS X 0202", "ISO-2022-JP", "ISO 2022 IR 87", "ISO 2022-1994":
			c = JIS
		default:
			return c, false
		}
	}
	return c, true
}

// guess names the set that bytes without a name are most likely in.
func guess(raw []byte) Charset {
	switch {
	case bytes.Contains(raw, []byte("\x1b$")) || bytes.Contains(raw, []byte("\x1b(")):
		return JIS
	case plain(raw):
		return ASCII
	case utf8.Valid(raw):
		return UTF8
	}
	return SJIS
}

func plain(raw []byte) bool {
	for _, b := range raw {
		if b >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// decode turns one line into Unicode. Bytes that mean nothing become U+FFFD.
func (c Charset) decode(raw []byte) string {
	var e encoding.Encoding
	switch c {
	case JIS:
		// The Roman set differs from ASCII in two drawings only, both of delimiters.
		raw = bytes.ReplaceAll(raw, []byte("\x1b(J"), []byte("\x1b(B"))
		e = japanese.ISO2022JP
	case SJIS:
		e = japanese.ShiftJIS
	case Latin1:
		e = charmap.ISO8859_1
	default:
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	b, err := e.NewDecoder().Bytes(raw)
	if err != nil {
		return strings.ToValidUTF8(string(raw), "\uFFFD")
	}
	return string(b)
}

// Characters that Unicode has twice and the tables of JIS X 0208 once, and what
// stands for a character the set does not have: the geta, as Japanese printers do.
var sameInJIS = strings.NewReplacer("\u301C", "\uFF5E", "\u2212", "\uFF0D", "\u2016", "\u2225", "\u2014", "\u2015",
	"\u00A2", "\uFFE0", "\u00A3", "\uFFE1", "\u00AC", "\uFFE2", "\u00A5", "\uFFE5")

const geta = "〓"

// encode writes one line. lossless is false when a character had to be replaced.
func (c Charset) encode(s string) (b []byte, lossless bool) {
	var e encoding.Encoding
	missing := "?"
	switch c {
	case JIS:
		e, s, missing = japanese.ISO2022JP, sameInJIS.Replace(s), geta
	case SJIS:
		e, s, missing = japanese.ShiftJIS, sameInJIS.Replace(s), geta
	case Latin1:
		e = charmap.ISO8859_1
	case UTF8:
		valid := strings.ToValidUTF8(s, "\uFFFD")
		return []byte(valid), valid == s
	default:
		return asciiOnly(s)
	}
	if b, err := e.NewEncoder().Bytes([]byte(s)); err == nil {
		return b, true
	}
	var kept strings.Builder
	for _, r := range s {
		one := string(r)
		if _, err := e.NewEncoder().String(one); err != nil {
			one = missing
		}
		kept.WriteString(one)
	}
	b, err := e.NewEncoder().Bytes([]byte(kept.String()))
	if err != nil { // every character was tried: cannot fail
		return asciiOnly(s)
	}
	return b, false
}

func asciiOnly(s string) (b []byte, lossless bool) {
	lossless = true
	for _, r := range s {
		if r >= utf8.RuneSelf {
			r, lossless = '?', false
		}
		b = append(b, byte(r))
	}
	return b, lossless
}
