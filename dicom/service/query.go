package service

import (
	"errors"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// Root is an information model of query and retrieval, PS3.4 C.3.
type Root string

// The information models.
const (
	PatientRoot Root = "Patient Root" // PS3.4 C.6.1
	StudyRoot   Root = "Study Root"   // PS3.4 C.6.2
)

// Level is a value of Query/Retrieve Level (0008,0052).
type Level string

// The levels, from the top, PS3.4 C.6.1.1.
const (
	PatientLevel Level = "PATIENT"
	StudyLevel   Level = "STUDY"
	SeriesLevel  Level = "SERIES"
	ImageLevel   Level = "IMAGE"
)

// levels are those of a model, PS3.4 Tables C.6-1 to C.6-5.
func (r Root) levels() []Level {
	all := []Level{PatientLevel, StudyLevel, SeriesLevel, ImageLevel}
	if r == StudyRoot {
		return all[1:]
	}
	return all
}

// Query is the identifier of a C-FIND, C-GET or C-MOVE indication, PS3.4 C.4,
// read whole: its size is bounded.
type Query struct {
	Association *ul.Association
	Peer        any // what the Policy recognised
	Command     dimse.CommandField
	Root        Root
	Level       Level
	Identifier  *dataset.Dataset // text decodes in the peer's character set
	// MoveDestination is that of a C-MOVE (0000,0600).
	MoveDestination string
}

// Refusal is the error by which a Finder or a Retriever chooses the status. The
// comment goes to the peer: it says nothing about a patient.
type Refusal struct {
	Status  dimse.Status
	Comment string // at most 64 characters (0000,0902)
}

func (e *Refusal) Error() string { return e.Status.String() + ": " + e.Comment }

// queryRetrieve are the query/retrieve SOP classes, PS3.4 C.6.1.3 and C.6.2.3.
var queryRetrieve = map[string]struct {
	root    Root
	command dimse.CommandField
}{
	uid.PatientRootFind: {PatientRoot, dimse.FieldCFindRQ},
	uid.PatientRootMove: {PatientRoot, dimse.FieldCMoveRQ},
	uid.PatientRootGet:  {PatientRoot, dimse.FieldCGetRQ},
	uid.StudyRootFind:   {StudyRoot, dimse.FieldCFindRQ},
	uid.StudyRootMove:   {StudyRoot, dimse.FieldCMoveRQ},
	uid.StudyRootGet:    {StudyRoot, dimse.FieldCGetRQ},
}

// identifierLimits bound an identifier: the largest that means anything is a
// list of some thousand UIDs.
var identifierLimits = stream.Limits{MaxDepth: 8, MaxElements: 4096, MaxHeaderBytes: 1 << 20, MaxValueBytes: 256 << 10, MaxInflate: 4 << 20}

// readQuery reads the identifier of a request. The error is a *Refusal, or that
// of an association that is lost.
func readQuery(a *ul.Association, in dimse.Incoming, m dimse.Request, class string) (Query, error) {
	q := Query{Association: a, Peer: a.Peer, Command: m.Field()}
	if move, ok := m.(*dimse.CMoveRQ); ok {
		q.MoveDestination = move.MoveDestination
	}
	model, ok := queryRetrieve[class]
	if in.Data == nil {
		return q, &Refusal{dimse.CannotUnderstand, "no identifier"}
	}
	d, err := dataset.Read(in.Data, stream.SyntaxFor(in.Context.TransferSyntax), identifierLimits)
	if lost := in.Data.Drain(); lost != nil {
		return q, lost
	}
	switch {
	case !ok || model.command != m.Field() || class != in.Context.AbstractSyntax:
		return q, &Refusal{dimse.SOPClassNotSupported, "not the SOP class of this context"}
	case errors.Is(err, stream.ErrLimit):
		return q, &Refusal{dimse.CannotUnderstand, "identifier too large"}
	case err != nil:
		return q, &Refusal{dimse.CannotUnderstand, "identifier cannot be read"}
	}
	q.Root, q.Identifier = model.root, d
	q.Level = Level(strings.ToUpper(d.String(tag.QueryRetrieveLevel)))
	if !slices.Contains(q.Root.levels(), q.Level) {
		return q, &Refusal{dimse.DataSetMismatchesSOPClass, "Query/Retrieve Level is not one of the model"}
	}
	return q, nil
}

// uniqueKeys are the unique keys of the levels, PS3.4 C.6.1.1.
var uniqueKeys = map[Level]tag.Tag{
	PatientLevel: tag.PatientID, StudyLevel: tag.StudyInstanceUID, SeriesLevel: tag.SeriesInstanceUID, ImageLevel: tag.SOPInstanceUID,
}

// checkRetrieve asks for the unique key of the level, PS3.4 C.4.2.1.4 and
// C.4.3.1.3. Those of the levels above may be missing, as in relational
// retrieval (C.4.2.2.2).
func (q Query) checkRetrieve() error {
	values := q.Identifier.Strings(uniqueKeys[q.Level])
	if len(values) == 0 || slices.Contains(values, "") {
		return &Refusal{dimse.DataSetMismatchesSOPClass, "no unique key of the level"}
	}
	for _, v := range values {
		if q.Level != PatientLevel && !uid.Valid(v) {
			return &Refusal{dimse.DataSetMismatchesSOPClass, "the unique key is not a UID"}
		}
	}
	return nil
}
