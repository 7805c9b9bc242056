package stream

import (
	"errors"
	"io"
)

const bufferSize = 16 << 10

// sized is a reader that can skip without reading and knows where it ends:
// *io.SectionReader, *bytes.Reader.
type sized interface {
	io.Seeker
	Size() int64
}

// source is a buffered reader that counts. It never reads past what it was asked
// for by more than its buffer.
type source struct {
	r        io.Reader
	seek     sized // r when it can skip, else nil
	left     int64 // bytes r still holds; only with seek
	buf      []byte
	pos, end int
	offset   int64 // of buf[pos] in the stream
	err      error // of r, sticky
}

func (s *source) reset(r io.Reader) {
	buf := s.buf
	if buf == nil {
		buf = make([]byte, bufferSize)
	}
	*s = source{r: r, buf: buf}
	if k, ok := r.(sized); ok {
		if at, err := k.Seek(0, io.SeekCurrent); err == nil {
			s.seek, s.left = k, k.Size()-at
		}
	}
}

// peek returns the next n bytes, n at most bufferSize, without taking them. With
// fewer left it returns those and io.ErrUnexpectedEOF, or io.EOF when there are none.
func (s *source) peek(n int) ([]byte, error) {
	if s.end-s.pos >= n {
		return s.buf[s.pos : s.pos+n], nil
	}
	return s.fill(n)
}

func (s *source) fill(n int) ([]byte, error) {
	if s.pos > 0 {
		copy(s.buf, s.buf[s.pos:s.end])
		s.end -= s.pos
		s.pos = 0
	}
	for idle := 0; s.end < n && s.err == nil; {
		k, err := s.r.Read(s.buf[s.end:])
		if k < 0 || k > len(s.buf)-s.end {
			err = errors.New("stream: reader returned an impossible count")
			k = 0
		}
		s.end += k
		s.left -= int64(k)
		s.err = err
		if k > 0 {
			idle = 0
		} else if idle++; idle > 100 && err == nil {
			s.err = io.ErrNoProgress
		}
	}
	if s.end >= n {
		return s.buf[:n], nil
	}
	err := s.err
	if err == io.EOF && s.end > 0 {
		err = io.ErrUnexpectedEOF
	}
	return s.buf[:s.end], err
}

// advance takes n bytes that peek has shown.
func (s *source) advance(n int) {
	s.pos += n
	s.offset += int64(n)
}

// read fills p as far as one read goes.
func (s *source) read(p []byte) (int, error) {
	if s.pos == s.end {
		if s.err != nil {
			return 0, s.err
		}
		if len(p) >= len(s.buf) {
			n, err := s.r.Read(p)
			s.offset += int64(n)
			s.left -= int64(n)
			s.err = err
			return n, err
		}
		if b, err := s.fill(1); len(b) == 0 {
			return 0, err
		}
	}
	n := copy(p, s.buf[s.pos:s.end])
	s.advance(n)
	return n, nil
}

// skip drops n bytes; io.ErrUnexpectedEOF when there are fewer.
func (s *source) skip(n int64) error {
	if k := int64(s.end - s.pos); n > k {
		s.advance(int(k))
		n -= k
	} else {
		s.advance(int(n))
		return nil
	}
	if s.seek != nil && s.err == nil && n > bufferSize {
		if n > s.left {
			return io.ErrUnexpectedEOF
		}
		if _, err := s.seek.Seek(n, io.SeekCurrent); err != nil {
			return err
		}
		s.left -= n
		s.offset += n
		return nil
	}
	for n > 0 {
		b, err := s.peek(1)
		if len(b) == 0 {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return err
		}
		k := min(n, int64(s.end-s.pos))
		s.advance(int(k))
		n -= k
	}
	return nil
}

// known returns how many bytes remain when that is known.
func (s *source) known() (int64, bool) {
	if s.seek == nil {
		return 0, false
	}
	return s.left + int64(s.end-s.pos), true
}
