package ups

import (
	"context"
	"errors"
	"log/slog"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Status codes of the services, PS3.4 Tables CC.2.1-2, CC.2.2-2 and CC.2.7-2,
// beside those of worklist.
const (
	statusFinalStateRequirements dimse.Status = 0xC304
	statusNoSuchStep             dimse.Status = 0xC307
	statusPerformerRefuses       dimse.Status = 0xC313 // the performer chooses not to cancel
	statusOptionalAttributes     dimse.Status = 0x0001 // warning: requested optional attributes are not supported
)

// The actions, PS3.4 Table CC.2.1-1 and following.
const (
	changeState   uint16 = 1
	requestCancel uint16 = 2
)

// Steps serves Workitems.
type Steps struct {
	DB  *db.DB
	Log *slog.Logger
	// Changed, when set, is called after a change of state.
	Changed func()
}

// caller is who asks: a hospital, or a reader's workstation.
type caller struct {
	scope  identity.Scope
	reader string // empty: a hospital
}

var errStranger = errors.New("ups: neither a hospital nor a reader")

func (s *Steps) caller(ctx context.Context, peer any) (caller, error) {
	switch p := peer.(type) {
	case worklist.Facility:
		return caller{scope: identity.Scope{FacilityID: p.ID}}, nil
	case worklist.Workstation:
		scope, err := p.Scope(ctx, s.DB.Read(ctx))
		return caller{scope, p.Reader}, err
	}
	return caller{}, errStranger
}

// Serve answers N-GET and N-ACTION: a service.NormalizedHandler.
func (s *Steps) Serve(ctx context.Context, r service.NormalizedRequest) service.NormalizedResponse {
	// Whatever the class of the context, that of a step is Push (CC.3.1).
	if r.SOPClassUID != uid.UPSPush {
		return service.NormalizedResponse{Status: dimse.NoSuchSOPClass}
	}
	who, err := s.caller(ctx, r.Peer)
	if errors.Is(err, errStranger) {
		return service.NormalizedResponse{Status: dimse.NotAuthorized}
	}
	if err == nil {
		var rsp service.NormalizedResponse
		switch r.Command {
		case dimse.FieldNGetRQ:
			rsp, err = s.get(ctx, who, r)
		case dimse.FieldNActionRQ:
			rsp, err = s.act(ctx, who, r)
		default:
			rsp.Status = dimse.UnrecognizedOperation
		}
		if err == nil {
			return rsp
		}
	}
	s.Log.ErrorContext(ctx, "procedure step not served", "request", r.Command.String(), "step", r.SOPInstanceUID, "err", err)
	return service.NormalizedResponse{Status: dimse.ProcessingFailure}
}

// get is N-GET, CC.2.7.
func (s *Steps) get(ctx context.Context, who caller, r service.NormalizedRequest) (service.NormalizedResponse, error) {
	read := s.DB.Read(ctx)
	e, err := worklist.GetByUID(ctx, read, who.scope, r.SOPInstanceUID)
	if errors.Is(err, worklist.ErrNotFound) {
		return service.NormalizedResponse{Status: statusNoSuchStep}, nil
	}
	if err != nil {
		return service.NormalizedResponse{}, err
	}
	b := builder{retrieveAE: r.Association.CalledAE}
	if err := b.look(ctx, read, who.scope, e); err != nil {
		return service.NormalizedResponse{}, err
	}
	if b.series, err = catalog.SeriesOf(ctx, read, who.scope, e.StudyID); err != nil {
		return service.NormalizedResponse{}, err
	}
	whole := b.step(e)
	if len(r.Attributes) == 0 {
		return service.NormalizedResponse{Data: whole}, nil
	}
	rsp := service.NormalizedResponse{Data: dataset.New()}
	for _, t := range r.Attributes {
		if !whole.Has(t) {
			rsp.Status = statusOptionalAttributes
			continue
		}
		rsp.Data.Set(t, whole)
	}
	return rsp, nil
}

// act is N-ACTION.
func (s *Steps) act(ctx context.Context, who caller, r service.NormalizedRequest) (service.NormalizedResponse, error) {
	switch r.ActionTypeID {
	case changeState:
		if who.reader == "" {
			return service.NormalizedResponse{Status: dimse.NotAuthorized, Comment: "a hospital performs no steps"}, nil
		}
		return s.change(ctx, who, r)
	case requestCancel:
		return s.cancel(ctx, who, r)
	case subscribe, unsubscribe, suspendGlobal:
		return s.subscription(ctx, who, r)
	}
	return service.NormalizedResponse{Status: dimse.NoSuchActionType}, nil
}

// change is Change UPS State, CC.2.1.
func (s *Steps) change(ctx context.Context, who caller, r service.NormalizedRequest) (rsp service.NormalizedResponse, err error) {
	if r.Data == nil {
		return service.NormalizedResponse{Status: dimse.InvalidArgumentValue, Comment: "no action information"}, nil
	}
	to, transaction := worklist.State(r.Data.String(tag.ProcedureStepState)), r.Data.String(tag.TransactionUID)
	if !uid.Valid(transaction) {
		return service.NormalizedResponse{Status: dimse.Status(worklist.StatusWrongTransaction)}, nil
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		rsp = service.NormalizedResponse{}
		e, err := worklist.GetByUID(ctx, tx, who.scope, r.SOPInstanceUID)
		if errors.Is(err, worklist.ErrNotFound) {
			rsp.Status = statusNoSuchStep
			return nil
		}
		if err != nil {
			return err
		}
		rsp.Status, err = transit(ctx, tx, e.Workitem, who.reader, to, transaction)
		return err
	})
	if err == nil && rsp.Status == dimse.Success && s.Changed != nil {
		rsp.Then = s.Changed
	}
	return rsp, err
}

// transit makes a transition, or gives the status that refuses it.
func transit(ctx context.Context, tx db.Tx, w worklist.Workitem, reader string, to worklist.State, transaction string) (dimse.Status, error) {
	// A step that nobody holds has no Transaction UID that could be wrong.
	held := w.State == worklist.Scheduled || w.ClaimedBy == reader && w.TransactionUID == transaction
	request := map[worklist.State][2]worklist.Request{
		worklist.InProgress: {worklist.ToInProgress, worklist.ToInProgress},
		worklist.Scheduled:  {worklist.ToScheduled, worklist.ToScheduled},
		worklist.Completed:  {worklist.ToCompletedNotHeld, worklist.ToCompletedHeld},
		worklist.Canceled:   {worklist.ToCanceledNotHeld, worklist.ToCanceledHeld},
	}
	pair, ok := request[to]
	if !ok {
		return dimse.InvalidArgumentValue, nil
	}
	rq := pair[0]
	if held {
		rq = pair[1]
	}
	if c := worklist.Transition(w.State, rq); c.Status != worklist.StatusSuccess {
		return dimse.Status(c.Status), nil
	}
	switch to {
	case worklist.Completed:
		return statusFinalStateRequirements, nil
	case worklist.Canceled:
		_, _, err := worklist.Release(ctx, tx, w.ID, reader, "")
		return answer(err)
	}
	_, err := worklist.ClaimAs(ctx, tx, w.ID, reader, transaction)
	return answer(err)
}

// answer is the status of an error that is the caller's.
func answer(err error) (dimse.Status, error) {
	switch {
	case errors.Is(err, worklist.ErrAlreadyClaimed):
		return dimse.UPSAlreadyInProgress, nil
	case errors.Is(err, worklist.ErrNotOnPanel), errors.Is(err, worklist.ErrOffered):
		return dimse.NotAuthorized, nil
	case errors.Is(err, worklist.ErrNotHolder):
		return dimse.Status(worklist.StatusWrongTransaction), nil
	case errors.Is(err, worklist.ErrFinal):
		return dimse.Status(worklist.StatusFinal), nil
	}
	return dimse.Success, err
}

// cancel is Request UPS Cancel, CC.2.2.
func (s *Steps) cancel(ctx context.Context, who caller, r service.NormalizedRequest) (service.NormalizedResponse, error) {
	e, err := worklist.GetByUID(ctx, s.DB.Read(ctx), who.scope, r.SOPInstanceUID)
	switch {
	case errors.Is(err, worklist.ErrNotFound):
		return service.NormalizedResponse{Status: statusNoSuchStep}, nil
	case err != nil:
		return service.NormalizedResponse{}, err
	}
	if c := worklist.Transition(e.State, worklist.RequestCancel); c.Status != worklist.StatusSuccess {
		return service.NormalizedResponse{Status: dimse.Status(c.Status)}, nil
	}
	return service.NormalizedResponse{Status: statusPerformerRefuses, Comment: "ask the coordinator to reassign it"}, nil
}
