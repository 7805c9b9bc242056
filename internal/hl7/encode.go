package hl7

import "strings"

// Encode writes the message in its character set (none: ASCII), with the standard
// delimiters, each segment ended by a carriage return. lossless is false when a
// character had to be replaced because the set does not have it. MSH-18 and MSH-20 are
// the caller's to set; [Charset.Names] and [Charset.Scheme] say to what.
func (m Message) Encode() (raw []byte, lossless bool) {
	c := m.Charset
	if c == "" {
		c = ASCII
	}
	lossless = true
	for _, s := range m.Segments {
		line, ok := c.encode(s.text())
		lossless = lossless && ok
		raw = append(append(raw, line...), '\r')
	}
	return raw, lossless
}

// Names is the value of MSH-18 for a character set.
func (c Charset) Names() Field {
	switch c {
	case JIS:
		return Repeat(Text(string(ASCII)), Text(string(JIS))) // the first is the set each line begins in
	case "", ASCII:
		return nil
	}
	return Text(string(c))
}

// Scheme is the value of MSH-20 for a character set: how a message gets from one of the
// sets of MSH-18 into another, HL7 table 0356. Nil where there is one set only.
func (c Charset) Scheme() Field {
	if c == JIS {
		return Text("ISO 2022-1994")
	}
	return nil
}

func (s Segment) text() string {
	d := standard
	var b strings.Builder
	b.WriteString(s.Name)
	fields := s.Fields
	if s.Name == "MSH" {
		b.WriteString(string([]rune{d.field, d.component, d.repetition, d.escape, d.sub}))
		fields = fields[min(2, len(fields)):]
	}
	last := len(fields)
	for last > 0 && fields[last-1].empty() {
		last--
	}
	for _, f := range fields[:last] {
		b.WriteRune(d.field)
		f.write(&b, d)
	}
	return b.String()
}

func (f Field) empty() bool {
	for _, r := range f {
		for _, c := range r {
			for _, s := range c {
				if s != "" {
					return false
				}
			}
		}
	}
	return true
}

func (f Field) write(b *strings.Builder, d delimiters) {
	for i, r := range f {
		if i > 0 {
			b.WriteRune(d.repetition)
		}
		for j, c := range r {
			if j > 0 {
				b.WriteRune(d.component)
			}
			for k, s := range c {
				if k > 0 {
					b.WriteRune(d.sub)
				}
				b.WriteString(d.escaped(s))
			}
		}
	}
}
