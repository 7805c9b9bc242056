package stream

import (
	"bufio"
	"compress/flate"
	"fmt"
	"io"
)

// ratioFree is how much may unfold before the ratio is looked at.
const ratioFree = 64 << 20

// inflater unfolds a deflated data set (PS3.5 §A.5) within bounds.
type inflater struct {
	in      counter
	out     io.Reader
	n       int64
	max     int64
	ratio   int64
	started bool
}

// counter counts what the decompressor takes.
type counter struct {
	*bufio.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err
}

func (c *counter) ReadByte() (byte, error) {
	b, err := c.Reader.ReadByte()
	if err == nil {
		c.n++
	}
	return b, err
}

func newInflater(r io.Reader, lim Limits) *inflater {
	f := &inflater{in: counter{Reader: bufio.NewReader(r)}, max: lim.MaxInflate, ratio: lim.MaxInflateRatio}
	f.out = flate.NewReader(&f.in)
	return f
}

func (f *inflater) Read(p []byte) (int, error) {
	if !f.started {
		f.started = true
		// Some senders wrap the deflate stream in a zlib header (RFC 1950 §2.2), which
		// the standard does not have. 0x78 would begin a raw stored block with its padding
		// set, which no encoder writes.
		if h, err := f.in.Peek(2); err == nil && h[0] == 0x78 && (int(h[0])<<8|int(h[1]))%31 == 0 {
			if _, err := f.in.Discard(2); err != nil {
				return 0, err
			}
		}
	}
	n, err := f.out.Read(p)
	f.n += int64(n)
	switch {
	case f.n > f.max:
		return n, &FormatError{Offset: f.n, Reason: fmt.Sprintf("inflates to more than %d bytes", f.max), Err: ErrLimit}
	case f.n > ratioFree && f.n/max(f.in.n, 1) > f.ratio:
		return n, &FormatError{Offset: f.n, Reason: fmt.Sprintf("inflates by more than %d to 1", f.ratio), Err: ErrLimit}
	}
	if c, ok := err.(flate.CorruptInputError); ok {
		err = &FormatError{Offset: f.n, Reason: fmt.Sprintf("deflate stream is damaged at its byte %d", int64(c))}
	}
	return n, err
}
