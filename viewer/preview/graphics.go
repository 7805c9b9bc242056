package preview

import (
	"image"
	"image/color"
	"image/draw"
	"math"
	"strings"
	"sync"

	"golang.org/x/image/font"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"

	"github.com/dokuei/dokuei/dicom/softcopy"
	typefaces "github.com/dokuei/dokuei/reports/pdf/font"
)

// letters is the height of a text on a picture, in its pixels.
const letters = 16

// typeface has the letters of Latin and Japanese.
var typeface = sync.OnceValues(func() (*opentype.Font, error) { return opentype.Parse(typefaces.IPAexGothic) })

// drawn is a picture that has been laid: part of a frame, flipped and turned.
type drawn struct {
	draw.Image
	how  Rendering
	part image.Rectangle // in columns and rows of the frame
}

// at is where a point of the frame lies in the picture.
func (d drawn) at(p [2]float64) [2]float64 {
	x := (p[0] - float64(d.part.Min.X)) / float64(d.part.Dx())
	y := (p[1] - float64(d.part.Min.Y)) / float64(d.part.Dy())
	if d.how.FlipH {
		x = 1 - x
	}
	if d.how.FlipV {
		y = 1 - y
	}
	for range (d.how.Turns%4 + 4) % 4 {
		x, y = 1-y, x
	}
	return [2]float64{x * float64(d.Bounds().Dx()), y * float64(d.Bounds().Dy())}
}

// graphics draws the graphics and texts of the state into a picture that has been laid
// (PS3.3 C.10.5), white on a dark edge.
func (l *looked) graphics(d drawn, columns, rows int) error {
	from, to := l.Displayed(l.instance, l.frame, columns, rows)
	a, b := d.at(from), d.at(to)
	at := func(units string, p [2]float64) [2]float64 {
		if units != softcopy.UnitsDisplay {
			return d.at(p)
		}
		for i := range p { // shares of the area as it lies in the picture
			p[i] = min(a[i], b[i]) + p[i]*math.Abs(b[i]-a[i])
		}
		return p
	}
	over := l.Over(l.instance, l.frame, l.hidden)
	for _, ink := range []color.Color{color.Black, color.White} {
		for _, an := range over {
			for _, g := range an.Graphics {
				points := make([][2]float64, len(g.Points))
				for i, p := range g.Points {
					points[i] = at(g.Units, p)
				}
				d.graphic(g.Type, points, ink)
			}
			for _, t := range an.Texts {
				if err := d.text(t, at, ink); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (d drawn) graphic(kind string, points [][2]float64, ink color.Color) {
	if kind == "POINT" {
		d.cross(points[0], ink)
		return
	}
	line, closed := softcopy.Outline(kind, points)
	for i := range line[1:] {
		d.line(line[i], line[i+1], ink)
	}
	if closed {
		d.line(line[len(line)-1], line[0], ink)
	}
}

func (d drawn) cross(p [2]float64, ink color.Color) {
	const arm = 6
	d.line([2]float64{p[0] - arm, p[1]}, [2]float64{p[0] + arm, p[1]}, ink)
	d.line([2]float64{p[0], p[1] - arm}, [2]float64{p[0], p[1] + arm}, ink)
}

// line draws one of a pixel's width; in black it is three wide, an edge around it. What
// lies outside of the picture is not walked.
func (d drawn) line(a, b [2]float64, ink color.Color) {
	bounds := d.Bounds()
	from, to := 0.0, 1.0
	for i, end := range []int{bounds.Dx(), bounds.Dy()} {
		step := b[i] - a[i]
		if step == 0 {
			if a[i] < -1 || a[i] > float64(end)+1 {
				return
			}
			continue
		}
		near, far := (-1-a[i])/step, (float64(end)+1-a[i])/step
		from, to = max(from, min(near, far)), min(to, max(near, far))
	}
	if from > to {
		return
	}
	steps := int(max(math.Abs(b[0]-a[0]), math.Abs(b[1]-a[1]))*(to-from)) + 1
	for n := range steps + 1 {
		k := from + (to-from)*float64(n)/float64(steps)
		x, y := int(math.Floor(a[0]+k*(b[0]-a[0]))), int(math.Floor(a[1]+k*(b[1]-a[1])))
		if ink == color.White {
			d.Set(x, y, ink)
			continue
		}
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				d.Set(x+dx, y+dy, ink)
			}
		}
	}
}

// text writes a text into its box, or beside its anchor, a line for each of its lines.
func (d drawn) text(t softcopy.Text, at func(string, [2]float64) [2]float64, ink color.Color) error {
	letter, err := typeface()
	if err != nil {
		return err
	}
	face, err := opentype.NewFace(letter, &opentype.FaceOptions{Size: letters, DPI: 72})
	if err != nil {
		return err
	}
	defer face.Close()
	var place [2]float64
	share := 0.0 // of a line that lies before its place
	if t.Anchor != nil {
		p := at(t.Anchor.Units, t.Anchor.At)
		place = [2]float64{p[0] + 8, p[1]}
		if t.Anchor.Visible && t.Box == nil {
			d.cross(p, ink)
		}
	}
	if box := t.Box; box != nil {
		p, q := at(box.Units, box.TopLeft), at(box.Units, box.BottomRight)
		left, right, top, bottom := min(p[0], q[0]), max(p[0], q[0]), min(p[1], q[1]), max(p[1], q[1])
		if t.Anchor != nil && t.Anchor.Visible {
			p := at(t.Anchor.Units, t.Anchor.At)
			d.line(p, [2]float64{min(max(p[0], left), right), min(max(p[1], top), bottom)}, ink)
		}
		place = [2]float64{left, top + letters}
		switch box.Align {
		case "CENTER":
			place[0], share = (left+right)/2, 0.5
		case "RIGHT":
			place[0], share = right, 1
		}
	}
	edge := []image.Point{{}}
	if ink == color.Black {
		edge = []image.Point{{X: -1}, {X: 1}, {Y: -1}, {Y: 1}}
	}
	for i, line := range strings.FieldsFunc(t.Value, func(r rune) bool { return r == '\n' || r == '\r' }) {
		width := float64(font.MeasureString(face, line).Ceil())
		x, y := int(place[0]-share*width), int(place[1])+i*(letters+4)
		for _, e := range edge {
			pen := font.Drawer{Dst: d, Src: image.NewUniform(ink), Face: face, Dot: fixed.P(x+e.X, y+e.Y)}
			pen.DrawString(line)
		}
	}
	return nil
}
