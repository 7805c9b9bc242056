package service

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/tag"
)

// retrieving is a C-MOVE or a C-GET that we have asked for.
type retrieving struct {
	client   *Client
	progress func(Moved) bool // nil: nobody asks
	// store takes what comes as C-STORE on the same association; nil: nothing may.
	store StoreHandler

	id       byte // presentation context of the request
	rq       dimse.Request
	last     Moved // a final response may leave out the counts of a success
	kept     int   // by store
	canceled bool
	late     int // messages after the C-CANCEL
}

// run sends the request and gives the final response.
func (r *retrieving) run(ctx context.Context, abstract string, identifier *dataset.Dataset, rq dimse.Request) (Moved, error) {
	c := r.client
	if err := ctx.Err(); err != nil {
		return Moved{}, err
	}
	id, err := c.context(abstract, "")
	if err != nil {
		return Moved{}, err
	}
	r.id, r.rq = id, rq
	pc, _ := c.a.Context(id)
	body, err := encoded(identifier, pc.TransferSyntax)
	if err != nil {
		return Moved{}, err
	}
	defer c.a.Bind(ctx)()
	if err := c.conn.Send(id, rq, body); err != nil {
		return Moved{}, c.sendFailed(ctx, err)
	}
	for {
		in, err := c.conn.Receive()
		if err != nil {
			return r.last, c.notReceived(ctx, err)
		}
		if r.canceled {
			if r.late++; r.late > afterCancel {
				return r.last, c.a.Abort(&dimse.ProtocolError{Reason: rq.Field().String() + " goes on after a C-CANCEL"})
			}
		}
		if m, ok := in.Message.(*dimse.CStoreRQ); ok && r.store != nil {
			if err := r.take(ctx, in, m); err != nil {
				return r.last, c.sendFailed(ctx, err)
			}
		} else if final, err := r.told(in); final || err != nil {
			return r.last, err
		}
		if r.progress != nil && !r.canceled && !r.progress(r.last) {
			r.canceled = true
			if err := c.conn.Send(id, &dimse.CCancelRQ{MessageIDBeingRespondedTo: rq.ID()}, nil); err != nil {
				return r.last, c.sendFailed(ctx, err)
			}
		}
	}
}

// told takes in a response.
func (r *retrieving) told(in dimse.Incoming) (final bool, err error) {
	var status dimse.Status
	var to uint16
	var comment string
	var counts dimse.SubOperations
	switch m := in.Message.(type) {
	case *dimse.CMoveRSP:
		status, to, comment, counts = m.Status, m.MessageIDBeingRespondedTo, m.ErrorComment, m.SubOperations
	case *dimse.CGetRSP:
		status, to, comment, counts = m.Status, m.MessageIDBeingRespondedTo, m.ErrorComment, m.SubOperations
	}
	if in.Message.Field() != r.rq.Field()|0x8000 || to != r.rq.ID() {
		return false, r.client.a.Abort(&dimse.ProtocolError{Reason: fmt.Sprintf("%s is not the response to %s", in.Message.Field(), r.rq.Field())})
	}
	d, err := readData(in)
	if err != nil {
		return false, r.client.a.Abort(err)
	}
	r.last.count(counts)
	if status.Class() == dimse.ClassPending {
		return false, nil
	}
	r.last.Status, r.last.Comment = status, comment
	if d != nil {
		r.last.NotSent = d.Strings(tag.FailedSOPInstanceUIDList)
	}
	return true, nil
}
