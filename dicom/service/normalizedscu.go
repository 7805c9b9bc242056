package service

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/ul"
)

// NormalizedAnswer is the response to a request of a normalized service.
type NormalizedAnswer struct {
	Status         dimse.Status
	Comment        string
	SOPInstanceUID string
	Data           *dataset.Dataset // nil: none
	ErrorID        uint16           // 0: none
}

// SCPRole asks for the SCP's role on an association we open, to report events
// to the peer (PS3.7 D.3.3.4).
func SCPRole(sopClassUID string) pdu.RoleSelection {
	return pdu.RoleSelection{SOPClassUID: sopClassUID, SCP: true}
}

// Action asks for an N-ACTION, PS3.7 10.1.4. abstract is the SOP class of the
// presentation context, which for UPS differs from that of the step.
func (c *Client) Action(ctx context.Context, abstract, class, instance string, action uint16, d *dataset.Dataset) (NormalizedAnswer, error) {
	return c.normalized(ctx, abstract, d, func(id uint16) dimse.Request {
		return &dimse.NActionRQ{RequestedSOPClassUID: class, MessageID: id, RequestedSOPInstanceUID: instance, ActionTypeID: action}
	})
}

// Create asks for an N-CREATE, PS3.7 10.1.5.
func (c *Client) Create(ctx context.Context, abstract, class, instance string, d *dataset.Dataset) (NormalizedAnswer, error) {
	return c.normalized(ctx, abstract, d, func(id uint16) dimse.Request {
		return &dimse.NCreateRQ{AffectedSOPClassUID: class, MessageID: id, AffectedSOPInstanceUID: instance}
	})
}

// Set asks for an N-SET, PS3.7 10.1.3.
func (c *Client) Set(ctx context.Context, abstract, class, instance string, d *dataset.Dataset) (NormalizedAnswer, error) {
	return c.normalized(ctx, abstract, d, func(id uint16) dimse.Request {
		return &dimse.NSetRQ{RequestedSOPClassUID: class, MessageID: id, RequestedSOPInstanceUID: instance}
	})
}

// GetAttributes asks for an N-GET of the attributes, all when none is named, PS3.7 10.1.2.
func (c *Client) GetAttributes(ctx context.Context, abstract, class, instance string, attributes ...uint32) (NormalizedAnswer, error) {
	return c.normalized(ctx, abstract, nil, func(id uint16) dimse.Request {
		return &dimse.NGetRQ{RequestedSOPClassUID: class, MessageID: id, RequestedSOPInstanceUID: instance, AttributeIdentifierList: attributes}
	})
}

// Report sends an N-EVENT-REPORT, PS3.7 10.1.1, on an association opened with
// SCPRole. A peer that says nothing to the role is believed to take it.
func (c *Client) Report(ctx context.Context, e EventReport) (dimse.Status, error) {
	return c.ReportAs(ctx, e.SOPClassUID, e)
}

// ReportAs is Report in a presentation context of another class than that of
// the event, as UPS has it.
func (c *Client) ReportAs(ctx context.Context, abstract string, e EventReport) (dimse.Status, error) {
	a, err := c.normalized(ctx, abstract, e.Information, func(id uint16) dimse.Request {
		return &dimse.NEventReportRQ{AffectedSOPClassUID: e.SOPClassUID, MessageID: id, AffectedSOPInstanceUID: e.SOPInstanceUID, EventTypeID: e.EventTypeID}
	})
	return a.Status, err
}

// AwaitReport waits for an N-EVENT-REPORT and answers it with success.
func (c *Client) AwaitReport(ctx context.Context) (EventReport, error) {
	defer c.a.Bind(ctx)()
	in, err := c.conn.Receive()
	if err != nil {
		return EventReport{}, c.notReceived(ctx, err)
	}
	m, ok := in.Message.(*dimse.NEventReportRQ)
	if !ok {
		return EventReport{}, c.a.Abort(&dimse.ProtocolError{Reason: in.Message.Field().String() + " where an event was due"})
	}
	e := EventReport{SOPClassUID: m.AffectedSOPClassUID, SOPInstanceUID: m.AffectedSOPInstanceUID, EventTypeID: m.EventTypeID}
	if e.Information, err = readData(in); err != nil {
		return EventReport{}, c.a.Abort(err)
	}
	return e, c.conn.Send(in.Context.ID, m.Response(dimse.Success, ""), nil)
}

func (c *Client) normalized(ctx context.Context, abstract string, d *dataset.Dataset, request func(id uint16) dimse.Request) (NormalizedAnswer, error) {
	if err := ctx.Err(); err != nil {
		return NormalizedAnswer{}, err
	}
	id, err := c.context(abstract, "")
	if err != nil {
		return NormalizedAnswer{}, err
	}
	pc, _ := c.a.Context(id)
	var body io.Reader
	if d != nil {
		if body, err = encoded(d, pc.TransferSyntax); err != nil {
			return NormalizedAnswer{}, err
		}
	}
	rq := request(c.next())
	defer c.a.Bind(ctx)()
	if err := c.conn.Send(id, rq, body); err != nil {
		return NormalizedAnswer{}, c.sendFailed(ctx, err)
	}
	in, err := c.conn.Receive()
	if err != nil {
		return NormalizedAnswer{}, c.notReceived(ctx, err)
	}
	a, to, ok := normalizedAnswer(in.Message)
	if !ok || to != rq.ID() || in.Message.Field() != rq.Field()|0x8000 {
		return NormalizedAnswer{}, c.a.Abort(&dimse.ProtocolError{Reason: fmt.Sprintf("%s is not the response to %s", in.Message.Field(), rq.Field())})
	}
	if a.Data, err = readData(in); err != nil {
		return NormalizedAnswer{}, c.a.Abort(err)
	}
	return a, nil
}

// notReceived tells apart a context that ended and a peer that went.
func (c *Client) notReceived(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, ul.ErrCanceled) && ctx.Err() != nil:
		return errors.Join(ctx.Err(), err)
	case err == io.EOF:
		return c.a.Abort(&dimse.ProtocolError{Reason: "released instead of answered"})
	}
	return c.a.Abort(err)
}

func readData(in dimse.Incoming) (*dataset.Dataset, error) {
	if in.Data == nil {
		return nil, nil
	}
	return dataset.Read(in.Data, stream.SyntaxFor(in.Context.TransferSyntax), normalizedLimits)
}

func normalizedAnswer(m dimse.Message) (a NormalizedAnswer, to uint16, ok bool) {
	errorID := func(p *uint16) uint16 {
		if p == nil {
			return 0
		}
		return *p
	}
	switch m := m.(type) {
	case *dimse.NActionRSP:
		return NormalizedAnswer{m.Status, m.ErrorComment, m.AffectedSOPInstanceUID, nil, errorID(m.ErrorID)}, m.MessageIDBeingRespondedTo, true
	case *dimse.NCreateRSP:
		return NormalizedAnswer{m.Status, m.ErrorComment, m.AffectedSOPInstanceUID, nil, errorID(m.ErrorID)}, m.MessageIDBeingRespondedTo, true
	case *dimse.NSetRSP:
		return NormalizedAnswer{m.Status, m.ErrorComment, m.AffectedSOPInstanceUID, nil, errorID(m.ErrorID)}, m.MessageIDBeingRespondedTo, true
	case *dimse.NGetRSP:
		return NormalizedAnswer{m.Status, m.ErrorComment, m.AffectedSOPInstanceUID, nil, 0}, m.MessageIDBeingRespondedTo, true
	case *dimse.NEventReportRSP:
		return NormalizedAnswer{m.Status, m.ErrorComment, m.AffectedSOPInstanceUID, nil, errorID(m.ErrorID)}, m.MessageIDBeingRespondedTo, true
	}
	return NormalizedAnswer{}, 0, false
}
