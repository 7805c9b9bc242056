package deident

import (
	"fmt"
	"io"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Area is a rectangle of pixels, counted from the upper left corner from 0.
type Area struct{ X, Y, Width, Height int }

// MaskRule says where a device writes into its pixels who is shown. A field without a
// value fits every device.
type MaskRule struct {
	Manufacturer  string // (0008,0070)
	Model         string // (0008,1090)
	Station       string // (0008,1010)
	Modality      string // (0008,0060)
	Rows, Columns int    // of the images the areas were measured on
	Areas         []Area
}

// maxSide bounds the sides of an area: Rows and Columns have 16 bits.
const maxSide = 1 << 16

// Valid finds what is wrong with a rule.
func (m MaskRule) Valid() error {
	if len(m.Areas) == 0 {
		return fmt.Errorf("deident: a mask has at least one area")
	}
	for _, a := range m.Areas {
		if a.X < 0 || a.Y < 0 || a.Width <= 0 || a.Height <= 0 || a.X > maxSide || a.Y > maxSide || a.Width > maxSide || a.Height > maxSide {
			return fmt.Errorf("deident: area %d,%d,%d,%d lies outside of any image", a.X, a.Y, a.Width, a.Height)
		}
	}
	return nil
}

// Fits reports whether an object with header d is of the device.
func (m MaskRule) Fits(d *dataset.Dataset) bool {
	for _, of := range []struct {
		want string
		t    tag.Tag
	}{
		{m.Manufacturer, tag.Manufacturer}, {m.Model, tag.ManufacturerModelName}, {m.Station, tag.StationName}, {m.Modality, tag.Modality},
	} {
		if of.want != "" && !strings.EqualFold(strings.TrimSpace(of.want), d.String(of.t)) {
			return false
		}
	}
	rows, _ := d.Int(tag.Rows)
	columns, _ := d.Int(tag.Columns)
	return (m.Rows == 0 || m.Rows == rows) && (m.Columns == 0 || m.Columns == columns)
}

// AreasOf are the areas of all rules that fit an object.
func AreasOf(rules []MaskRule, d *dataset.Dataset) (areas []Area) {
	for _, m := range rules {
		if m.Fits(d) {
			areas = append(areas, m.Areas...)
		}
	}
	return areas
}

// Blank puts zeros into areas of one plane of rows × columns pixels of size bytes
// each.
func Blank(pix []byte, rows, columns, size int, areas []Area) {
	for y := range rows {
		at := y * columns * size
		if at+columns*size > len(pix) {
			return
		}
		blankRow(pix[at:at+columns*size], y, columns, size, areas)
	}
}

func blankRow(row []byte, y, columns, size int, areas []Area) {
	for _, a := range areas {
		if y >= a.Y && y < a.Y+a.Height && a.X < columns {
			clear(row[a.X*size : min(a.X+a.Width, columns)*size])
		}
	}
}

// layout is how native pixel data lies (PS3.3 C.7.6.3.1).
type layout struct{ rows, columns, size, planes int }

// layoutOf reads it from a header. Pixels that do not stand one by one in whole bytes
// are not masked.
func layoutOf(d *dataset.Dataset) (l layout, err error) {
	samples, ok := d.Int(tag.SamplesPerPixel)
	if !ok {
		samples = 1
	}
	allocated, _ := d.Int(tag.BitsAllocated)
	l.rows, _ = d.Int(tag.Rows)
	l.columns, _ = d.Int(tag.Columns)
	planar, _ := d.Int(tag.PlanarConfiguration)
	photometric := d.String(tag.PhotometricInterpretation)
	if allocated%8 != 0 || allocated < 8 || allocated > 64 || samples < 1 || samples > 4 || l.rows < 1 || l.columns < 1 ||
		strings.HasSuffix(photometric, "_422") || strings.HasSuffix(photometric, "_420") {
		return l, fmt.Errorf("deident: pixels of %d samples of %d bits in %s are not masked", samples, allocated, photometric)
	}
	l.planes, l.size = 1, samples*allocated/8
	if planar == 1 && samples > 1 {
		l.planes, l.size = samples, allocated/8
	}
	return l, nil
}

// maskRows copies native pixel data row by row, with areas blank.
func maskRows(w io.Writer, r io.Reader, l layout, areas []Area) error {
	row := make([]byte, l.columns*l.size)
	for y := 0; ; y = (y + 1) % l.rows {
		n, err := io.ReadFull(r, row)
		if err == io.ErrUnexpectedEOF || err == io.EOF {
			// Padding to an even length, or what is missing: Finish tells.
			_, err = w.Write(row[:n])
			return err
		}
		if err != nil {
			return err
		}
		blankRow(row, y, l.columns, l.size, areas)
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
}
