package ups

import (
	"context"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// Create is N-CREATE, CC.2.5: a hospital's order system asks for a reading. A study
// that is here gets the step at once, in place of one the rules have made and nobody
// has begun; for one still to come the step waits.
func (s *Steps) Create(ctx context.Context, who Caller, step string, d *dataset.Dataset) (rsp service.NormalizedResponse, err error) {
	switch {
	case !who.Orders:
		return refuse(dimse.NotAuthorized, "readings are asked for by hospitals")
	case who.Scope.FacilityID == "":
		return refuse(dimse.InvalidArgumentValue, "whose study it is is known of hospitals only")
	}
	r, status, comment := requested(d)
	if status != dimse.Success {
		return refuse(status, comment)
	}
	if r.SOPInstanceUID, r.FacilityID = step, who.Scope.FacilityID; step == "" {
		r.SOPInstanceUID = uid.New()
	}
	text, err := keep(d)
	if errors.Is(err, errSize) {
		return refuse(dimse.ResourceLimitation, "the step is too large")
	}
	if err != nil {
		return service.NormalizedResponse{}, err
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		step, err := worklist.AddStepRequest(ctx, tx, r, who.Actor)
		if err != nil {
			return err
		}
		if err := worklist.SetStepAttributes(ctx, tx, step, text); err != nil {
			return err
		}
		return s.assign(ctx, tx, who, r)
	})
	switch {
	case errors.Is(err, worklist.ErrStepExists):
		return refuse(dimse.DuplicateSOPInstance, "")
	case errors.Is(err, worklist.ErrRequested):
		return refuse(dimse.ProcessingFailure, "a reading of this study is asked for already: cancel that one first")
	case errors.Is(err, worklist.ErrAlreadyClaimed):
		return refuse(dimse.ProcessingFailure, "this study is being read")
	}
	return s.changed(service.NormalizedResponse{SOPInstanceUID: r.SOPInstanceUID}, err)
}

// assign makes the item of a request whose study is here.
func (s *Steps) assign(ctx context.Context, tx db.Tx, who Caller, r worklist.StepRequest) error {
	study, found, err := studyOf(ctx, tx, who, r)
	if err != nil || !found {
		return err
	}
	open, err := worklist.OpenOfStudy(ctx, tx, study.ID)
	if err != nil || open == nil && study.State != catalog.Complete {
		return err // it is met when the study is complete
	}
	if open != nil {
		if asked, err := worklist.Requested(ctx, tx, open.SOPInstanceUID); err != nil || asked {
			return errors.Join(err, worklist.ErrRequested)
		}
	}
	return s.Assign(ctx, tx, study, who.Actor)
}

func studyOf(ctx context.Context, tx db.Tx, who Caller, r worklist.StepRequest) (s catalog.Study, found bool, err error) {
	if r.StudyInstanceUID != "" {
		s, err = catalog.StudyByUID(ctx, tx, who.Scope, r.FacilityID, r.StudyInstanceUID)
	} else {
		s, err = catalog.StudyByAccession(ctx, tx, who.Scope, r.FacilityID, r.AccessionNumber)
	}
	if errors.Is(err, catalog.ErrNotFound) {
		return s, false, nil
	}
	return s, err == nil, err
}

// requested reads what the attributes of an N-CREATE ask for, or says why they
// cannot be what they are for.
func requested(d *dataset.Dataset) (r worklist.StepRequest, status dimse.Status, comment string) {
	if d == nil {
		return r, dimse.MissingAttribute, "no attributes"
	}
	if worklist.State(d.String(tag.ProcedureStepState)) != worklist.Scheduled {
		return r, statusNotScheduled, ""
	}
	if d.String(tag.TransactionUID) != "" {
		return r, dimse.InvalidAttributeValue, "a step is made without a Transaction UID"
	}
	switch d.String(tag.ScheduledProcedureStepPriority) {
	case "HIGH":
		r.Priority = worklist.STAT
	case "MEDIUM":
		r.Priority = worklist.Urgent
	case "LOW":
		r.Priority = worklist.Routine
	case "":
		return r, dimse.MissingAttributeValue, "Scheduled Procedure Step Priority"
	default:
		return r, dimse.InvalidAttributeValue, "Scheduled Procedure Step Priority"
	}
	studies := map[string]bool{}
	for _, in := range append([]*dataset.Dataset{d}, append(d.Items(tag.ReferencedRequestSequence), d.Items(tag.InputInformationSequence)...)...) {
		if u := in.String(tag.StudyInstanceUID); u != "" {
			studies[u], r.StudyInstanceUID = true, u
		}
		if a := strings.TrimSpace(in.String(tag.AccessionNumber)); a != "" && r.AccessionNumber == "" {
			r.AccessionNumber = a
		}
	}
	switch {
	case len(studies) > 1:
		return r, dimse.InvalidAttributeValue, "a step is about one study, these name several"
	case r.StudyInstanceUID != "" && !uid.Valid(r.StudyInstanceUID):
		return r, dimse.InvalidAttributeValue, "Study Instance UID"
	case utf8.RuneCountInString(r.AccessionNumber) > 64:
		return r, dimse.InvalidAttributeValue, "Accession Number"
	case r.StudyInstanceUID == "" && r.AccessionNumber == "":
		return r, dimse.MissingAttributeValue, "neither Study Instance UID nor Accession Number"
	}
	return r, dimse.Success, ""
}

// RequestCancel is Request UPS Cancel, CC.2.2. What nobody has begun is taken back:
// a request that waits is canceled and that is all; an item is replaced by one on the
// coordinator's list, because its study is here and somebody has to say what becomes
// of it. A reading under way goes on, and the coordinator is told of the wish.
func (s *Steps) RequestCancel(ctx context.Context, who Caller, step string, d *dataset.Dataset) (rsp service.NormalizedResponse, err error) {
	reason := ""
	if d != nil {
		reason = reasonIn(d)
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
		if c := worklist.Transition(e.State, worklist.RequestCancel); c.Status != worklist.StatusSuccess {
			rsp.Status = dimse.Status(c.Status)
			return nil
		}
		switch {
		case !who.Orders:
			rsp.Status, rsp.Comment = dimse.NotAuthorized, "who holds it changes its state to CANCELED"
		case e.ID == "":
			r, err := worklist.StepRequestByUID(ctx, tx, who.Scope, e.SOPInstanceUID)
			if err != nil {
				return err
			}
			return worklist.CancelStepRequest(ctx, tx, r, reason, who.Actor)
		case e.State == worklist.Scheduled:
			_, _, err := worklist.Recall(ctx, tx, e.ID, who.Actor, reason)
			return err
		default:
			rsp.Status, rsp.Comment = statusPerformerRefuses, "it is being read: the coordinator has been told"
			by := strings.TrimPrefix(who.Actor, "ae:")
			if by == who.Actor {
				by = ""
			}
			return worklist.RequestCancelOf(ctx, tx, e.ID, worklist.CancelRequest{By: by, Reason: reason}, who.Actor)
		}
		return nil
	})
	return s.changed(rsp, err)
}

// reasonIn is the Reason For Cancellation (0074,1238) as far as a row holds it.
func reasonIn(d *dataset.Dataset) string {
	return clip(strings.TrimSpace(d.String(tag.ReasonForCancellation)), 500)
}
