package t81

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

// Marker codes, second byte (T.81 Table B.1; SOF55 and LSE of T.87 §C.1.1).
const (
	SOF0  = 0xC0 // baseline sequential DCT
	SOF1  = 0xC1 // extended sequential DCT
	SOF2  = 0xC2 // progressive DCT
	SOF3  = 0xC3 // lossless
	DHT   = 0xC4
	JPG   = 0xC8
	DAC   = 0xCC
	SOF15 = 0xCF
	RST0  = 0xD0
	RST7  = 0xD7
	SOI   = 0xD8
	EOI   = 0xD9
	SOS   = 0xDA
	DQT   = 0xDB
	DNL   = 0xDC
	DRI   = 0xDD
	APP0  = 0xE0
	APP8  = 0xE8
	APP14 = 0xEE
	SOF55 = 0xF7 // JPEG-LS
	LSE   = 0xF8 // JPEG-LS preset parameters
	COM   = 0xFE
	TEM   = 0x01
)

// Segment is one marker segment: the marker code, its parameters without the
// length, and where they begin in the stream.
type Segment struct {
	Marker  byte
	Payload []byte
	Offset  int
}

// Reader walks the marker segments of Src. After an SOS segment Pos is at the
// entropy-coded data; the caller moves it behind.
type Reader struct {
	Src []byte
	Pos int
}

// Next gives the next marker segment. Bytes before a marker (fill bytes of
// §B.1.1.2 and the padding that some writers leave) are skipped.
func (r *Reader) Next() (Segment, error) {
	p := r.Pos
	for {
		for p < len(r.Src) && r.Src[p] != 0xFF {
			p++
		}
		for p < len(r.Src) && r.Src[p] == 0xFF {
			p++
		}
		if p >= len(r.Src) {
			return Segment{}, codec.Errorf(codec.ErrTruncated, int64(len(r.Src)), "no end of image")
		}
		if r.Src[p] != 0 {
			break
		}
	}
	s := Segment{Marker: r.Src[p], Offset: p + 1}
	p++
	if s.Marker == SOI || s.Marker == EOI || s.Marker == TEM || s.Marker >= RST0 && s.Marker <= RST7 {
		r.Pos = p
		return s, nil
	}
	if len(r.Src)-p < 2 {
		return s, codec.Errorf(codec.ErrTruncated, int64(p), "marker %#02x without length", s.Marker)
	}
	n := int(binary.BigEndian.Uint16(r.Src[p:]))
	if n < 2 {
		return s, codec.Errorf(codec.ErrCorrupt, int64(p), "marker %#02x of length %d", s.Marker, n)
	}
	if n > len(r.Src)-p {
		return s, codec.Errorf(codec.ErrTruncated, int64(p), "marker %#02x of length %d, %d bytes left", s.Marker, n, len(r.Src)-p)
	}
	s.Payload, s.Offset = r.Src[p+2:p+n], p+2
	r.Pos = p + n
	return s, nil
}

// Start checks for SOI at the beginning of the stream.
func (r *Reader) Start() error {
	if len(r.Src) < 4 {
		return codec.Errorf(codec.ErrTruncated, int64(len(r.Src)), "JPEG stream of %d bytes", len(r.Src))
	}
	if r.Src[0] != 0xFF || r.Src[1] != SOI {
		return codec.Errorf(codec.ErrCorrupt, 0, "no start of image")
	}
	r.Pos = 2
	return nil
}

// Unstuff appends to dst the entropy-coded segment of src that begins at pos,
// without the zero bytes stuffed after 0xFF, and gives the position of the
// marker that ends it, or len(src). The result is followed by Tail bytes that
// may be read but carry nothing.
func Unstuff(dst, src []byte, pos int) (data []byte, end int) {
	if cap(dst) == 0 { // at once, not in steps
		dst = make([]byte, 0, len(src)-pos+Tail)
	}
	for pos < len(src) {
		i := indexFF(src[pos:])
		if i < 0 {
			dst = append(dst, src[pos:]...)
			pos = len(src)
			break
		}
		dst = append(dst, src[pos:pos+i]...)
		pos += i
		if pos+1 >= len(src) {
			pos = len(src)
			break
		}
		if src[pos+1] != 0 {
			if src[pos+1] == 0xFF { // fill byte
				pos++
				continue
			}
			break
		}
		dst = append(dst, 0xFF)
		pos += 2
	}
	n := len(dst)
	dst = append(dst, tail[:]...)
	return dst[:n], pos
}

// Tail is how many bytes beyond the data of Unstuff may be read.
const Tail = 16

var tail [Tail]byte

// SourceOffset is the position in src of byte n of what Unstuff made from pos.
// It is for error messages.
func SourceOffset(src []byte, pos, n int) int64 {
	for n > 0 && pos < len(src) {
		if src[pos] == 0xFF {
			pos++
		}
		pos++
		n--
	}
	return int64(min(pos, len(src)))
}
