package stream

import (
	"errors"
	"io"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// encoding is how headers and numbers are written at one place of a data set. It
// changes inside a UN of undefined length.
type encoding struct {
	implicit, big bool
}

// container is an open sequence, item or encapsulated value.
type container struct {
	kind  Kind // KindSequence, KindItem or KindFragments
	vr    VR
	tag   tag.Tag
	end   int64 // where its length says it ends, or -1
	limit int64 // the nearest end around it, or -1: no value may pass it
	items int32 // items begun so far
	enc   encoding
}

// Scanner reads a data set header by header. Make one with NewScanner, or Reset one
// to read another data set without allocating.
type Scanner struct {
	src      source
	lim      Limits
	enc      encoding // at the current place
	root     encoding // at the top level
	limit    int64    // of the innermost container, or -1
	stack    []container
	depth    int // items open
	seqs     int // sequences open
	elements int
	header   int64 // bytes counted against MaxHeaderBytes
	started  bool
	cur      tag.Tag // for the path of an error
	inHand   bool    // cur has begun
	unread   int64   // bytes of the current value not taken yet
	frames   int64   // Number of Frames, 0 when not given
	unclosed bool    // Pixel Data ended without its delimiter
	scratch  []byte
	value    valueReader
	err      error
}

// NewScanner returns a Scanner over the data set that begins at r, after any file
// meta information. It reads ahead of what it returns.
func NewScanner(r io.Reader, ts uid.TransferSyntax, lim Limits) *Scanner {
	s := new(Scanner)
	s.Reset(r, ts, lim)
	return s
}

// Reset makes s read another data set, keeping its buffers.
func (s *Scanner) Reset(r io.Reader, ts uid.TransferSyntax, lim Limits) {
	lim = lim.withDefaults()
	if ts.Deflated {
		r = newInflater(r, lim)
	}
	src, stack, scratch := s.src, s.stack[:0], s.scratch
	src.reset(r)
	*s = Scanner{
		src:     src,
		lim:     lim,
		enc:     encoding{implicit: !ts.ExplicitVR, big: ts.BigEndian},
		limit:   -1,
		stack:   stack,
		scratch: scratch,
	}
	s.value.s = s
}

// StartAt says where in its file the data set begins, so that the offsets of elements
// and errors are counted from there. It is to be called before the first Next.
func (s *Scanner) StartAt(offset int64) { s.src.offset = offset }

// Offset returns how far the data set has been read.
func (s *Scanner) Offset() int64 { return s.src.offset }

// Unclosed warns that the data set ended behind the last fragment of its Pixel Data,
// without the delimiter PS3.5 §A.4 demands: all of it was read, and nothing in it says
// that it was all there was. It is known once Next has returned io.EOF.
func (s *Scanner) Unclosed() bool { return s.unclosed }

// Next returns the next header. A value that was not taken is skipped. It returns
// io.EOF at the end of the data set, a *FormatError when the bytes make no sense or
// end early, and otherwise the reader's error. An error is final.
func (s *Scanner) Next() (Element, error) {
	if s.err != nil {
		return Element{}, s.err
	}
	if s.unread > 0 {
		n := s.unread
		s.unread = 0
		if err := s.src.skip(n); err != nil {
			return Element{}, s.fail(err, "value is cut off")
		}
	}
	e, err := s.next()
	if err != nil && s.err == nil {
		s.err = err
	}
	return e, err
}

func (s *Scanner) next() (Element, error) {
	for {
		if len(s.stack) > 0 {
			top := &s.stack[len(s.stack)-1]
			if top.end >= 0 && s.src.offset >= top.end {
				return s.close(), nil
			}
		}
		if s.elements++; s.elements > s.lim.MaxElements {
			return Element{}, s.limitError("more than " + strconv.Itoa(s.lim.MaxElements) + " elements and items")
		}
		if s.header > s.lim.MaxHeaderBytes {
			return Element{}, s.limitError("header is longer than " + strconv.FormatInt(s.lim.MaxHeaderBytes, 10) + " bytes")
		}
		kind := KindItem
		if len(s.stack) > 0 {
			kind = s.stack[len(s.stack)-1].kind
		}
		var (
			e    Element
			done bool
			err  error
		)
		switch kind {
		case KindSequence:
			e, done, err = s.nextItem()
		case KindFragments:
			e, done, err = s.nextFragment()
		default:
			e, done, err = s.nextElement()
		}
		if done || err != nil {
			return e, err
		}
	}
}

// open pushes a container that begins at the current offset.
func (s *Scanner) open(kind Kind, t tag.Tag, vr VR, length uint32, enc encoding) error {
	c := container{kind: kind, tag: t, vr: vr, end: -1, limit: s.limit, enc: enc}
	if length != Undefined {
		c.end = s.src.offset + int64(length)
		if err := s.within(c.end); err != nil {
			return err
		}
		c.limit = c.end
	}
	switch kind {
	case KindSequence:
		if s.seqs++; s.seqs > s.lim.MaxDepth {
			return s.limitError("sequences nest deeper than " + strconv.Itoa(s.lim.MaxDepth))
		}
	case KindItem:
		s.depth++
	}
	s.stack = append(s.stack, c)
	s.enc, s.limit = c.enc, c.limit
	return nil
}

// close pops the innermost container and returns its end.
func (s *Scanner) close() Element {
	top := s.stack[len(s.stack)-1]
	s.stack = s.stack[:len(s.stack)-1]
	e := Element{Tag: top.tag, VR: top.vr, Offset: s.src.offset, ValueOffset: s.src.offset, Depth: s.depth, BigEndian: top.enc.big}
	switch top.kind {
	case KindSequence:
		e.Kind = KindSequenceEnd
		s.seqs--
	case KindItem:
		e.Kind = KindItemEnd
		s.depth--
	default:
		e.Kind = KindFragmentsEnd
	}
	s.cur = top.tag
	s.limit = -1
	if n := len(s.stack); n > 0 {
		s.enc, s.limit = s.stack[n-1].enc, s.stack[n-1].limit
	} else {
		s.enc = s.root
	}
	return e
}

// within refuses an end that lies past the innermost enclosing length, or past the
// end of the input when that is known.
func (s *Scanner) within(end int64) error {
	if s.limit >= 0 && end > s.limit {
		return s.fail(nil, "length reaches "+strconv.FormatInt(end-s.limit, 10)+" bytes beyond what encloses it")
	}
	if left, ok := s.src.known(); ok && end > s.src.offset+left {
		return s.fail(io.ErrUnexpectedEOF, "length reaches beyond the end of the data")
	}
	return nil
}

// header8 shows the next 8 bytes, which every header has.
func (s *Scanner) header8() ([]byte, error) {
	b, err := s.src.peek(8)
	if err == nil {
		return b, nil
	}
	if len(s.stack) > 0 && errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

func (s *Scanner) tag(b []byte) tag.Tag {
	if s.enc.big {
		return tag.Tag(b[0])<<24 | tag.Tag(b[1])<<16 | tag.Tag(b[2])<<8 | tag.Tag(b[3])
	}
	return tag.Tag(b[1])<<24 | tag.Tag(b[0])<<16 | tag.Tag(b[3])<<8 | tag.Tag(b[2])
}

func (s *Scanner) u16(b []byte) uint32 {
	if s.enc.big {
		return uint32(b[0])<<8 | uint32(b[1])
	}
	return uint32(b[1])<<8 | uint32(b[0])
}

func (s *Scanner) u32(b []byte) uint32 {
	if s.enc.big {
		return uint32(b[0])<<24 | uint32(b[1])<<16 | uint32(b[2])<<8 | uint32(b[3])
	}
	return uint32(b[3])<<24 | uint32(b[2])<<16 | uint32(b[1])<<8 | uint32(b[0])
}

// take moves over n header bytes.
func (s *Scanner) take(n int) {
	s.src.advance(n)
	s.header += int64(n)
}

// fail makes the final error. An error of the reader that is not about the end of
// input (a closed connection, a limit) is returned as it is.
func (s *Scanner) fail(err error, reason string) error {
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err != nil && err != io.ErrUnexpectedEOF && err != ErrLimit {
		s.err = err
	} else {
		s.err = &FormatError{Offset: s.src.offset, Path: s.path(), Reason: reason, Err: err}
	}
	return s.err
}

func (s *Scanner) limitError(reason string) error { return s.fail(ErrLimit, reason) }

// path names the place for an error: each open sequence with the number of its item,
// then the element in hand. Deep nestings show their first and last levels.
func (s *Scanner) path() string {
	var parts []string
	for _, c := range s.stack {
		if c.kind == KindItem {
			continue
		}
		p := c.tag.String()
		if c.items > 0 {
			p += "[" + strconv.Itoa(int(c.items)) + "]"
		}
		parts = append(parts, p)
	}
	if n := len(s.stack); s.inHand && (n == 0 || s.stack[n-1].kind == KindItem) {
		parts = append(parts, s.cur.String())
	}
	const ends = 4
	if len(parts) > 2*ends {
		parts = append(append(parts[:ends:ends], "…"), parts[len(parts)-ends:]...)
	}
	return strings.Join(parts, ".")
}
