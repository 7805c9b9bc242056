package stream

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// ErrNoFrames is wrapped when the frames of an object cannot be told apart, or when
// it has none.
var ErrNoFrames = errors.New("no frames")

// Extent is a range of bytes of a file.
type Extent struct{ Offset, Length int64 }

// Index tells where the frames of a Part 10 file are.
type Index struct {
	Meta           Meta
	TransferSyntax uid.TransferSyntax
	DataSetOffset  int64 // of the first element after the file meta information

	Rows, Columns, Samples  int // (0028,0010), (0028,0011), (0028,0002)
	BitsAllocated           int // (0028,0100)
	NumberOfFrames          int // (0028,0008), 1 when absent
	Photometric             string
	PixelTag                tag.Tag // 0 when there is no Pixel Data
	PixelVR                 VR
	BigEndian, Encapsulated bool
	// PixelOffset is where the value, or the first item, begins: in the file, or in the
	// inflated data set when TransferSyntax.Deflated. PixelLength is that of native data.
	PixelOffset, PixelLength int64

	fragments []Extent
	first     []int32 // fragment each frame begins with, and the end; nil for native
	why       error   // why the frames of encapsulated data are not known
}

// IndexFrames reads the headers of a Part 10 file, skipping values, and finds the
// bytes of each frame: by arithmetic in native Pixel Data; in encapsulated by one frame for all
// fragments, by the Extended Offset Table (PS3.3 §C.7.6.3.1.8), by the Basic Offset
// Table (PS3.5 §A.4), by one fragment a frame, or by the markers of JPEG codestreams,
// in this order. A table that does not fit the fragments is passed over.
func IndexFrames(ra io.ReaderAt, size int64) (*Index, error) {
	br := bufio.NewReaderSize(io.NewSectionReader(ra, 0, size), 1<<10)
	m, n, err := ReadMeta(br)
	if err != nil {
		return nil, err
	}
	x := &Index{Meta: m, TransferSyntax: SyntaxFor(m.TransferSyntaxUID), DataSetOffset: n, NumberOfFrames: 1, Samples: 1}
	s := NewScanner(io.NewSectionReader(ra, n, size-n), x.TransferSyntax, Limits{})
	if !x.TransferSyntax.Deflated {
		s.StartAt(n)
	}
	var eot extendedTable
	for {
		e, err := s.Next()
		if err == io.EOF {
			return x, nil
		}
		if err != nil {
			return nil, err
		}
		if e.PixelData() {
			return x, x.pixels(s, e, ra, size, eot)
		}
		if e.Depth == 0 && e.Kind == KindValue {
			if err := x.attribute(s, e, &eot); err != nil {
				return nil, err
			}
		}
	}
}

type extendedTable struct{ offsets, lengths []uint64 }

func (x *Index) attribute(s *Scanner, e Element, eot *extendedTable) error {
	var number *int
	switch e.Tag {
	case tag.Rows:
		number = &x.Rows
	case tag.Columns:
		number = &x.Columns
	case tag.SamplesPerPixel:
		number = &x.Samples
	case tag.BitsAllocated:
		number = &x.BitsAllocated
	case tag.NumberOfFrames, tag.PhotometricInterpretation, tag.ExtendedOffsetTable, tag.ExtendedOffsetTableLengths:
	default:
		return nil
	}
	if e.Length > 64 && (number != nil || e.Tag == tag.NumberOfFrames || e.Tag == tag.PhotometricInterpretation) {
		return nil // not what it should be
	}
	b, err := s.Value()
	if err != nil {
		return err
	}
	order := byteOrder(e.BigEndian)
	switch {
	case number != nil:
		if len(b) >= 2 {
			*number = int(order.Uint16(b))
		}
	case e.Tag == tag.NumberOfFrames:
		if v, err := strconv.Atoi(strings.Trim(string(b), " \x00")); err == nil && v > 0 && v <= math.MaxInt32 {
			x.NumberOfFrames = v
		}
	case e.Tag == tag.PhotometricInterpretation:
		x.Photometric = strings.Trim(string(b), " \x00")
	default:
		v := make([]uint64, len(b)/8)
		for i := range v {
			v[i] = order.Uint64(b[8*i:])
		}
		if e.Tag == tag.ExtendedOffsetTable {
			eot.offsets = v
		} else {
			eot.lengths = v
		}
	}
	return nil
}

func (x *Index) pixels(s *Scanner, e Element, ra io.ReaderAt, size int64, eot extendedTable) error {
	x.PixelTag, x.PixelVR, x.BigEndian = e.Tag, e.VR, e.BigEndian
	p, err := s.PixelData(e)
	if err != nil {
		return err
	}
	x.Encapsulated = p.Encapsulated
	x.PixelOffset, x.PixelLength = p.Offset, p.Length
	if !p.Encapsulated {
		return nil
	}
	if x.TransferSyntax.Deflated {
		x.why = fmt.Errorf("fragments in a deflated data set: %w", ErrNoFrames)
		return nil
	}
	for {
		off, n, _, err := p.NextFragment()
		if err == io.EOF {
			break
		}
		if Truncated(err) && len(x.fragments) > 0 && s.Offset() == size {
			break // only the delimiter is missing
		}
		if err != nil {
			return err
		}
		x.fragments = append(x.fragments, Extent{off, n})
	}
	x.divide(ra, eot, p.BasicOffsetTable())
	return nil
}

// Frames returns how many frames can be reached.
func (x *Index) Frames() int {
	switch {
	case x.PixelTag == 0:
		return 0
	case x.Encapsulated:
		return max(0, len(x.first)-1)
	}
	return x.NumberOfFrames
}

// FrameBits returns the size of a native frame in bits: frames of one bit a pixel
// follow each other without padding (PS3.5 §8.1.1). It is 0 when the header does not
// say or says what cannot be.
func (x *Index) FrameBits() int64 {
	bits := int64(x.Rows) * int64(x.Columns) // below 2^32
	if x.BitsAllocated > 64 || x.Samples > 4 {
		return 0
	}
	switch x.Photometric {
	case "YBR_FULL_422", "YBR_PARTIAL_422":
		// Two pixels share their chroma (PS3.3 §C.7.6.3.1.2).
		if x.Samples == 3 {
			return bits * 2 * int64(x.BitsAllocated)
		}
	case "YBR_PARTIAL_420":
		if x.Samples == 3 {
			return bits * 3 / 2 * int64(x.BitsAllocated)
		}
	}
	return bits * int64(x.Samples) * int64(x.BitsAllocated)
}

// Extents returns the bytes of frame n, counted from 0: one range of native data, or
// one for each fragment. For a native frame of single bits the range is that of the
// bytes it touches and shift the number of bits in the first one that belong to the
// frame before.
func (x *Index) Extents(n int) (ranges []Extent, shift int, err error) {
	if x.PixelTag == 0 {
		return nil, 0, fmt.Errorf("object has no Pixel Data: %w", ErrNoFrames)
	}
	if x.Encapsulated {
		if x.why != nil {
			return nil, 0, x.why
		}
		if n < 0 || n+1 >= len(x.first) {
			return nil, 0, fmt.Errorf("frame %d of %d: %w", n+1, x.Frames(), ErrNoFrames)
		}
		return x.fragments[x.first[n]:x.first[n+1]], 0, nil
	}
	bits := x.FrameBits()
	if bits == 0 {
		return nil, 0, fmt.Errorf("size of a frame is not given: %w", ErrNoFrames)
	}
	if n < 0 || n >= x.NumberOfFrames {
		return nil, 0, fmt.Errorf("frame %d of %d: %w", n+1, x.NumberOfFrames, ErrNoFrames)
	}
	if int64(n) > (math.MaxInt64-8)/bits-1 {
		return nil, 0, fmt.Errorf("frame %d: %w", n+1, io.ErrUnexpectedEOF)
	}
	from, to := int64(n)*bits, (int64(n)+1)*bits
	if (to+7)/8 > x.PixelLength {
		return nil, 0, &FormatError{
			Offset: x.PixelOffset + x.PixelLength, Path: x.PixelTag.String(),
			Reason: fmt.Sprintf("Pixel Data of %d bytes ends before frame %d does", x.PixelLength, n+1), Err: io.ErrUnexpectedEOF,
		}
	}
	return []Extent{{x.PixelOffset + from/8, (to+7)/8 - from/8}}, int(from % 8), nil
}

// FrameLength returns how many bytes frame n takes.
func (x *Index) FrameLength(n int) (int64, error) {
	rs, _, err := x.Extents(n)
	var sum int64
	for _, r := range rs {
		sum += r.Length
	}
	return sum, err
}

// ReadFrame appends the bytes of frame n to dst. A deflated data set is inflated from
// its beginning for it.
func (x *Index) ReadFrame(ra io.ReaderAt, size int64, n int, dst []byte) ([]byte, error) {
	rs, _, err := x.Extents(n)
	if err != nil {
		return dst, err
	}
	if x.TransferSyntax.Deflated {
		f := newInflater(io.NewSectionReader(ra, x.DataSetOffset, size-x.DataSetOffset), Limits{}.withDefaults())
		if _, err := io.CopyN(io.Discard, f, rs[0].Offset); err != nil {
			return dst, err
		}
		return appendRead(dst, f, rs[0].Length)
	}
	for _, r := range rs {
		if dst, err = appendRead(dst, io.NewSectionReader(ra, r.Offset, r.Length), r.Length); err != nil {
			return dst, err
		}
	}
	return dst, nil
}

// appendRead reads n bytes behind dst, growing it as they come.
func appendRead(dst []byte, r io.Reader, n int64) ([]byte, error) {
	const step = 4 << 20
	for n > 0 {
		k := int(min(n, step))
		at := len(dst)
		if cap(dst)-at < k {
			grown := make([]byte, at, max(at+k, min(2*cap(dst), at+int(min(n, math.MaxInt32)))))
			copy(grown, dst)
			dst = grown
		}
		dst = dst[:at+k]
		if _, err := io.ReadFull(r, dst[at:]); err != nil {
			if err == io.EOF {
				err = io.ErrUnexpectedEOF
			}
			return dst[:at], err
		}
		n -= int64(k)
	}
	return dst, nil
}
