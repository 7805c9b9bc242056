package hl7

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Limits of a message.
const (
	MaxBytes    = 32 << 20 // a report with its PDF
	MaxSegments = 10_000
	MaxValues   = 200_000 // subcomponents
)

// Errors of a message.
var (
	ErrNoHeader = errors.New("hl7: the message does not begin with MSH and its delimiters")
	ErrTooLarge = errors.New("hl7: the message is larger than we take")
)

// SegmentError is a line that is no segment.
type SegmentError struct {
	Line   int // counted from 1
	Reason string
}

func (e *SegmentError) Error() string { return fmt.Sprintf("hl7: segment %d %s", e.Line, e.Reason) }

// CharsetError is a character set of MSH-18 that we do not have.
type CharsetError struct{ Name string }

func (e *CharsetError) Error() string {
	return fmt.Sprintf("hl7: character set %q in MSH-18: want ASCII, ISO IR87 or UNICODE UTF-8", e.Name)
}

// delimiters are those of MSH-1 and MSH-2 (HL7 v2.5 2.5.4).
type delimiters struct{ field, component, repetition, escape, sub rune }

// Standard are the delimiters of messages we write.
var standard = delimiters{'|', '^', '~', '\\', '&'}

// Parse reads a message. Segments end with a carriage return; a line feed, alone
// or after it, is taken for one.
func Parse(raw []byte) (Message, error) {
	if len(raw) > MaxBytes {
		return Message{}, ErrTooLarge
	}
	raw = bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))
	lines := bytes.FieldsFunc(raw, func(r rune) bool { return r == '\r' || r == '\n' })
	if len(lines) == 0 || len(lines[0]) < 8 || !bytes.HasPrefix(lines[0], []byte("MSH")) {
		return Message{}, ErrNoHeader
	}
	if len(lines) > MaxSegments {
		return Message{}, ErrTooLarge
	}
	m, err := header(raw, lines[0])
	if err != nil {
		return Message{}, err
	}
	p := parser{left: MaxValues}
	first := m.Charset.decode(lines[0])
	if p.delims, err = delimitersOf(first); err != nil {
		return Message{}, err
	}
	for i, line := range lines {
		s, err := p.segment(m.Charset.decode(line), i+1)
		if err != nil {
			return Message{}, err
		}
		m.Segments = append(m.Segments, s)
	}
	return m, nil
}

// header finds the character set: MSH-18 is ASCII and no field before it is
// likely to hold kanji with its separator for a byte, so bytes do.
func header(raw, line []byte) (Message, error) {
	var named []string
	if fields := bytes.Split(line, line[3:4]); len(fields) > 17 {
		for _, r := range bytes.Split(fields[17], line[5:6]) {
			named = append(named, string(r))
		}
	}
	if strings.TrimSpace(strings.Join(named, "")) == "" {
		c := guess(raw)
		return Message{Charset: c, Guessed: c != ASCII}, nil
	}
	c, known := charsetOf(named)
	if !known {
		return Message{}, &CharsetError{quoted(strings.Join(named, "~"))}
	}
	if c == ASCII && guess(raw) != ASCII { // says less than it sends
		return Message{Charset: guess(raw), Guessed: true}, nil
	}
	return Message{Charset: c}, nil
}

func quoted(s string) string {
	const most = 40
	s = strings.ToValidUTF8(s, "?")
	if r := []rune(s); len(r) > most {
		s = string(r[:most])
	}
	return s
}

func delimitersOf(line string) (delimiters, error) {
	r := []rune(line)
	if len(r) < 8 {
		return delimiters{}, ErrNoHeader
	}
	d := delimiters{field: r[3], component: r[4], repetition: r[5], escape: r[6], sub: r[7]}
	all := []rune{d.field, d.component, d.repetition, d.escape, d.sub}
	for i, a := range all {
		if a == utf8.RuneError || a < ' ' || a >= '0' && a <= '9' || a >= 'A' && a <= 'Z' || a >= 'a' && a <= 'z' {
			return delimiters{}, ErrNoHeader
		}
		for _, b := range all[:i] {
			if a == b {
				return delimiters{}, ErrNoHeader
			}
		}
	}
	return d, nil
}

type parser struct {
	delims delimiters
	left   int // values that may still come
}

func (p *parser) segment(line string, n int) (Segment, error) {
	name, rest, _ := strings.Cut(line, string(p.delims.field))
	if len(name) != 3 || strings.ContainsFunc(name, func(r rune) bool { return (r < 'A' || r > 'Z') && (r < '0' || r > '9') }) {
		return Segment{}, &SegmentError{n, "has no name of three capital letters or digits"}
	}
	s := Segment{Name: name}
	if name == "MSH" {
		if n != 1 {
			return Segment{}, &SegmentError{n, "is a second MSH: one message at a time"}
		}
		encoding, after, more := strings.Cut(rest, string(p.delims.field))
		s.Fields = []Field{Text(string(p.delims.field)), Text(encoding)}
		if !more {
			return s, nil
		}
		rest = after
	} else if len(line) == len(name) {
		return s, nil
	}
	for _, f := range strings.Split(rest, string(p.delims.field)) {
		field, err := p.field(f)
		if err != nil {
			return Segment{}, err
		}
		s.Fields = append(s.Fields, field)
	}
	return s, nil
}

func (p *parser) field(text string) (Field, error) {
	if text == "" {
		p.left--
		if p.left < 0 {
			return nil, ErrTooLarge
		}
		return nil, nil
	}
	var f Field
	for _, r := range strings.Split(text, string(p.delims.repetition)) {
		var rep Repetition
		for _, c := range strings.Split(r, string(p.delims.component)) {
			subs := strings.Split(c, string(p.delims.sub))
			if p.left -= len(subs); p.left < 0 {
				return nil, ErrTooLarge
			}
			for i := range subs {
				subs[i] = p.delims.unescape(subs[i])
			}
			rep = append(rep, subs)
		}
		f = append(f, rep)
	}
	return f, nil
}
