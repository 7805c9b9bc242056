package rle

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

const (
	headerSize  = 64 // PS3.5 Table G.5-1: a count and 15 offsets
	maxSegments = 15
)

// Decoder decodes RLE Lossless frames. The zero value is ready.
type Decoder struct {
	codec.Counter
	planes []byte
}

// DecodeConfig checks the header. It says nothing of the size: the stream does
// not know it.
func (d *Decoder) DecodeConfig(src []byte) (codec.Config, error) {
	_, err := parseHeader(src, len(src))
	return codec.Config{Lossless: true}, err
}

// header is PS3.5 Table G.5-1, with the end of each segment worked out.
type header struct {
	n          int
	start, end [maxSegments]int
}

// parseHeader reads the header of a stream of length bytes, of which src has the first.
func parseHeader(src []byte, length int) (header, error) {
	var h header
	if len(src) < headerSize {
		return h, codec.Errorf(codec.ErrTruncated, int64(len(src)), "RLE header of %d bytes, not %d", len(src), headerSize)
	}
	n := binary.LittleEndian.Uint32(src)
	if n == 0 || n > maxSegments {
		return h, codec.Errorf(codec.ErrCorrupt, 0, "%d RLE segments", n)
	}
	h.n = int(n)
	for i := range h.n {
		at := 4 + 4*i
		off := binary.LittleEndian.Uint32(src[at:])
		if off < headerSize || uint64(off) > uint64(length) {
			return h, codec.Errorf(codec.ErrCorrupt, int64(at), "segment %d begins at %d of %d bytes", i+1, off, length)
		}
		h.start[i], h.end[i] = int(off), length
		if i > 0 {
			if h.start[i] < h.start[i-1] {
				return h, codec.Errorf(codec.ErrCorrupt, int64(at), "segment %d begins before segment %d", i+1, i)
			}
			h.end[i-1] = h.start[i]
		}
	}
	return h, nil
}

// Decode decodes one frame.
func (d *Decoder) Decode(dst *codec.Image, src []byte, opt codec.Options) error {
	d.Counter = 0
	h, err := parseHeader(src, len(src))
	if err != nil {
		return err
	}
	c, depth, err := frame(&h, opt)
	if err != nil {
		return err
	}
	size := c.Width * c.Height
	if c.Precision == 1 { // packed, PS3.5 §8.1.1
		size = (size + 7) / 8
	}
	// Two bytes of a segment become at most 128 (§G.3.1): a shorter stream
	// cannot fill the frame, so nothing is allocated for it.
	for i := range h.n {
		if n := h.end[i] - h.start[i]; n < (size+127)/128*2 {
			return codec.Errorf(codec.ErrTruncated, int64(h.end[i]), "segment %d has %d bytes for a plane of %d", i+1, n, size)
		}
	}
	if h.n == 1 && c.Precision > 1 {
		dst.Reset(c)
		d.Did(size)
		return unpack(dst.Pix, src, h.start[0], h.end[0])
	}
	if cap(d.planes) < size*h.n {
		d.planes = make([]byte, size*h.n)
	}
	planes := d.planes[:size*h.n]
	for i := range h.n {
		d.Did(2 * size) // unpacked, and put between the others
		if err := unpack(planes[i*size:(i+1)*size], src, h.start[i], h.end[i]); err != nil {
			return err
		}
	}
	dst.Reset(c)
	interleave(dst, planes, depth)
	return nil
}

// frame gives the shape of a frame, which the data set knows, and the number of byte
// planes of a sample.
func frame(h *header, opt codec.Options) (c codec.Config, depth int, err error) {
	c = codec.Config{Width: opt.Width, Height: opt.Height, Samples: max(opt.Samples, 1), Precision: opt.BitsAllocated, Lossless: true}
	if c.Width <= 0 || c.Height <= 0 || c.Precision <= 0 || c.Precision > 32 {
		return c, 0, codec.Errorf(codec.ErrMismatch, 0, "RLE needs Rows, Columns and Bits Allocated of the data set")
	}
	if opt.Reduce > 0 {
		return c, 0, codec.Errorf(codec.ErrUnsupported, 0, "RLE has no resolution levels")
	}
	if c.Samples == 1 {
		c.Color = codec.ColorGray
	}
	if err := opt.Check(c, 0); err != nil {
		return c, 0, err
	}
	depth = (c.Precision + 7) / 8
	if h.n != c.Samples*depth {
		return c, 0, codec.Errorf(codec.ErrMismatch, 0, "%d RLE segments, the data set needs %d", h.n, c.Samples*depth)
	}
	return c, depth, nil
}

// unpack is the decoder of §G.3.2 for the segment src[at:end].
func unpack(plane, src []byte, at, end int) error {
	seg := src[:end]
	for len(plane) > 0 {
		if at+1 >= len(seg) {
			return codec.Errorf(codec.ErrTruncated, int64(at), "segment ends %d bytes before its plane", len(plane))
		}
		code := int(seg[at])
		switch {
		case code < 128: // code+1 bytes follow
			n := code + 1
			if n > len(seg)-at-1 {
				return codec.Errorf(codec.ErrTruncated, int64(at), "literal run of %d bytes passes the end of its segment", n)
			}
			if n > len(plane) {
				return codec.Errorf(codec.ErrCorrupt, int64(at), "literal run of %d bytes in the last %d of a plane", n, len(plane))
			}
			copy(plane, seg[at+1:at+1+n])
			plane, at = plane[n:], at+1+n
		case code > 128: // the next byte 257-code times
			n := 257 - code
			if n > len(plane) {
				return codec.Errorf(codec.ErrCorrupt, int64(at), "replicate run of %d bytes in the last %d of a plane", n, len(plane))
			}
			fill(plane[:n], seg[at+1])
			plane, at = plane[n:], at+2
		default: // 128: output nothing
			at++
		}
	}
	return nil
}

func fill(p []byte, v byte) {
	if v == 0 {
		clear(p)
		return
	}
	w := uint64(v) * 0x0101010101010101
	for len(p) >= 8 {
		binary.LittleEndian.PutUint64(p, w)
		p = p[8:]
	}
	for i := range p {
		p[i] = v
	}
}

// interleave turns byte planes into the little-endian samples of dst.
func interleave(dst *codec.Image, planes []byte, depth int) {
	pix, n := dst.Pix, dst.Width*dst.Height
	switch {
	case dst.Precision == 1 && dst.Samples == 1: // first pixel in the least significant bit, PS3.5 §8.1.1
		for i := range pix {
			pix[i] = planes[i>>3] >> (i & 7) & 1
		}
	case depth == 2 && dst.Samples == 1:
		hi, lo := planes[:n], planes[n:][:n]
		pix = pix[:2*n]
		for len(hi) >= 4 && len(lo) >= 4 && len(pix) >= 8 {
			h, l := spread(binary.LittleEndian.Uint32(hi)), spread(binary.LittleEndian.Uint32(lo))
			binary.LittleEndian.PutUint64(pix, h<<8|l)
			hi, lo, pix = hi[4:], lo[4:], pix[8:]
		}
		for i := range hi {
			pix[2*i], pix[2*i+1] = lo[i], hi[i]
		}
	default:
		if dst.Precision == 1 {
			n = len(planes) / dst.Samples
		}
		step := codec.BytesPerSample(dst.Precision)
		if step != depth { // 24 bits in 32
			clear(pix)
		}
		for c := range dst.Samples {
			for b := range depth {
				plane := planes[(c*depth+b)*n:][:n]
				at := c*step + depth - 1 - b
				if dst.Precision == 1 {
					for i := range dst.Width * dst.Height {
						pix[at+i*dst.Samples] = plane[i>>3] >> (i & 7) & 1
					}
					continue
				}
				for _, v := range plane {
					pix[at] = v
					at += step * dst.Samples
				}
			}
		}
	}
}

// spread puts the four bytes of v into the low halves of four 16-bit words.
func spread(v uint32) uint64 {
	x := uint64(v)
	x = (x | x<<16) & 0x0000ffff0000ffff
	return (x | x<<8) & 0x00ff00ff00ff00ff
}

// runLength is how many bytes at the start of p are equal.
func runLength(p []byte) int {
	for i := 1; i < len(p); i++ {
		if p[i] != p[0] {
			return i
		}
	}
	return len(p)
}

var _ codec.Decoder = (*Decoder)(nil)
