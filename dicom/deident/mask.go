package deident

import (
	"fmt"
	"io"
	"slices"
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

// Blank puts black, the bytes of one pixel, into areas of one plane of rows × columns
// pixels of as many bytes each.
func Blank(pix []byte, rows, columns int, black []byte, areas []Area) {
	for y := range rows {
		at := y * columns * len(black)
		if at+columns*len(black) > len(pix) {
			return
		}
		blankRow(pix[at:at+columns*len(black)], y, columns, black, areas)
	}
}

func blankRow(row []byte, y, columns int, black []byte, areas []Area) {
	for _, a := range areas {
		if y < a.Y || y >= a.Y+a.Height {
			continue
		}
		for x := a.X; x < min(a.X+a.Width, columns); x++ {
			copy(row[x*len(black):], black)
		}
	}
}

// layout is how native pixel data lies (PS3.3 C.7.6.3.1): rows of cells, each a pixel,
// or two that share their colour.
type layout struct {
	rows, columns, per int
	black              [][]byte // a cell of each plane
}

// size is that of a frame.
func (l layout) size() (n int) {
	for _, cell := range l.black {
		n += l.rows * l.columns / l.per * len(cell)
	}
	return n
}

// layoutOf reads it from a header. Pixels that do not stand one by one in whole bytes
// are not masked.
func layoutOf(d *dataset.Dataset) (l layout, err error) {
	p := pixelOf(d)
	l.rows, _ = d.Int(tag.Rows)
	l.columns, _ = d.Int(tag.Columns)
	planar, _ := d.Int(tag.PlanarConfiguration)
	shared := strings.HasSuffix(p.Photometric, "_422")
	if p.Allocated%8 != 0 || p.Allocated < 8 || p.Allocated > 64 || p.Stored > p.Allocated || p.Samples < 1 || p.Samples > 4 || l.rows < 1 || l.columns < 1 ||
		strings.HasSuffix(p.Photometric, "_420") || shared && (p.Samples != 3 || l.columns%2 != 0) {
		return l, fmt.Errorf("deident: pixels of %d samples of %d bits in %s are not masked", p.Samples, p.Allocated, p.Photometric)
	}
	cell := p.Black(d)
	sample := func(n int) []byte { return cell[n*p.Allocated/8 : (n+1)*p.Allocated/8] }
	l.per, l.black = 1, [][]byte{cell}
	switch {
	case shared: // Y1 Y2 Cb Cr
		l.per, l.black = 2, [][]byte{slices.Concat(sample(0), cell)}
	case planar == 1 && p.Samples > 1:
		l.black = nil
		for n := range p.Samples {
			l.black = append(l.black, sample(n))
		}
	}
	return l, nil
}

// maskRows copies native pixel data row by row, with areas blank.
func maskRows(w io.Writer, r io.Reader, l layout, areas []Area) error {
	cells := make([]Area, len(areas))
	for i, a := range areas {
		from, to := a.X/l.per, (a.X+a.Width+l.per-1)/l.per // outwards
		cells[i] = Area{X: from, Y: a.Y, Width: to - from, Height: a.Height}
	}
	columns := l.columns / l.per
	row := make([]byte, columns*len(l.black[0]))
	for n := 0; ; n++ {
		y, plane := n%l.rows, n/l.rows%len(l.black)
		got, err := io.ReadFull(r, row)
		if err == io.ErrUnexpectedEOF || err == io.EOF {
			// Padding to an even length, or what is missing: Finish tells.
			_, err = w.Write(row[:got])
			return err
		}
		if err != nil {
			return err
		}
		blankRow(row, y, columns, l.black[plane], cells)
		if _, err := w.Write(row); err != nil {
			return err
		}
	}
}
