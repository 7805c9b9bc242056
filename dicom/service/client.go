package service

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// Context is a presentation context to propose.
type Context struct {
	AbstractSyntax   string
	TransferSyntaxes []string
}

// DialOptions say whom to call and what for.
type DialOptions struct {
	CallingAE, CalledAE string
	// Contexts are proposed in this order, at most 128. Without any,
	// Verification is.
	Contexts []Context
	// Roles are asked for beside the contexts (PS3.7 D.3.3.4); see SCPRole.
	Roles []pdu.RoleSelection
	TLS   *tls.Config

	// Connect bounds connecting and negotiating. Default 30 s.
	Connect time.Duration
	// Response bounds the wait for a response: a provider answers a C-STORE
	// when the instance is safe, which may take it a while. Default 120 s.
	Response time.Duration

	// Window is how many C-STOREs BeginStore may leave unanswered when the peer
	// agrees (asynchronous operations window, PS3.7 D.3.3.3). Default 1: it is not
	// spoken of.
	Window uint16

	Log    *slog.Logger
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

// Client is a user of Verification and Storage over one association. After an
// error that is not a *NoContextError the association is gone and only Close
// remains to be called.
type Client struct {
	a    *ul.Association
	conn *dimse.Conn
	id   uint16
	// open are the Message IDs of C-STOREs begun and not answered, oldest first.
	open []uint16
}

// NoContextError says that the peer did not accept a context an object needs.
type NoContextError struct {
	SOPClassUID, TransferSyntaxUID string
	Result                         byte // PS3.8 Table 9-18; ContextAccepted when it was not even proposed
}

func (e *NoContextError) Error() string {
	reason := "not proposed"
	switch e.Result {
	case pdu.ContextUserRejection, pdu.ContextNoReason:
		reason = "rejected"
	case pdu.ContextAbstractSyntaxNotSupported:
		reason = "SOP class not supported by peer"
	case pdu.ContextTransferSyntaxesNotSupported:
		reason = "transfer syntax not supported by peer"
	}
	return fmt.Sprintf("%s in %s: %s", uid.Name(e.SOPClassUID), uid.Name(e.TransferSyntaxUID), reason)
}

// Dial opens an association; a refusal is a *ul.RejectError.
func Dial(ctx context.Context, addr string, o DialOptions) (*Client, error) {
	if len(o.Contexts) == 0 {
		o.Contexts = []Context{{uid.Verification, []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}}}
	}
	if len(o.Contexts) > 128 {
		return nil, fmt.Errorf("service: %d presentation contexts, at most 128", len(o.Contexts))
	}
	if o.Response <= 0 {
		o.Response = 120 * time.Second
	}
	cfg := ul.DialConfig{
		Config:   ul.Config{AETitle: o.CallingAE, ARTIM: o.Connect, Idle: o.Response, Window: o.Window, Log: o.Log},
		CalledAE: o.CalledAE, Roles: o.Roles, TLS: o.TLS, Dialer: o.Dialer,
	}
	for i, c := range o.Contexts {
		cfg.Contexts = append(cfg.Contexts, pdu.PresentationContextRQ{ID: byte(2*i + 1), AbstractSyntax: c.AbstractSyntax, TransferSyntaxes: c.TransferSyntaxes})
	}
	a, err := ul.Dial(ctx, addr, cfg)
	if err != nil {
		return nil, err
	}
	return &Client{a: a, conn: dimse.NewConn(a)}, nil
}

// Association gives what was negotiated.
func (c *Client) Association() *ul.Association { return c.a }

// Accepts says whether objects of the class can be sent in the transfer syntax.
func (c *Client) Accepts(sopClassUID, transferSyntaxUID string) bool {
	_, err := c.context(sopClassUID, transferSyntaxUID)
	return err == nil
}

func (c *Client) context(abstract, transfer string) (byte, error) {
	e := &NoContextError{SOPClassUID: abstract, TransferSyntaxUID: transfer}
	for _, pc := range c.a.Contexts() {
		if pc.AbstractSyntax != abstract {
			continue
		}
		if pc.Accepted() && (transfer == "" || pc.TransferSyntax == transfer) {
			return pc.ID, nil
		}
		if !pc.Accepted() {
			e.Result = pc.Result
		}
	}
	return 0, e
}

// Echo verifies the peer, PS3.4 Annex A.
func (c *Client) Echo(ctx context.Context) (dimse.Status, error) {
	id, err := c.context(uid.Verification, "")
	if err != nil {
		return 0, err
	}
	rq := &dimse.CEchoRQ{AffectedSOPClassUID: uid.Verification, MessageID: c.next()}
	m, err := c.call(ctx, id, rq, nil)
	if err != nil {
		return 0, err
	}
	rsp, ok := m.(*dimse.CEchoRSP)
	if !ok || rsp.MessageIDBeingRespondedTo != rq.MessageID {
		return 0, c.a.Abort(&dimse.ProtocolError{Reason: m.Field().String() + " is not the response to C-ECHO"})
	}
	return rsp.Status, nil
}

// Store sends an instance, PS3.4 Annex B, streaming o.Data, and waits for the answer.
// A status other than success is not an error.
func (c *Client) Store(ctx context.Context, o StoreObject) (dimse.Status, error) {
	if _, err := c.begin(ctx, o); err != nil {
		return 0, err
	}
	_, status, err := c.Answer(ctx)
	return status, err
}

// begin sends an instance as it is and leaves the answer for Answer.
func (c *Client) begin(ctx context.Context, o StoreObject) (message uint16, err error) {
	if len(c.open) >= c.Window() {
		return 0, errWindow
	}
	id, err := c.context(o.SOPClassUID, o.TransferSyntaxUID)
	if err != nil {
		return 0, err
	}
	rq := &dimse.CStoreRQ{
		AffectedSOPClassUID: o.SOPClassUID, MessageID: c.next(), AffectedSOPInstanceUID: o.SOPInstanceUID,
		MoveOriginatorAE: o.MoveOriginatorAE,
	}
	if o.MoveOriginatorAE != "" {
		rq.MoveOriginatorMessageID = &o.MoveOriginatorMessageID
	}
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	defer c.a.Bind(ctx)()
	if err := c.conn.Send(id, rq, o.Data); err != nil {
		return 0, c.sendFailed(ctx, err)
	}
	c.open = append(c.open, rq.MessageID)
	return rq.MessageID, nil
}

func (c *Client) next() uint16 { c.id++; return c.id }

// call sends a request and waits for what comes back.
func (c *Client) call(ctx context.Context, id byte, rq dimse.Request, data io.Reader) (dimse.Message, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	defer c.a.Bind(ctx)()
	if err := c.conn.Send(id, rq, data); err != nil {
		return nil, c.sendFailed(ctx, err)
	}
	return c.receive(ctx)
}

// receive waits for a message without a data set.
func (c *Client) receive(ctx context.Context) (dimse.Message, error) {
	in, err := c.conn.Receive()
	switch {
	case errors.Is(err, ul.ErrCanceled) && ctx.Err() != nil:
		return nil, errors.Join(ctx.Err(), err)
	case err == io.EOF:
		return nil, c.a.Abort(&dimse.ProtocolError{Reason: "released instead of answered"})
	case err != nil:
		return nil, c.a.Abort(err)
	}
	return in.Message, nil
}

// sendFailed tells apart a source that cannot be read, a context that ended
// and a peer that went.
func (c *Client) sendFailed(ctx context.Context, err error) error {
	var source *ul.SourceError
	var command *dimse.CommandError
	switch {
	case errors.As(err, &command): // nothing was sent
		return err
	case errors.As(err, &source):
		_ = c.a.Abort(err) // err says why already
		return err
	case ctx.Err() != nil:
		_ = c.a.Abort(err)
		return errors.Join(ctx.Err(), err)
	}
	return c.a.Explain(err)
}

// Close releases the association, or clears up what is left of it. ctx bounds
// the wait for the peer.
func (c *Client) Close(ctx context.Context) error {
	unbind := c.a.Bind(ctx)
	defer unbind()
	if c.a.State() != ul.Sta6 {
		_ = c.a.Close() // the error that ended it was returned before
		return nil
	}
	if len(c.open) > 0 { // an association is released when nothing is under way
		_ = c.a.Abort(errNothingAnswered)
		return nil
	}
	return c.a.Release()
}
