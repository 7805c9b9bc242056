package service

import (
	"bytes"
	"context"
	"errors"
	"io"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// Normalized provides a SOP class of the normalized services, PS3.7 clause 10.
type Normalized struct {
	Serve NormalizedHandler
	// PeerSCP lets a peer that opens the association take the SCP's role, to
	// report events to us (PS3.7 D.3.3.4).
	PeerSCP bool
}

// NormalizedHandler answers one request. It runs concurrently with itself.
type NormalizedHandler func(ctx context.Context, r NormalizedRequest) NormalizedResponse

// NormalizedRequest is an N-* indication with its data set read whole: its size
// is bounded.
type NormalizedRequest struct {
	Association *ul.Association
	Peer        any // what the Policy recognised

	Command        dimse.CommandField // of the request, FieldNActionRQ for instance
	AbstractSyntax string             // of the presentation context
	// SOPClassUID and SOPInstanceUID are the requested or affected ones. An
	// instance is a valid UID, or empty in an N-CREATE that leaves it to us.
	SOPClassUID, SOPInstanceUID string
	ActionTypeID                uint16           // N-ACTION
	EventTypeID                 uint16           // N-EVENT-REPORT
	Attributes                  []tag.Tag        // N-GET; none: all
	Data                        *dataset.Dataset // nil when none came

	// Reporter sends events back on this association, for as long as it lasts.
	Reporter *Reporter
}

// NormalizedResponse is the answer.
type NormalizedResponse struct {
	Status         dimse.Status
	ErrorID        uint16           // 0: none
	Comment        string           // goes to the peer: nothing about a patient
	SOPInstanceUID string           // N-CREATE: that of the created instance
	Data           *dataset.Dataset // nil: none
	// Then, when set, runs after the response has been sent.
	Then func()
}

// normalizedLimits bound a data set of a normalized service: a storage
// commitment request for some ten thousand instances.
var normalizedLimits = stream.Limits{MaxDepth: 16, MaxElements: 200_000, MaxHeaderBytes: 8 << 20, MaxValueBytes: 256 << 10, MaxInflate: 16 << 20}

// normalized serves an N-* request.
func (s *SCP) normalized(ctx context.Context, l *line, rep *reports, in dimse.Incoming, m dimse.Request) error {
	n, ok := s.cfg.Normalized[in.Context.AbstractSyntax]
	if !ok {
		return answer(l.conn, in, m, dimse.UnrecognizedOperation, "")
	}
	r := NormalizedRequest{
		Association: l.a, Peer: l.a.Peer, Command: m.Field(), AbstractSyntax: in.Context.AbstractSyntax,
		Reporter: &Reporter{reports: rep, context: in.Context},
	}
	r.name(m)
	if !uid.Valid(r.SOPInstanceUID) && (r.SOPInstanceUID != "" || r.Command != dimse.FieldNCreateRQ) {
		return answer(l.conn, in, m, dimse.InvalidSOPInstance, "SOP Instance UID breaks PS3.5 9.1")
	}
	if in.Data != nil {
		d, err := dataset.Read(in.Data, stream.SyntaxFor(in.Context.TransferSyntax), normalizedLimits)
		if lost := in.Data.Drain(); lost != nil {
			return lost
		}
		switch {
		case errors.Is(err, stream.ErrLimit):
			return answer(l.conn, in, m, dimse.ResourceLimitation, "data set too large")
		case err != nil:
			return answer(l.conn, in, m, dimse.ProcessingFailure, "data set cannot be read")
		}
		r.Data = d
	}
	var rsp NormalizedResponse
	err := s.guard(l, "serving "+m.Field().String(), func() error { rsp = n.Serve(ctx, r); return nil })
	if err != nil {
		return answer(l.conn, in, m, dimse.ProcessingFailure, "internal error")
	}
	if err := respond(l.conn, in, m, r, rsp); err != nil {
		return err
	}
	if rsp.Then != nil {
		return s.guard(l, "after "+m.Field().String(), func() error { rsp.Then(); return nil })
	}
	return nil
}

// name takes over what the command says, PS3.7 Tables 10.3-1 to 10.3-11.
func (r *NormalizedRequest) name(m dimse.Request) {
	switch m := m.(type) {
	case *dimse.NEventReportRQ:
		r.SOPClassUID, r.SOPInstanceUID, r.EventTypeID = m.AffectedSOPClassUID, m.AffectedSOPInstanceUID, m.EventTypeID
	case *dimse.NGetRQ:
		r.SOPClassUID, r.SOPInstanceUID = m.RequestedSOPClassUID, m.RequestedSOPInstanceUID
		for _, t := range m.AttributeIdentifierList {
			r.Attributes = append(r.Attributes, tag.Tag(t))
		}
	case *dimse.NSetRQ:
		r.SOPClassUID, r.SOPInstanceUID = m.RequestedSOPClassUID, m.RequestedSOPInstanceUID
	case *dimse.NActionRQ:
		r.SOPClassUID, r.SOPInstanceUID, r.ActionTypeID = m.RequestedSOPClassUID, m.RequestedSOPInstanceUID, m.ActionTypeID
	case *dimse.NCreateRQ:
		r.SOPClassUID, r.SOPInstanceUID = m.AffectedSOPClassUID, m.AffectedSOPInstanceUID
	case *dimse.NDeleteRQ:
		r.SOPClassUID, r.SOPInstanceUID = m.RequestedSOPClassUID, m.RequestedSOPInstanceUID
	}
}

// respond sends the response with its data set.
func respond(conn *dimse.Conn, in dimse.Incoming, m dimse.Request, r NormalizedRequest, rsp NormalizedResponse) error {
	out := m.Response(rsp.Status, rsp.Comment)
	if c, ok := out.(*dimse.NCreateRSP); ok && rsp.SOPInstanceUID != "" {
		c.AffectedSOPInstanceUID = rsp.SOPInstanceUID
	}
	if rsp.ErrorID != 0 {
		switch m := out.(type) {
		case *dimse.NCreateRSP:
			m.ErrorID = &rsp.ErrorID
		case *dimse.NSetRSP:
			m.ErrorID = &rsp.ErrorID
		case *dimse.NActionRSP:
			m.ErrorID = &rsp.ErrorID
		}
	}
	var body io.Reader
	if rsp.Data != nil && rsp.Data.Len() > 0 {
		request := r.Data
		if request == nil {
			request = dataset.New()
		}
		speak(rsp.Data, request)
		var b bytes.Buffer
		if err := rsp.Data.Encode(&b, stream.SyntaxFor(in.Context.TransferSyntax)); err != nil {
			return err
		}
		body = &b
	}
	return conn.Send(in.Context.ID, out, body)
}
