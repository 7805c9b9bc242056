package stream

import (
	"bytes"
	"io"

	"github.com/dokuei/dokuei/dicom/tag"
)

// nextElement reads a header at the top level or in an item (PS3.5 §7.1). done is
// false when what was read is of no interest and the caller should go on.
func (s *Scanner) nextElement() (e Element, done bool, err error) {
	b, err := s.header8()
	if err != nil {
		return e, true, s.endOfData(b, err)
	}
	if !s.started {
		s.begin(b)
	}
	t := s.tag(b)
	s.cur, s.inHand = t, true
	if t.Group() == 0xFFFE {
		return s.delimiter(t)
	}
	if t == 0 && len(s.stack) == 0 && s.elements > 1 {
		return e, true, s.padding()
	}
	e = Element{Tag: t, Depth: s.depth, Offset: s.src.offset}
	enc, err := s.readHeader(&e, b)
	if err != nil {
		return e, true, err
	}
	e.ValueOffset = s.src.offset
	e.BigEndian, e.Implicit = enc.big, enc.implicit
	if e.Length == Undefined {
		return e, true, s.undefined(&e, enc)
	}
	if e.VR == UN && !enc.implicit && !enc.big {
		enc = s.known(&e, enc)
	}
	if e.VR == SQ {
		nested, err := s.holdsItems(e.Length)
		if err != nil {
			return e, true, err
		}
		if nested {
			e.Kind = KindSequence
			return e, true, s.open(KindSequence, t, SQ, e.Length, enc)
		}
		e.VR = UN
	}
	if t == tag.NumberOfFrames && s.depth == 0 {
		s.frames = s.peekFrames(e.Length)
	}
	s.unread = int64(e.Length)
	return e, true, s.within(s.src.offset + s.unread)
}

// known gives a UN of defined length the VR of the dictionary: a sender that did not
// know the element wrote it as UN, with the bytes of Implicit VR Little Endian
// (PS3.5 §6.2.2 note 2).
func (s *Scanner) known(e *Element, enc encoding) encoding {
	vr := dictionaryVR(e.Tag)
	if vr == UN || e.Tag.PrivateCreator() || int64(e.Length)%int64(vr.Unit()) != 0 {
		return enc
	}
	e.VR, e.Implicit = vr, true
	if vr == SQ && s.explicitInside() {
		return enc
	}
	return encoding{implicit: true}
}

// readHeader reads VR and length of an element into e and moves to its value. It
// returns the encoding of the element, which differs from that of its surroundings
// when an element of an explicit data set was written without a VR.
func (s *Scanner) readHeader(e *Element, b []byte) (encoding, error) {
	if s.enc.implicit {
		e.VR, e.Length = dictionaryVR(e.Tag), s.u32(b[4:])
		s.take(8)
		return s.enc, nil
	}
	vr := VR(b[4])<<8 | VR(b[5])
	switch {
	case !vr.letters():
		if length := s.u32(b[4:]); !vr.printable() && vr != 0 && s.plausible(e.Tag, length) {
			e.VR, e.Length = dictionaryVR(e.Tag), length
			s.take(8)
			return encoding{implicit: true, big: s.enc.big}, nil
		}
		// No VR at all ("\0\0", "??"): the short form, as other toolkits read it.
		e.VR, e.Length = UN, s.u16(b[6:])
		s.take(8)
	case vr.Known() && !vr.long(), !vr.Known() && s.u16(b[6:]) != 0:
		e.VR, e.Length = vr, s.u16(b[6:])
		s.take(8)
	default:
		b, err := s.src.peek(12)
		if err != nil {
			return s.enc, s.fail(err, "header is cut off")
		}
		e.VR, e.Length = vr, s.u32(b[8:])
		s.take(12)
	}
	return s.enc, nil
}

// plausible judges whether an element in an explicit data set whose VR bytes are no
// letters was written with an implicit header.
func (s *Scanner) plausible(t tag.Tag, length uint32) bool {
	if length == Undefined {
		return true
	}
	if _, ok := tag.Lookup(t); !ok && !t.Private() {
		return false
	}
	// The size of the input, known for a file and not for a connection, must not decide:
	// both would read the same bytes differently.
	end := s.src.offset + 8 + int64(length)
	return length <= maxGuessed && (s.limit < 0 || end <= s.limit)
}

// maxGuessed is the longest value an element is believed to have whose header had to
// be guessed.
const maxGuessed = 1 << 20

// undefined opens what an undefined length begins.
func (s *Scanner) undefined(e *Element, enc encoding) error {
	inner := enc
	kind := KindSequence
	switch {
	case e.VR == SQ:
	case e.VR.Bulk():
		kind = KindFragments
	case e.VR == UN:
		// PS3.5 §6.2.2 note 4: as if Implicit VR Little Endian. Some writers keep
		// explicit headers inside, which shows in the first element.
		if enc.implicit || !s.explicitInside() {
			inner = encoding{implicit: true}
		}
	default:
		b, err := s.src.peek(4)
		if err != nil {
			return s.fail(err, "value of undefined length is cut off")
		}
		if t := s.tag(b); t != tag.Item && t != tag.SequenceDelimitationItem {
			return s.fail(nil, "undefined length with VR "+e.VR.String()+" and no items")
		}
	}
	e.Kind = kind
	return s.open(kind, e.Tag, e.VR, Undefined, inner)
}

// explicitInside looks at the first element of the first item to come.
func (s *Scanner) explicitInside() bool {
	b, _ := s.src.peek(20)
	return len(b) >= 16 && s.tag(b) == tag.Item && looksExplicit(b[8:], s.enc.big)
}

// holdsItems reports whether a value of defined length that should be a sequence
// begins like one; otherwise it is kept as bytes.
func (s *Scanner) holdsItems(length uint32) (bool, error) {
	if length == 0 {
		return true, nil
	}
	if length < 8 {
		return false, nil // not even the header of one
	}
	b, err := s.src.peek(4)
	if err != nil {
		return false, s.fail(err, "sequence is cut off")
	}
	t := s.tag(b)
	return t == tag.Item || t == tag.SequenceDelimitationItem, nil
}

// dictionaryVR is the VR of an element without one (PS3.5 §A.1, §6.2.2).
func dictionaryVR(t tag.Tag) VR {
	if t == tag.PixelData {
		return OW // PS3.5 §A.1
	}
	e, ok := tag.Lookup(t)
	if !ok || e.VR == "" {
		return UN
	}
	if e.VR == "OB" && e.VRs != "OB" {
		return OW // "OB or OW": overlays, curves (PS3.5 §A.1)
	}
	return ParseVR(e.VR)
}

// endOfData turns what is left, less than a header, into io.EOF or an error.
func (s *Scanner) endOfData(b []byte, err error) error {
	if len(s.stack) > 0 {
		return s.fail(err, "data ends inside a sequence")
	}
	if err == io.EOF {
		return io.EOF
	}
	if err == io.ErrUnexpectedEOF && s.started {
		if allZero(b) {
			s.take(len(b))
			return io.EOF
		}
	}
	s.inHand = false // the last element was complete; what is left belongs to none
	return s.fail(err, "header is cut off")
}

// padding accepts zeros up to the end of the data, which some writers leave behind
// the last element, and nothing else.
func (s *Scanner) padding() error {
	for {
		if _, err := s.src.peek(1); err == io.EOF {
			return io.EOF
		} else if err != nil {
			return s.fail(err, "data is cut off")
		}
		b := s.src.buf[s.src.pos:s.src.end]
		zeros := bytes.IndexFunc(b, func(r rune) bool { return r != 0 })
		if zeros < 0 {
			zeros = len(b)
		}
		s.src.advance(zeros)
		if zeros < len(b) {
			return s.fail(nil, "element (0000,0000) in a data set")
		}
	}
}

func allZero(b []byte) bool {
	for _, c := range b {
		if c != 0 {
			return false
		}
	}
	return true
}
