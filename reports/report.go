package reports

import (
	"time"
)

// Kind is what a version is to the versions before it.
type Kind string

// Kinds of version.
const (
	// Preliminary is signed and not yet the last word: a trainee's report before
	// its verification, or one of two independent readings.
	Preliminary Kind = "preliminary"
	Final       Kind = "final"
	Addendum    Kind = "addendum"
	// Correction takes the place of the text before it and says why.
	Correction Kind = "correction"
	// Retraction takes back what was signed and says why: nothing in its
	// predecessors is to be acted on.
	Retraction Kind = "retraction"
)

// Valid reports whether k is one of the kinds.
func (k Kind) Valid() bool {
	switch k {
	case Preliminary, Final, Addendum, Correction, Retraction:
		return true
	}
	return false
}

// Concept codes of section headings, LOINC, PS3.16 CID 7001 "Diagnostic Imaging
// Report Heading".
const (
	CodeRequest        = "55115-0"
	CodeHistory        = "11329-0"
	CodeTechnique      = "55111-9"
	CodeComparison     = "55114-3"
	CodeFindings       = "59776-5"
	CodeImpression     = "19005-8"
	CodeRecommendation = "18783-1"
	CodeAddendum       = "55107-7"
)

// CodeReason heads why a version was corrected or retracted. CID 7001 has no
// heading for it; it is of the coding scheme [Scheme].
const CodeReason = "CHANGE_REASON"

// Scheme is the private coding scheme designator of this product (PS3.16 §8).
const Scheme = "99DOKUEI"

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
	Marks       Marks     // what stands beside the text
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

// SectionAuthor is who signed a section: an addendum adds one section to those
// it repeats, a version of any other kind is its author's as a whole.
func (r *Report) SectionAuthor(i int) Author {
	chain := append(append(make([]Summary, 0, len(r.Earlier)+1), r.Earlier...), r.Summary())
	base := len(chain) - 1
	for base > 0 && chain[base].Kind == Addendum {
		base--
	}
	addenda := len(chain) - 1 - base
	added := i - (len(r.Sections) - addenda) // below zero: of the base
	if added < 0 {
		return chain[base].Author
	}
	return chain[min(base+1+added, len(chain)-1)].Author
}

// FirstReader is who read first when another verified it, or agreed on it with
// them; ok is false when r rests on no preliminary reading of somebody else.
func (r *Report) FirstReader() (a Author, ok bool) {
	for i := len(r.Earlier) - 1; i >= 0; i-- {
		switch e := r.Earlier[i]; {
		case e.Kind == Preliminary && e.Author.UserID != r.Author.UserID:
			a, ok = e.Author, true
		case e.Kind != Preliminary && e.Kind != Addendum:
			return a, ok
		}
	}
	return a, ok
}

// Status is the state of a document in the words of HL7 table 0123 (OBR-25):
// P preliminary, F final, C corrected, X withdrawn.
func (k Kind) Status() string {
	switch k {
	case Preliminary:
		return "P"
	case Correction, Addendum:
		return "C"
	case Retraction:
		return "X"
	}
	return "F"
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
