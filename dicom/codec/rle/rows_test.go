package rle_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/rle"
)

// TestRows: every frame of whole bytes comes row by row.
func TestRows(t *testing.T) {
	t.Parallel()
	codectest.RunRows(t, new(rle.Rows), streams(t), func(codectest.Stream) bool { return false })
}

// TestRowsRefused: a stream that is not one, and segments that are held but cannot be such.
func TestRowsRefused(t *testing.T) {
	t.Parallel()
	valid := streams(t)[1] // two segments of 33 × 9
	second := binary.LittleEndian.Uint32(valid.Src[8:])
	padded := append([]byte{}, valid.Src[:64]...)
	binary.LittleEndian.PutUint32(padded[8:], second+1000)
	padded = append(padded, valid.Src[64:second]...)
	padded = append(padded, make([]byte, 1000)...)
	padded = append(padded, valid.Src[second:]...)
	short := append([]byte{}, valid.Src...)
	binary.LittleEndian.PutUint32(short[8:], 70)
	for name, c := range map[string]struct {
		src  []byte
		opt  codec.Options
		kind error
	}{
		"header":        {make([]byte, 64), valid.Options, codec.ErrCorrupt},
		"bits":          {append([]byte{1, 0, 0, 0, 64}, make([]byte, 80)...), codec.Options{Width: 4, Height: 4, BitsAllocated: 1}, codec.ErrUnsupported},
		"long segment":  {padded, valid.Options, codec.ErrLimit},
		"short segment": {short, valid.Options, codec.ErrTruncated},
		"other samples": {valid.Src, codec.Options{Width: 33, Height: 9, Samples: 3, BitsAllocated: 8}, codec.ErrMismatch},
	} {
		var r rle.Rows
		r.Begin(c.opt)
		if err := r.Write(c.src, func([]byte) {}); !errors.Is(err, c.kind) {
			t.Errorf("%s: got %v, want %v", name, err, c.kind)
		}
	}
}

func FuzzRows(f *testing.F) {
	var r rle.Rows
	s := streams(f)[1]
	codectest.FuzzRowsWith(f, &r, new(rle.Decoder), streams(f), s.Options)
}
