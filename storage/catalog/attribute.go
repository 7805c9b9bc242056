package catalog

import (
	"strconv"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Level is a level of the information models of query and retrieval (PS3.4
// C.6.1.1).
type Level int

// The levels, from the top.
const (
	PatientLevel Level = iota + 1
	StudyLevel
	SeriesLevel
	InstanceLevel
)

// Attribute is something that can be asked for and, unless it is a count, asked
// by.
type Attribute struct {
	Tag   tag.Tag
	VR    string
	Level Level
	// Value is what a match says of it; nothing is no value.
	Value func(*Match) []string

	kind   kind
	column string
}

// kind is a way of matching (PS3.4 C.2.2.2).
type kind int

const (
	counted kind = iota // not matched
	uids
	texts
	names
	dates
	times
	numbers
	modalities
)

// matchings are the kinds in words of the standard.
var matchings = map[kind]string{
	counted: "none, return only", uids: "single value, list of UID", texts: "single value, wild card", names: "single value, wild card",
	dates: "single value, range", times: "single value, range", numbers: "single value", modalities: "single value, wild card",
}

// Matching names the types of matching of the attribute (PS3.4 C.2.2.2); universal
// matching goes without saying.
func (a Attribute) Matching() string { return matchings[a.kind] }

// LookupAttribute finds the attribute of a tag.
func LookupAttribute(t tag.Tag) (Attribute, bool) {
	a, ok := attributes[t]
	return a, ok
}

// Attributes lists what can be asked for, unordered.
func Attributes() []Attribute {
	list := make([]Attribute, 0, len(attributes))
	for _, a := range attributes {
		list = append(list, a)
	}
	return list
}

// Match is an entity that matches: what lies above it is filled in as well.
type Match struct {
	words *deident.Words // of a patient hidden from the scope

	Level    Level
	Study    Study
	Series   Series
	Instance Instance

	Modalities []string // of the study, our own series included
	SeriesOf   int      // of the study
	InstanceOf int      // of the study

	PatientStudies, PatientSeries, PatientInstances int // PatientLevel only
}

func one(f func(*Match) string) func(*Match) []string {
	return func(m *Match) []string {
		if s := f(m); s != "" {
			return []string{s}
		}
		return nil
	}
}

func number10(f func(*Match) int) func(*Match) []string {
	return func(m *Match) []string { return []string{strconv.Itoa(f(m))} }
}

// present leaves out what an object does not have.
func present(f func(*Match) int) func(*Match) []string {
	return func(m *Match) []string {
		if n := f(m); n != 0 {
			return []string{strconv.Itoa(n)}
		}
		return nil
	}
}

// attributes are the keys of PS3.4 Tables C.6-1 to C.6-5 that the catalog keeps.
var attributes = index(
	// Patient: Table C.6-1
	Attribute{tag.PatientName, "PN", PatientLevel, one(func(m *Match) string { return m.Study.Patient.Name }), names, patientName},
	Attribute{tag.PatientID, "LO", PatientLevel, one(func(m *Match) string { return m.Study.Patient.PatientID }), texts, "studies.patient_id"},
	Attribute{tag.IssuerOfPatientID, "LO", PatientLevel, one(func(m *Match) string { return m.Study.Patient.Issuer }), texts, "patients.issuer"},
	Attribute{tag.PatientBirthDate, "DA", PatientLevel, one(func(m *Match) string { return m.Study.Patient.BirthDate }), dates, "studies.patient_birth_date"},
	Attribute{tag.PatientSex, "CS", PatientLevel, one(func(m *Match) string { return m.Study.Patient.Sex }), texts, "studies.patient_sex"},
	Attribute{tag.NumberOfPatientRelatedStudies, "IS", PatientLevel, number10(func(m *Match) int { return m.PatientStudies }), counted, ""},
	Attribute{tag.NumberOfPatientRelatedSeries, "IS", PatientLevel, number10(func(m *Match) int { return m.PatientSeries }), counted, ""},
	Attribute{tag.NumberOfPatientRelatedInstances, "IS", PatientLevel, number10(func(m *Match) int { return m.PatientInstances }), counted, ""},

	// Study: Tables C.6-2 and C.6-5
	Attribute{tag.StudyInstanceUID, "UI", StudyLevel, one(func(m *Match) string { return m.Study.StudyInstanceUID }), uids, "studies.study_instance_uid"},
	Attribute{tag.StudyDate, "DA", StudyLevel, one(func(m *Match) string { return m.Study.StudyDate }), dates, "studies.study_date"},
	Attribute{tag.StudyTime, "TM", StudyLevel, one(func(m *Match) string { return m.Study.StudyTime }), times, "studies.study_time"},
	Attribute{tag.AccessionNumber, "SH", StudyLevel, one(func(m *Match) string { return m.Study.AccessionNumber }), texts, "studies.accession_number"},
	Attribute{tag.StudyID, "SH", StudyLevel, one(func(m *Match) string { return m.Study.StudyID }), texts, "studies.study_id"},
	Attribute{tag.StudyDescription, "LO", StudyLevel, one(func(m *Match) string { return m.Study.Description }), texts, "studies.description"},
	Attribute{tag.ReferringPhysicianName, "PN", StudyLevel, one(func(m *Match) string { return m.Study.ReferringPhysician }), names, referringName},
	Attribute{tag.InstitutionName, "LO", StudyLevel, one(func(m *Match) string { return m.Study.Institution }), texts, "studies.institution"},
	Attribute{tag.PatientAge, "AS", StudyLevel, one(func(m *Match) string { return m.Study.Patient.Age }), texts, "studies.patient_age"},
	Attribute{tag.ModalitiesInStudy, "CS", StudyLevel, func(m *Match) []string { return m.Modalities }, modalities, ""},
	Attribute{tag.NumberOfStudyRelatedSeries, "IS", StudyLevel, number10(func(m *Match) int { return m.SeriesOf }), counted, ""},
	Attribute{tag.NumberOfStudyRelatedInstances, "IS", StudyLevel, number10(func(m *Match) int { return m.InstanceOf }), counted, ""},

	// Series: Table C.6-3
	Attribute{tag.SeriesInstanceUID, "UI", SeriesLevel, one(func(m *Match) string { return m.Series.SeriesInstanceUID }), uids, "series.series_instance_uid"},
	Attribute{tag.Modality, "CS", SeriesLevel, one(func(m *Match) string { return m.Series.Modality }), texts, "series.modality"},
	Attribute{tag.SeriesNumber, "IS", SeriesLevel, number10(func(m *Match) int { return m.Series.Number }), numbers, "series.number"},
	Attribute{tag.SeriesDescription, "LO", SeriesLevel, one(func(m *Match) string { return m.Series.Description }), texts, "series.description"},
	Attribute{tag.BodyPartExamined, "CS", SeriesLevel, one(func(m *Match) string { return m.Series.BodyPart }), texts, "series.body_part"},
	Attribute{tag.Laterality, "CS", SeriesLevel, one(func(m *Match) string { return m.Series.Laterality }), texts, "series.laterality"},
	Attribute{tag.ProtocolName, "LO", SeriesLevel, one(func(m *Match) string { return m.Series.Protocol }), texts, "series.protocol"},
	Attribute{tag.StationName, "SH", SeriesLevel, one(func(m *Match) string { return m.Series.Station }), texts, "series.station"},
	Attribute{tag.NumberOfSeriesRelatedInstances, "IS", SeriesLevel, number10(func(m *Match) int { return m.Series.InstanceCount }), counted, ""},

	// Instance: Table C.6-4
	Attribute{tag.SOPInstanceUID, "UI", InstanceLevel, one(func(m *Match) string { return m.Instance.SOPInstanceUID }), uids, "instances.sop_instance_uid"},
	Attribute{tag.SOPClassUID, "UI", InstanceLevel, one(func(m *Match) string { return m.Instance.SOPClassUID }), uids, "instances.sop_class_uid"},
	Attribute{tag.InstanceNumber, "IS", InstanceLevel, number10(func(m *Match) int { return m.Instance.InstanceNumber }), numbers, "instances.instance_number"},
	Attribute{tag.Rows, "US", InstanceLevel, present(func(m *Match) int { return m.Instance.Rows }), numbers, "instances.pixel_rows"},
	Attribute{tag.Columns, "US", InstanceLevel, present(func(m *Match) int { return m.Instance.Columns }), numbers, "instances.pixel_columns"},
	Attribute{tag.NumberOfFrames, "IS", InstanceLevel, present(func(m *Match) int { return m.Instance.Frames }), numbers, "instances.frames"},
	Attribute{tag.AvailableTransferSyntaxUID, "UI", InstanceLevel, one(func(m *Match) string { return m.Instance.TransferSyntaxUID }), uids, "instances.transfer_syntax_uid"},
)

func index(list ...Attribute) map[tag.Tag]Attribute {
	m := make(map[tag.Tag]Attribute, len(list))
	for _, a := range list {
		m[a.Tag] = a
	}
	return m
}
