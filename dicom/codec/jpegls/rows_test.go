package jpegls_test

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
	"github.com/dokuei/dokuei/dicom/codec/jpegls"
)

// TestRows: frames come line by line, except in scans of their own, in several sizes and
// with mapping tables.
func TestRows(t *testing.T) {
	t.Parallel()
	high := codectest.Image(1, 40, 300, 1, 12)
	src, err := jpegls.Encode(nil, &high, jpegls.EncodeOptions{})
	if err != nil {
		t.Fatal(err)
	}
	list := append(streams(t), codectest.Stream{Name: "high", Src: src, Want: high})
	for _, ilv := range []jpegls.Interleave{jpegls.InterleaveLine, jpegls.InterleaveSample} {
		for _, near := range []int{0, 2} {
			m := codectest.Image(3, 33, 90, 3, 8)
			src, err := jpegls.Encode(nil, &m, jpegls.EncodeOptions{Interleave: ilv, Near: near, RestartRows: 7 * near})
			if err != nil {
				t.Fatal(err)
			}
			if err := new(jpegls.Decoder).Decode(&m, src, codec.Options{}); err != nil {
				t.Fatal(err)
			}
			list = append(list, codectest.Stream{Name: fmt.Sprintf("colour %d %d", ilv, near), Src: src, Want: m})
		}
	}
	codectest.RunRows(t, new(jpegls.Rows), list, func(s codectest.Stream) bool {
		return s.Want.Samples > 1 && bytes.Count(s.Src, []byte{0xFF, 0xDA}) > 1
	})
}

func FuzzRows(f *testing.F) {
	codectest.FuzzRows(f, new(jpegls.Rows), new(jpegls.Decoder), streams(f))
}
