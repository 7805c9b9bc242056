package hl7

import "time"

// The acknowledgement codes of HL7 table 0008.
const (
	Accept = "AA" // taken
	Error  = "AE" // not taken: what it says cannot be
	Reject = "AR" // not taken: of a kind or version we do not take, or we cannot now
)

// Ack is the answer to a message (HL7 v2.5 2.9.2): its parties change places, and
// the text says what is wrong, without anything about a patient.
func Ack(to Message, code, text, controlID string, at time.Time) Message {
	h := to.Segment("MSH")
	msh := Segment{Name: "MSH"}
	msh.Set(3, h.Field(5))
	msh.Set(4, h.Field(6))
	msh.Set(5, h.Field(3))
	msh.Set(6, h.Field(4))
	msh.Set(7, Text(Time(at)))
	kind := []string{"ACK"}
	if event := h.Component(9, 2); event != "" {
		kind = append(kind, event, "ACK")
	}
	msh.Set(9, Composite(kind...))
	msh.Set(10, Text(controlID))
	msh.Set(11, orText(h.Field(11), "P"))
	msh.Set(12, orText(h.Field(12), "2.5"))
	msh.Set(18, to.Charset.Names())
	msh.Set(20, to.Charset.Scheme())
	msa := Segment{Name: "MSA"}
	msa.Set(1, Text(code))
	msa.Set(2, Text(h.Text(10)))
	if text != "" {
		msa.Set(3, Text(text))
	}
	return Message{Segments: []Segment{msh, msa}, Charset: to.Charset}
}

func orText(f Field, otherwise string) Field {
	if f.empty() {
		return Text(otherwise)
	}
	return f
}

// Time writes a moment as TS of HL7 v2.5 2.A.77: to the second, with its zone.
func Time(t time.Time) string { return t.Format("20060102150405-0700") }
