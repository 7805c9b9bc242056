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
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Status codes of the services, PS3.4 Tables CC.2.1-2 to CC.2.7-2,
// beside those of worklist.
const (
	statusFinalStateRequirements dimse.Status = 0xC304
	statusNoSuchStep             dimse.Status = 0xC307
	statusNotScheduled           dimse.Status = 0xC309 // a step is made SCHEDULED, no other way
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
	// Assign gives a complete study, or one with an open item, the task its hospital has
	// just asked for: router/assign does.
	Assign func(ctx context.Context, tx db.Tx, s catalog.Study, actor string) error
	// Changed, when set, is called after a change of state.
	Changed func()
}

// Caller is who asks: a hospital, a reader, or a coordinator. By HTTP and by DICOM
// they are the same.
type Caller struct {
	Scope  identity.Scope
	Reader string // who performs; empty for those who do not
	Orders bool   // may ask for readings, change and take back what was asked
	Actor  string // for the audit trail
	// RetrieveAE is the title under which the images can be had.
	RetrieveAE string
}

var errStranger = errors.New("ups: neither a hospital nor a reader")

func (s *Steps) caller(ctx context.Context, peer any, a *ul.Association) (Caller, error) {
	who := Caller{Actor: "ae:" + a.CallingAE, RetrieveAE: a.CalledAE}
	switch p := peer.(type) {
	case worklist.Facility:
		who.Scope, who.Orders = identity.Scope{FacilityID: p.ID}, true
		return who, nil
	case worklist.Workstation:
		var err error
		who.Reader = p.Reader
		who.Scope, err = p.Scope(ctx, s.DB.Read(ctx))
		return who, err
	}
	return who, errStranger
}

// Serve answers N-CREATE, N-SET, N-GET and N-ACTION: a service.NormalizedHandler.
func (s *Steps) Serve(ctx context.Context, r service.NormalizedRequest) service.NormalizedResponse {
	// Whatever the class of the context, that of a step is Push (CC.3.1).
	if r.SOPClassUID != uid.UPSPush {
		return service.NormalizedResponse{Status: dimse.NoSuchSOPClass}
	}
	who, err := s.caller(ctx, r.Peer, r.Association)
	if errors.Is(err, errStranger) {
		return service.NormalizedResponse{Status: dimse.NotAuthorized}
	}
	if err == nil {
		var rsp service.NormalizedResponse
		switch r.Command {
		case dimse.FieldNCreateRQ:
			rsp, err = s.Create(ctx, who, r.SOPInstanceUID, r.Data)
		case dimse.FieldNSetRQ:
			rsp, err = s.Set(ctx, who, r.SOPInstanceUID, r.Data)
		case dimse.FieldNGetRQ:
			rsp, err = s.Get(ctx, who, r.SOPInstanceUID, r.Attributes)
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

// act is N-ACTION.
func (s *Steps) act(ctx context.Context, who Caller, r service.NormalizedRequest) (service.NormalizedResponse, error) {
	switch r.ActionTypeID {
	case changeState:
		return s.ChangeState(ctx, who, r.SOPInstanceUID, r.Data)
	case requestCancel:
		return s.RequestCancel(ctx, who, r.SOPInstanceUID, r.Data)
	case subscribe, unsubscribe, suspendGlobal:
		return s.subscription(ctx, who, r)
	}
	return service.NormalizedResponse{Status: dimse.NoSuchActionType}, nil
}

func refuse(status dimse.Status, comment string) (service.NormalizedResponse, error) {
	return service.NormalizedResponse{Status: status, Comment: comment}, nil
}

// look is find by the UID that the caller knows the step by.
func (s *Steps) look(ctx context.Context, tx db.Tx, who Caller, name string) (*worklist.Entry, error) {
	step, err := worklist.StepNamed(ctx, tx, who.Scope, name)
	if err != nil {
		return nil, err
	}
	return s.find(ctx, tx, who, step)
}

// find finds a step: a request that waits for its study, or an item; nil for what is
// neither. In this order, since a request may become an item between the two and never
// the other way round.
func (s *Steps) find(ctx context.Context, tx db.Tx, who Caller, step string) (*worklist.Entry, error) {
	r, err := worklist.StepRequestByUID(ctx, tx, who.Scope, step)
	if err == nil {
		e := waiting(r)
		return &e, nil
	}
	if !errors.Is(err, worklist.ErrNotFound) {
		return nil, err
	}
	e, err := worklist.GetByUID(ctx, tx, who.Scope, step)
	if errors.Is(err, worklist.ErrNotFound) {
		return nil, nil
	}
	return &e, err
}

// waiting is a request as the item it will be; its ID is empty.
func waiting(r worklist.StepRequest) worklist.Entry {
	return worklist.Entry{
		Workitem: worklist.Workitem{
			SOPInstanceUID: r.SOPInstanceUID, FacilityID: r.FacilityID, State: r.State, Kind: worklist.Interpretation, Priority: r.Priority,
			Readiness: worklist.Incomplete, CancelReason: r.CancelReason, CreatedAt: r.CreatedAt, CanceledAt: r.CanceledAt,
		},
		Study: catalog.Study{FacilityID: r.FacilityID, StudyInstanceUID: r.StudyInstanceUID, AccessionNumber: r.AccessionNumber},
	}
}

// Get is N-GET, CC.2.7.
func (s *Steps) Get(ctx context.Context, who Caller, step string, attributes []tag.Tag) (service.NormalizedResponse, error) {
	read := s.DB.Read(ctx)
	e, err := s.look(ctx, read, who, step)
	if err != nil {
		return service.NormalizedResponse{}, err
	}
	if e == nil {
		return refuse(statusNoSuchStep, "")
	}
	b := builder{retrieveAE: who.RetrieveAE}
	if err := b.look(ctx, read, who.Scope, *e); err != nil {
		return service.NormalizedResponse{}, err
	}
	if e.ID != "" {
		if b.series, err = catalog.SeriesOf(ctx, read, who.Scope, e.StudyID); err != nil {
			return service.NormalizedResponse{}, err
		}
	}
	whole := b.step(*e)
	if len(attributes) == 0 {
		return service.NormalizedResponse{Data: whole}, nil
	}
	rsp := service.NormalizedResponse{Data: dataset.New()}
	for _, t := range attributes {
		if !whole.Has(t) {
			rsp.Status = statusOptionalAttributes
			continue
		}
		rsp.Data.Set(t, whole)
	}
	return rsp, nil
}

// ChangeState is Change UPS State, CC.2.1.
func (s *Steps) ChangeState(ctx context.Context, who Caller, step string, d *dataset.Dataset) (rsp service.NormalizedResponse, err error) {
	if who.Reader == "" {
		return refuse(dimse.NotAuthorized, "a hospital performs no steps")
	}
	if d == nil {
		return refuse(dimse.InvalidArgumentValue, "no action information")
	}
	to, transaction := worklist.State(d.String(tag.ProcedureStepState)), d.String(tag.TransactionUID)
	if !uid.Valid(transaction) {
		return refuse(dimse.Status(worklist.StatusWrongTransaction), "")
	}
	err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		rsp = service.NormalizedResponse{}
		e, err := worklist.GetByUID(ctx, tx, who.Scope, step)
		if errors.Is(err, worklist.ErrNotFound) {
			rsp.Status = statusNoSuchStep
			return nil
		}
		if err != nil {
			return err
		}
		rsp.Status, err = transit(ctx, tx, e.Workitem, who.Reader, to, transaction)
		return err
	})
	return s.changed(rsp, err)
}

// changed has Changed called once the caller has its answer.
func (s *Steps) changed(rsp service.NormalizedResponse, err error) (service.NormalizedResponse, error) {
	if c := rsp.Status.Class(); err == nil && c == dimse.ClassSuccess && s.Changed != nil {
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
		reason, err := reasonToCancel(ctx, tx, w)
		if err != nil {
			return 0, err
		}
		_, _, err = worklist.Release(ctx, tx, w.ID, reader, reason)
		return answer(err)
	}
	_, err := worklist.ClaimAs(ctx, tx, w.ID, reader, transaction)
	return answer(err)
}

// reasonToCancel is what the performer has said by N-SET of why it will not go on
// (PS3.4 CC.2.1.2).
func reasonToCancel(ctx context.Context, tx db.Tx, w worklist.Workitem) (string, error) {
	text, err := worklist.StepAttributes(ctx, tx, w.SOPInstanceUID)
	if err != nil {
		return "", err
	}
	d, err := kept(text)
	if err != nil {
		return "", err
	}
	return reasonIn(d.Item(tag.ProcedureStepProgressInformationSequence)), nil
}

// answer is the status of an error that is the caller's.
func answer(err error) (dimse.Status, error) {
	switch {
	case errors.Is(err, worklist.ErrAlreadyClaimed):
		return dimse.UPSAlreadyInProgress, nil
	case errors.Is(err, worklist.ErrNotOnPanel), errors.Is(err, worklist.ErrOffered), errors.Is(err, worklist.ErrUnfit),
		errors.Is(err, worklist.ErrOwnReading), errors.Is(err, worklist.ErrTrainee), errors.Is(err, worklist.ErrDeclined):
		return dimse.NotAuthorized, nil
	case errors.Is(err, worklist.ErrNotHolder):
		return dimse.Status(worklist.StatusWrongTransaction), nil
	case errors.Is(err, worklist.ErrFinal):
		return dimse.Status(worklist.StatusFinal), nil
	}
	return dimse.Success, err
}
