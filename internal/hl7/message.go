package hl7

import "strings"

// Message is the segments of a message in order; the first is MSH.
type Message struct {
	Segments []Segment
	Charset  Charset // it was read in, or is to be written in
	Guessed  bool    // Charset does not stand in MSH-18
}

// Segment is one line. Fields[0] is field 1; of MSH that is the field separator,
// and field 2 the encoding characters.
type Segment struct {
	Name   string
	Fields []Field
}

// Field is the repetitions of a field.
type Field []Repetition

// Repetition is the components of one repetition.
type Repetition []Component

// Component is the subcomponents of one component, without escapes.
type Component []string

// Text is a field of one value.
func Text(s string) Field { return Field{{{s}}} }

// Composite is a field of components, one repetition.
func Composite(components ...string) Field {
	r := make(Repetition, len(components))
	for i, c := range components {
		r[i] = Component{c}
	}
	return Field{r}
}

// Repeat joins the repetitions of fields into one field.
func Repeat(fields ...Field) Field {
	var f Field
	for _, one := range fields {
		f = append(f, one...)
	}
	return f
}

// Set gives field n, counted from 1, its value.
func (s *Segment) Set(n int, f Field) {
	for len(s.Fields) < n {
		s.Fields = append(s.Fields, nil)
	}
	s.Fields[n-1] = f
}

// Field is field n, counted from 1; nil when the segment has fewer.
func (s Segment) Field(n int) Field {
	if n < 1 || n > len(s.Fields) {
		return nil
	}
	return s.Fields[n-1]
}

// Text is the first value of field n: repetition, component and subcomponent 1.
func (s Segment) Text(n int) string { return s.Component(n, 1) }

// Component is the first subcomponent of a component, counted from 1, of the first
// repetition of field n.
func (s Segment) Component(n, component int) string {
	if f := s.Field(n); len(f) > 0 {
		return f[0].Text(component)
	}
	return ""
}

// Text is the first subcomponent of a component, counted from 1.
func (r Repetition) Text(component int) string {
	if component < 1 || component > len(r) || len(r[component-1]) == 0 {
		return ""
	}
	return r[component-1][0]
}

// Texts is the first component of each repetition of field n.
func (s Segment) Texts(n int) []string {
	var list []string
	for _, r := range s.Field(n) {
		list = append(list, r.Text(1))
	}
	return list
}

// Segment is the first segment of a name; the zero Segment when there is none.
func (m Message) Segment(name string) Segment {
	for _, s := range m.Segments {
		if s.Name == name {
			return s
		}
	}
	return Segment{}
}

// All is the segments of a name in order.
func (m Message) All(name string) []Segment {
	var list []Segment
	for _, s := range m.Segments {
		if s.Name == name {
			list = append(list, s)
		}
	}
	return list
}

// Type is the message code and the trigger event of MSH-9: ORM^O01.
func (m Message) Type() string {
	h := m.Segment("MSH")
	return strings.TrimSuffix(h.Component(9, 1)+"^"+h.Component(9, 2), "^")
}

// ControlID is MSH-10.
func (m Message) ControlID() string { return m.Segment("MSH").Text(10) }
