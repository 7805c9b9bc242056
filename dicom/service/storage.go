package service

import (
	"context"
	"fmt"
	"runtime/debug"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// store serves a C-STORE, PS3.7 9.1.1 and PS3.4 Annex B. A request that cannot
// be kept is refused with a status after its data set was dropped, so that the
// next one on the association works.
func (s *SCP) store(ctx context.Context, a *ul.Association, conn *dimse.Conn, in dimse.Incoming, m *dimse.CStoreRQ) error {
	if status, comment := s.checkStore(in, m); status != dimse.Success {
		return answer(conn, in, m, status, comment)
	}
	r := StoreRequest{
		Association: a, Peer: a.Peer,
		SOPClassUID: m.AffectedSOPClassUID, SOPInstanceUID: m.AffectedSOPInstanceUID, TransferSyntaxUID: in.Context.TransferSyntax,
		Data: in.Data, MoveOriginatorAE: m.MoveOriginatorAE,
	}
	if m.MoveOriginatorMessageID != nil {
		r.MoveOriginatorMessageID = *m.MoveOriginatorMessageID
	}
	return answer(conn, in, m, s.callStore(ctx, r), "")
}

// checkStore gives the status for a request no handler should see.
func (s *SCP) checkStore(in dimse.Incoming, m *dimse.CStoreRQ) (dimse.Status, string) {
	switch {
	case s.cfg.Store == nil, !uid.IsStorage(m.AffectedSOPClassUID):
		return dimse.SOPClassNotSupported, ""
	case m.AffectedSOPClassUID != in.Context.AbstractSyntax:
		return dimse.SOPClassNotSupported, "not the SOP class of this context"
	case !uid.Valid(m.AffectedSOPInstanceUID):
		return dimse.InvalidSOPInstance, "SOP Instance UID breaks PS3.5 9.1"
	case in.Data == nil:
		return dimse.CannotUnderstand, "no data set"
	}
	return dimse.Success, ""
}

// callStore keeps a handler's panic to its own instance.
func (s *SCP) callStore(ctx context.Context, r StoreRequest) (status dimse.Status) {
	defer func() {
		if p := recover(); p != nil {
			s.acceptor.Stats().Panics.Add(1)
			if log := s.cfg.Acceptor.Log; log != nil {
				log.Error("panic while storing", "calling_ae", ul.SafeAE(r.Association.CallingAE), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			}
			status = dimse.ProcessingFailure
		}
	}()
	return s.cfg.Store(ctx, r)
}
