package service

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
)

// Find asks for a C-FIND, PS3.7 9.1.2, of the class of a presentation context,
// and calls match for every match until it gives an error, which ends the
// association. The status is the final one.
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
		if err == nil && d != nil {
			err = match(d)
		}
		if err != nil {
			_ = c.a.Abort(err) // err says why already
			return 0, err
		}
	}
}
