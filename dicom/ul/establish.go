package ul

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"slices"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// rejectedError is a request we turned down.
type rejectedError struct{ pdu.AssociateRJ }

func (e *rejectedError) Error() string { return "association " + e.AssociateRJ.String() }

// establish takes an accepted connection from Sta1 to Sta6 under ARTIM. The
// returned function gives the place under the limits back.
func (s *Acceptor) establish(ctx context.Context, a *Association) (release func(), err error) {
	if _, err := a.step(Evt5, false); err != nil { // AE-5: ARTIM starts
		return nil, err
	}
	a.in.wait(a.cfg.ARTIM, ErrARTIM)
	ctx, cancel := context.WithTimeout(ctx, a.cfg.ARTIM)
	defer cancel()
	if t, ok := a.conn.(*tls.Conn); ok {
		if err := t.HandshakeContext(ctx); err != nil {
			return nil, a.fail(err)
		}
		state := t.ConnectionState()
		a.TLS = &state
		if s.cfg.VerifyTLS != nil {
			if err := s.cfg.VerifyTLS(state); err != nil {
				return nil, a.fail(err)
			}
		}
	}
	rq, err := s.readRequest(ctx, a)
	if err != nil {
		return nil, err
	}
	a.CallingAE, a.CalledAE = rq.CallingAE, rq.CalledAE
	if r := providerRejection(rq); r != nil {
		if _, err := a.step(Evt6, true); err != nil { // AE-6, not acceptable
			return nil, err
		}
		return nil, a.sendReject(*r)
	}
	if _, err := a.step(Evt6, false); err != nil { // AE-6
		return nil, err
	}
	d := s.cfg.Policy(ctx, Request{
		CallingAE: rq.CallingAE, CalledAE: rq.CalledAE, RemoteAddr: a.RemoteAddr, TLS: a.TLS,
		UserIdentity: rq.User.UserIdentityRQ, Contexts: rq.Contexts,
	})
	if !d.Accept {
		if d.Reject == (Rejection{}) {
			d.Reject = RejectCallingAE
		}
		return nil, s.reject(a, d.Reject)
	}
	release, ok := s.admit(a.RemoteAddr, d.Holder)
	if !ok {
		return nil, s.reject(a, RejectLocalLimit)
	}
	a.Peer = d.Peer
	if err := s.acceptRequest(a, rq, d); err != nil {
		release()
		return nil, err
	}
	return release, nil
}

// largeRequest is the size above which a request needs one of largeRequests
// places. A request of a few contexts has some hundred bytes; only a proposal of
// everything there is goes beyond, and a thousand connections that all claim to
// bring a mebibyte shall not get it.
const (
	largeRequest  = 32 << 10
	largeRequests = 32
)

// readRequest reads the A-ASSOCIATE-RQ in Sta2, byte for byte: nothing beyond
// it is taken from the connection.
func (s *Acceptor) readRequest(ctx context.Context, a *Association) (*pdu.AssociateRQ, error) {
	var b [pdu.HeaderLength]byte
	if _, err := io.ReadFull(a.in, b[:]); err != nil {
		return nil, a.fail(err)
	}
	h, err := pdu.DecodeHeader(b[:])
	if err != nil {
		return nil, a.fail(err)
	}
	if h.Type != pdu.TypeAssociateRQ {
		// AA-1 or AA-2: the event is told by the type, the body is not read.
		if h.Type == pdu.TypeAbort {
			_, _ = a.step(Evt16, false) // Sta2 has it
			a.err = fmt.Errorf("%w: A-ABORT before A-ASSOCIATE-RQ", ErrClosed)
			return nil, a.err
		}
		e := map[pdu.Type]Event{pdu.TypeAssociateAC: Evt3, pdu.TypeAssociateRJ: Evt4, pdu.TypeDataTF: Evt10, pdu.TypeReleaseRQ: Evt12, pdu.TypeReleaseRP: Evt13}[h.Type]
		if e == 0 {
			return nil, a.fail(&pdu.FormatError{PDU: h.Type, Item: "PDU-type", Reason: "unknown", AbortReason: pdu.ReasonUnrecognizedPDU})
		}
		_, err := a.indicate(e, h.Type)
		return nil, err
	}
	if h.Length > largeRequest {
		select {
		case s.large <- struct{}{}:
			defer func() { <-s.large }()
		case <-ctx.Done():
			return nil, a.fail(ErrARTIM)
		}
	}
	p, err := readBody(a.in, h)
	if err != nil {
		return nil, a.fail(err)
	}
	rq, ok := p.(*pdu.AssociateRQ)
	if !ok {
		return nil, a.fail(&pdu.FormatError{PDU: h.Type, Item: "PDU-type", Reason: "not a request"})
	}
	return rq, nil
}

// providerRejection is what the service provider refuses by itself (AE-6).
func providerRejection(rq *pdu.AssociateRQ) *Rejection {
	switch {
	case rq.Version&pdu.ProtocolVersion == 0: // only bit 0 is tested, PS3.8 Table 9-11
		return &RejectVersion
	case rq.ApplicationContext != pdu.ApplicationContextName:
		return &RejectACN
	case !pdu.ValidAETitle(rq.CallingAE):
		return &RejectCallingAE
	case !pdu.ValidAETitle(rq.CalledAE):
		return &RejectCalledAE
	case tooSmall(&rq.User), len(rq.Contexts) == 0:
		return &RejectNoReason
	}
	return nil
}

// reject is the A-ASSOCIATE response primitive (reject): Evt8, AE-8.
func (s *Acceptor) reject(a *Association, r Rejection) error {
	if _, err := a.step(Evt8, false); err != nil {
		return err
	}
	return a.sendReject(r)
}

func (a *Association) sendReject(r Rejection) error {
	rj := rejectPDU(r)
	if err := a.sendPDU(rj); err != nil {
		return a.fail(err)
	}
	return &rejectedError{*rj}
}

// acceptRequest is the A-ASSOCIATE response primitive (accept): Evt7, AE-7.
func (s *Acceptor) acceptRequest(a *Association, rq *pdu.AssociateRQ, d Decision) error {
	answer := s.cfg.Negotiate(rq)
	ac := &pdu.AssociateAC{
		Version: pdu.ProtocolVersion, CalledAE: rq.CalledAE, CallingAE: rq.CallingAE,
		ApplicationContext: pdu.ApplicationContextName, Contexts: answer.Contexts, User: a.cfg.userInformation(),
	}
	ac.User.RoleSelections, ac.User.ExtendedNegotiations = answer.Roles, answer.Extended
	if w := rq.User.AsyncOperationsWindow; w != nil {
		agreed := within(w.Invoked, a.cfg.Window)
		ac.User.AsyncOperationsWindow = &pdu.AsyncOperationsWindow{Invoked: agreed, Performed: 1}
		a.Window = int(agreed)
	}
	if id := rq.User.UserIdentityRQ; id != nil && id.PositiveResponseRequested && d.UserIdentityResponse != nil {
		ac.User.UserIdentityAC = &pdu.UserIdentityAC{ServerResponse: d.UserIdentityResponse}
	}
	if _, err := a.step(Evt7, false); err != nil {
		return err
	}
	a.contexts = mergeContexts(rq.Contexts, answer.Contexts, answer.Roles)
	if err := a.sendPDU(ac); err != nil {
		return a.fail(err)
	}
	a.established(&rq.User)
	s.stats.Accepted.Add(1)
	return nil
}

// within is the smaller of two windows; in one from the wire 0 is no limit.
func within(theirs, ours uint16) uint16 {
	if theirs == 0 {
		return ours
	}
	return min(theirs, ours)
}

// mergeContexts joins proposals and answers; a proposal without an answer is
// refused, and so is one whose answer chooses what was not proposed (PS3.8 9.3.3.2).
func mergeContexts(rq []pdu.PresentationContextRQ, ac []pdu.PresentationContextAC, roles []pdu.RoleSelection) []Context {
	out := make([]Context, 0, len(rq))
	for _, p := range rq {
		c := Context{ID: p.ID, AbstractSyntax: p.AbstractSyntax, Result: pdu.ContextNoReason, PeerSCU: true}
		for _, r := range ac {
			if r.ID == p.ID {
				c.Result, c.TransferSyntax = r.Result, r.TransferSyntax
				if c.Result == pdu.ContextAccepted && !slices.Contains(p.TransferSyntaxes, r.TransferSyntax) {
					c.Result = pdu.ContextTransferSyntaxesNotSupported
				}
			}
		}
		for _, r := range roles {
			if r.SOPClassUID == p.AbstractSyntax {
				c.PeerSCU, c.PeerSCP = r.SCU, r.SCP
			}
		}
		out = append(out, c)
	}
	return out
}
