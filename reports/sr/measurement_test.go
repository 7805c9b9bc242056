package sr_test

import (
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
)

// annotated is the sample's context with a mark of every kind and two key images.
func annotated() reports.Context {
	c := reportstest.Context()
	on := c.Evidence[2].SOPInstanceUID
	mark := func(kind string, values []reports.Value, points ...[2]float64) reports.Mark {
		return reports.Mark{ID: kind, Kind: kind, Instance: on, Frame: 1, Points: points, Values: values}
	}
	hu := "[hnsf'U]"
	stats := []reports.Value{{Name: "area", Value: 646.5, Unit: "mm2"}, {Name: "mean", Value: 36.3, Unit: hu}, {Name: "sd", Value: 6.6, Unit: hu}, {Name: "min", Value: 4, Unit: hu}, {Name: "max", Value: 43, Unit: hu}}
	arrow := mark("arrow", nil, [2]float64{10, 10}, [2]float64{20, 25})
	arrow.Text = "出血"
	c.Evidence[4].SOPClassUID = "1.2.840.10008.5.1.4.1.1.4.1" // Enhanced MR has frames
	c.Annotations = reports.Annotations{
		Marks: []reports.Mark{
			mark("length", []reports.Value{{Name: "length", Value: 56.123456789, Unit: "mm"}}, [2]float64{1, 2}, [2]float64{30.25, 2}),
			mark("angle", []reports.Value{{Name: "angle", Value: 90, Unit: "deg"}}, [2]float64{1, 2}, [2]float64{3, 4}, [2]float64{5, 2}),
			mark("cobb", []reports.Value{{Name: "angle", Value: 12.5, Unit: "deg"}}, [2]float64{1, 2}, [2]float64{3, 4}, [2]float64{5, 2}, [2]float64{9, 3}),
			mark("bidirectional", []reports.Value{{Name: "long", Value: 30.3, Unit: "mm"}, {Name: "short", Value: 15.2, Unit: "mm"}}, [2]float64{10, 12}, [2]float64{12, 12}, [2]float64{11, 2}, [2]float64{11, 22}),
			mark("ellipse", stats, [2]float64{10, 10}, [2]float64{20, 40}),
			mark("rectangle", stats, [2]float64{10, 10}, [2]float64{20, 40}),
			mark("freehand", stats, [2]float64{10, 10}, [2]float64{20, 40}, [2]float64{5, 30}),
			mark("point", []reports.Value{{Name: "value", Value: -1000, Unit: hu}}, [2]float64{3, 3}),
			arrow,
		},
		Keys: []reports.KeyImage{
			{ID: "k1", Number: 1, Instance: on, Frame: 1, Text: "左被殻の出血"},
			{ID: "k2", Number: 2, Instance: c.Evidence[4].SOPInstanceUID, Frame: 3},
		},
	}
	return c
}

// find collects the content items of a value type, wherever they stand.
func find(d *dataset.Dataset, valueType string) []*dataset.Dataset {
	var out []*dataset.Dataset
	for _, it := range d.Items(tag.ContentSequence) {
		if it.String(tag.ValueType) == valueType {
			out = append(out, it)
		}
		out = append(out, find(it, valueType)...)
	}
	return out
}

func meaning(it *dataset.Dataset) string {
	return it.Item(tag.ConceptNameCodeSequence).String(tag.CodeMeaning)
}

func TestMeasurements(t *testing.T) {
	t.Parallel()
	doc, err := sr.MeasurementWriter{}.Write(reportstest.Sample(), annotated())
	if err != nil {
		t.Fatal(err)
	}
	file := reportstest.File(t, doc.Dataset)
	reportstest.Validate(t, file, "2.25.")
	dsrdump(t, file, "Imaging Measurement Report", "56.12345679", "ELLIPSE", "出血")

	var groups, regions int
	for _, it := range find(doc.Dataset, "CONTAINER") {
		if meaning(it) == "Measurement Group" {
			groups++
		}
	}
	for _, it := range find(doc.Dataset, "SCOORD") {
		if meaning(it) == "Image Region" {
			regions++
		}
	}
	if groups != 9 || regions != 3 {
		t.Errorf("%d groups, %d regions", groups, regions)
	}
	// An ellipse stands there by the ends of its major axis, then of the other.
	for _, it := range find(doc.Dataset, "SCOORD") {
		if it.String(tag.GraphicType) == "ELLIPSE" {
			if got, want := it.Floats(tag.GraphicData), []float64{15, 10, 15, 40, 10, 25, 20, 25}; !equal(got, want) {
				t.Errorf("ellipse %v, want %v", got, want)
			}
		}
	}
	// The long axis is the longer one, whichever was drawn first.
	for _, it := range find(doc.Dataset, "NUM") {
		if meaning(it) != "Long Axis" {
			continue
		}
		for _, s := range find(it, "SCOORD") {
			if got, want := s.Floats(tag.GraphicData), []float64{11, 2, 11, 22}; !equal(got, want) {
				t.Errorf("long axis %v, want %v", got, want)
			}
		}
	}
	if n := len(doc.Dataset.Item(tag.CurrentRequestedProcedureEvidenceSequence).Items(tag.ReferencedSeriesSequence)); n != 1 {
		t.Errorf("evidence names %d series: only that of the marked image is meant", n)
	}
}

func TestKeyObjects(t *testing.T) {
	t.Parallel()
	doc, err := sr.KeyWriter{}.Write(reportstest.Sample(), annotated())
	if err != nil {
		t.Fatal(err)
	}
	file := reportstest.File(t, doc.Dataset)
	reportstest.Validate(t, file, "2.25.")
	dsrdump(t, file, "Of Interest", "図1 左被殻の出血")
	images := find(doc.Dataset, "IMAGE")
	if len(images) != 2 {
		t.Fatalf("%d images", len(images))
	}
	if n, _ := images[1].Item(tag.ReferencedSOPSequence).Int(tag.ReferencedFrameNumber); n != 3 {
		t.Errorf("frame %d", n)
	}
}

// A key image names the presentation state it was looked at under, in every document
// that has it, and the key object lists it among what it refers to.
func TestKeyImagesUnderAState(t *testing.T) {
	t.Parallel()
	c := annotated()
	state := reports.Evidence{SeriesInstanceUID: "2.25.109", SOPClassUID: uid.GrayscaleSoftcopyPresentation, SOPInstanceUID: "2.25.1099"}
	c.Evidence = append(c.Evidence, state)
	c.Annotations.Keys[0].State = state.SOPInstanceUID
	c.Annotations.Keys[1].State = "2.25.1" // of no study
	c.Wanted = []string{sr.EnhancedObject}
	for _, w := range []reports.Writer{sr.KeyWriter{}, sr.Writer{}, sr.EnhancedWriter{}} {
		doc, err := w.Write(reportstest.Sample(), c)
		if err != nil {
			t.Fatal(err)
		}
		file := reportstest.File(t, doc.Dataset)
		reportstest.Validate(t, file, "2.25.")
		var under []string
		for _, image := range find(doc.Dataset, "IMAGE") {
			under = append(under, image.Item(tag.ReferencedSOPSequence).Item(tag.ReferencedSOPSequence).String(tag.ReferencedSOPInstanceUID))
		}
		if states := slices.DeleteFunc(slices.Clone(under), func(s string) bool { return s == "" }); !slices.Equal(states, []string{state.SOPInstanceUID}) {
			t.Errorf("%T: states of the images %q", w, under)
		}
		var listed []string
		for _, s := range doc.Dataset.Item(tag.CurrentRequestedProcedureEvidenceSequence).Items(tag.ReferencedSeriesSequence) {
			for _, sop := range s.Items(tag.ReferencedSOPSequence) {
				listed = append(listed, sop.String(tag.ReferencedSOPInstanceUID))
			}
		}
		if !slices.Contains(listed, state.SOPInstanceUID) {
			t.Errorf("%T: evidence %q", w, listed)
		}
	}
	enhanced, err := sr.EnhancedWriter{}.Write(reportstest.Sample(), c)
	if err != nil {
		t.Fatal(err)
	}
	if keys := sr.ParseAnnotations(enhanced.Dataset).Keys; len(keys) != 2 || keys[0].State != state.SOPInstanceUID || keys[1].State != "" {
		t.Errorf("read again: %+v", keys)
	}
}

func TestNothingToWrite(t *testing.T) {
	t.Parallel()
	for _, w := range []reports.Writer{sr.MeasurementWriter{}, sr.KeyWriter{}} {
		doc, err := w.Write(reportstest.Sample(), reportstest.Context())
		if err != nil || doc.Dataset != nil {
			t.Errorf("%T wrote %v, %v", w, doc.Dataset, err)
		}
	}
}

func equal(a, b []float64) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if math.Abs(a[i]-b[i]) > 1e-5 {
			return false
		}
	}
	return true
}

// dsrdump has DCMTK read the document, when that is installed.
func dsrdump(t *testing.T, file []byte, want ...string) {
	t.Helper()
	path, err := exec.LookPath("dsrdump")
	if err != nil {
		t.Log("dsrdump is not installed")
		return
	}
	name := filepath.Join(t.TempDir(), "document.dcm")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "+Pl", "+U8", name).CombinedOutput()
	if err != nil {
		out, err = exec.CommandContext(t.Context(), path, "+Pl", name).CombinedOutput()
	}
	if err != nil {
		t.Fatalf("dsrdump: %v\n%s", err, out)
	}
	for _, w := range want {
		if !strings.Contains(string(out), w) {
			t.Errorf("dsrdump does not show %q\n%s", w, out)
		}
	}
}
