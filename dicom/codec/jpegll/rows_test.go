package jpegll

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/codectest"
)

// TestRows: frames come row by row, except in several scans or sizes.
func TestRows(t *testing.T) {
	t.Parallel()
	list := streams(t)
	for i, v := range []variant{{selection: 7, restartRows: 1}, {selection: 4, restartRows: 3}, {selection: 2}} {
		m := codectest.Image(7, 40, 31, 1+2*(i%2), 12)
		list = append(list, codectest.Stream{Name: fmt.Sprintf("variant %d", i), Src: encodeVariant(&m, v), Want: m})
	}
	codectest.RunRows(t, new(Rows), list, func(s codectest.Stream) bool {
		return strings.HasPrefix(s.Name, "separate") || s.Name[0] >= '2' && len(s.Name) == 3 || s.Name[0] == '4'
	})
}

// TestRestart: an interval that is not followed by its marker ends the rows.
func TestRestart(t *testing.T) {
	t.Parallel()
	m := codectest.Image(7, 40, 31, 1, 12)
	src := encodeVariant(&m, variant{selection: 1, restartRows: 4})
	for name, edit := range map[string]func([]byte){
		"other marker": func(b []byte) { b[bytes.Index(b, []byte{0xFF, 0xD3})+1] = 0xD4 },
		"none":         func(b []byte) { copy(b[bytes.Index(b, []byte{0xFF, 0xD3}):], []byte{0xFE, 0xFE}) },
	} {
		b := bytes.Clone(src)
		edit(b)
		var r Rows
		r.Begin(codec.Options{})
		n := 0
		if err := r.Write(b, func([]byte) { n++ }); !errors.Is(err, codec.ErrCorrupt) || n != 16 {
			t.Errorf("%s: %d rows, %v", name, n, err)
		}
	}
}

func FuzzRows(f *testing.F) {
	codectest.FuzzRows(f, new(Rows), new(Decoder), streams(f))
}
