package catalog

import (
	"errors"
	"time"
)

// ErrNotFound: no such row, or none within the scope.
var ErrNotFound = errors.New("catalog: not found")

// Patient is a person as one facility knows them (PS3.3 C.7.1.1). Inside a Study
// the attributes are those of the study's own images.
type Patient struct {
	ID         string
	FacilityID string
	PatientID  string // (0010,0020)
	Issuer     string // (0010,0021)
	Name       string // (0010,0010) decoded: alphabetic=ideographic=phonetic
	BirthDate  string // DA
	Sex        string // CS
	Age        string // AS (0010,1010), of the study
}

// StudyState is the state of the ledger.
type StudyState string

// The states of a study.
const (
	Receiving StudyState = "receiving"
	Complete  StudyState = "complete"
)

// Study is a study of one facility.
type Study struct {
	ID                 string
	FacilityID         string
	PatientRef         string // Patient.ID
	Patient            Patient
	StudyInstanceUID   string
	AccessionNumber    string
	StudyID            string
	Description        string
	StudyDate          string // DA
	StudyTime          string // TM
	Modalities         []string
	BodyPart           string
	ReferringPhysician string
	Institution        string
	RequestText        string // reason, requested procedure, comments of the request

	State             StudyState
	ReleaseAt         time.Time
	FirstArrival      time.Time
	LastArrival       time.Time
	CompletedAt       time.Time // zero while receiving for the first time
	DeclaredInstances int       // (0020,1208), 0: not declared
	Instances         int       // received, without our own
	Series            int       // received, without our own
	Own               int       // instances written by us: reports
	Reopened          int       // times a late instance reopened it
	Conflicts         int       // instances kept beside

	ReceivedAt time.Time // the facility confirmed that it has the report
	ReceivedBy string    // user ID

	TrashedAt time.Time // zero: not in the trash
}

// Origin tells who wrote an instance.
type Origin string

// The origins.
const (
	Received Origin = "received"
	Dokuei   Origin = "dokuei"
)

// Series is a series of a study.
type Series struct {
	ID                string
	StudyID           string
	SeriesInstanceUID string
	Number            int
	Modality          string
	Description       string
	BodyPart          string
	Laterality        string
	Protocol          string
	Station           string
	Origin            Origin
	InstanceCount     int
	Instances         []Instance // in order of SortInstances; nil from SeriesByID
}

// Instance is one SOP instance.
type Instance struct {
	ID                string
	FacilityID        string
	StudyID           string
	SeriesID          string
	SOPClassUID       string
	SOPInstanceUID    string
	TransferSyntaxUID string
	InstanceNumber    int
	Rows              int
	Columns           int
	Frames            int
	ObjectKey         string
	SHA256            string // of the object, lower-case hex
	Size              int64
	Origin            Origin
	Header            Header
	Conflicts         int // versions kept beside
	ReceivedAt        time.Time
	SourceAE          string
}

// Version is other content that came under the UID of an instance.
type Version struct {
	ID                string
	InstanceID        string
	SOPClassUID       string
	TransferSyntaxUID string
	StudyInstanceUID  string
	SeriesInstanceUID string
	ObjectKey         string
	SHA256            string
	Size              int64
	ReceivedAt        time.Time
	SourceAE          string
}
