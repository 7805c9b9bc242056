package pixel

import (
	"encoding/binary"
	"testing"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/htj2k"
	"github.com/dokuei/dokuei/dicom/codec/j2k"
	"github.com/dokuei/dokuei/dicom/codec/rle"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// A frame is decoded at the size that is asked for where its coder has levels and
// means of its samples mean something, and whole where not.
func TestFrameReduced(t *testing.T) {
	t.Parallel()
	const columns, rows = 150, 101
	m := codec.Image{Config: codec.Config{Width: columns, Height: rows, Samples: 1, Precision: 12, Lossless: true, Color: codec.ColorGray}}
	for y := range rows {
		for x := range columns {
			m.Pix = binary.LittleEndian.AppendUint16(m.Pix, uint16(10*x+5*y))
		}
	}
	padded := func(d *dataset.Dataset) { d.SetInt(tag.PixelPaddingValue, "US", 0) }
	for name, c := range map[string]struct {
		syntax string
		encode func([]byte, *codec.Image) ([]byte, error)
		change func(*dataset.Dataset)
		reduce int
		want   int // levels by which the frame is smaller
	}{
		"JPEG 2000":          {uid.JPEG2000Lossless, new(j2k.Encoder).Encode, nil, 2, 2},
		"HTJ2K":              {uid.HTJ2KLossless, new(htj2k.Encoder).Encode, nil, 1, 1},
		"more than it has":   {uid.JPEG2000Lossless, new(j2k.Encoder).Encode, nil, 40, 5},
		"whole":              {uid.JPEG2000Lossless, new(j2k.Encoder).Encode, nil, 0, 0},
		"coder has no level": {uid.RLELossless, rle.Encode, nil, 2, 0},
		"padding":            {uid.JPEG2000Lossless, new(j2k.Encoder).Encode, padded, 2, 0},
	} {
		d := shape{rows: rows, columns: columns, samples: 1, allocated: 16, stored: 12, high: 11, frames: 1, photometric: Monochrome2}.dataset()
		if c.change != nil {
			c.change(d)
		}
		code, err := c.encode(nil, &m)
		if err != nil {
			t.Fatal(name, err)
		}
		d.SetFragments(tag.PixelData, nil, code)
		var f Frame
		if err := open(t, file(t, d, c.syntax)).FrameReduced(t.Context(), 0, c.reduce, &f); err != nil {
			t.Error(name, err)
			continue
		}
		across := 1 << c.want
		if f.Columns != (columns+across-1)/across || f.Rows != (rows+across-1)/across || len(f.Pix) != 2*f.Pixels() {
			t.Errorf("%s: %d × %d in %d bytes", name, f.Columns, f.Rows, len(f.Pix))
			continue
		}
		x, y := f.Columns/2, f.Rows/2
		if got, want := f.Value(y, x, 0), 10*x*across+5*y*across; got < want-8*across || got > want+15*across {
			t.Errorf("%s: value %d, want about %d", name, got, want)
		}
	}
}
