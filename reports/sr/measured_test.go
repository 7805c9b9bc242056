package sr_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/internal/shareddata"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
)

// Documents that highdicom and dcmjs have written.
func TestMeasuredOfOthers(t *testing.T) {
	t.Parallel()
	dir := shareddata.Dir(t)
	if dir == "" {
		return
	}
	read := func(name string) *sr.Measured {
		raw, err := os.ReadFile(filepath.Join(dir, "sr", name))
		if err != nil {
			t.Fatal(err)
		}
		_, d, _, err := dataset.ReadFile(bytes.NewReader(raw), stream.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		m, err := sr.ParseMeasured(d, sr.DefaultMeasuredLimits)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return m
	}
	m := read("sr_document_with_multiple_groups.dcm")
	if m.Observer != "Doe^John" || m.Title != "Imaging Measurement Report" || m.Verified || len(m.Groups) != 4 {
		t.Fatalf("%+v", m)
	}
	const ct = "1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322"
	nodule := sr.Group{
		Tracking: "LungNodule0001", TrackingUID: "1.2.826.0.1.3680043.10.511.3.11998155355995483197548907108234588", Finding: "Nodule", Site: "Lung",
		Regions:    []sr.Region{{Type: "CIRCLE", Points: [][]float64{{45, 55}, {45, 65}}, Instance: ct}},
		Quantities: []sr.Quantity{{Name: "Diameter", Value: 10, Unit: "mm"}},
		Notes:      []string{"Finding category: Morphologically Abnormal Structure", "Level of Significance: Not significant"},
	}
	if !reflect.DeepEqual(m.Groups[1], nodule) {
		t.Errorf("%+v", m.Groups[1])
	}
	if g := m.Groups[0]; g.Instance != ct || len(g.Regions) != 0 || g.Quantities[0].Unit != "[hnsf'U]" || g.Quantities[0].Value > -119 {
		t.Errorf("%+v", g)
	}
	if r := m.Groups[3].Regions; len(r) != 1 || r[0].FrameOfReference != "1.3.6.1.4.1.5962.1.4.1.1.20040119072730.12322" || len(r[0].Points[0]) != 3 {
		t.Errorf("%+v", r)
	}
	if g := read("sr_document.dcm").Groups[0]; g.Site != "Cervico-thoracic spine, Vertebral foramen" || g.Quantities[0].Unit != "cm2" {
		t.Errorf("%+v", g)
	}
	g := read("sample-sr.dcm").Groups
	if len(g) != 1 || len(g[0].Quantities) != 2 || len(g[0].Regions) != 2 || g[0].Quantities[1].On[0] != 1 {
		t.Errorf("%+v", g)
	}
	// Rows and columns of an image library are no measurements.
	for _, g := range read("sr.dcm").Groups {
		for _, q := range g.Quantities {
			if strings.HasPrefix(q.Name, "Pixel Data") {
				t.Errorf("%+v", g)
			}
		}
	}
}

// What this package writes it reads back: every mark at its place.
func TestMeasuredOfOurs(t *testing.T) {
	t.Parallel()
	c := reportstest.Context()
	c.Annotations.Marks = []reports.Mark{
		{ID: "a", Kind: "length", Instance: c.Evidence[0].SOPInstanceUID, Frame: 1, Points: [][2]float64{{1.5, 2}, {30, 40.25}}, Values: []reports.Value{{Name: "length", Value: 47.5, Unit: "mm"}}},
		{ID: "b", Kind: "ellipse", Instance: c.Evidence[1].SOPInstanceUID, Frame: 1, Points: [][2]float64{{10, 10}, {30, 20}}, Text: "肝", Values: []reports.Value{{Name: "mean", Value: 55.5, Unit: "[hnsf'U]"}, {Name: "area", Value: 100, Unit: "mm2"}}},
	}
	doc, err := sr.MeasurementWriter{}.Write(reportstest.Sample(), c)
	if err != nil {
		t.Fatal(err)
	}
	m, err := sr.ParseMeasured(doc.Dataset, sr.DefaultMeasuredLimits)
	if err != nil {
		t.Fatal(err)
	}
	if len(m.Groups) != 2 || !m.Verified {
		t.Fatalf("%+v", m)
	}
	length, ellipse := m.Groups[0], m.Groups[1]
	if length.Regions[0].Instance != c.Evidence[0].SOPInstanceUID || !reflect.DeepEqual(length.Regions[0].Points, [][]float64{{1.5, 2}, {30, 40.25}}) || length.Quantities[0].Value != 47.5 {
		t.Errorf("%+v", length)
	}
	if ellipse.Tracking != "肝" || ellipse.Regions[0].Type != "ELLIPSE" || ellipse.Quantities[0].How != "Mean" {
		t.Errorf("%+v", ellipse)
	}
}

// item is a content item of a hostile document.
func item(relationship, kind string, children ...*dataset.Dataset) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.RelationshipType, "CS", relationship)
	d.SetString(tag.ValueType, "CS", kind)
	d.SetItems(tag.ContentSequence, children...)
	return d
}

// A tree that refers to itself ends, and one with more than the limits is refused.
func TestMeasuredLimits(t *testing.T) {
	t.Parallel()
	group := item("CONTAINS", "CONTAINER")
	code := dataset.New()
	code.SetString(tag.CodeValue, "SH", "125007")
	code.SetString(tag.CodingSchemeDesignator, "SH", "DCM")
	group.SetItems(tag.ConceptNameCodeSequence, code)
	var back []*dataset.Dataset
	for range 9 {
		r := dataset.New()
		r.SetString(tag.RelationshipType, "CS", "CONTAINS")
		r.SetInt(tag.ReferencedContentItemIdentifier, "UL", 1, 1)
		back = append(back, r)
	}
	group.SetItems(tag.ContentSequence, back...)
	root := item("", "CONTAINER", group)
	if _, err := sr.ParseMeasured(root, sr.DefaultMeasuredLimits); !errors.Is(err, sr.ErrTooMuch) {
		t.Errorf("nine ways back to the group itself: %v", err)
	}

	image := item("SELECTED FROM", "IMAGE")
	ref := dataset.New()
	ref.SetString(tag.ReferencedSOPInstanceUID, "UI", "2.25.1")
	image.SetItems(tag.ReferencedSOPSequence, ref)
	place := item("CONTAINS", "SCOORD", image)
	place.SetString(tag.GraphicType, "CS", "POLYLINE")
	place.SetFloat(tag.GraphicData, "FL", make([]float64, 2000)...)
	root = item("", "CONTAINER", place)
	if m, err := sr.ParseMeasured(root, sr.DefaultMeasuredLimits); err != nil || len(m.Groups) != 1 {
		t.Errorf("%+v %v", m, err)
	}
	few := sr.DefaultMeasuredLimits
	few.Points = 999
	if _, err := sr.ParseMeasured(root, few); !errors.Is(err, sr.ErrTooMuch) {
		t.Errorf("1,000 points of 999: %v", err)
	}
	place.SetFloat(tag.GraphicData, "FL", 1, 2, 1e30, 4)
	if _, err := sr.ParseMeasured(root, sr.DefaultMeasuredLimits); !errors.Is(err, sr.ErrNotMeasured) {
		t.Errorf("a point on no screen: %v", err)
	}
}

// FuzzParseMeasured: whatever a document holds, reading it ends without a panic and
// within the limits, and every value names regions that are there.
func FuzzParseMeasured(f *testing.F) {
	c := reportstest.Context()
	c.Annotations.Marks = []reports.Mark{{ID: "a", Kind: "length", Instance: c.Evidence[0].SOPInstanceUID, Frame: 1, Points: [][2]float64{{1, 2}, {3, 4}}, Values: []reports.Value{{Name: "length", Value: 4, Unit: "mm"}}}}
	doc, err := sr.MeasurementWriter{}.Write(reportstest.Sample(), c)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(reportstest.File(f, doc.Dataset))
	f.Fuzz(func(t *testing.T, raw []byte) {
		_, d, _, _ := dataset.ReadFile(bytes.NewReader(raw), stream.Limits{MaxElements: 1 << 12, MaxHeaderBytes: 1 << 20, MaxInflate: 1 << 20})
		m, err := sr.ParseMeasured(d, sr.MeasuredLimits{Items: 1000, Groups: 100, Quantities: 100, Points: 1000, Text: 1 << 16})
		if err != nil {
			return
		}
		for _, g := range m.Groups {
			for _, q := range g.Quantities {
				for _, on := range q.On {
					if on < 0 || on >= len(g.Regions) {
						t.Fatalf("%+v", g)
					}
				}
			}
		}
	})
}
