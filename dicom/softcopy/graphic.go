package softcopy

import (
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/tag"
)

// layer reads an item of the Graphic Layer Sequence (PS3.3 C.10.7).
func (r *reader) layer(it *dataset.Dataset) Layer {
	l := Layer{Name: r.text(it.String(tag.GraphicLayer)), Description: r.text(it.String(tag.GraphicLayerDescription))}
	l.Order, _ = it.Int(tag.GraphicLayerOrder)
	if v, ok := it.Int(tag.GraphicLayerRecommendedDisplayGrayscaleValue); ok {
		grey := pValue(v)
		l.Grey = &grey
	}
	l.Lab = lab(it.Ints(tag.GraphicLayerRecommendedDisplayCIELabValue))
	return l
}

// pValue is a P-Value of 16 bits as a share of white.
func pValue(v int) float64 { return float64(min(max(v, 0), 0xffff)) / 0xffff }

// lab is a PCS-Value (PS3.3 C.10.7.1.1): L* of 0…100, a* and b* of -128…127, each in 16
// bits.
func lab(v []int) []float64 {
	if len(v) != 3 {
		return nil
	}
	return []float64{pValue(v[0]) * 100, pValue(v[1])*255 - 128, pValue(v[2])*255 - 128}
}

// annotation reads an item of the Graphic Annotation Sequence (PS3.3 C.10.5).
func (r *reader) annotation(it *dataset.Dataset) Annotation {
	a := Annotation{Images: r.images(it), Layer: r.text(it.String(tag.GraphicLayer))}
	for _, o := range it.Items(tag.TextObjectSequence) {
		if t, ok := r.words(o); ok && r.take(&r.left.Items, 1) {
			a.Texts = append(a.Texts, t)
		}
	}
	for _, o := range it.Items(tag.GraphicObjectSequence) {
		if g, ok := r.graphic(o); ok && r.take(&r.left.Items, 1) {
			a.Graphics = append(a.Graphics, g)
		}
	}
	return a
}

func (r *reader) words(o *dataset.Dataset) (Text, bool) {
	t := Text{Value: r.text(o.String(tag.UnformattedTextValue))}
	if from, to := pairs(o.Floats(tag.BoundingBoxTopLeftHandCorner)), pairs(o.Floats(tag.BoundingBoxBottomRightHandCorner)); len(from) == 1 && len(to) == 1 {
		if units, ok := unitsOf(o, tag.BoundingBoxAnnotationUnits); ok {
			t.Box = &Box{units, from[0], to[0], o.String(tag.BoundingBoxTextHorizontalJustification)}
		}
	}
	if at := pairs(o.Floats(tag.AnchorPoint)); len(at) == 1 {
		if units, ok := unitsOf(o, tag.AnchorPointAnnotationUnits); ok {
			t.Anchor = &Anchored{units, at[0], o.String(tag.AnchorPointVisibility) == "Y"}
		}
	}
	return t, t.Value != "" && (t.Box != nil || t.Anchor != nil)
}

// unitsOf is the unit of coordinates; MATRIX is of tiled slides, which no GSPS is for.
func unitsOf(o *dataset.Dataset, t tag.Tag) (string, bool) {
	u := o.String(t)
	return u, u == UnitsPixel || u == UnitsDisplay
}

// leastPoints of each graphic type (PS3.3 C.10.5.1.2).
var leastPoints = map[string]int{"POINT": 1, "POLYLINE": 2, "INTERPOLATED": 2, "CIRCLE": 2, "ELLIPSE": 4}

func (r *reader) graphic(o *dataset.Dataset) (Graphic, bool) {
	g := Graphic{Type: o.String(tag.GraphicType), Filled: o.String(tag.GraphicFilled) == "Y", Points: pairs(o.Floats(tag.GraphicData))}
	var ok bool
	if g.Units, ok = unitsOf(o, tag.GraphicAnnotationUnits); !ok {
		return g, false
	}
	least, known := leastPoints[g.Type]
	if !known || len(g.Points) < least || !r.take(&r.left.Points, len(g.Points)) {
		return g, false
	}
	g.Lab = lab(o.Item(tag.LineStyleSequence).Ints(tag.PatternOnColorCIELabValue))
	return g, true
}

// shutters reads Display Shutter and Bitmap Display Shutter (PS3.3 C.7.6.11, C.7.6.15).
// Rows and columns of their vertices come row first.
func (r *reader) shutters(s *State, d *dataset.Dataset) {
	if v, ok := d.Int(tag.ShutterPresentationValue); ok {
		s.ShutterGrey = pValue(v)
	}
	number := func(t tag.Tag) float64 {
		v, _ := d.Float(t)
		return v
	}
	swap := func(v [][2]float64) [][2]float64 {
		for i := range v {
			v[i][0], v[i][1] = v[i][1], v[i][0]
		}
		return v
	}
	shapes := d.Strings(tag.ShutterShape)
	slices.Sort(shapes)
	for _, shape := range slices.Compact(shapes) {
		sh, ok := Shutter{Shape: shape}, false
		switch shape {
		case "RECTANGULAR":
			sh.Edges = [4]float64{number(tag.ShutterLeftVerticalEdge), number(tag.ShutterRightVerticalEdge), number(tag.ShutterUpperHorizontalEdge), number(tag.ShutterLowerHorizontalEdge)}
			ok = len(pairs(sh.Edges[:])) == 2
		case "CIRCULAR":
			sh.Radius = number(tag.RadiusOfCircularShutter)
			if at := swap(pairs(d.Floats(tag.CenterOfCircularShutter))); len(at) == 1 && sh.Radius > 0 && sh.Radius <= maxCoordinate {
				sh.Center, ok = at[0], true
			}
		case "POLYGONAL":
			sh.Points = swap(pairs(d.Floats(tag.VerticesOfThePolygonalShutter)))
			ok = len(sh.Points) > 2 && r.take(&r.left.Points, len(sh.Points))
		case "BITMAP":
			sh.Plane, ok = d.Int(tag.ShutterOverlayGroup)
		}
		if ok {
			s.Shutters = append(s.Shutters, sh)
		}
	}
}

// planes reads the overlay planes of the state itself. One that is neither activated
// nor a shutter is not to be shown (PS3.3 C.11.7).
func (r *reader) planes(s *State, d *dataset.Dataset) {
	shuts := func(group int) bool {
		return slices.ContainsFunc(s.Shutters, func(sh Shutter) bool { return sh.Shape == "BITMAP" && sh.Plane == group })
	}
	for _, o := range pixel.OverlaysOf(d) {
		p := Plane{Group: int(o.Group), ROI: o.ROI, Rows: o.Rows, Columns: o.Columns, Top: o.Top, Left: o.Left, Cells: o.Bits()}
		p.Layer = r.text(d.String(tag.OverlayActivationLayer + tag.Tag(uint32(o.Group-0x6000)<<16)))
		if p.Cells == nil || p.Layer == "" && !shuts(p.Group) || !r.take(&r.left.Cells, len(p.Cells)) {
			continue
		}
		p.Label = r.text(o.Label)
		s.Planes = append(s.Planes, p)
	}
}
