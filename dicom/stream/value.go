package stream

import (
	"io"
	"strconv"
)

// Value returns the bytes of the element or fragment that Next returned last, as they
// are stored. The slice is the Scanner's and good until the next call. A value longer
// than MaxValueBytes is an error; read it with ValueReader.
func (s *Scanner) Value() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	n := s.unread
	if n > s.lim.MaxValueBytes {
		return nil, s.limitError("value is longer than " + strconv.FormatInt(s.lim.MaxValueBytes, 10) + " bytes")
	}
	if s.header += n; s.header > s.lim.MaxHeaderBytes {
		return nil, s.limitError("header is longer than " + strconv.FormatInt(s.lim.MaxHeaderBytes, 10) + " bytes")
	}
	s.unread = 0
	if n <= bufferSize {
		b, err := s.src.peek(int(n))
		if err != nil && n > 0 {
			return nil, s.fail(err, "value is cut off")
		}
		s.src.advance(int(n))
		return b, nil
	}
	return s.long(n)
}

// long gathers a value that is larger than the buffer. The slice doubles as bytes
// come in, so a length that lies costs no more than twice what was sent.
func (s *Scanner) long(n int64) ([]byte, error) {
	b := s.scratch[:0]
	for int64(len(b)) < n {
		if len(b) == cap(b) {
			grown := make([]byte, len(b), min(n, max(4*bufferSize, 2*int64(cap(b)))))
			copy(grown, b)
			b = grown
		}
		k, err := s.src.read(b[len(b):min(int64(cap(b)), n)])
		b = b[:len(b)+k]
		if k == 0 && err != nil {
			return nil, s.fail(err, "value is cut off")
		}
	}
	s.scratch = b
	return b, nil
}

// valueReader reads the rest of the current value.
type valueReader struct{ s *Scanner }

// ValueReader returns a reader of the bytes of the current element or fragment, good
// until the next call of Next. A value that is cut off reads as a *FormatError.
func (s *Scanner) ValueReader() io.Reader { return &s.value }

func (v *valueReader) Read(p []byte) (int, error) {
	s := v.s
	if s.err != nil {
		return 0, s.err
	}
	if s.unread == 0 {
		return 0, io.EOF
	}
	if int64(len(p)) > s.unread {
		p = p[:s.unread]
	}
	n, err := s.src.read(p)
	s.unread -= int64(n)
	if n == 0 && err != nil {
		return 0, s.fail(err, "value is cut off")
	}
	return n, nil
}

// Piece returns the next bytes of the current element or fragment, at least one, as
// they lie in the Scanner's buffer: good until the next call. io.EOF is the end of the
// value; one that is cut off is a *FormatError.
func (s *Scanner) Piece() ([]byte, error) {
	if s.err != nil {
		return nil, s.err
	}
	if s.unread == 0 {
		return nil, io.EOF
	}
	b, err := s.src.peek(1)
	if len(b) == 0 {
		return nil, s.fail(err, "value is cut off")
	}
	n := min(s.unread, int64(s.src.end-s.src.pos))
	b = s.src.buf[s.src.pos : s.src.pos+int(n)]
	s.src.advance(int(n))
	s.unread -= n
	return b, nil
}
