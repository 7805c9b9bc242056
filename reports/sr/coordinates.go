package sr

import (
	"math"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
)

// scoordItem is a mark as spatial coordinates on its frame (PS3.3 C.18.6).
func scoordItem(relationship string, concept reports.Concept, m reports.Mark, e reports.Evidence) *dataset.Dataset {
	d := bare(relationship, "SCOORD", concept)
	kind, points := graphic(m)
	d.SetString(tag.GraphicType, "CS", kind)
	flat := make([]float64, 0, 2*len(points))
	for _, p := range points {
		flat = append(flat, p[0], p[1])
	}
	d.SetFloat(tag.GraphicData, "FL", flat...)
	d.SetItems(tag.ContentSequence, imageItem(selectedFrom, reports.Concept{}, e, m.Frame))
	return d
}

// graphic is the Graphic Type and Graphic Data of a mark (PS3.3 C.18.6.1.2): an
// ellipse by the ends of its axes, a closed outline with its first point again.
func graphic(m reports.Mark) (string, [][2]float64) {
	p := m.Points
	switch m.Kind {
	case "point", "text":
		return "POINT", p[:1]
	case "ellipse":
		x, y := (p[0][0]+p[1][0])/2, (p[0][1]+p[1][1])/2
		rx, ry := math.Abs(p[0][0]-p[1][0])/2, math.Abs(p[0][1]-p[1][1])/2
		across := [][2]float64{{x - rx, y}, {x + rx, y}}
		down := [][2]float64{{x, y - ry}, {x, y + ry}}
		if ry > rx {
			across, down = down, across
		}
		return "ELLIPSE", append(across, down...)
	case "rectangle":
		return "POLYLINE", [][2]float64{p[0], {p[1][0], p[0][1]}, p[1], {p[0][0], p[1][1]}, p[0]}
	case "freehand":
		return "POLYLINE", append(append([][2]float64{}, p...), p[0])
	}
	return "POLYLINE", p
}

// imageItem is an IMAGE content item (PS3.3 C.18.4); frame 0 leaves the frame out.
func imageItem(relationship string, concept reports.Concept, e reports.Evidence, frame int) *dataset.Dataset {
	d := bare(relationship, "IMAGE", concept)
	ref := dataset.New()
	ref.SetString(tag.ReferencedSOPClassUID, "UI", e.SOPClassUID)
	ref.SetString(tag.ReferencedSOPInstanceUID, "UI", e.SOPInstanceUID)
	if frame > 1 {
		ref.SetInt(tag.ReferencedFrameNumber, "IS", frame)
	}
	d.SetItems(tag.ReferencedSOPSequence, ref)
	return d
}

// keyItem is the IMAGE content item of a key image, with the presentation state it was
// looked at under (PS3.3 Table C.18.4-1), where the study has both; refs are what it refers
// to. Without its image there is none.
func keyItem(relationship string, concept reports.Concept, c reports.Context, k reports.KeyImage) (d *dataset.Dataset, refs []reports.Evidence) {
	e, known := evidenceOf(c, k.Instance)
	if !known {
		return nil, nil
	}
	d, refs = imageItem(relationship, concept, e, k.Frame), []reports.Evidence{e}
	if state, known := evidenceOf(c, k.State); known {
		under := dataset.New()
		under.SetString(tag.ReferencedSOPClassUID, "UI", state.SOPClassUID)
		under.SetString(tag.ReferencedSOPInstanceUID, "UI", state.SOPInstanceUID)
		image := d.Item(tag.ReferencedSOPSequence)
		image.SetItems(tag.ReferencedSOPSequence, under)
		d.SetItems(tag.ReferencedSOPSequence, image)
		refs = append(refs, state)
	}
	return d, refs
}

// bare begins an item whose concept name may be left out.
func bare(relationship, valueType string, concept reports.Concept) *dataset.Dataset {
	if concept.Value != "" {
		return item(relationship, valueType, concept)
	}
	d := dataset.New()
	d.SetString(tag.RelationshipType, "CS", relationship)
	d.SetString(tag.ValueType, "CS", valueType)
	return d
}

func uidItem(relationship string, concept reports.Concept, value string) *dataset.Dataset {
	d := item(relationship, "UIDREF", concept)
	d.SetString(tag.UID, "UI", value)
	return d
}
