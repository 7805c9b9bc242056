package service

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// store serves a C-STORE, PS3.7 9.1.1 and PS3.4 Annex B. A request that cannot
// be kept is refused with a status after its data set was dropped, so that the
// next one on the association works.
func (s *SCP) store(ctx context.Context, all *storing, conn *dimse.Conn, in dimse.Incoming, m *dimse.CStoreRQ) error {
	a := all.a
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
	rest, known := s.beginStore(ctx, r)
	if rest == nil {
		return answer(conn, in, m, known, "")
	}
	if in.Data != nil {
		if err := in.Data.Drain(); err != nil {
			rest(ctx) // it ends what has begun; nobody can be told
			return err
		}
	}
	return all.run(func() error { return conn.Send(in.Context.ID, m.Response(rest(ctx), ""), nil) })
}

// checkStore gives the status for a request no handler should see.
func (s *SCP) checkStore(in dimse.Incoming, m *dimse.CStoreRQ) (dimse.Status, string) {
	if s.cfg.StoreBegin == nil {
		return dimse.SOPClassNotSupported, ""
	}
	return checkStored(in, m)
}

// checkStored holds a C-STORE against its presentation context.
func checkStored(in dimse.Incoming, m *dimse.CStoreRQ) (dimse.Status, string) {
	switch {
	case !uid.IsStorage(m.AffectedSOPClassUID):
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

// beginStore keeps a handler's panic to its own instance.
func (s *SCP) beginStore(ctx context.Context, r StoreRequest) (rest func(context.Context) dimse.Status, known dimse.Status) {
	defer s.caught(r, func() { rest, known = nil, dimse.ProcessingFailure })
	begun, known := s.cfg.StoreBegin(ctx, r)
	if begun == nil {
		return nil, known
	}
	return func(ctx context.Context) (status dimse.Status) {
		defer s.caught(r, func() { status = dimse.ProcessingFailure })
		return begun(ctx)
	}, 0
}

// caught is deferred around a handler; failed sets what it gives after a panic.
func (s *SCP) caught(r StoreRequest, failed func()) {
	p := recover()
	if p == nil {
		return
	}
	s.acceptor.Stats().Panics.Add(1)
	if log := s.cfg.Acceptor.Log; log != nil {
		log.Error("panic while storing", "calling_ae", ul.SafeAE(r.Association.CallingAE), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	}
	failed()
}

// storing are the C-STOREs of one association that have arrived and are not
// answered, at most as many as the window allows.
type storing struct {
	a       *ul.Association
	running sync.WaitGroup
	places  chan struct{} // nil: one at a time
	hangUp  func()        // makes the reader leave

	mu     sync.Mutex
	owed   int    // answers
	resume func() // ends the peer's leave to be silent
}

// newStoring gives the C-STOREs of a; end waits for them.
func newStoring(ctx context.Context, a *ul.Association) (st *storing, end func()) {
	st = &storing{a: a}
	if a.Window <= 1 {
		return st, func() {}
	}
	ctx, st.hangUp = context.WithCancel(ctx)
	unbind := a.Bind(ctx)
	st.places = make(chan struct{}, a.Window)
	return st, func() { st.wait(); unbind(); st.hangUp() }
}

// run does the rest of a C-STORE and answers it, beside what arrives meanwhile
// when there is a window. A peer that does not keep to it waits.
func (st *storing) run(rest func() error) error {
	if st.places == nil {
		return rest()
	}
	st.places <- struct{}{}
	st.owe(1)
	st.running.Go(func() {
		defer func() { st.owe(-1); <-st.places }()
		if rest() != nil {
			st.hangUp() // an answer that was cut off cannot be taken back
		}
	})
	return nil
}

// owe counts the answers that the peer waits for: until it has them all its silence is
// none of its making.
func (st *storing) owe(n int) {
	st.mu.Lock()
	defer st.mu.Unlock()
	if st.owed == 0 {
		st.resume = st.a.Hold()
	}
	if st.owed += n; st.owed == 0 {
		st.resume()
	}
}

// wait returns when nothing is outstanding.
func (st *storing) wait() { st.running.Wait() }
