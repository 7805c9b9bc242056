package rle

import (
	"math"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/byrow"
)

// Rows decodes a frame while its stream comes. A sample is whole when its last byte plane
// comes: the segments before the last are held as they are, coded, and read beside it row
// by row. A frame of one segment is decoded as it comes. They are never longer than their
// planes, but for a few bytes a row, or Rows refuses them. Bits are left to Decoder. The
// zero value is ready for Begin.
type Rows struct {
	byrow.State
	n, depth int
	held     []byte // from the first byte behind the header on
	last     int    // where the last segment begins in it
	segments [maxSegments]segment
	planes   []byte // a row of each
	line     codec.Image
}

// segment is how far a segment has been read.
type segment struct {
	at, end int // in held; the end of the last one is not known
	literal int // bytes that follow as they are
	repeat  int // how often value follows
	value   byte
	filled  int // bytes of the row in hand
}

// Begin prepares for a stream; the options are those of Decoder.
func (r *Rows) Begin(opt codec.Options) {
	r.State.Begin(opt)
	r.held = r.held[:0]
}

// Write takes the next bytes and gives each row that they complete, in samples as of
// codec.Image. An error is final.
func (r *Rows) Write(p []byte, row func([]byte)) error {
	return r.State.Write(p, r.start, func(p []byte) error {
		r.held = append(r.held, p...)
		if len(r.held) < r.last {
			return nil
		}
		return r.rows(row)
	})
}

// start reads the header.
func (r *Rows) start(head []byte) (c codec.Config, n int, err error) {
	h, err := parseHeader(head, math.MaxInt32)
	if err != nil {
		return c, 0, err
	}
	c, r.depth, err = frame(&h, r.Options)
	switch {
	case err != nil:
		return c, 0, err
	case c.Precision == 1:
		return c, 0, codec.Errorf(codec.ErrUnsupported, 0, "bits while they come")
	}
	r.n, r.last = h.n, h.start[h.n-1]-headerSize
	if most := (h.n - 1) * HeldBytes(c); r.last > most {
		return c, 0, codec.Errorf(codec.ErrLimit, int64(4*h.n), "segments of %d bytes before the last, of %d at most while they come", r.last, most)
	}
	for i := range h.n {
		r.segments[i] = segment{at: h.start[i] - headerSize, end: h.end[i] - headerSize}
	}
	one := c
	one.Height = 1
	r.line.Reset(one)
	if cap(r.planes) < h.n*c.Width {
		r.planes = make([]byte, h.n*c.Width)
	}
	r.planes = r.planes[:h.n*c.Width]
	return c, headerSize, nil
}

// HeldBytes is the most that Rows holds of a segment of a frame: its plane in literal runs
// that end with each row, and what encoders add.
func HeldBytes(c codec.Config) int {
	return c.Height*(c.Width+c.Width/64+2) + headerSize
}

// rows decodes those whose bytes are there.
func (r *Rows) rows(row func([]byte)) error {
	for !r.Done() {
		for i := r.n - 1; i >= 0; i-- { // of the others there is enough
			s := &r.segments[i]
			if !s.fill(r.planes[i*r.line.Width:][:r.line.Width], r.held) {
				if i == r.n-1 {
					r.forget()
					return nil
				}
				return codec.Errorf(codec.ErrTruncated, int64(headerSize+s.at), "segment %d ends in row %d", i+1, r.Y)
			}
		}
		for i := range r.n {
			r.segments[i].filled = 0
		}
		interleave(&r.line, r.planes, r.depth)
		row(r.line.Pix)
		r.Y++
	}
	for i, s := range r.segments[:r.n] {
		if s.literal > 0 || s.repeat > 0 {
			return codec.Errorf(codec.ErrCorrupt, int64(headerSize+s.at), "a run of segment %d passes the end of its plane", i+1)
		}
	}
	return nil
}

// forget drops what has been read of the last segment.
func (r *Rows) forget() {
	s := &r.segments[r.n-1]
	r.held = append(r.held[:r.last], r.held[s.at:]...)
	s.at = r.last
}

// fill goes on with a row of a segment, as far as held has it; false when that is not
// to its end.
func (s *segment) fill(row, held []byte) bool {
	src := held[:min(s.end, len(held))]
	for s.filled < len(row) {
		rest := row[s.filled:]
		switch {
		case s.repeat > 0:
			n := min(s.repeat, len(rest))
			fill(rest[:n], s.value)
			s.repeat, s.filled = s.repeat-n, s.filled+n
		case s.at >= len(src):
			return false
		case s.literal > 0:
			n := copy(rest, src[s.at:min(s.at+s.literal, len(src))])
			s.literal, s.at, s.filled = s.literal-n, s.at+n, s.filled+n
		case src[s.at] < 128:
			s.literal = int(src[s.at]) + 1
			s.at++
		case src[s.at] == 128:
			s.at++
		case s.at+1 >= len(src):
			return false
		default:
			s.repeat, s.value = 257-int(src[s.at]), src[s.at+1]
			s.at += 2
		}
	}
	return true
}

var _ codec.RowDecoder = (*Rows)(nil)
