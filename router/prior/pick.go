package prior

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
)

const day = "20060102" // DA

// question is the identifier of the C-FIND for a study: its patient's earlier studies.
func question(s catalog.Study, months int) *dataset.Dataset {
	last := dayOf(s).AddDate(0, 0, -1)
	dates := "-" + last.Format(day)
	if months > 0 {
		dates = dayOf(s).AddDate(0, -months, 0).Format(day) + dates
	}
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.QueryRetrieveLevel, "CS", "STUDY")
	d.SetString(tag.PatientID, "LO", s.Patient.PatientID)
	d.SetString(tag.StudyDate, "DA", dates)
	for _, key := range []struct {
		t  tag.Tag
		vr string
	}{
		{tag.StudyInstanceUID, "UI"},
		{tag.StudyTime, "TM"},
		{tag.ModalitiesInStudy, "CS"},
		{tag.StudyDescription, "LO"},
		{tag.PatientBirthDate, "DA"},
		{tag.IssuerOfPatientID, "LO"},
	} {
		d.SetString(key.t, key.vr)
	}
	return d
}

// dayOf is the day of a study; of one that does not say it, the day it came.
func dayOf(s catalog.Study) time.Time {
	if at, err := time.Parse(day, s.StudyDate); err == nil {
		return at
	}
	return s.FirstArrival
}

// candidate is a match that may be fetched.
type candidate struct {
	uid, when string
	likeness  int
}

// consider reads a match. ok is false for what is no earlier study of the patient,
// whatever the archive thinks of its keys, and for what there is nothing to compare in.
func consider(s catalog.Study, months int, m *dataset.Dataset) (c candidate, ok bool) {
	c.uid = m.String(tag.StudyInstanceUID)
	date := m.String(tag.StudyDate)
	at, err := time.Parse(day, date)
	switch {
	case !uid.Valid(c.uid) || c.uid == s.StudyInstanceUID || err != nil:
		return c, false
	case date >= dayOf(s).Format(day) || months > 0 && at.Before(dayOf(s).AddDate(0, -months, 0)):
		return c, false
	case m.String(tag.PatientID) != s.Patient.PatientID || differ(m.String(tag.PatientBirthDate), s.Patient.BirthDate) || differ(m.String(tag.IssuerOfPatientID), s.Patient.Issuer):
		return c, false
	}
	c.when = date + m.String(tag.StudyTime)
	c.likeness, ok = likeness(s, m.Strings(tag.ModalitiesInStudy), m.String(tag.StudyDescription))
	return c, ok
}

// differ reports whether two sides say a thing and do not say the same.
func differ(a, b string) bool { return a != "" && b != "" && a != b }

// related are the modalities that are looked at beside each other.
var related = [][]string{{"CT", "MR", "PT", "NM"}, {"CR", "DX", "RF", "XA", "CT"}, {"MG", "US", "MR"}}

// likeness is how comparable a study is: the region counts more than the modality. An
// archive that says nothing of a study leaves it possible.
func likeness(s catalog.Study, modalities []string, description string) (n int, ok bool) {
	modalities = slices.DeleteFunc(slices.Clone(modalities), func(m string) bool { return m == "" })
	region := alike(description, s.BodyPart, s.Description)
	if region {
		n += 2
	}
	near := len(modalities) == 0
	for _, m := range modalities {
		if slices.Contains(s.Modalities, m) {
			return n + 1, true
		}
		for _, group := range related {
			near = near || slices.Contains(group, m) && slices.ContainsFunc(s.Modalities, func(own string) bool { return slices.Contains(group, own) })
		}
	}
	return n, region || near
}

// alike reports whether a description names a body part, or is the same as another.
func alike(description, bodyPart, other string) bool {
	d := catalog.Fold(description)
	return d != "" && (d == catalog.Fold(other) || bodyPart != "" && strings.Contains(d, catalog.Fold(bodyPart)))
}

// rank orders candidates, the most comparable first, of these the newest, and keeps the
// first most of them.
func rank(list []candidate, most int) []candidate {
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(b.likeness-a.likeness, strings.Compare(b.when, a.when), strings.Compare(a.uid, b.uid))
	})
	list = slices.CompactFunc(list, func(a, b candidate) bool { return a.uid == b.uid })
	return list[:min(len(list), most)]
}
