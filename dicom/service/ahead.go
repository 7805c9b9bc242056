package service

import (
	"context"
	"errors"
	"slices"

	"github.com/dokuei/dokuei/dicom/dimse"
)

// errWindow is a caller that does not keep to what was agreed.
var errWindow = errors.New("service: more operations than the window has room for")

// BeginStore sends an object as Send does and leaves the answer for Answer. At most
// Window are begun at once. It gives the Message ID. The answers are a few hundred
// bytes together, so that a peer can always write them while it is being sent to.
func (c *Client) BeginStore(ctx context.Context, o StoreObject) (message uint16, err error) {
	o, release, err := convert(o, func(ts string) bool { return c.Accepts(o.SOPClassUID, ts) })
	if err != nil {
		return 0, err
	}
	defer release()
	return c.begin(ctx, o)
}

// Answer waits for the answer to one of the C-STOREs that were begun, whichever comes
// first, and says which it was. A peer may answer them in any order (PS3.7 D.3.3.3).
func (c *Client) Answer(ctx context.Context) (message uint16, status dimse.Status, err error) {
	if len(c.open) == 0 {
		return 0, 0, errNothingBegun
	}
	if err := ctx.Err(); err != nil {
		return 0, 0, err
	}
	defer c.a.Bind(ctx)()
	m, err := c.receive(ctx)
	if err != nil {
		return 0, 0, err
	}
	rsp, ok := m.(*dimse.CStoreRSP)
	if ok {
		if i := slices.Index(c.open, rsp.MessageIDBeingRespondedTo); i >= 0 {
			c.open = slices.Delete(c.open, i, i+1)
			return rsp.MessageIDBeingRespondedTo, rsp.Status, nil
		}
	}
	return 0, 0, c.a.Abort(&dimse.ProtocolError{Reason: m.Field().String() + " is not the response to C-STORE"})
}

var errNothingAnswered = errors.New("service: closed with operations under way")

var errNothingBegun = errors.New("service: no C-STORE waits for an answer")

// Window is how many C-STOREs may be begun and not answered: what the peer agreed to,
// at most what was asked for.
func (c *Client) Window() int { return max(c.a.Window, 1) }
