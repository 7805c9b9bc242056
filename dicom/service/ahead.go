package service

import (
	"context"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/ul"
)

// BeginStore sends an object as Send does and does not wait for the response,
// which Answer brings. No more may be outstanding than Association().Window. It
// gives the Message ID.
func (c *Client) BeginStore(ctx context.Context, o StoreObject) (id uint16, err error) {
	o, release, err := convert(o, func(ts string) bool { return c.Accepts(o.SOPClassUID, ts) })
	if err != nil {
		return 0, err
	}
	defer release()
	pc, err := c.context(o.SOPClassUID, o.TransferSyntaxUID)
	if err != nil {
		return 0, err
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	rq := &dimse.CStoreRQ{AffectedSOPClassUID: o.SOPClassUID, MessageID: c.next(), AffectedSOPInstanceUID: o.SOPInstanceUID}
	defer c.a.Bind(ctx)()
	if err := c.conn.Send(pc, rq, o.Data); err != nil {
		return 0, c.sendFailed(ctx, err)
	}
	return rq.MessageID, nil
}

// Answer waits for a response to one of the requests of BeginStore; they may come
// in another order than the requests went.
func (c *Client) Answer(ctx context.Context) (id uint16, status dimse.Status, err error) {
	if err := ctx.Err(); err != nil {
		return 0, 0, err
	}
	defer c.a.Bind(ctx)()
	in, err := c.conn.Receive()
	switch {
	case errors.Is(err, ul.ErrCanceled) && ctx.Err() != nil:
		return 0, 0, errors.Join(ctx.Err(), err)
	case err == io.EOF:
		return 0, 0, c.a.Abort(&dimse.ProtocolError{Reason: "released instead of answered"})
	case err != nil:
		return 0, 0, c.a.Abort(err)
	}
	rsp, ok := in.Message.(*dimse.CStoreRSP)
	if !ok {
		return 0, 0, c.a.Abort(&dimse.ProtocolError{Reason: in.Message.Field().String() + " where a response to C-STORE was due"})
	}
	return rsp.MessageIDBeingRespondedTo, rsp.Status, nil
}
