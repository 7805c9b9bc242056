package deident_test

import (
	"bytes"
	"encoding/binary"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/tag"
)

// What stands in a masked area is shown black, whatever the pixels mean: every
// photometric interpretation native pixel data has (PS3.3 C.7.6.3.1.2), by plane and by
// pixel, of 8 and 16 bits, signed, shifted, with padding, window and palette.
func TestMaskIsBlack(t *testing.T) {
	t.Parallel()
	const rows, columns, frames = 4, 8, 2
	area := deident.Area{X: 2, Y: 1, Width: 4, Height: 2}
	type kind struct {
		photometric                      string
		samples, allocated, stored, high int
		signed, planar                   bool
		change                           func(*dataset.Dataset)
		want                             []uint64 // of a pixel
		shared                           bool     // two pixels: Y Y Cb Cr
	}
	ds := func(pairs map[tag.Tag]string) func(*dataset.Dataset) {
		return func(d *dataset.Dataset) {
			for at, v := range pairs {
				d.SetString(at, "DS", v)
			}
		}
	}
	palette := func(first int, entries ...byte) func(*dataset.Dataset) {
		return func(d *dataset.Dataset) {
			wide := make([]byte, 0, 2*len(entries))
			for _, v := range entries {
				wide = append(wide, 0, v)
			}
			for _, c := range []struct{ descriptor, data tag.Tag }{
				{tag.RedPaletteColorLookupTableDescriptor, tag.RedPaletteColorLookupTableData},
				{tag.GreenPaletteColorLookupTableDescriptor, tag.GreenPaletteColorLookupTableData},
				{tag.BluePaletteColorLookupTableDescriptor, tag.BluePaletteColorLookupTableData},
			} {
				d.SetInt(c.descriptor, "US", len(entries), first, 16)
				d.SetBytes(c.data, "OW", wide)
			}
		}
	}
	for name, m := range map[string]kind{
		"MONOCHROME2":                            {photometric: "MONOCHROME2", want: []uint64{0}},
		"MONOCHROME2, 12 of 16 bits":             {photometric: "MONOCHROME2", allocated: 16, stored: 12, want: []uint64{0}},
		"MONOCHROME2, 32 bits":                   {photometric: "MONOCHROME2", allocated: 32, stored: 32, want: []uint64{0}},
		"MONOCHROME2, signed":                    {photometric: "MONOCHROME2", allocated: 16, stored: 16, signed: true, want: []uint64{0x8000}},
		"MONOCHROME2, signed, 12 bits":           {photometric: "MONOCHROME2", allocated: 16, stored: 12, signed: true, want: []uint64{0xF800}},
		"MONOCHROME2, signed, 8 bits":            {photometric: "MONOCHROME2", signed: true, want: []uint64{0x80}},
		"MONOCHROME2, signed, padding":           {photometric: "MONOCHROME2", allocated: 16, stored: 16, signed: true, change: func(d *dataset.Dataset) { d.SetInt(tag.PixelPaddingValue, "SS", -2000) }, want: []uint64{0xF830}},
		"MONOCHROME2, signed, padding as US":     {photometric: "MONOCHROME2", allocated: 16, stored: 16, signed: true, change: func(d *dataset.Dataset) { d.SetInt(tag.PixelPaddingValue, "US", 0xF830) }, want: []uint64{0xF830}},
		"MONOCHROME2, signed, window":            {photometric: "MONOCHROME2", allocated: 16, stored: 16, signed: true, change: ds(map[tag.Tag]string{tag.WindowCenter: "40", tag.WindowWidth: "400", tag.RescaleSlope: "1", tag.RescaleIntercept: "0"}), want: []uint64{0xFF60}}, // 39.5 - 199.5 = -160
		"MONOCHROME2, a slope downwards":         {photometric: "MONOCHROME2", allocated: 16, stored: 12, change: ds(map[tag.Tag]string{tag.RescaleSlope: "-1", tag.RescaleIntercept: "0"}), want: []uint64{0x0FFF}},
		"MONOCHROME2 in the high bits":           {photometric: "MONOCHROME2", allocated: 16, stored: 12, high: 15, signed: true, want: []uint64{0x8000}},
		"MONOCHROME1":                            {photometric: "MONOCHROME1", want: []uint64{0xFF}},
		"MONOCHROME1, 12 of 16 bits":             {photometric: "MONOCHROME1", allocated: 16, stored: 12, want: []uint64{0x0FFF}},
		"MONOCHROME1 in the high bits":           {photometric: "MONOCHROME1", allocated: 16, stored: 12, high: 15, want: []uint64{0xFFF0}},
		"MONOCHROME1, signed":                    {photometric: "MONOCHROME1", allocated: 16, stored: 16, signed: true, want: []uint64{0x7FFF}},
		"MONOCHROME1, padding":                   {photometric: "MONOCHROME1", allocated: 16, stored: 14, change: func(d *dataset.Dataset) { d.SetInt(tag.PixelPaddingValue, "US", 0x3000) }, want: []uint64{0x3000}},
		"MONOCHROME1, padding of another width":  {photometric: "MONOCHROME1", allocated: 16, stored: 12, change: func(d *dataset.Dataset) { d.SetInt(tag.PixelPaddingValue, "US", 0x3000) }, want: []uint64{0x0FFF}},
		"MONOCHROME1, window":                    {photometric: "MONOCHROME1", allocated: 16, stored: 12, change: ds(map[tag.Tag]string{tag.WindowCenter: "1000", tag.WindowWidth: "1000"}), want: []uint64{1500}}, // above 999.5 + 499.5
		"MONOCHROME1, a window outside":          {photometric: "MONOCHROME1", allocated: 16, stored: 12, change: ds(map[tag.Tag]string{tag.WindowCenter: "9000", tag.WindowWidth: "1000"}), want: []uint64{0x0FFF}},
		"PALETTE COLOR":                          {photometric: "PALETTE COLOR", change: palette(0, 200, 90, 255, 3, 7), want: []uint64{3}},
		"PALETTE COLOR, 16 bits, from 100":       {photometric: "PALETTE COLOR", allocated: 16, stored: 16, change: palette(100, 200, 0, 255), want: []uint64{101}},
		"PALETTE COLOR without one":              {photometric: "PALETTE COLOR", want: []uint64{0}},
		"RGB":                                    {photometric: "RGB", samples: 3, want: []uint64{0, 0, 0}},
		"RGB by plane":                           {photometric: "RGB", samples: 3, planar: true, want: []uint64{0, 0, 0}},
		"RGB, 16 bits":                           {photometric: "RGB", samples: 3, allocated: 16, stored: 16, want: []uint64{0, 0, 0}},
		"YBR_FULL":                               {photometric: "YBR_FULL", samples: 3, want: []uint64{0, 128, 128}},
		"YBR_FULL by plane":                      {photometric: "YBR_FULL", samples: 3, planar: true, want: []uint64{0, 128, 128}},
		"YBR_FULL, 16 bits":                      {photometric: "YBR_FULL", samples: 3, allocated: 16, stored: 16, want: []uint64{0, 0x8000, 0x8000}},
		"YBR_FULL_422":                           {photometric: "YBR_FULL_422", samples: 3, shared: true, want: []uint64{0, 0, 128, 128}},
		"YBR_PARTIAL_422":                        {photometric: "YBR_PARTIAL_422", samples: 3, shared: true, want: []uint64{16, 16, 128, 128}},
		"YBR_RCT that was decoded and not named": {photometric: "YBR_RCT", samples: 3, want: []uint64{0, 128, 128}},
		"HSV":                                    {photometric: "HSV", samples: 3, want: []uint64{0, 0, 0}},
		"ARGB":                                   {photometric: "ARGB", samples: 4, want: []uint64{0, 0, 0, 0}},
		"CMYK":                                   {photometric: "CMYK", samples: 4, want: []uint64{0, 0, 0, 255}},
	} {
		if m.samples == 0 {
			m.samples = 1
		}
		if m.allocated == 0 {
			m.allocated, m.stored = 8, 8
		}
		if m.high == 0 {
			m.high = m.stored - 1
		}
		per := 1
		if m.shared {
			per = 2
		}
		size := m.allocated / 8
		cell := len(m.want) * size // bytes
		total := frames * rows * columns / per * cell
		was := bytes.Repeat([]byte{0x55}, total)
		d := deidentified(t, deident.Config{Masks: []deident.MaskRule{{Areas: []deident.Area{area}}}}, image(t, func(d *dataset.Dataset) {
			d.SetString(tag.PhotometricInterpretation, "CS", m.photometric)
			d.SetString(tag.NumberOfFrames, "IS", "2")
			for at, n := range map[tag.Tag]int{
				tag.SamplesPerPixel: m.samples, tag.Rows: rows, tag.Columns: columns, tag.BitsAllocated: m.allocated, tag.BitsStored: m.stored, tag.HighBit: m.high,
				tag.PixelRepresentation: map[bool]int{true: 1}[m.signed], tag.PlanarConfiguration: map[bool]int{true: 1}[m.planar],
			} {
				d.SetInt(at, "US", n)
			}
			d.SetBytes(tag.PixelData, map[bool]string{true: "OB", false: "OW"}[size == 1], was)
			if m.change != nil {
				m.change(d)
			}
		}))
		pix, _, _ := d.Raw(tag.PixelData)
		if len(pix) != total {
			t.Errorf("%s: %d bytes became %d", name, total, len(pix))
			continue
		}
		for i := 0; i < total; i += size {
			n, s := i/cell, i%cell/size // cell, sample of it
			if m.planar {
				plane := rows * columns * size
				n, s = i/(plane*m.samples)*rows*columns+i%plane/size, i/plane%m.samples
			}
			x, y := n*per%columns, n*per/columns%rows
			inside := x >= area.X && x < area.X+area.Width && y >= area.Y && y < area.Y+area.Height
			var b [8]byte
			copy(b[:], pix[i:i+size])
			got, want := binary.LittleEndian.Uint64(b[:]), m.want[s]
			if !inside {
				if !bytes.Equal(pix[i:i+size], was[:size]) {
					t.Errorf("%s: sample %d of %d,%d outside of the mask is %#x", name, s, x, y, got)
				}
				continue
			}
			if got != want {
				t.Errorf("%s: sample %d of %d,%d is %#x, want %#x", name, s, x, y, got, want)
				break
			}
		}
	}
}
