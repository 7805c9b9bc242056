package sr_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
)

// enhanced writes a report for a hospital that wants Enhanced SR.
func enhanced(t *testing.T, r *reports.Report, c reports.Context) *dataset.Dataset {
	t.Helper()
	c.Wanted = []string{"pdf", sr.EnhancedObject}
	d, err := sr.EnhancedWriter{}.Write(r, c)
	if err != nil {
		t.Fatal(err)
	}
	if d.SOPClassUID != sr.EnhancedUID || d.Object != sr.EnhancedObject || d.Dataset.String(tag.SOPClassUID) != sr.EnhancedUID {
		t.Fatalf("%s of class %s", d.Object, d.SOPClassUID)
	}
	_, back := encode(t, d.Dataset)
	return back
}

func TestEnhancedIsWrittenWhereItIsWanted(t *testing.T) {
	t.Parallel()
	c := annotated()
	c.Wanted = []string{"sr", "pdf"}
	if d, err := (sr.EnhancedWriter{}).Write(reportstest.Sample(), c); err != nil || d.Dataset != nil {
		t.Errorf("wrote %v, %v", d.Dataset, err)
	}
}

// The same report in both forms reads back as the same report, and the enhanced form
// gives values, units, places, key images and captions back.
func TestEnhancedRoundTrip(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := annotated()
			back := enhanced(t, r, c)
			got, err := sr.Parse(back)
			if err != nil {
				t.Fatal(err)
			}
			_, basic := encode(t, build(t, r))
			want, err := sr.Parse(basic)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got\n%+v\nwant\n%+v", got, want)
			}
			a := sr.ParseAnnotations(back)
			if len(a.Keys) != 2 {
				t.Fatalf("%d key images", len(a.Keys))
			}
			for i, k := range a.Keys {
				if w := c.Annotations.Keys[i]; k.Number != w.Number || k.Instance != w.Instance || k.Frame != w.Frame || k.Text != w.Text {
					t.Errorf("key image %+v of %+v", k, w)
				}
			}
			var values, wanted []reports.Value
			for _, m := range c.Annotations.Marks {
				wanted = append(wanted, m.Values...)
			}
			for _, m := range a.Marks {
				values = append(values, m.Values...)
				if m.Instance != c.Evidence[2].SOPInstanceUID || m.Frame != 1 || len(m.Points) == 0 {
					t.Errorf("a value without its place: %+v", m)
				}
			}
			if len(values) != len(wanted) {
				t.Fatalf("%d values of %d", len(values), len(wanted))
			}
			for i, v := range values {
				if v.Name != wanted[i].Name || v.Unit != wanted[i].Unit || !equal([]float64{v.Value}, []float64{wanted[i].Value}) {
					t.Errorf("value %+v of %+v", v, wanted[i])
				}
			}
		})
	}
}

// The label of a measurement goes with its values; without a findings text they stand
// beside the key images; marks of images that are not the study's are left out.
func TestEnhancedOdd(t *testing.T) {
	t.Parallel()
	c := annotated()
	c.Annotations.Marks = c.Annotations.Marks[:1]
	c.Annotations.Marks[0].Text = "結節1"
	stranger := c.Annotations.Marks[0]
	stranger.Instance = "2.25.77"
	c.Annotations.Marks = append(c.Annotations.Marks, stranger)
	r := reportstest.Sample()
	r.Kind, r.Sections = reports.Retraction, []reports.Section{{Code: reports.CodeReason, Heading: "訂正・撤回の理由", Text: "別の患者"}}
	back := enhanced(t, r, c)
	a := sr.ParseAnnotations(back)
	if len(a.Marks) != 1 || a.Marks[0].Text != "結節1" || a.Marks[0].Kind != "POLYLINE" {
		t.Errorf("marks %+v", a.Marks)
	}
	got, err := sr.Parse(back)
	if err != nil || !reflect.DeepEqual(got.Sections, r.Sections) || got.Kind != reports.Retraction {
		t.Errorf("%+v, %v", got, err)
	}
	// A text of others under the heading of key images is a text.
	d := dataset.New()
	d.SetString(tag.ValueType, "CS", "CONTAINER")
	text := find(enhanced(t, reportstest.English(), annotated()), "TEXT")
	for _, it := range text {
		if strings.HasPrefix(it.String(tag.TextValue), "Fig. 1") {
			it.SetString(tag.TextValue, "UT", "Series 3, image 12: the lesion.")
			section := dataset.New()
			section.SetString(tag.RelationshipType, "CS", "CONTAINS")
			section.SetString(tag.ValueType, "CS", "CONTAINER")
			section.Set(tag.ConceptNameCodeSequence, it)
			section.SetItems(tag.ContentSequence, it)
			d.SetItems(tag.ContentSequence, section)
		}
	}
	foreign, err := sr.Parse(d)
	if err != nil || len(foreign.Sections) != 1 || foreign.Sections[0].Text != "Series 3, image 12: the lesion." {
		t.Errorf("%+v, %v", foreign, err)
	}
}
