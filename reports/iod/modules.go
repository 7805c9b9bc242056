package iod

import (
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
)

// namespace begins every name a UID is made from.
const namespace = "dokuei report"

// InstanceUID is the SOP Instance UID of a report's object ("sr", "pdf").
func InstanceUID(r *reports.Report, object string) string {
	return uid.FromName(namespace, "instance "+object+" "+r.ID)
}

// SeriesUID is the Series Instance UID of all objects of one kind of a study: a
// report's versions stand in one series, apart from the hospital's own. It
// depends on the facility too: two hospitals may hold one Study Instance UID.
func SeriesUID(r *reports.Report, object string) string {
	return uid.FromName(namespace, "series "+object+" "+r.Facility.ID+" "+r.Study.StudyInstanceUID)
}

// patientTags are copied from the images beside what the report value holds:
// PS3.3 Table C.7-1 and Table C.7-4a.
var patientTags = []tag.Tag{
	tag.IssuerOfPatientIDQualifiersSequence, tag.TypeOfPatientID, tag.PatientBirthTime,
	tag.OtherPatientIDsSequence, tag.PatientAge, tag.PatientSize, tag.PatientWeight,
}

// fit says which values of the field are passed on, by tag: the wrong ones must
// not spread into new objects. Tags without an entry are copied as they are.
var fit = map[tag.Tag]func(string) bool{
	tag.PatientAge:       age,
	tag.PatientSize:      decimal,
	tag.PatientWeight:    decimal,
	tag.PatientBirthTime: func(s string) bool { return clock(s) != "" },
	tag.TypeOfPatientID:  func(s string) bool { return s == "TEXT" || s == "RFID" || s == "BARCODE" },
}

// studyTags likewise: PS3.3 Table C.7-3.
var studyTags = []tag.Tag{tag.IssuerOfAccessionNumberSequence, tag.ReferringPhysicianIdentificationSequence}

// New begins an object with SOP Common, Patient, General Study and Equipment.
// source may be nil.
func New(r *reports.Report, source *dataset.Dataset, sopClass, object string) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	sopCommon(d, r, source, sopClass, object)
	patient(d, r, source)
	study(d, r, source)
	equipment(d, r)
	return d
}

// sopCommon is PS3.3 Table C.12-1.
func sopCommon(d *dataset.Dataset, r *reports.Report, source *dataset.Dataset, sopClass, object string) {
	d.SetString(tag.SOPClassUID, "UI", sopClass)
	d.SetString(tag.SOPInstanceUID, "UI", InstanceUID(r, object))
	at := r.SignedAt.In(Zone(source))
	d.SetString(tag.InstanceCreationDate, "DA", at.Format("20060102"))
	d.SetString(tag.InstanceCreationTime, "TM", at.Format("150405.000000"))
	d.SetString(tag.TimezoneOffsetFromUTC, "SH", at.Format("-0700"))
}

// Zone is the time zone of the dates in an object: that of the images when they
// say so, Japan's otherwise. All dates of one object must be of one zone.
func Zone(source *dataset.Dataset) *time.Location {
	if source == nil {
		return reports.JST
	}
	t, err := time.Parse("-0700", source.String(tag.TimezoneOffsetFromUTC))
	if err != nil {
		return reports.JST
	}
	_, offset := t.Zone()
	return time.FixedZone("", offset)
}

func patient(d *dataset.Dataset, r *reports.Report, source *dataset.Dataset) {
	copyAll(d, source, patientTags)
	d.SetString(tag.PatientName, "PN", flat(r.Patient.Name))
	d.SetString(tag.PatientID, "LO", flat(r.Patient.PatientID))
	if r.Patient.IssuerOfPatientID != "" {
		d.SetString(tag.IssuerOfPatientID, "LO", flat(r.Patient.IssuerOfPatientID))
	}
	d.SetString(tag.PatientBirthDate, "DA", date(r.Patient.BirthDate))
	d.SetString(tag.PatientSex, "CS", sex(r.Patient.Sex))
}

func study(d *dataset.Dataset, r *reports.Report, source *dataset.Dataset) {
	copyAll(d, source, studyTags)
	d.SetString(tag.StudyInstanceUID, "UI", r.Study.StudyInstanceUID)
	d.SetString(tag.StudyDate, "DA", date(r.Study.Date))
	d.SetString(tag.StudyTime, "TM", clock(r.Study.Time))
	d.SetString(tag.StudyID, "SH", flat(r.Study.StudyID))
	d.SetString(tag.AccessionNumber, "SH", flat(r.Study.AccessionNumber))
	d.SetString(tag.ReferringPhysicianName, "PN", flat(r.Study.ReferringPhysician))
	if r.Study.Description != "" {
		d.SetString(tag.StudyDescription, "LO", flat(r.Study.Description))
	}
}

// equipment is PS3.3 Table C.7-8. The content hash stands in the serial of
// equipment that contributed to the object: a standard place every archive keeps.
func equipment(d *dataset.Dataset, r *reports.Report) {
	d.SetString(tag.Manufacturer, "LO", "Dokuei")
	d.SetString(tag.ManufacturerModelName, "LO", "Dokuei reports")
	d.SetString(tag.SoftwareVersions, "LO", uid.ImplementationVersionName)
	c := dataset.New()
	c.SetItems(tag.PurposeOfReferenceCodeSequence, Code(reports.Concept{Value: "109102", Scheme: "DCM", Meaning: "Processing Equipment"}))
	c.SetString(tag.Manufacturer, "LO", "Dokuei")
	c.SetString(contributionDateTime, "DT", r.SignedAt.UTC().Format("20060102150405.000000+0000"))
	c.SetString(contributionDescription, "ST", Contribution(r))
	d.SetItems(contributingEquipmentSequence, c)
}

// Contributing Equipment Sequence, PS3.3 Table C.12-1.
const (
	contributingEquipmentSequence tag.Tag = 0x0018A001
	contributionDateTime          tag.Tag = 0x0018A002
	contributionDescription       tag.Tag = 0x0018A003
)

func copyAll(d, source *dataset.Dataset, tags []tag.Tag) {
	if source == nil {
		return
	}
	for _, t := range tags {
		if ok := fit[t]; ok == nil || ok(source.String(t)) {
			d.Set(t, source)
		}
	}
}

// age reports a value of AS, PS3.5 Table 6.2-1: three digits and a unit.
func age(s string) bool {
	return len(s) == 4 && strings.Trim(s[:3], "0123456789") == "" && strings.Contains("DWMY", s[3:])
}

// decimal reports a value of DS: a number in at most 16 characters.
func decimal(s string) bool {
	_, err := strconv.ParseFloat(s, 64)
	return err == nil && len(s) <= 16 && strings.Trim(s, "0123456789+-.eE") == ""
}

// flat makes a value fit for one line of one value: the backslash parts values
// (PS3.5 §6.2) and control characters are not allowed.
func flat(s string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\\':
			return '/'
		case r < ' ' || r == 0x7F:
			return ' '
		}
		return r
	}, s))
}

// date passes a valid DA on and nothing else: the wrong ones of the field must
// not spread.
func date(s string) string {
	if _, err := time.Parse("20060102", s); err != nil {
		return ""
	}
	return s
}

// clock likewise for TM, PS3.5 Table 6.2-1.
func clock(s string) string {
	whole, fraction, _ := strings.Cut(s, ".")
	layout, ok := map[int]string{2: "15", 4: "1504", 6: "150405"}[len(whole)]
	if _, err := time.Parse(layout, whole); !ok || err != nil || len(fraction) > 6 || strings.Trim(fraction, "0123456789") != "" {
		return ""
	}
	return s
}

func sex(s string) string {
	switch s {
	case "M", "F", "O":
		return s
	}
	return ""
}
