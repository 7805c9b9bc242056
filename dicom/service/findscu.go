package service

import (
	"context"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
)

// ErrEnough is what a match function answers to have no more of them.
var ErrEnough = errors.New("service: enough matches")

// afterCancel is how many matches may still come after a C-CANCEL: those on their way.
const afterCancel = 10_000

// Find asks for a C-FIND, PS3.7 9.1.2, of the class of a presentation context,
// and calls match for every match until it gives an error, which ends the
// association; ErrEnough takes the question back (C-CANCEL, PS3.7 9.3.2.3), and the
// association stays. The status is the final one, FE00 where the peer has stopped.
func (c *Client) Find(ctx context.Context, abstract string, identifier *dataset.Dataset, match func(*dataset.Dataset) error) (dimse.Status, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	id, err := c.context(abstract, "")
	if err != nil {
		return 0, err
	}
	pc, _ := c.a.Context(id)
	body, err := encoded(identifier, pc.TransferSyntax)
	if err != nil {
		return 0, err
	}
	rq := &dimse.CFindRQ{AffectedSOPClassUID: abstract, MessageID: c.next()}
	defer c.a.Bind(ctx)()
	if err := c.conn.Send(id, rq, body); err != nil {
		return 0, c.sendFailed(ctx, err)
	}
	late := -1 // matches since the C-CANCEL
	for {
		in, err := c.conn.Receive()
		if err != nil {
			return 0, c.notReceived(ctx, err)
		}
		m, ok := in.Message.(*dimse.CFindRSP)
		if !ok || m.MessageIDBeingRespondedTo != rq.MessageID {
			return 0, c.a.Abort(&dimse.ProtocolError{Reason: fmt.Sprintf("%s is not the response to C-FIND", in.Message.Field())})
		}
		if m.Status.Class() != dimse.ClassPending {
			return m.Status, nil
		}
		d, err := readData(in)
		if late >= 0 {
			if late++; err == nil && late > afterCancel {
				err = &dimse.ProtocolError{Reason: "C-FIND goes on after a C-CANCEL"}
			}
		} else if err == nil && d != nil {
			err = match(d)
		}
		if errors.Is(err, ErrEnough) {
			late = 0
			if err := c.conn.Send(id, &dimse.CCancelRQ{MessageIDBeingRespondedTo: rq.MessageID}, nil); err != nil {
				return 0, c.sendFailed(ctx, err)
			}
			continue
		}
		if err != nil {
			_ = c.a.Abort(err) // err says why already
			return 0, err
		}
	}
}
