package commit

import (
	"context"
	"errors"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/storage/db"
)

// Serve takes a request: a service.NormalizedHandler.
func (c *Committer) Serve(ctx context.Context, r service.NormalizedRequest) service.NormalizedResponse {
	no := func(s dimse.Status, comment string) service.NormalizedResponse {
		return service.NormalizedResponse{Status: s, Comment: comment}
	}
	facility, ok := c.opts.Facility(r.Peer)
	switch {
	case !ok:
		return no(dimse.NotAuthorized, "")
	case r.SOPClassUID != uid.StorageCommitmentPush:
		return no(dimse.NoSuchSOPClass, "")
	case r.Command != dimse.FieldNActionRQ:
		return no(dimse.UnrecognizedOperation, "")
	case r.SOPInstanceUID != commitment.Instance:
		return no(dimse.NoSuchSOPInstance, "")
	case r.ActionTypeID != commitment.RequestAction:
		return no(dimse.NoSuchActionType, "")
	case r.Data == nil:
		return no(dimse.InvalidArgumentValue, "no action information")
	}
	q, err := commitment.ReadRequest(r.Data)
	switch {
	case errors.Is(err, commitment.ErrTooMany):
		return no(dimse.ResourceLimitation, err.Error())
	case err != nil:
		return no(dimse.InvalidArgumentValue, err.Error())
	}
	var id string
	err = c.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		id, err = accept(ctx, tx, request{
			ID: db.NewID(), FacilityID: facility, TransactionUID: q.TransactionUID, AETitle: r.Association.CallingAE, CalledAE: r.Association.CalledAE,
		}, q.Items)
		return err
	})
	if err != nil {
		c.opts.Log.ErrorContext(ctx, "storage commitment refused", "facility", facility, "calling", ul.SafeAE(r.Association.CallingAE), "err", err)
		return no(dimse.ProcessingFailure, "the request could not be kept")
	}
	return service.NormalizedResponse{Status: dimse.Success, Then: func() {
		c.mu.Lock()
		c.live[id] = r.Reporter
		c.mu.Unlock()
		c.Wake()
	}}
}
