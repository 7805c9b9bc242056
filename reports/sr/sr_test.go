package sr_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
)

func build(t testing.TB, r *reports.Report) *dataset.Dataset {
	t.Helper()
	d, err := sr.Build(r, reportstest.Context())
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// encode writes the document as a file and reads it again.
func encode(t testing.TB, d *dataset.Dataset) (file []byte, back *dataset.Dataset) {
	t.Helper()
	file = reportstest.File(t, d)
	_, back, _, err := dataset.ReadFile(bytes.NewReader(file), stream.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return file, back
}

func samples() map[string]*reports.Report {
	return map[string]*reports.Report{
		"japanese": reportstest.Sample(), "english": reportstest.English(),
		"addendum": reportstest.Amended(), "long": reportstest.Long(), "coded": reportstest.Coded(),
	}
}

// What is written is what is read, for every field the document can carry.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for name, want := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, back := encode(t, build(t, want))
			got, err := sr.Parse(back)
			if err != nil {
				t.Fatal(err)
			}
			w := *want
			// Where the report is kept is no part of the document.
			w.StudyID, w.WorkitemID, w.PredecessorID, w.Earlier = "", "", "", nil
			w.Author.UserID, w.Facility, w.Study.BodyPart = "", reports.Facility{}, ""
			if !reflect.DeepEqual(*got, w) {
				t.Errorf("got\n%+v\nwant\n%+v", *got, w)
			}
		})
	}
}

func TestBuildIsDeterministic(t *testing.T) {
	t.Parallel()
	a, _ := encode(t, build(t, reportstest.Sample()))
	b, _ := encode(t, build(t, reportstest.Sample()))
	if !bytes.Equal(a, b) {
		t.Error("the same report gave other bytes")
	}
}

// The verdict of David Clunie's validator on every sample: no line of Error.
func TestValid(t *testing.T) {
	t.Parallel()
	for name, r := range samples() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file, _ := encode(t, build(t, r))
			reportstest.Validate(t, file)
		})
	}
}

// DCMTK reads the tree and prints it.
func TestDump(t *testing.T) {
	t.Parallel()
	path, err := exec.LookPath("dsrdump")
	if err != nil {
		t.Log("dsrdump is not installed: what it would print is not checked")
		return
	}
	r := reportstest.Sample()
	file, _ := encode(t, build(t, r))
	name := filepath.Join(t.TempDir(), "sr.dcm")
	if err := os.WriteFile(name, file, 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), path, "+Pc", "+Pl", name).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{
		"Basic Text SR Document", "COMPLETE", "VERIFIED", "CT Head Report", "𠮷田", "佐藤^花子",
		"Language of Content Item and Descendants", `(ja,RFC5646,"Japanese")`, "Person Observer Name",
		`"Findings"`, `"Impressions"`, `"Recommendations"`, "被殻出血",
	} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q is not in what dsrdump prints:\n%s", want, out)
		}
	}
}

func TestStructure(t *testing.T) {
	t.Parallel()
	_, d := encode(t, build(t, reportstest.Amended()))
	c := reportstest.Context()
	if got := d.Item(tag.ContentTemplateSequence).String(tag.TemplateIdentifier); got != "2000" {
		t.Errorf("template %q, want 2000", got)
	}
	evidence := 0
	for _, s := range d.Item(tag.CurrentRequestedProcedureEvidenceSequence).Items(tag.ReferencedSeriesSequence) {
		evidence += len(s.Items(tag.ReferencedSOPSequence))
	}
	if evidence != len(c.Evidence) {
		t.Errorf("%d instances of evidence, want %d", evidence, len(c.Evidence))
	}
	if !d.Has(tag.PredecessorDocumentsSequence) {
		t.Error("an addendum names no predecessor")
	}
	request := d.Item(tag.ReferencedRequestSequence)
	if request.String(tag.AccessionNumber) != "A20261122001" || request.String(tag.RequestedProcedureID) != "RP1" {
		t.Errorf("the request is %q, %q", request.String(tag.AccessionNumber), request.String(tag.RequestedProcedureID))
	}
	if d.String(tag.PatientAge) != "078Y" {
		t.Error("the age of the images was not copied")
	}
	if d.String(tag.SeriesInstanceUID) == c.Evidence[0].SeriesInstanceUID {
		t.Error("the document stands in a series of the hospital")
	}
	if !uid.Valid(d.String(tag.SOPInstanceUID)) || !uid.Valid(d.String(tag.SeriesInstanceUID)) {
		t.Error("a UID is not valid")
	}
	// The first version's sections name their own reader, the addendum does not.
	observers := []string{}
	for _, it := range d.Items(tag.ContentSequence) {
		for _, child := range it.Items(tag.ContentSequence) {
			if child.String(tag.ValueType) == "PNAME" {
				observers = append(observers, child.String(tag.PersonName))
			}
		}
	}
	if len(observers) != 3 || observers[0] != "Suzuki^Ichiro=鈴木^一郎" {
		t.Errorf("observers of sections %v", observers)
	}
	first := build(t, reportstest.Sample())
	if first.String(tag.SOPInstanceUID) == d.String(tag.SOPInstanceUID) {
		t.Error("two versions have one SOP Instance UID")
	}
	if first.String(tag.SeriesInstanceUID) != d.String(tag.SeriesInstanceUID) {
		t.Error("the versions stand in different series")
	}
}

func TestParseRefuses(t *testing.T) {
	t.Parallel()
	if _, err := sr.Parse(dataset.New()); err == nil {
		t.Error("an empty data set is no report")
	}
	d := build(t, reportstest.Sample())
	d.SetItems(tag.ContentSequence)
	if _, err := sr.Parse(d); err == nil {
		t.Error("a tree without texts is no report")
	}
}

// FuzzParse: whatever reads as a data set can be asked for its report.
func FuzzParse(f *testing.F) {
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	for _, r := range samples() {
		var b bytes.Buffer
		if err := build(f, r).Encode(&b, ts); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(_ *testing.T, b []byte) {
		d, err := dataset.Read(bytes.NewReader(b), ts, stream.Limits{MaxElements: 10000})
		if err != nil {
			return
		}
		_, _ = sr.Parse(d)
	})
}
