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
	s.enc = contradict(s.enc, b)
	s.root = s.enc
}

// contradict returns the encoding of a data set that begins with the 8 bytes b and was
// declared to be enc. A declaration stands unless its reading of the first element
// makes no sense and another one does.
func contradict(enc encoding, b []byte) encoding {
	t := tag.New(byteOrder(enc.big).Uint16(b), byteOrder(enc.big).Uint16(b[2:]))
	vr := VR(b[4])<<8 | VR(b[5])
	if vr.Known() {
		out := encoding{big: enc.big}
		swapped := tag.New(byteOrder(!enc.big).Uint16(b), byteOrder(!enc.big).Uint16(b[2:]))
		if !inDictionary(t) && inDictionary(swapped) {
			out.big = !enc.big
		}
		if looksExplicit(b, out.big) {
			return out
		}
		return enc
	}
	if enc.implicit || vr.letters() || enc.big {
		return enc
	}
	if n := binary.LittleEndian.Uint32(b[4:]); inDictionary(t) && (n == Undefined || n <= maxGuessed) {
		return encoding{implicit: true}
	}
	return enc
}

func inDictionary(t tag.Tag) bool {
	_, ok := tag.Lookup(t)
	return ok && !t.Private() && t.Group() != 0xFFFE // no data set begins with an item
}

// guess tells the encoding of a data set of which nothing is declared from its first
// element, which the dictionary has to know.
func guess(b []byte) (encoding, bool) {
	if len(b) < 8 {
		return encoding{}, false
	}
	enc := contradict(encoding{}, b)
	t := tag.New(byteOrder(enc.big).Uint16(b), byteOrder(enc.big).Uint16(b[2:]))
	return enc, inDictionary(t) && (enc.implicit || looksExplicit(b, enc.big))
}

// GuessSyntax tells the transfer syntax of a data set without file meta information
// from its first 8 bytes. Compressed Pixel Data cannot be told apart
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
