package stream

import (
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/uid"
)

// divide assigns the fragments of encapsulated Pixel Data to frames.
func (x *Index) divide(ra io.ReaderAt, eot extendedTable, bot []uint32) {
	n, frags := x.NumberOfFrames, len(x.fragments)
	switch {
	case frags == 0:
		x.why = fmt.Errorf("encapsulated Pixel Data is empty: %w", ErrNoFrames)
	case n == 1:
		x.first = []int32{0, int32(frags)}
	case x.byOffsets(len(eot.offsets), func(i int) int64 { return int64(eot.offsets[i]) }):
	case x.byOffsets(len(bot), func(i int) int64 { return int64(bot[i]) }):
	case frags == n:
		x.first = make([]int32, n+1)
		for i := range x.first {
			x.first[i] = int32(i)
		}
	case x.TransferSyntax.UID != uid.RLELossless && x.byMarkers(ra):
	default:
		x.why = fmt.Errorf("%d fragments cannot be divided into %d frames: %w", frags, n, ErrNoFrames)
	}
}

// byOffsets uses a table of offsets from the first item after the Basic Offset Table
// to the first item of each frame. Every one has to hit a fragment.
func (x *Index) byOffsets(count int, at func(int) int64) bool {
	if count == 0 || count != x.NumberOfFrames || count > len(x.fragments) {
		return false
	}
	const itemHeader = 8
	base := x.fragments[0].Offset - itemHeader
	first := make([]int32, 0, count+1)
	f := 0
	for i := range count {
		want := at(i)
		for f < len(x.fragments) && x.fragments[f].Offset-itemHeader-base < want {
			f++
		}
		if f == len(x.fragments) || x.fragments[f].Offset-itemHeader-base != want || i == 0 && f != 0 {
			return false
		}
		first = append(first, int32(f))
		f++
	}
	x.first = append(first, int32(len(x.fragments)))
	return true
}

// byMarkers looks for fragments that begin a codestream: SOI of JPEG and JPEG-LS
// (ITU-T T.81 §B.1.1.3), SOC of JPEG 2000 (ITU-T T.800 §A.4.1). When their number is
// not that of the frames, it looks for fragments that end one (EOI, EOC) instead.
func (x *Index) byMarkers(ra io.ReaderAt) bool {
	var begins, ends []int32
	var b [4]byte
	for i, f := range x.fragments {
		if f.Length < 4 {
			continue
		}
		if _, err := ra.ReadAt(b[:2], f.Offset); err != nil {
			return false
		}
		if b[0] == 0xff && (b[1] == 0xd8 || b[1] == 0x4f) {
			begins = append(begins, int32(i))
		}
		if _, err := ra.ReadAt(b[:], f.Offset+f.Length-4); err != nil && err != io.EOF {
			return false
		}
		if endsStream(b) {
			ends = append(ends, int32(i)+1)
		}
	}
	switch last := int32(len(x.fragments)); {
	case len(begins) == x.NumberOfFrames && begins[0] == 0:
		x.first = append(begins, last)
	case len(ends) == x.NumberOfFrames && ends[len(ends)-1] == last:
		x.first = append([]int32{0}, ends...)
	default:
		return false
	}
	return true
}

// endsStream looks for FFD9 at the end, behind which a byte or two of padding may be.
func endsStream(b [4]byte) bool {
	for i := 2; i >= 0; i-- {
		if b[i] == 0xff && b[i+1] == 0xd9 {
			return true
		}
		if b[i+1] != 0 && b[i+1] != 0xff {
			return false
		}
	}
	return false
}
