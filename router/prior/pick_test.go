package prior

import (
	"slices"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/catalog"
)

var head = catalog.Study{
	StudyInstanceUID: "1.2.3", StudyDate: "20260401", Modalities: []string{"CT"}, BodyPart: "HEAD", Description: "頭部単純CT",
	Patient: catalog.Patient{PatientID: "P1", BirthDate: "19480203", Issuer: "KAIFU"},
}

func match(uid, date, patient, birth, issuer, modality, description string) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.StudyInstanceUID, "UI", uid)
	d.SetString(tag.StudyDate, "DA", date)
	d.SetString(tag.PatientID, "LO", patient)
	d.SetString(tag.PatientBirthDate, "DA", birth)
	d.SetString(tag.IssuerOfPatientID, "LO", issuer)
	d.SetString(tag.ModalitiesInStudy, "CS", modality)
	d.SetString(tag.StudyDescription, "LO", description)
	return d
}

// An archive is not believed: what is not the patient's, not earlier or not to be
// compared with is left out, whatever was asked.
func TestConsider(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		m        *dataset.Dataset
		ok       bool
		likeness int
	}{
		"the same examination": {match("1.1", "20250401", "P1", "19480203", "KAIFU", "CT", "頭部単純ＣＴ"), true, 3},
		"the region in words":  {match("1.1", "20250401", "P1", "", "", "MR", "MRI Head"), true, 2},
		"the modality":         {match("1.1", "20250401", "P1", "", "", "CT", "Chest"), true, 1},
		"a related modality":   {match("1.1", "20250401", "P1", "", "", "MR", "Knee"), true, 0},
		"nothing said":         {match("1.1", "20250401", "P1", "", "", "", ""), true, 0},
		"nothing to compare":   {match("1.1", "20250401", "P1", "", "", "US", "Abdomen"), false, 0},
		"the study itself":     {match("1.2.3", "20250401", "P1", "", "", "CT", ""), false, 0},
		"the same day":         {match("1.1", "20260401", "P1", "", "", "CT", ""), false, 0},
		"later":                {match("1.1", "20260402", "P1", "", "", "CT", ""), false, 0},
		"too old":              {match("1.1", "20240331", "P1", "", "", "CT", ""), false, 0},
		"the oldest":           {match("1.1", "20240401", "P1", "", "", "CT", ""), true, 1},
		"no date":              {match("1.1", "", "P1", "", "", "CT", ""), false, 0},
		"a stranger":           {match("1.1", "20250401", "P10", "", "", "CT", ""), false, 0},
		"another birth date":   {match("1.1", "20250401", "P1", "19480204", "", "CT", ""), false, 0},
		"another issuer":       {match("1.1", "20250401", "P1", "", "OTHER", "CT", ""), false, 0},
		"no UID":               {match("1.1.*", "20250401", "P1", "", "", "CT", ""), false, 0},
	} {
		if x, ok := consider(head, 24, c.m); ok != c.ok || ok && x.likeness != c.likeness {
			t.Errorf("%s: %v, likeness %d", name, ok, x.likeness)
		}
	}
}

func TestRank(t *testing.T) {
	t.Parallel()
	list := []candidate{{"1.1", "20250101", 1}, {"1.2", "20240101", 3}, {"1.3", "20250601", 1}, {"1.3", "20250601", 1}, {"1.4", "20200101", 0}}
	var got []string
	for _, c := range rank(list, 3) {
		got = append(got, c.uid)
	}
	if !slices.Equal(got, []string{"1.2", "1.3", "1.1"}) {
		t.Error(got)
	}
}

func TestQuestion(t *testing.T) {
	t.Parallel()
	if d := question(head, 24); d.String(tag.PatientID) != "P1" || d.String(tag.StudyDate) != "20240401-20260331" || d.String(tag.QueryRetrieveLevel) != "STUDY" || !d.Has(tag.StudyInstanceUID) {
		t.Error(d)
	}
	if d := question(head, 0); d.String(tag.StudyDate) != "-20260331" {
		t.Error(d.String(tag.StudyDate))
	}
	for _, id := range []string{"", " ", "P*", "P?1", `P1\P2`} {
		if askable(id) {
			t.Errorf("%q is asked for", id)
		}
	}
}
