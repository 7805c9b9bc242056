package performed

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/runner"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// RetrieveClass is the Modality Performed Procedure Step Retrieve SOP Class, F.8.
const RetrieveClass = "1.2.840.10008.3.1.2.3.4"

// ErrorIDFinal: the step may no longer be updated, PS3.4 Table F.7.2-2.
const ErrorIDFinal = 0xA710

// Options of a Desk. The first has no default.
type Options struct {
	// Facility finds the hospital of an association.
	Facility func(peer any) (id string, ok bool)
	// Declared, when set, is called when a study need not wait any longer.
	Declared func()
	// Changed, when set, is called in the transaction that keeps a step, Told after it.
	Changed func(ctx context.Context, tx db.Tx, facilityID, stepID string) error
	Told    func()
	Log     *slog.Logger
}

// Desk takes steps. Serve answers requests, Run tells the studies. It is woken when an
// instance has arrived, of a study that a step may have been waiting for.
type Desk struct {
	*runner.Loop
	db   *db.DB
	opts Options
}

// New makes a Desk.
func New(d *db.DB, o Options) *Desk {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Declared == nil {
		o.Declared = func() {}
	}
	if o.Changed == nil {
		o.Changed = func(context.Context, db.Tx, string, string) error { return nil }
	}
	if o.Told == nil {
		o.Told = func() {}
	}
	return &Desk{runner.NewLoop("performed procedure steps", pause, o.Log), d, o}
}

// pause is the least time between two looks: instances come in hundreds, and a study
// that could not be told yet is told by one of them.
const pause = 200 * time.Millisecond

// Run tells studies what their steps list until ctx ends, and returns nil then.
func (k *Desk) Run(ctx context.Context) error {
	k.Loop.Run(ctx, k.look)
	return nil
}

// look tells those that have not been told, so many at a time.
func (k *Desk) look(ctx context.Context) (time.Duration, error) {
	list, err := pending(ctx, k.db.Read(ctx), 64)
	for _, id := range list {
		if err == nil {
			err = k.declare(ctx, id)
		}
	}
	if len(list) > 0 {
		return pause, err
	}
	return runner.Rescan, err
}

func (k *Desk) declare(ctx context.Context, studyID string) error {
	release := false
	err := k.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		release, err = declare(ctx, tx, studyID)
		return err
	})
	if err == nil && release {
		k.opts.Declared()
	}
	return err
}

// Serve answers a request: a service.NormalizedHandler.
func (k *Desk) Serve(ctx context.Context, r service.NormalizedRequest) service.NormalizedResponse {
	facility, ok := k.opts.Facility(r.Peer)
	switch {
	case !ok:
		return service.NormalizedResponse{Status: dimse.NotAuthorized}
	case r.SOPClassUID != r.AbstractSyntax:
		return service.NormalizedResponse{Status: dimse.NoSuchSOPClass}
	case r.Command == dimse.FieldNGetRQ && r.SOPClassUID == RetrieveClass:
		return k.get(ctx, facility, r)
	case r.SOPClassUID != uid.ModalityPerformedProcedureStep:
		return service.NormalizedResponse{Status: dimse.UnrecognizedOperation}
	case r.Command != dimse.FieldNCreateRQ && r.Command != dimse.FieldNSetRQ:
		return service.NormalizedResponse{Status: dimse.UnrecognizedOperation}
	case r.Data == nil:
		return service.NormalizedResponse{Status: dimse.MissingAttribute}
	case r.Command == dimse.FieldNCreateRQ:
		return k.create(ctx, facility, r)
	}
	return k.set(ctx, facility, r)
}

// create is N-CREATE, F.7.2.1.
func (k *Desk) create(ctx context.Context, facility string, r service.NormalizedRequest) service.NormalizedResponse {
	s, err := created(r.Data)
	s.sop = r.SOPInstanceUID
	if s.sop == "" {
		s.sop = uid.New()
	}
	if err == nil {
		err = k.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			if err := insert(ctx, tx, facility, r.Association.CallingAE, &s); err != nil {
				return err
			}
			return k.opts.Changed(ctx, tx, facility, s.id)
		})
	}
	rsp := k.answer(ctx, facility, err)
	rsp.SOPInstanceUID = s.sop
	if err == nil {
		rsp.Then = k.opts.Told
	}
	return rsp
}

// set is N-SET, F.7.2.2.
func (k *Desk) set(ctx context.Context, facility string, r service.NormalizedRequest) service.NormalizedResponse {
	err := k.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		s, err := load(ctx, tx, facility, r.SOPInstanceUID)
		if err != nil {
			return err
		}
		if s.status.Final() {
			return errFinal
		}
		if err := s.set(r.Data); err != nil {
			return err
		}
		if err := update(ctx, tx, s); err != nil {
			return err
		}
		if err := k.opts.Changed(ctx, tx, facility, s.id); err != nil || !s.status.Final() {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{
			Actor: "ae:" + r.Association.CallingAE, Action: "procedure.performed", Object: s.id, FacilityID: facility,
			Detail: "step " + s.sop + " " + string(s.status),
		})
	})
	rsp := k.answer(ctx, facility, err)
	if err == nil {
		rsp.Then = func() {
			k.Wake()
			k.opts.Told()
		}
	}
	return rsp
}

// get is N-GET, F.8.2.1.
func (k *Desk) get(ctx context.Context, facility string, r service.NormalizedRequest) service.NormalizedResponse {
	s, err := load(ctx, k.db.Read(ctx), facility, r.SOPInstanceUID)
	rsp := k.answer(ctx, facility, err)
	if err != nil {
		return rsp
	}
	rsp.Data = s.attributes
	if len(r.Attributes) == 0 {
		return rsp
	}
	rsp.Data = dataset.New()
	for _, t := range r.Attributes {
		if t != tag.SpecificCharacterSet {
			rsp.Data.Set(t, s.attributes)
		}
	}
	return rsp
}

// answer is the status for an outcome, PS3.7 10.1.5.1.4 and PS3.4 F.7.2.
func (k *Desk) answer(ctx context.Context, facility string, err error) service.NormalizedResponse {
	switch {
	case err == nil:
		return service.NormalizedResponse{}
	case errors.Is(err, errExists):
		return service.NormalizedResponse{Status: dimse.DuplicateSOPInstance}
	case errors.Is(err, errUnknown):
		return service.NormalizedResponse{Status: dimse.NoSuchSOPInstance}
	case errors.Is(err, errFinal):
		return service.NormalizedResponse{Status: dimse.ProcessingFailure, ErrorID: ErrorIDFinal, Comment: "the step may no longer be updated"}
	case errors.Is(err, errStatus):
		return service.NormalizedResponse{Status: dimse.InvalidAttributeValue, Comment: "Performed Procedure Step Status"}
	case errors.Is(err, errMissing):
		return service.NormalizedResponse{Status: dimse.MissingAttribute, Comment: "step ID or study"}
	case errors.Is(err, errSeries):
		return service.NormalizedResponse{Status: dimse.MissingAttribute, Comment: "Performed Series Sequence"}
	case errors.Is(err, errSize):
		return service.NormalizedResponse{Status: dimse.ResourceLimitation}
	}
	k.opts.Log.ErrorContext(ctx, "performed procedure step not kept", "facility", facility, "err", err)
	return service.NormalizedResponse{Status: dimse.ProcessingFailure}
}
