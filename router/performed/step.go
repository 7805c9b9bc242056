package performed

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// Status is the Performed Procedure Step Status (0040,0252), PS3.3 C.4.14.
type Status string

// The states of a step.
const (
	InProgress   Status = "IN PROGRESS"
	Completed    Status = "COMPLETED"
	Discontinued Status = "DISCONTINUED"
)

func (s Status) valid() bool { return s == InProgress || s.Final() }

// Final reports whether the step has ended.
func (s Status) Final() bool { return s == Completed || s == Discontinued }

// MaxAttributes bounds a step as it is kept.
const MaxAttributes = 4 << 20

// Errors of a step that cannot be kept.
var (
	errStatus  = errors.New("performed: Performed Procedure Step Status has no valid value")
	errMissing = errors.New("performed: no step ID, or no study in Scheduled Step Attributes Sequence")
	errSeries  = errors.New("performed: a step that is completed has no Performed Series Sequence")
	errSize    = errors.New("performed: attributes too large")
)

// step is a step as it is kept.
type step struct {
	id, sop, study string
	status         Status
	attributes     *dataset.Dataset
}

// created checks the attributes of an N-CREATE.
func created(d *dataset.Dataset) (s step, err error) {
	s.status, s.attributes = Status(d.String(tag.PerformedProcedureStepStatus)), d
	if s.status != InProgress {
		return s, errStatus
	}
	for _, i := range d.Items(tag.ScheduledStepAttributesSequence) {
		if s.study = i.String(tag.StudyInstanceUID); s.study != "" {
			break
		}
	}
	if d.String(tag.PerformedProcedureStepID) == "" || !uid.Valid(s.study) {
		return s, errMissing
	}
	return s, nil
}

// fixed are the attributes an N-SET may not change, PS3.4 Table F.7.2-1. They
// are left alone, not refused: modalities send them again.
var fixed = []tag.Tag{
	tag.SpecificCharacterSet, tag.SOPClassUID, tag.SOPInstanceUID, tag.PatientName, tag.PatientID, tag.PatientBirthDate, tag.PatientSex,
	tag.ScheduledStepAttributesSequence, tag.PerformedProcedureStepID, tag.PerformedStationAETitle, tag.PerformedProcedureStepStartDate,
	tag.PerformedProcedureStepStartTime, tag.Modality, tag.StudyID,
}

// set applies the modifications of an N-SET.
func (s *step) set(d *dataset.Dataset) error {
	for _, t := range d.Tags() {
		if !slices.Contains(fixed, t) {
			s.attributes.Set(t, d)
		}
	}
	s.status = Status(s.attributes.String(tag.PerformedProcedureStepStatus))
	switch {
	case !s.status.valid():
		return errStatus
	case s.status == Completed && len(s.attributes.Items(tag.PerformedSeriesSequence)) == 0:
		return errSeries
	}
	return nil
}

// instances counts what a step that has ended lists; each once.
func (s step) instances() int {
	if !s.status.Final() {
		return 0
	}
	seen := map[string]bool{}
	for _, series := range s.attributes.Items(tag.PerformedSeriesSequence) {
		for _, t := range []tag.Tag{tag.ReferencedImageSequence, tag.ReferencedNonImageCompositeSOPInstanceSequence} {
			for _, i := range series.Items(t) {
				if u := i.String(tag.ReferencedSOPInstanceUID); uid.Valid(u) {
					seen[u] = true
				}
			}
		}
	}
	return len(seen)
}

// text is the attributes as they are kept.
func (s step) text() (string, error) {
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	for _, t := range s.attributes.Tags() {
		if t != tag.SpecificCharacterSet {
			d.Set(t, s.attributes)
		}
	}
	var b bytes.Buffer
	if err := d.Encode(&b, stream.SyntaxFor(uid.ExplicitVRLittleEndian)); err != nil {
		return "", fmt.Errorf("performed: encode: %w", err)
	}
	if b.Len() > MaxAttributes {
		return "", errSize
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

func (s *step) parse(text string) error {
	b, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		s.attributes, err = dataset.Read(bytes.NewReader(b), stream.SyntaxFor(uid.ExplicitVRLittleEndian), stream.Limits{MaxHeaderBytes: MaxAttributes + 1})
	}
	if err != nil {
		return fmt.Errorf("performed: stored attributes: %w", err)
	}
	return nil
}
