package stream

import (
	"io"

	"github.com/dokuei/dokuei/dicom/tag"
)

// delimiter handles a header of group FFFE where an element was due (PS3.5 §7.5). A
// delimiter that nothing asked for is dropped: writers put them behind items of
// defined length and forget those of items.
func (s *Scanner) delimiter(t tag.Tag) (e Element, done bool, err error) {
	inItem := len(s.stack) > 0
	open := inItem && s.stack[len(s.stack)-1].end < 0
	switch {
	case t == tag.ItemDelimitationItem && open:
		s.take(8)
		return s.close(), true, nil
	case t == tag.SequenceDelimitationItem && open:
		// The item's own delimiter is missing; the sequence will find this one.
		return s.close(), true, nil
	case t == tag.ItemDelimitationItem, t == tag.SequenceDelimitationItem:
		s.take(8)
		return e, false, nil
	}
	return e, true, s.fail(nil, "item outside of a sequence")
}

// nextItem reads an item or the delimiter of a sequence (PS3.5 §7.5.2).
func (s *Scanner) nextItem() (e Element, done bool, err error) {
	b, err := s.header8()
	if err != nil {
		return e, true, s.fail(err, "data ends inside a sequence")
	}
	top := &s.stack[len(s.stack)-1]
	switch s.tag(b) {
	case tag.Item:
		length := s.u32(b[4:])
		top.items++
		e = Element{Tag: top.tag, VR: top.vr, Kind: KindItem, Length: length, Offset: s.src.offset, BigEndian: top.enc.big}
		s.take(8)
		e.ValueOffset = s.src.offset
		err := s.open(KindItem, top.tag, top.vr, s.fit(top, length), top.enc)
		e.Depth = s.depth
		return e, true, err
	case tag.SequenceDelimitationItem:
		s.take(8)
		if top.end >= 0 {
			return e, false, nil
		}
		return s.close(), true, nil
	case tag.ItemDelimitationItem:
		s.take(8)
		return e, false, nil
	}
	return e, true, s.fail(nil, "sequence holds "+s.tag(b).String()+" where an item is due")
}

// fit shortens an item that claims to reach beyond its sequence of defined length.
// DICOMDIR writers miscount so, and other toolkits stop at the sequence's end too.
func (s *Scanner) fit(seq *container, length uint32) uint32 {
	if room := seq.end - s.src.offset; seq.end >= 0 && length != Undefined && int64(length) > room {
		return uint32(max(room, 0))
	}
	return length
}

// nextFragment reads a fragment or the delimiter of an encapsulated value
// (PS3.5 §A.4).
func (s *Scanner) nextFragment() (e Element, done bool, err error) {
	top := &s.stack[len(s.stack)-1]
	b, err := s.header8()
	if err != nil {
		if s.endsUnclosed(top) {
			s.unclosed = true
			return s.close(), true, nil
		}
		return e, true, s.fail(err, "data ends inside an encapsulated value")
	}
	switch s.tag(b) {
	case tag.Item:
		length := s.u32(b[4:])
		if length == Undefined {
			return e, true, s.fail(nil, "fragment of undefined length")
		}
		top.items++
		e = Element{Tag: top.tag, VR: top.vr, Kind: KindFragment, Length: length, Depth: s.depth, Offset: s.src.offset, BigEndian: top.enc.big}
		s.take(8)
		e.ValueOffset = s.src.offset
		s.unread = int64(length)
		return e, true, s.within(s.src.offset + s.unread)
	case tag.SequenceDelimitationItem:
		s.take(8)
		return s.close(), true, nil
	}
	return e, true, s.fail(nil, "encapsulated value holds "+s.tag(b).String()+" where a fragment is due")
}

// endsUnclosed reports whether the data end, between two fragments of top-level Pixel
// Data, where the delimiter is due. Writers forget it, and other toolkits read on. It
// is the reader that says whether the data are whole: a connection that breaks, or a
// message whose last fragment did not come, is not an io.EOF. Fewer fragments than
// frames are a file that was cut off.
func (s *Scanner) endsUnclosed(c *container) bool {
	b, err := s.src.peek(1)
	fragments := int64(c.items) - 1 // without the Basic Offset Table
	return err == io.EOF && len(b) == 0 && len(s.stack) == 1 && pixelTag(c.tag) && fragments >= max(1, s.frames)
}

// peekFrames reads Number of Frames without taking it (PS3.3 §C.7.6.6.1.1); 0 when it
// is no number.
func (s *Scanner) peekFrames(length uint32) int64 {
	const longestIS = 12 // PS3.5 Table 6.2-1
	b, _ := s.src.peek(int(min(length, longestIS)))
	n := int64(0)
	for _, c := range b {
		if c >= '0' && c <= '9' {
			n = 10*n + int64(c-'0')
		}
	}
	return n
}
