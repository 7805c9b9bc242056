package hl7

import (
	"encoding/hex"
	"strings"
)

// unescape resolves the escape sequences of HL7 v2.5 2.7. An escape character that
// begins no sequence stands for itself: a path of Windows is met more often than a
// sequence cut in half.
func (d delimiters) unescape(s string) string {
	if !strings.ContainsRune(s, d.escape) {
		return s
	}
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(s, string(d.escape))
		b.WriteString(before)
		if !found {
			return b.String()
		}
		sequence, after, closed := strings.Cut(rest, string(d.escape))
		text, known := d.resolve(sequence)
		if !closed || !known {
			b.WriteRune(d.escape)
			s = rest
			continue
		}
		b.WriteString(text)
		s = after
	}
}

func (d delimiters) resolve(sequence string) (text string, known bool) {
	switch sequence {
	case "F":
		return string(d.field), true
	case "S":
		return string(d.component), true
	case "R":
		return string(d.repetition), true
	case "T":
		return string(d.sub), true
	case "E":
		return string(d.escape), true
	case "H", "N": // highlighting on, off
		return "", true
	case ".br", ".sp":
		return "\n", true
	case "":
		return "", false
	}
	switch {
	case sequence[0] == 'X' && len(sequence) > 1:
		raw, err := hex.DecodeString(sequence[1:])
		if err != nil {
			return "", false
		}
		return ASCII.decode(raw), true
	case sequence[0] == 'Z' && len(sequence) < 16, sequence[0] == '.' && len(sequence) < 8:
		return "", true
	}
	return "", false
}

// escaped writes text so that none of it is taken for a delimiter or an end of line.
func (d delimiters) escaped(s string) string {
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n").Replace(s)
	var b strings.Builder
	for _, r := range s {
		sequence := ""
		switch r {
		case d.field:
			sequence = "F"
		case d.component:
			sequence = "S"
		case d.repetition:
			sequence = "R"
		case d.sub:
			sequence = "T"
		case d.escape:
			sequence = "E"
		case '\n':
			sequence = ".br"
		}
		switch {
		case sequence != "":
			b.WriteRune(d.escape)
			b.WriteString(sequence)
			b.WriteRune(d.escape)
		case r < ' ' && r != '\t', r == 0x7f: // would break the frame or the line
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
