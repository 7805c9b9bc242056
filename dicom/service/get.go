package service

import (
	"context"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// get serves a C-GET, PS3.7 9.1.3 and PS3.4 C.4.3: the instances come back as
// C-STORE requests on the same association, in the contexts for which role
// selection made the peer SCP.
func (s *SCP) get(ctx context.Context, l *line, in dimse.Incoming, m *dimse.CGetRQ) error {
	if s.cfg.Retrieve == nil {
		return answer(l.conn, in, m, dimse.UnrecognizedOperation, "")
	}
	q, err := readQuery(l.a, in, m, m.AffectedSOPClassUID)
	if err != nil {
		return s.refuse(l, in, m, err)
	}
	op := l.begin(ctx, m.MessageID)
	defer op.finish()
	list, err := s.selection(op, q)
	if op.lost() {
		return nil
	}
	if err != nil {
		return s.refuse(l, in, m, err)
	}
	g := &getter{retrieval: retrieval{scp: s, op: op, in: in, m: m}}
	g.respond = func(st dimse.Status, comment string, c dimse.SubOperations) dimse.Message {
		return &dimse.CGetRSP{AffectedSOPClassUID: m.AffectedSOPClassUID, MessageIDBeingRespondedTo: m.MessageID, Status: st, ErrorComment: comment, SubOperations: c}
	}
	g.send = g.store
	return g.run(list)
}

// getter sends on the association it was asked on.
type getter struct {
	retrieval
	id uint16 // of our own requests
}

// storePatience bounds the wait for a C-STORE-RSP.
const storePatience = 120 * time.Second

// accepted finds the context for a class and transfer syntax in which the peer
// is SCP.
func accepted(a *ul.Association, class, ts string) (ul.Context, bool) {
	for _, c := range a.Contexts() {
		if c.AbstractSyntax == class && c.TransferSyntax == ts && c.Accepted() && c.PeerSCP {
			return c, true
		}
	}
	return ul.Context{}, false
}

// store sends one instance: on the association that asked there is one at a time.
func (g *getter) store(ctx context.Context, one *Selected) []subOperation {
	if one == nil {
		return nil
	}
	status, err := g.storeOne(ctx, *one)
	return []subOperation{{one.SOPInstanceUID, status, err}}
}

func (g *getter) storeOne(ctx context.Context, one Selected) (dimse.Status, error) {
	a, conn := g.op.line.a, g.op.line.conn
	o, file, err := g.open(ctx, one)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	o, release, err := convert(o, func(ts string) bool { _, ok := accepted(a, one.SOPClassUID, ts); return ok })
	if err != nil {
		return 0, err
	}
	defer release()
	c, ok := accepted(a, one.SOPClassUID, o.TransferSyntaxUID)
	if !ok {
		return 0, &NoContextError{SOPClassUID: one.SOPClassUID, TransferSyntaxUID: o.TransferSyntaxUID}
	}
	g.id++
	rq := &dimse.CStoreRQ{AffectedSOPClassUID: one.SOPClassUID, MessageID: g.id, AffectedSOPInstanceUID: one.SOPInstanceUID}
	if err := conn.Send(c.ID, rq, o.Data); err != nil {
		return 0, &goneError{err} // a message cut off cannot be taken back
	}
	m, err := g.op.response(storePatience)
	if err != nil {
		return 0, &goneError{err}
	}
	rsp, ok := m.(*dimse.CStoreRSP)
	if !ok || rsp.MessageIDBeingRespondedTo != g.id {
		return 0, &goneError{&dimse.ProtocolError{Reason: m.Field().String() + " is not the response to C-STORE"}}
	}
	return rsp.Status, nil
}

// peerMayBeSCP says for which classes role selection may make the peer SCP:
// those that C-GET sends, and those of which it may report events to us.
func (s *SCP) peerMayBeSCP(class string) bool {
	return s.cfg.Retrieve != nil && uid.IsStorage(class) || s.cfg.Normalized[class].PeerSCP
}
