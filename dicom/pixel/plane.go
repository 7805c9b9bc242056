package pixel

import (
	"math"

	"github.com/dokuei/dokuei/dicom/tag"
)

// Plane is where a frame lies (Image Plane Module, PS3.3 C.7.6.2; plane
// position, orientation and measures macros, C.7.6.16.2).
type Plane struct {
	Position       [3]float64 // Image Position (Patient): centre of the first pixel, mm
	Orientation    [6]float64 // Image Orientation (Patient): along a row, down a column
	Located        bool       // Position and Orientation are there
	Spacing        [2]float64 // mm between rows, between columns; 0 when unknown
	Imager         bool       // Spacing is Imager Pixel Spacing: at the detector, not in the patient
	SliceThickness float64
	Aspect         float64 // height of a pixel over its width; 1 when unknown
}

// Normal is the unit vector that the frame faces, towards the next slice of a
// series in order.
func (p Plane) Normal() [3]float64 {
	o := p.Orientation
	return [3]float64{o[1]*o[5] - o[2]*o[4], o[2]*o[3] - o[0]*o[5], o[0]*o[4] - o[1]*o[3]}
}

// Distance is the place of the frame along its normal, which sorts a series.
func (p Plane) Distance() float64 {
	n := p.Normal()
	return n[0]*p.Position[0] + n[1]*p.Position[1] + n[2]*p.Position[2]
}

func planeOf(g groups) Plane {
	p := Plane{Aspect: 1}
	pos := g.find(tag.PlanePositionSequence).Floats(tag.ImagePositionPatient)
	ori := g.find(tag.PlaneOrientationSequence).Floats(tag.ImageOrientationPatient)
	if len(pos) == 3 && len(ori) == 6 && unit(ori[:3]) && unit(ori[3:]) {
		copy(p.Position[:], pos)
		copy(p.Orientation[:], ori)
		p.Located = true
	}
	measures := g.find(tag.PixelMeasuresSequence)
	detector := g.d.Floats(tag.ImagerPixelSpacing)
	if p.spacing(measures.Floats(tag.PixelSpacing)) {
		// The same as at the detector: nobody has corrected it (PS3.3 10.7.1.2).
		p.Imager = len(detector) == 2 && [2]float64(detector) == p.Spacing
	} else {
		p.Imager = p.spacing(detector)
	}
	if p.Spacing[0] == 0 { // PS3.3 C.7.6.3.1.7: vertical over horizontal, only without a spacing
		if r := g.d.Ints(tag.PixelAspectRatio); len(r) == 2 && r[0] > 0 && r[1] > 0 {
			p.Aspect = float64(r[0]) / float64(r[1])
		}
	}
	if v, ok := measures.Float(tag.SliceThickness); ok && v >= 0 {
		p.SliceThickness = v
	}
	return p
}

func (p *Plane) spacing(v []float64) bool {
	if len(v) != 2 || !(v[0] > 0) || !(v[1] > 0) {
		return false
	}
	p.Spacing = [2]float64{v[0], v[1]}
	p.Aspect = v[0] / v[1]
	return true
}

// unit tells whether three direction cosines have the length of one, with the
// slack of values rounded to few decimals.
func unit(v []float64) bool {
	return math.Abs(math.Sqrt(v[0]*v[0]+v[1]*v[1]+v[2]*v[2])-1) < 0.05
}
