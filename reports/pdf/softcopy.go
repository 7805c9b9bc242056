package pdf

import (
	"strings"

	"github.com/dokuei/dokuei/dicom/softcopy"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf/document"
)

// over draws the graphics and texts of the presentation state that a key image was
// looked at under, on a picture that is w by h points (PS3.3 C.10.5).
func (s *sheet) over(d reports.Drawn, x, y, w, h float64) {
	if d.Over == nil || d.Part.Empty() {
		return
	}
	pixel := func(p [2]float64) [2]float64 {
		px, py := d.View.Place(d.Part, p)
		return [2]float64{x + px*w, y + py*h}
	}
	from, to := pixel(d.Displayed[0]), pixel(d.Displayed[1])
	at := func(units string, p [2]float64) [2]float64 {
		if units != softcopy.UnitsDisplay {
			return pixel(p)
		}
		// Shares of the area as it lies on the screen.
		for i := range p {
			p[i] = min(from[i], to[i]) + p[i]*max(from[i]-to[i], to[i]-from[i])
		}
		return p
	}
	annotations := d.Over.Over(d.Instance, d.Frame, d.Hidden)
	s.page.Clip(x, y, w, h, func() {
		for _, a := range annotations {
			for _, g := range a.Graphics {
				points := make([][2]float64, len(g.Points))
				for i, p := range g.Points {
					points[i] = at(g.Units, p)
				}
				if g.Type == "POINT" {
					s.cross(points[0])
					continue
				}
				s.page.Path(softcopy.Outline(g.Type, points))
			}
		}
	})
	for _, a := range annotations {
		for _, t := range a.Texts {
			s.words(t, at, [4]float64{x, y, x + w, y + h})
		}
	}
}

func (s *sheet) cross(p [2]float64) {
	s.page.Path([][2]float64{{p[0] - 4, p[1]}, {p[0] + 4, p[1]}}, false)
	s.page.Path([][2]float64{{p[0], p[1] - 4}, {p[0], p[1] + 4}}, false)
}

// words writes a text into its box, or beside its anchor, within the picture.
func (s *sheet) words(t softcopy.Text, at func(string, [2]float64) [2]float64, picture [4]float64) {
	const size = 7.5
	var place [2]float64
	align := "LEFT"
	if t.Anchor != nil {
		p := at(t.Anchor.Units, t.Anchor.At)
		place = [2]float64{p[0] + 4, p[1]}
		if t.Anchor.Visible && t.Box == nil {
			s.cross(p)
		}
	}
	if b := t.Box; b != nil {
		p, q := at(b.Units, b.TopLeft), at(b.Units, b.BottomRight)
		left, top, right := min(p[0], q[0]), min(p[1], q[1]), max(p[0], q[0])
		if a := t.Anchor; a != nil && a.Visible {
			anchor := at(a.Units, a.At)
			s.page.Path([][2]float64{anchor, {min(max(anchor[0], left), right), min(max(anchor[1], top), max(p[1], q[1]))}}, false)
		}
		switch align = b.Align; align {
		case "CENTER":
			left = (left + right) / 2
		case "RIGHT":
			left = right
		}
		place = [2]float64{left, top + size}
	}
	if place[0] < picture[0] || place[0] > picture[2] || place[1] < picture[1] || place[1] > picture[3] {
		return
	}
	for i, line := range strings.FieldsFunc(t.Value, func(r rune) bool { return r == '\n' || r == '\r' }) {
		x, y, width := place[0], place[1]+float64(i)*(size+2.5), s.doc.Width(line, size)
		switch align {
		case "CENTER":
			x -= width / 2
		case "RIGHT":
			x -= width
		}
		x = max(picture[0]+2, min(x, picture[2]-width-2))
		s.page.Fill(x-1.5, y-size, width+3, size+2.5, 0)
		s.page.Text(x, y, line, document.Style{Size: size, Grey: 1})
	}
}
