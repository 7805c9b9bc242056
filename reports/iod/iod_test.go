package iod_test

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
	"github.com/dokuei/dokuei/reports/reportstest"
)

func TestPersonName(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, nameEn, want string }{
		{"佐藤 花子", "Hanako Sato", "Sato^Hanako=佐藤^花子"},
		{"佐藤　花子", "Hanako Sato", "Sato^Hanako=佐藤^花子"},
		{"𠮷田 一郎", "", "=𠮷田^一郎"},
		{"", "Anna Maria van Berg", "Berg^Anna Maria van"},
		{"佐藤", "Sato", "Sato=佐藤"},
		{"a^b=c\\d", "", "=a^b c/d"},
		{"", "", ""},
	} {
		if got := iod.PersonName(tc.name, tc.nameEn); got != tc.want {
			t.Errorf("PersonName(%q, %q) = %q, want %q", tc.name, tc.nameEn, got, tc.want)
		}
	}
	name, nameEn := iod.ParsePersonName("Sato^Hanako=佐藤^花子=さとう^はなこ")
	if name != "佐藤 花子" || nameEn != "Hanako Sato" {
		t.Errorf("read back as %q, %q", name, nameEn)
	}
}

func TestCode(t *testing.T) {
	t.Parallel()
	for _, c := range []reports.Concept{
		{Value: "121071", Scheme: "DCM", Meaning: "Finding"},
		{Value: "longer-than-sixteen-characters", Scheme: "99X", Meaning: "long code value"},
	} {
		d := dataset.New()
		d.SetItems(tag.ConceptNameCodeSequence, iod.Code(c))
		if got := iod.ParseCode(d, tag.ConceptNameCodeSequence); got != c {
			t.Errorf("%+v reads back as %+v", c, got)
		}
	}
	if got := iod.ParseCode(dataset.New(), tag.ConceptNameCodeSequence); got != (reports.Concept{}) {
		t.Errorf("no sequence reads as %+v", got)
	}
	if m := iod.Code(reports.Concept{Value: "1", Scheme: "X", Meaning: strings.Repeat("長", 100)}).String(tag.CodeMeaning); len([]rune(m)) != 64 {
		t.Errorf("a meaning of %d characters", len([]rune(m)))
	}
}

// Wrong values of the images stay behind; what they say rightly goes along.
func TestOddSources(t *testing.T) {
	t.Parallel()
	source := dataset.New()
	source.SetString(tag.PatientAge, "AS", "78")
	source.SetString(tag.PatientWeight, "DS", "heavy")
	source.SetString(tag.PatientSize, "DS", "1.62")
	source.SetString(tag.TimezoneOffsetFromUTC, "SH", "+0530")
	r := reportstest.Sample()
	r.Patient.BirthDate, r.Patient.Sex, r.Study.Date, r.Study.Time = "1948.03.05", "X", "yesterday", "25:00"
	r.Patient.PatientID = `A\B`
	d := iod.New(r, source, "1.2.840.10008.5.1.4.1.1.88.11", "sr")
	for _, empty := range []tag.Tag{tag.PatientBirthDate, tag.PatientSex, tag.StudyDate, tag.StudyTime, tag.PatientAge, tag.PatientWeight} {
		if v := d.String(empty); v != "" {
			t.Errorf("%v is %q", empty, v)
		}
	}
	if d.String(tag.PatientSize) != "1.62" || d.String(tag.PatientID) != "A/B" {
		t.Errorf("size %q, ID %q", d.String(tag.PatientSize), d.String(tag.PatientID))
	}
	if d.String(tag.TimezoneOffsetFromUTC) != "+0530" || d.String(tag.InstanceCreationTime) != "054542.123456" {
		t.Errorf("offset %q time %q", d.String(tag.TimezoneOffsetFromUTC), d.String(tag.InstanceCreationTime))
	}
	if iod.New(r, nil, "1.2", "sr").String(tag.TimezoneOffsetFromUTC) != "+0900" {
		t.Error("without a source the zone is not Japan's")
	}
}

// UIDs are valid, the same every time, and differ by report, object and hospital.
func TestUIDs(t *testing.T) {
	t.Parallel()
	r := reportstest.Sample()
	seen := map[string]bool{}
	for _, u := range []string{iod.InstanceUID(r, "sr"), iod.InstanceUID(r, "pdf"), iod.SeriesUID(r, "sr"), iod.SeriesUID(r, "pdf")} {
		if !uid.Valid(u) || seen[u] {
			t.Errorf("UID %q", u)
		}
		seen[u] = true
	}
	if iod.InstanceUID(r, "sr") != iod.InstanceUID(reportstest.Sample(), "sr") {
		t.Error("not deterministic")
	}
	other := reportstest.Sample()
	other.Facility.ID = "mima"
	if iod.SeriesUID(r, "sr") == iod.SeriesUID(other, "sr") {
		t.Error("two hospitals share a series")
	}
}
