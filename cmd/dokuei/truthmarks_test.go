package main

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/tag"
)

// spacings are images whose pixels have a size that is easily got wrong: not square, none,
// that of the detector, both, and another for each frame (PS3.3 10.7.1, C.7.6.16.2.1).
func spacings(t *testing.T) (files []string) {
	t.Helper()
	add := func(change func(d *dataset.Dataset)) {
		dir, _ := slices(t, 1, func(d *dataset.Dataset, _ int) { change(d) })
		files = append(files, regular(t, dir)...)
	}
	projection := func(d *dataset.Dataset) {
		d.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.1.1")
		d.SetString(tag.Modality, "CS", "DX")
		for _, t := range []tag.Tag{tag.PixelSpacing, tag.ImagePositionPatient, tag.ImageOrientationPatient, tag.FrameOfReferenceUID} {
			d.Delete(t)
		}
	}
	add(func(d *dataset.Dataset) { d.SetFloat(tag.PixelSpacing, "DS", 0.4, 0.7) })
	add(projection)
	add(func(d *dataset.Dataset) {
		projection(d)
		d.SetFloat(tag.ImagerPixelSpacing, "DS", 0.2, 0.3)
	})
	add(func(d *dataset.Dataset) { // nobody has calibrated it
		projection(d)
		d.SetFloat(tag.ImagerPixelSpacing, "DS", 0.2, 0.2)
		d.SetFloat(tag.PixelSpacing, "DS", 0.2, 0.2)
	})
	add(func(d *dataset.Dataset) {
		projection(d)
		d.SetFloat(tag.ImagerPixelSpacing, "DS", 0.2, 0.2)
		d.SetFloat(tag.PixelSpacing, "DS", 0.15, 0.15)
		d.SetString(tag.PixelSpacingCalibrationType, "CS", "FIDUCIAL")
	})
	add(func(d *dataset.Dataset) { // enhanced MR
		d.SetString(tag.SOPClassUID, "UI", "1.2.840.10008.5.1.4.1.1.4.1")
		d.SetString(tag.Modality, "CS", "MR")
		d.SetInt(tag.NumberOfFrames, "IS", 3)
		one, _, _ := d.Raw(tag.PixelData)
		d.SetBytes(tag.PixelData, "OW", bytes.Repeat(one, 3))
		var frames []*dataset.Dataset
		for n := range 3 {
			frames = append(frames, item(func(f *dataset.Dataset) {
				f.SetItems(tag.PixelMeasuresSequence, item(func(m *dataset.Dataset) {
					m.SetFloat(tag.PixelSpacing, "DS", 0.5+float64(n)/4, 0.5+float64(n)/2)
				}))
				f.SetItems(tag.PlanePositionSequence, item(func(p *dataset.Dataset) { p.SetFloat(tag.ImagePositionPatient, "DS", -16, -16, float64(n)) }))
				f.SetItems(tag.PlaneOrientationSequence, item(func(o *dataset.Dataset) {
					o.SetFloat(tag.ImageOrientationPatient, "DS", 1, 0, 0, 0, math.Cos(0.3), math.Sin(0.3))
				}))
			}))
		}
		d.SetItems(tag.PerFrameFunctionalGroupsSequence, frames...)
		for _, t := range []tag.Tag{tag.PixelSpacing, tag.ImagePositionPatient, tag.ImageOrientationPatient} {
			d.Delete(t)
		}
	})
	return files
}

// vector is a direction or a place in the patient, in mm; in the plane of a frame that
// does not say where it lies.
type vector [3]float64

func (a vector) minus(b vector) vector { return vector{a[0] - b[0], a[1] - b[1], a[2] - b[2]} }
func (a vector) dot(b vector) float64  { return a[0]*b[0] + a[1]*b[1] + a[2]*b[2] }
func (a vector) size() float64         { return math.Sqrt(a.dot(a)) }

// between is the angle of two directions in degrees.
func between(a, b vector) float64 {
	return math.Acos(max(-1, min(1, a.dot(b)/a.size()/b.size()))) * 180 / math.Pi
}

// marks compares what the page measures of every kind of mark with the same places taken
// into the patient, and regions with all pixels whose middle is inside.
func (p painted) marks(f *pixel.Frame, how pixel.Presentation) error {
	spacing, unit := how.Plane.Spacing, "mm"
	if spacing[0] == 0 {
		spacing, unit = [2]float64{1, 1}, "{pixels}"
	}
	place := func(at [2]float64) (v vector) {
		if !how.Plane.Located {
			return vector{at[0] * spacing[1], at[1] * spacing[0], 0}
		}
		for k := range 3 {
			v[k] = how.Plane.Position[k] + how.Plane.Orientation[k]*spacing[1]*at[0] + how.Plane.Orientation[3+k]*spacing[0]*at[1]
		}
		return v
	}
	near := func(kind, name string, want, within float64) error {
		got, ok := p.Marks[kind].Values[name]
		if !ok || math.Abs(got-want) > within {
			return fmt.Errorf("%s: the page says %s %g, computed %g", kind, name, got, want)
		}
		return nil
	}
	pts := func(kind string) (out []vector) {
		for _, at := range p.Marks[kind].Points {
			out = append(out, place(at))
		}
		return out
	}
	if p.Unit != unit {
		return fmt.Errorf("the page measures in %s, not %s", p.Unit, unit)
	}
	if mm := strings.Contains(p.Said, "mm"); mm != (unit == "mm") {
		return fmt.Errorf("the page says %q of a length in %s", p.Said, unit)
	}
	if strings.Contains(p.Said, "検出器") != how.Plane.Imager {
		return fmt.Errorf("the page says %q of a length at the detector: %v", p.Said, how.Plane.Imager)
	}
	a, c, b := pts("angle"), pts("cobb"), pts("bidirectional")
	lines := between(c[1].minus(c[0]), c[3].minus(c[2]))
	axes := []float64{b[1].minus(b[0]).size(), b[3].minus(b[2]).size()}
	for _, err := range []error{
		near("angle", "angle", between(a[0].minus(a[1]), a[2].minus(a[1])), 0.05),
		near("cobb", "angle", lines, 0.05),
		near("bidirectional", "long", max(axes[0], axes[1]), 0.1),
		near("bidirectional", "short", min(axes[0], axes[1]), 0.1),
	} {
		if err != nil {
			return err
		}
	}
	for kind, inside := range regions {
		m := p.Marks[kind]
		var n, sum, squares float64
		low, high := math.Inf(1), math.Inf(-1)
		for y := range f.Rows {
			for x := range f.Columns {
				stored := f.Value(y, x, 0)
				if !inside(m.Points, float64(x)+0.5, float64(y)+0.5) || how.Padding.Present && stored >= how.Padding.Value && stored <= how.Padding.Last {
					continue
				}
				v := how.Modality.At(stored)
				n, sum, squares = n+1, sum+v, squares+v*v
				low, high = min(low, v), max(high, v)
			}
		}
		if n == 0 {
			continue
		}
		mean := sum / n
		slack := 1e-6 * max(1, math.Abs(low), math.Abs(high))
		for _, err := range []error{
			near(kind, "mean", mean, slack), near(kind, "min", low, slack), near(kind, "max", high, slack),
			near(kind, "sd", math.Sqrt(max(0, squares/n-mean*mean)), 1e-3*max(1, math.Abs(mean))),
			near(kind, "area", surface(kind, m.Points)*spacing[0]*spacing[1], 1e-6*float64(f.Rows*f.Columns)),
		} {
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// regions tell whether a place is inside what is drawn.
var regions = map[string]func(p [][2]float64, x, y float64) bool{
	"ellipse": func(p [][2]float64, x, y float64) bool {
		u := (2*x - p[0][0] - p[1][0]) / (p[1][0] - p[0][0])
		v := (2*y - p[0][1] - p[1][1]) / (p[1][1] - p[0][1])
		return u*u+v*v <= 1
	},
	"rectangle": func(p [][2]float64, x, y float64) bool {
		return x >= min(p[0][0], p[1][0]) && x <= max(p[0][0], p[1][0]) && y >= min(p[0][1], p[1][1]) && y <= max(p[0][1], p[1][1])
	},
	// By the turns of the outline around the place, not by crossings.
	"freehand": func(p [][2]float64, x, y float64) bool {
		turns := 0.0
		for i := range p {
			a, b := p[i], p[(i+1)%len(p)]
			ax, ay, bx, by := a[0]-x, a[1]-y, b[0]-x, b[1]-y
			turns += math.Atan2(ax*by-ay*bx, ax*bx+ay*by)
		}
		return math.Abs(turns) > math.Pi
	},
}

// surface is the area of a region in pixels.
func surface(kind string, p [][2]float64) float64 {
	w, h := math.Abs(p[0][0]-p[1][0]), math.Abs(p[0][1]-p[1][1])
	switch kind {
	case "ellipse":
		return math.Pi / 4 * w * h
	case "rectangle":
		return w * h
	}
	area := 0.0
	for i := 1; i+1 < len(p); i++ { // triangles from the first corner
		area += ((p[i][0]-p[0][0])*(p[i+1][1]-p[0][1]) - (p[i+1][0]-p[0][0])*(p[i][1]-p[0][1])) / 2
	}
	return math.Abs(area)
}
