package pdf

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf/document"
)

const (
	figureGap  = 12.0
	figureSize = (right - left - figureGap) / 2 // two beside each other

	captionSize    = 9.0
	captionLeading = 12.0
	labelSize      = 7.5
)

// figures prints the key images two a row, each with what was drawn on it, its number as
// the text calls it and what the reader wrote with it. One that much is written with
// stands alone.
func (s *sheet) figures(list []reports.Drawn) error {
	for n := 0; n < len(list); {
		row := list[n:min(n+2, len(list))]
		if slices.ContainsFunc(row, s.long) {
			row = row[:1]
		}
		if err := s.figureRow(row, n == 0); err != nil {
			return err
		}
		n += len(row)
	}
	return nil
}

// figureRow prints figures that stand beside each other, under a heading when they are
// the first.
func (s *sheet) figureRow(row []reports.Drawn, first bool) error {
	images := make([]*document.Image, len(row))
	height, under, heading := 0.0, captionLeading, 0.0
	for i, d := range row {
		var err error
		if images[i], err = document.JPEG(d.JPEG); err != nil {
			return fmt.Errorf("pdf: figure %d: %w", d.Number, err)
		}
		_, h := fit(images[i])
		height = max(height, h)
		if !s.long(d) {
			under = max(under, captionLeading*float64(len(s.caption(d))))
		}
	}
	if first {
		heading = 34
	}
	s.room(heading + height + under + 22)
	if first {
		s.y += 22
		s.page.Fill(left, s.y-11, 3, 14, 0.15)
		s.text(document.H2, left+9, s.y, s.w.figures, document.Style{Size: 11.5, Bold: true})
	}
	s.y += 10
	at := s.y + height + 1
	for i, d := range row {
		x := left + float64(i)*(figureSize+figureGap)
		w, h := fit(images[i])
		s.doc.Tag(document.Figure, s.called(d), func() {
			s.page.Image(x, s.y, w, h, images[i])
			s.over(d, x, s.y, w, h)
			s.marks(d, x, s.y, w, h)
		})
		if s.long(d) { // it is alone, and may go over the page
			s.y = at
			s.doc.Tag(document.Caption, "", func() { s.flow(s.lines(s.called(d), captionSize, right-left), left, captionSize, captionLeading) })
			s.y += 6
			return nil
		}
		s.doc.Tag(document.Caption, "", func() {
			for n, line := range s.caption(d) {
				s.page.Text(x, at+captionLeading*float64(n+1), line, document.Style{Size: captionSize})
			}
		})
	}
	s.y = at + under + 6
	return nil
}

// called is a figure's number as the text calls it, and what the reader wrote with it.
func (s *sheet) called(d reports.Drawn) string {
	return strings.Join(nonEmpty(fmt.Sprintf(s.w.figure, d.Number), d.Text), "　")
}

// caption is called in lines as wide as a figure.
func (s *sheet) caption(d reports.Drawn) []string {
	return s.lines(s.called(d), captionSize, figureSize)
}

// long reports captions that have no room under their figure.
func (s *sheet) long(d reports.Drawn) bool { return len(s.caption(d)) > 8 }

func fit(i *document.Image) (w, h float64) {
	k := figureSize / float64(max(i.Width, i.Height))
	return float64(i.Width) * k, float64(i.Height) * k
}

// marks draws what was measured on a picture that is w by h points, as far as the
// picture shows it.
func (s *sheet) marks(d reports.Drawn, x, y, w, h float64) {
	if d.Part.Empty() {
		return
	}
	at := func(p [2]float64) [2]float64 {
		px, py := d.View.Place(d.Part, p)
		return [2]float64{x + px*w, y + py*h}
	}
	s.page.Clip(x, y, w, h, func() {
		for _, m := range d.Marks {
			s.mark(m, at)
		}
	})
	for _, m := range d.Marks {
		if len(m.Points) == 0 {
			continue
		}
		if p := at(m.Points[len(m.Points)-1]); p[0] >= x && p[0] <= x+w && p[1] >= y && p[1] <= y+h {
			s.label(m, [2]float64{p[0], max(p[1], y+labelSize)}, x+w)
		}
	}
}

func (s *sheet) mark(m reports.Mark, at func([2]float64) [2]float64) {
	points := make([][2]float64, len(m.Points))
	for i, p := range m.Points {
		points[i] = at(p)
	}
	if len(points) == 0 {
		return
	}
	switch m.Kind {
	case "bidirectional", "cobb":
		s.page.Path(points[:2], false)
		s.page.Path(points[2:], false)
	case "rectangle":
		a, b := points[0], points[1]
		s.page.Path([][2]float64{a, {b[0], a[1]}, b, {a[0], b[1]}}, true)
	case "ellipse":
		s.page.Path(ellipse(points[0], points[1]), true)
	case "freehand":
		s.page.Path(points, true)
	case "arrow":
		s.page.Path(points, false)
		s.head(points[0], points[1])
	case "point":
		s.cross(points[0])
	default:
		s.page.Path(points, false)
	}
}

// ellipse is the one within two opposite corners.
func ellipse(a, b [2]float64) [][2]float64 {
	const steps = 48
	out := make([][2]float64, steps)
	for i := range out {
		sin, cos := math.Sincos(2 * math.Pi * float64(i) / steps)
		out[i] = [2]float64{(a[0]+b[0])/2 + (b[0]-a[0])/2*cos, (a[1]+b[1])/2 + (b[1]-a[1])/2*sin}
	}
	return out
}

// head is that of an arrow whose tip is the first point.
func (s *sheet) head(tip, tail [2]float64) {
	angle := math.Atan2(tail[1]-tip[1], tail[0]-tip[0])
	for _, turn := range []float64{-0.45, 0.45} {
		sin, cos := math.Sincos(angle + turn)
		s.page.Path([][2]float64{tip, {tip[0] + 7*cos, tip[1] + 7*sin}}, false)
	}
}

// label is the note of a mark, else its first value, beside it.
func (s *sheet) label(m reports.Mark, at [2]float64, edge float64) {
	text := strings.ReplaceAll(m.Text, "\n", " ")
	if text == "" && len(m.Values) > 0 {
		text = strconv.FormatFloat(m.Values[0].Value, 'f', 1, 64) + " " + unit(m.Values[0].Unit)
	}
	if text == "" {
		return
	}
	width := s.doc.Width(text, labelSize)
	x := min(at[0]+4, edge-width-2)
	s.page.Fill(x-1.5, at[1]-labelSize, width+3, labelSize+2.5, 0)
	s.page.Text(x, at[1], text, document.Style{Size: labelSize, Grey: 1})
}

// unit is UCUM as people write it.
func unit(ucum string) string {
	switch ucum {
	case "mm2":
		return "mm²"
	case "deg":
		return "°"
	case "[hnsf'U]":
		return "HU"
	case "1":
		return ""
	}
	return strings.Trim(ucum, "{}")
}
