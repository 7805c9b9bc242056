package ups

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// maxAttributes bounds what is kept of a step.
const maxAttributes = 256 << 10

var errSize = errors.New("ups: attributes too large")

// ours are the attributes of a step that are what our rows say, whatever was sent:
// state, patient and study of the images, people, clocks.
var ours = map[tag.Tag]bool{
	tag.SpecificCharacterSet: true, tag.SOPClassUID: true, tag.SOPInstanceUID: true, tag.TransactionUID: true, tag.ProcedureStepState: true,
	tag.ScheduledProcedureStepPriority: true, tag.InputReadinessState: true, tag.WorklistLabel: true, tag.ExpectedCompletionDateTime: true,
	tag.ScheduledHumanPerformersSequence: true, tag.ReplacedProcedureStepSequence: true, tag.ScheduledProcedureStepModificationDateTime: true,
}

// found are those that are ours once the study is here, and what was sent until then.
var found = map[tag.Tag]bool{
	tag.PatientName: true, tag.PatientID: true, tag.IssuerOfPatientID: true, tag.PatientBirthDate: true, tag.PatientSex: true,
	tag.StudyInstanceUID: true, tag.InputInformationSequence: true,
}

// settable are the parts of a step that an N-SET is for: the rest is ours, or says
// what the step is about.
func settable(t tag.Tag) bool {
	return !ours[t] && !found[t] && t != tag.ReferencedRequestSequence
}

// Set is N-SET, CC.2.6: by the hospital that has asked for a step, until somebody
// begins it; by its performer afterwards, with the Transaction UID. What may not be
// set is left as it is, with a warning.
func (s *Steps) Set(ctx context.Context, who Caller, step string, d *dataset.Dataset) (rsp service.NormalizedResponse, err error) {
	if d == nil {
		return refuse(dimse.MissingAttribute, "no attributes")
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		rsp = service.NormalizedResponse{}
		e, err := s.look(ctx, tx, who, step)
		if err != nil {
			return err
		}
		if e == nil {
			rsp.Status = statusNoSuchStep
			return nil
		}
		if rsp.Status = who.maySet(e.Workitem, d.String(tag.TransactionUID)); rsp.Status != dimse.Success {
			return nil
		}
		text, err := worklist.StepAttributes(ctx, tx, e.SOPInstanceUID)
		if err != nil {
			return err
		}
		all, err := kept(text)
		if err != nil {
			return err
		}
		for _, t := range d.Tags() {
			switch {
			case settable(t):
				all.Set(t, d)
			case t != tag.SpecificCharacterSet && t != tag.TransactionUID:
				rsp.Status = statusOptionalAttributes
			}
		}
		if text, err = keep(all); errors.Is(err, errSize) {
			rsp.Status, rsp.Comment = dimse.ResourceLimitation, "the step is too large"
			return nil
		}
		if err != nil {
			return err
		}
		err = worklist.SetStepAttributes(ctx, tx, e.SOPInstanceUID, text)
		if err == nil && e.ID != "" && d.Has(tag.ProcedureStepProgressInformationSequence) {
			err = worklist.Progressed(ctx, tx, e.Workitem, who.Actor)
		}
		return err
	})
	return rsp, err
}

// maySet is the status of an N-SET by its states, PS3.4 Table CC.2.6-2.
func (who Caller) maySet(w worklist.Workitem, transaction string) dimse.Status {
	switch {
	case !w.State.Open():
		return dimse.Status(worklist.StatusFinal)
	case w.State == worklist.InProgress && (who.Reader == "" || w.ClaimedBy != who.Reader || w.TransactionUID != transaction):
		return dimse.Status(worklist.StatusWrongTransaction)
	case w.State == worklist.Scheduled && !who.Orders:
		return dimse.Status(worklist.StatusNotInProgress)
	}
	return dimse.Success
}

// overlay adds to a step what is kept of it.
func overlay(d, extra *dataset.Dataset, e worklist.Entry) {
	for _, t := range extra.Tags() {
		switch {
		case ours[t], e.ID != "" && found[t]:
		case t == tag.ProcedureStepProgressInformationSequence && e.State == worklist.Canceled, t == tag.UnifiedProcedureStepPerformedProcedureSequence:
			// Ours comes first: when it ended, who did it, what came of it.
			if item, more := d.Item(t), extra.Item(t); item != nil && more != nil {
				for _, x := range more.Tags() {
					if !item.Has(x) {
						item.Set(x, more)
					}
				}
				break
			}
			if !d.Has(t) {
				d.Set(t, extra)
			}
		default:
			d.Set(t, extra)
		}
	}
}

// keep is a data set as it is kept.
func keep(from *dataset.Dataset) (string, error) {
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	for _, t := range from.Tags() {
		if t != tag.SpecificCharacterSet && t != tag.TransactionUID {
			d.Set(t, from)
		}
	}
	var b bytes.Buffer
	if err := d.Encode(&b, stream.SyntaxFor(uid.ExplicitVRLittleEndian)); err != nil {
		return "", fmt.Errorf("ups: attributes: %w", err)
	}
	if b.Len() > maxAttributes {
		return "", errSize
	}
	return base64.StdEncoding.EncodeToString(b.Bytes()), nil
}

// kept reads it again; an empty text is an empty data set.
func kept(text string) (*dataset.Dataset, error) {
	if text == "" {
		return dataset.New(), nil
	}
	b, err := base64.StdEncoding.DecodeString(text)
	if err == nil {
		var d *dataset.Dataset
		if d, err = dataset.Read(bytes.NewReader(b), stream.SyntaxFor(uid.ExplicitVRLittleEndian), stream.Limits{MaxHeaderBytes: maxAttributes + 1}); err == nil {
			return d, nil
		}
	}
	return nil, fmt.Errorf("ups: stored attributes: %w", err)
}
