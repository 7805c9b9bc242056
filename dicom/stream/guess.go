package stream

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// looksExplicit reports whether b, the start of an element, has an explicit VR whose
// length field makes sense.
func looksExplicit(b []byte, big bool) bool {
	if len(b) < 8 {
		return false
	}
	order := byteOrder(big)
	vr := VR(b[4])<<8 | VR(b[5])
	// A long header has two zeros behind its VR. As an implicit one it would have a
	// length such as 0x00005153, which no first element has.
	return vr.Known() && (!vr.long() || order.Uint16(b[6:]) == 0)
}

func byteOrder(big bool) binary.ByteOrder {
	if big {
		return binary.BigEndian
	}
	return binary.LittleEndian
}

// begin looks at the first element and corrects the encoding when the bytes plainly
// contradict the transfer syntax that was declared.
func (s *Scanner) begin(b []byte) {
	s.started = true
	if more, err := s.src.peek(12); err == nil {
		b = more
	}
	if enc, ok := guess(b); ok {
		s.enc = enc
	}
	s.root = s.enc
}

// guess tells the encoding of a data set from its first element, whose group is low
// in every data set that is written in order (PS3.5 §7.1).
func guess(b []byte) (encoding, bool) {
	if len(b) < 8 {
		return encoding{}, false
	}
	little := tag.New(binary.LittleEndian.Uint16(b), binary.LittleEndian.Uint16(b[2:]))
	bigT := tag.New(binary.BigEndian.Uint16(b), binary.BigEndian.Uint16(b[2:]))
	big := little.Group() > bigT.Group()
	t := little
	if big {
		t = bigT
	}
	if t.Group() > 0x7FE0 || t.Group() == 0 && t.Element() != 0 {
		return encoding{}, false
	}
	if looksExplicit(b, big) {
		return encoding{big: big}, true
	}
	// Implicit big endian is not a transfer syntax.
	if big {
		return encoding{}, false
	}
	if _, ok := tag.Lookup(t); !ok {
		return encoding{}, false
	}
	if n := binary.LittleEndian.Uint32(b[4:]); n == Undefined || n < 1<<20 {
		return encoding{implicit: true}, true
	}
	return encoding{}, false
}

// GuessSyntax tells the transfer syntax of a data set without file meta information
// from its first bytes (12 are enough). Compressed Pixel Data cannot be told apart
// and reads as Explicit VR Little Endian.
func GuessSyntax(b []byte) (uid.TransferSyntax, bool) {
	enc, ok := guess(b)
	if !ok {
		return uid.TransferSyntax{}, false
	}
	u := uid.ExplicitVRLittleEndian
	switch {
	case enc.implicit:
		u = uid.ImplicitVRLittleEndian
	case enc.big:
		u = uid.ExplicitVRBigEndian
	}
	return uid.LookupTransferSyntax(u)
}

// geImplicit is GE's Implicit VR Little Endian with big-endian Pixel Data, a private
// syntax that old archives hold.
const geImplicit = "1.2.840.113619.5.2"

// SyntaxFor returns the transfer syntax to read a data set with. A private or
// unregistered one is explicit little endian, which PS3.5 §10.2 and §A.4 make the
// form of every syntax but the oldest.
func SyntaxFor(u string) uid.TransferSyntax {
	if ts, ok := uid.LookupTransferSyntax(u); ok {
		return ts
	}
	return uid.TransferSyntax{UID: u, Name: u, ExplicitVR: u != geImplicit}
}
