package reports

import (
	"time"
)

// Kind is what a version is to the versions before it.
type Kind string

// Kinds of version.
const (
	Final    Kind = "final"
	Addendum Kind = "addendum"
)

// Concept codes of section headings, LOINC, PS3.16 CID 7001 "Diagnostic Imaging
// Report Heading".
const (
	CodeRequest        = "55115-0"
	CodeFindings       = "59776-5"
	CodeImpression     = "19005-8"
	CodeRecommendation = "18783-1"
	CodeAddendum       = "55107-7"
)

// Section is one heading of a report and the text below it.
type Section struct {
	Code    string `json:"code"`
	Heading string `json:"heading"`
	Text    string `json:"text"`
}

// Author is the reader who signed. It is a copy of the time of signing: a later
// change of the person's row does not change the document.
type Author struct {
	UserID  string `json:"userId"`
	Name    string `json:"name"`
	NameEn  string `json:"nameEn"`
	License string `json:"license"`
}

// Facility is the hospital the report goes to.
type Facility struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEn string `json:"nameEn"`
}

// Patient is the hospital's own patient identification (PS3.3 C.7.1.1), copied
// when the report was signed. Name has the three groups of PS3.5 §6.2.1.
type Patient struct {
	Name              string `json:"name"`
	PatientID         string `json:"patientId"`
	IssuerOfPatientID string `json:"issuerOfPatientId,omitempty"`
	BirthDate         string `json:"birthDate"`
	Sex               string `json:"sex"`
}

// Study is what of the study is repeated in the report (PS3.3 C.7.2.1).
type Study struct {
	StudyInstanceUID   string   `json:"studyInstanceUid"`
	StudyID            string   `json:"studyId,omitempty"`
	AccessionNumber    string   `json:"accessionNumber"`
	Date               string   `json:"date"`
	Time               string   `json:"time"`
	Description        string   `json:"description"`
	Modalities         []string `json:"modalities"`
	BodyPart           string   `json:"bodyPart"`
	ReferringPhysician string   `json:"referringPhysician"`
	Request            string   `json:"request"`
}

// DocumentRef names one written object of a report.
type DocumentRef struct {
	Object            string `json:"object"` // "sr", "pdf"
	InstanceID        string `json:"instanceId"`
	SOPClassUID       string `json:"sopClassUid"`
	SOPInstanceUID    string `json:"sopInstanceUid"`
	SeriesInstanceUID string `json:"seriesInstanceUid"`
}

// Report is one signed, immutable version.
type Report struct {
	ID          string
	StudyID     string
	WorkitemID  string
	Version     int
	Kind        Kind
	Language    string // RFC 5646: "ja", "en"
	Title       Title
	Sections    []Section
	Author      Author
	Facility    Facility
	Patient     Patient
	Study       Study
	SignedAt    time.Time // UTC, microseconds
	ContentHash string    // lower-case hexadecimal SHA-256

	// Earlier are the versions before this one, oldest first.
	Earlier []Summary
	// PredecessorID is the version before this one, "" for the first.
	PredecessorID string
	// Predecessors are the documents of all earlier versions, oldest first.
	Predecessors []DocumentRef
	// Documents are this version's own objects; filled when it was stored.
	Documents []DocumentRef
}

// Summary is the line of a report in a list of versions.
type Summary struct {
	ID          string
	StudyID     string
	Version     int
	Kind        Kind
	Author      Author
	SignedAt    time.Time
	ContentHash string
}

// Summary returns r's line in a list of versions.
func (r *Report) Summary() Summary {
	return Summary{
		ID: r.ID, StudyID: r.StudyID, Version: r.Version, Kind: r.Kind,
		Author: r.Author, SignedAt: r.SignedAt, ContentHash: r.ContentHash,
	}
}

// SectionAuthor is who wrote a section: every version after the first added one
// section to those it repeats.
func (r *Report) SectionAuthor(i int) Author {
	added := i - (len(r.Sections) - len(r.Earlier)) // below zero: of the first version
	switch {
	case len(r.Earlier) == 0, added >= len(r.Earlier)-1:
		return r.Author
	case added < 0:
		return r.Earlier[0].Author
	}
	return r.Earlier[added+1].Author
}

// Document returns r's object of that name ("sr", "pdf").
func (r *Report) Document(object string) (DocumentRef, bool) {
	for _, d := range r.Documents {
		if d.Object == object {
			return d, true
		}
	}
	return DocumentRef{}, false
}
