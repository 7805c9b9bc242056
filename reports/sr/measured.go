package sr

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
)

// ErrNotMeasured is returned for documents without a measurement that lies on images.
var ErrNotMeasured = errors.New("sr: no measurements on images")

// ErrTooMuch is returned for documents with more than MeasuredLimits allow.
var ErrTooMuch = errors.New("sr: more measurements than the limits allow")

// Measured is what a document of any maker has measured on images: TID 1500, and other
// trees of NUM and SCOORD items.
type Measured struct {
	Title        string  `json:"title"`              // Document Title
	Observer     string  `json:"observer,omitempty"` // Person Observer Name, a PN
	Device       string  `json:"device,omitempty"`   // Device Observer Name
	Manufacturer string  `json:"manufacturer,omitempty"`
	Model        string  `json:"model,omitempty"`
	Created      string  `json:"created,omitempty"` // Content Date and Time
	Verified     bool    `json:"verified"`
	Groups       []Group `json:"groups"`
}

// Group is a Measurement Group (TID 1410, 1411, 1501), or one item that stands alone.
type Group struct {
	Tracking    string     `json:"tracking,omitempty"` // Tracking Identifier
	TrackingUID string     `json:"trackingUid,omitempty"`
	Finding     string     `json:"finding,omitempty"`
	Site        string     `json:"site,omitempty"`     // Finding Site, with its laterality
	Instance    string     `json:"instance,omitempty"` // an image that the group names as a whole
	Regions     []Region   `json:"regions,omitempty"`
	Quantities  []Quantity `json:"quantities,omitempty"`
	Notes       []string   `json:"notes,omitempty"` // what else is said: "name: value"
}

// Quantity is a NUM item.
type Quantity struct {
	Name  string  `json:"name"`
	How   string  `json:"how,omitempty"` // Derivation: Mean, Maximum …
	Value float64 `json:"value"`
	Unit  string  `json:"unit"`         // UCUM code, or the meaning of another scheme's
	On    []int   `json:"on,omitempty"` // regions of the group it was inferred from
}

// Region is a SCOORD (PS3.3 C.18.6) on frames of an image, or a SCOORD3D (C.18.9) in a
// frame of reference.
type Region struct {
	Type   string      `json:"type"`   // POINT, MULTIPOINT, POLYLINE, CIRCLE, ELLIPSE, POLYGON, ELLIPSOID
	Points [][]float64 `json:"points"` // column and row, the corner of the first pixel at 0\0; or x, y, z in mm
	// Of a SCOORD: the image, and its frames from 1 (none: all).
	Instance string `json:"instance,omitempty"`
	Frames   []int  `json:"frames,omitempty"`
	// Of a SCOORD3D.
	FrameOfReference string `json:"frameOfReference,omitempty"`
}

// MeasuredLimits bound what is taken out of one document.
type MeasuredLimits struct {
	Items      int // content items walked through
	Groups     int
	Quantities int
	Points     int
	Text       int // bytes of all texts
}

// DefaultMeasuredLimits are far above what a reading room or an algorithm writes.
var DefaultMeasuredLimits = MeasuredLimits{Items: 200_000, Groups: 5_000, Quantities: 50_000, Points: 500_000, Text: 4 << 20}

// maxPlace bounds coordinates, in pixels or mm.
const maxPlace = 1e6

// More concepts of TID 1500, by the codes of today and those that older software
// writes (SRT).
var (
	deviceObserverName = dcm("121013", "Device Observer Name")
	finding            = dcm("121071", "Finding")
)

func is(c reports.Concept, value, scheme string) bool { return c.Value == value && c.Scheme == scheme }

func isSite(c reports.Concept) bool {
	return is(c, "363698007", "SCT") || is(c, "G-C0E3", "SRT") || is(c, "G-C0E3", "99SDM")
}

// ParseMeasured reads the measurements out of an SR document. What it cannot place on
// an image (segments, waveforms, references to nowhere) is left out; values without a
// place stay in their group.
func ParseMeasured(d *dataset.Dataset, l MeasuredLimits) (*Measured, error) {
	if d.String(tag.ValueType) != "CONTAINER" {
		return nil, fmt.Errorf("%w: the root is no container", ErrNotReport)
	}
	w := walker{root: d, left: l}
	m := &Measured{
		Title: w.text(iod.ParseCode(d, tag.ConceptNameCodeSequence).Meaning), Manufacturer: w.text(d.String(tag.Manufacturer)),
		Model: w.text(d.String(tag.ManufacturerModelName)), Created: d.String(tag.ContentDate) + d.String(tag.ContentTime),
		Verified: d.String(tag.VerificationFlag) == "VERIFIED", Groups: []Group{},
	}
	w.into = m
	w.children(d, 0)
	if w.err != nil {
		return nil, w.err
	}
	if len(m.Groups) == 0 {
		return nil, ErrNotMeasured
	}
	return m, nil
}

// walker goes through a content tree and spends the limits.
type walker struct {
	root *dataset.Dataset
	into *Measured
	left MeasuredLimits
	err  error
}

func (w *walker) take(from *int, n int) bool {
	if *from -= n; *from < 0 && w.err == nil {
		w.err = ErrTooMuch
	}
	return w.err == nil
}

func (w *walker) text(s string) string {
	if !w.take(&w.left.Text, len(s)) {
		return ""
	}
	return s
}

// content are the children of an item, those meant by reference among them (PS3.3
// C.17.3.2.5).
func (w *walker) content(d *dataset.Dataset, depth int) []*dataset.Dataset {
	children := d.Items(tag.ContentSequence)
	if depth >= maxDepth || !w.take(&w.left.Items, len(children)) {
		return nil
	}
	out := make([]*dataset.Dataset, 0, len(children))
	for _, it := range children {
		if path := it.Ints(tag.ReferencedContentItemIdentifier); len(path) > 0 {
			if it = w.at(path); it == nil {
				continue
			}
		}
		out = append(out, it)
	}
	return out
}

// at finds an item by the positions that lead to it, from 1, the root's own first; nil
// when there is none, or it is a reference itself.
func (w *walker) at(path []int) *dataset.Dataset {
	if len(path) > maxDepth {
		return nil
	}
	d := w.root
	for _, n := range path[1:] {
		items := d.Items(tag.ContentSequence)
		if n < 1 || n > len(items) {
			return nil
		}
		d = items[n-1]
	}
	if d == w.root || d.Has(tag.ReferencedContentItemIdentifier) {
		return nil
	}
	return d
}

// children takes the groups below an item that is in none.
func (w *walker) children(d *dataset.Dataset, depth int) {
	for _, it := range w.content(d, depth) {
		name := iod.ParseCode(it, tag.ConceptNameCodeSequence)
		switch it.String(tag.ValueType) {
		case "CONTAINER":
			if is(name, measurementGroup.Value, "DCM") {
				w.group(func(g *Group) { w.members(g, it, depth+1) })
			} else {
				w.children(it, depth+1)
			}
		case "PNAME":
			if is(name, personObserverName.Value, "DCM") && w.into.Observer == "" {
				w.into.Observer = w.text(it.String(tag.PersonName))
			}
		case "TEXT":
			if is(name, deviceObserverName.Value, "DCM") && w.into.Device == "" {
				w.into.Device = w.text(it.String(tag.TextValue))
			}
		case "NUM", "SCOORD", "SCOORD3D", "CODE":
			// Outside of a group what has no place on an image is a fact about the
			// examination: of the Image Library, say.
			w.group(func(g *Group) {
				if w.member(g, it, depth); len(g.Regions) == 0 {
					*g = Group{}
				}
			})
		}
	}
}

// group adds what fill makes, unless it says nothing of an image nor a number.
func (w *walker) group(fill func(*Group)) {
	var g Group
	fill(&g)
	if len(g.Regions)+len(g.Quantities) > 0 && w.take(&w.left.Groups, 1) {
		w.into.Groups = append(w.into.Groups, g)
	}
}

func (w *walker) members(g *Group, d *dataset.Dataset, depth int) {
	for _, it := range w.content(d, depth) {
		w.member(g, it, depth)
	}
}

// member takes one item of a group, and gives the regions it was inferred from.
func (w *walker) member(g *Group, it *dataset.Dataset, depth int) (on []int) {
	name := iod.ParseCode(it, tag.ConceptNameCodeSequence)
	switch it.String(tag.ValueType) {
	case "TEXT":
		text := w.text(it.String(tag.TextValue))
		switch {
		case is(name, trackingIdentifier.Value, "DCM"):
			g.Tracking = text
		case text != "":
			g.note(w, name.Meaning, text)
		}
		return w.places(g, it, depth+1)
	case "UIDREF":
		if is(name, trackingUID.Value, "DCM") {
			g.TrackingUID = w.text(it.String(tag.UID))
		}
	case "CODE":
		value := w.text(iod.ParseCode(it, tag.ConceptCodeSequence).Meaning)
		switch {
		case is(name, finding.Value, "DCM"):
			g.Finding = value
		case isSite(name):
			where := []string{value}
			for _, m := range w.content(it, depth+1) { // laterality, topographical modifier
				if m.String(tag.ValueType) == "CODE" && m.String(tag.RelationshipType) == hasConceptMod {
					where = append(where, w.text(iod.ParseCode(m, tag.ConceptCodeSequence).Meaning))
				}
			}
			g.Site = strings.Join(where, ", ")
			return nil
		case it.String(tag.RelationshipType) == contains:
			g.note(w, name.Meaning, value)
		}
		return w.places(g, it, depth+1)
	case "NUM":
		return w.number(g, it, name, depth)
	case "SCOORD", "SCOORD3D":
		return w.region(g, it, depth)
	case "IMAGE":
		if g.Instance == "" {
			g.Instance = it.Item(tag.ReferencedSOPSequence).String(tag.ReferencedSOPInstanceUID)
		}
	case "CONTAINER":
		w.members(g, it, depth+1)
	}
	return nil
}

func (g *Group) note(w *walker, name, value string) {
	if w.take(&w.left.Quantities, 1) {
		g.Notes = append(g.Notes, w.text(name)+": "+value)
	}
}

// places gives the regions below an item.
func (w *walker) places(g *Group, d *dataset.Dataset, depth int) (on []int) {
	for _, it := range w.content(d, depth) {
		switch it.String(tag.ValueType) {
		case "SCOORD", "SCOORD3D":
			on = append(on, w.region(g, it, depth)...)
		}
	}
	return on
}

func (w *walker) number(g *Group, it *dataset.Dataset, name reports.Concept, depth int) (on []int) {
	measured := it.Item(tag.MeasuredValueSequence)
	value, ok := measured.Float(tag.FloatingPointValue)
	if !ok {
		value, ok = measured.Float(tag.NumericValue)
	}
	unit := iod.ParseCode(measured, tag.MeasurementUnitsCodeSequence)
	q := Quantity{Name: w.text(name.Meaning), Value: value, Unit: w.text(unit.Value)}
	if unit.Scheme != "UCUM" {
		q.Unit = w.text(unit.Meaning)
	}
	for _, m := range w.content(it, depth+1) {
		what := iod.ParseCode(m, tag.ConceptNameCodeSequence)
		switch m.String(tag.ValueType) {
		case "CODE":
			if is(what, derivationOf.Value, "DCM") {
				q.How = w.text(iod.ParseCode(m, tag.ConceptCodeSequence).Meaning)
			} else if isSite(what) && g.Site == "" {
				g.Site = w.text(iod.ParseCode(m, tag.ConceptCodeSequence).Meaning)
			}
		case "SCOORD", "SCOORD3D":
			q.On = append(q.On, w.region(g, m, depth+1)...)
		case "NUM":
			w.number(g, m, what, depth+1)
		}
	}
	if ok && w.take(&w.left.Quantities, 1) { // without a value it says why there is none
		g.Quantities = append(g.Quantities, q)
	}
	return q.On
}

// leastPlaces of each Graphic Type (PS3.3 C.18.6.1.2, C.18.9.1.2).
var leastPlaces = map[string]int{"POINT": 1, "MULTIPOINT": 1, "POLYLINE": 2, "CIRCLE": 2, "ELLIPSE": 4, "POLYGON": 3, "ELLIPSOID": 6}

// region adds a SCOORD or SCOORD3D to the group and gives its number there.
func (w *walker) region(g *Group, it *dataset.Dataset, depth int) []int {
	r := Region{Type: it.String(tag.GraphicType)}
	size := 2
	if it.String(tag.ValueType) == "SCOORD3D" {
		size, r.FrameOfReference = 3, it.String(tag.ReferencedFrameOfReferenceUID)
	}
	flat := it.Floats(tag.GraphicData)
	least, known := leastPlaces[r.Type]
	if !known || len(flat) < least*size || !w.take(&w.left.Points, len(flat)/size) {
		return nil
	}
	for i := 0; i+size <= len(flat); i += size {
		for _, v := range flat[i : i+size] {
			if v < -maxPlace || v > maxPlace {
				return nil
			}
		}
		r.Points = append(r.Points, flat[i:i+size:i+size])
	}
	if size == 3 {
		if r.FrameOfReference == "" {
			return nil
		}
		return w.placed(g, r)
	}
	var on []int
	for _, m := range w.content(it, depth+1) {
		if m.String(tag.ValueType) != "IMAGE" {
			continue
		}
		for _, ref := range m.Items(tag.ReferencedSOPSequence) {
			one := r
			one.Instance, one.Frames = ref.String(tag.ReferencedSOPInstanceUID), ref.Ints(tag.ReferencedFrameNumber)
			if one.Instance != "" && w.take(&w.left.Points, len(one.Frames)+1) {
				on = append(on, w.placed(g, one)...)
			}
		}
	}
	return on
}

// placed adds a region, once: what several values were inferred from by reference is
// one place.
func (w *walker) placed(g *Group, r Region) []int {
	g.Regions = append(g.Regions, r)
	return []int{len(g.Regions) - 1}
}
