package ul

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/internal/outbound"
)

// DialConfig is a Config with what only the requesting side decides. AETitle
// is the calling title.
type DialConfig struct {
	Config
	CalledAE     string
	Contexts     []pdu.PresentationContextRQ
	Roles        []pdu.RoleSelection
	Extended     []pdu.ExtendedNegotiation
	UserIdentity *pdu.UserIdentityRQ
	// TLS opens a secure connection when set (PS3.15 Annex B). Without a
	// ServerName the host of the address is expected in the certificate.
	TLS *tls.Config
	// Dialer makes the transport connection; nil is outbound.Dialer, which goes to no
	// link-local address.
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

// Dial opens an association with the application entity at addr. ctx and ARTIM
// bound the whole; a refusal is a *RejectError.
func Dial(ctx context.Context, addr string, cfg DialConfig) (*Association, error) {
	cfg.Config = cfg.Config.withDefaults()
	for _, ae := range [...]string{cfg.AETitle, cfg.CalledAE} {
		if !pdu.ValidAETitle(ae) {
			return nil, fmt.Errorf("ul: %q is not an AE title", ae)
		}
	}
	if len(cfg.Contexts) == 0 || len(cfg.Contexts) > 128 {
		return nil, fmt.Errorf("ul: %d presentation contexts, must be 1 to 128", len(cfg.Contexts))
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.ARTIM)
	defer cancel()
	dialer := cfg.Dialer
	if dialer == nil {
		dialer = outbound.Dialer(0)
	}
	conn, err := dialer.DialContext(ctx, "tcp", addr)
	if err != nil {
		return nil, err
	}
	if cfg.TLS != nil {
		secure := tls.Client(conn, named(cfg.TLS, addr))
		if err := secure.HandshakeContext(ctx); err != nil {
			_ = conn.Close()
			return nil, fmt.Errorf("tls: %w", err)
		}
		conn = secure
	}
	return associate(ctx, conn, cfg)
}

// named makes sure that the certificate is compared with the name that was
// dialled, as crypto/tls does when it dials itself.
func named(cfg *tls.Config, addr string) *tls.Config {
	if cfg.ServerName != "" || cfg.InsecureSkipVerify {
		return cfg
	}
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = addr
	}
	cfg = cfg.Clone()
	cfg.ServerName = host
	return cfg
}

// associate runs the requestor's side of establishment over an open
// connection, which it closes when it fails.
func associate(ctx context.Context, conn net.Conn, cfg DialConfig) (*Association, error) {
	a := newAssociation(conn, cfg.Config, true, Sta4)
	a.CallingAE, a.CalledAE = cfg.AETitle, cfg.CalledAE
	if t, ok := conn.(*tls.Conn); ok {
		state := t.ConnectionState()
		a.TLS = &state
	}
	unbind := a.Bind(ctx)
	defer unbind()
	if err := a.request(cfg); err != nil {
		_ = a.Close()
		return nil, errors.Join(err, context.Cause(ctx))
	}
	return a, nil
}

func (a *Association) request(cfg DialConfig) error {
	if _, err := a.step(Evt2, false); err != nil { // AE-2
		return err
	}
	rq := &pdu.AssociateRQ{
		Version: pdu.ProtocolVersion, CalledAE: cfg.CalledAE, CallingAE: cfg.AETitle,
		ApplicationContext: pdu.ApplicationContextName, Contexts: cfg.Contexts, User: a.cfg.userInformation(),
	}
	rq.User.RoleSelections, rq.User.ExtendedNegotiations, rq.User.UserIdentityRQ = cfg.Roles, cfg.Extended, cfg.UserIdentity
	if a.cfg.Window > 1 {
		rq.User.AsyncOperationsWindow = &pdu.AsyncOperationsWindow{Invoked: a.cfg.Window, Performed: 1}
	}
	if err := a.sendPDU(rq); err != nil {
		return a.fail(err)
	}
	a.in.wait(a.cfg.ARTIM, ErrARTIM)
	var b [pdu.HeaderLength]byte
	if _, err := io.ReadFull(a.in, b[:]); err != nil {
		return a.failAwaitingAnswer(err)
	}
	h, err := pdu.DecodeHeader(b[:])
	if err != nil {
		return a.fail(err)
	}
	if h.Type == pdu.TypeDataTF {
		_, err := a.indicate(Evt10, h.Type)
		return err
	}
	p, err := readBody(a.in, h)
	if err != nil {
		return a.failAwaitingAnswer(err)
	}
	switch p := p.(type) {
	case *pdu.AssociateAC:
		if _, err := a.indicate(Evt3, h.Type); err != nil { // AE-3
			return err
		}
		if tooSmall(&p.User) {
			return a.fail(&pdu.FormatError{PDU: h.Type, Item: "maximum length", Reason: fmt.Sprintf("%d leaves no room for a message", p.User.MaximumLength.Received)})
		}
		a.contexts = mergeContexts(cfg.Contexts, p.Contexts, p.User.RoleSelections)
		if w := p.User.AsyncOperationsWindow; w != nil { // without it the window is 1
			a.Window = int(within(w.Invoked, a.cfg.Window))
		}
		a.established(&p.User)
		return nil
	case *pdu.AssociateRJ:
		_, err = a.indicate(Evt4, h.Type) // AE-4
		if err == nil {
			err = &RejectError{*p}
		}
	case *pdu.Abort:
		_, _ = a.step(Evt16, false) // AA-3
		err = &AbortError{Abort: *p, Remote: true}
	case *pdu.AssociateRQ:
		_, err = a.indicate(Evt6, h.Type)
	case *pdu.ReleaseRQ:
		_, err = a.indicate(Evt12, h.Type)
	case *pdu.ReleaseRP:
		_, err = a.indicate(Evt13, h.Type)
	}
	a.err = err
	return err
}

// failAwaitingAnswer ends an establishment that got no answer. Sta5 has no
// ARTIM (Evt18): the user loses patience and aborts.
func (a *Association) failAwaitingAnswer(err error) error {
	if errors.Is(err, ErrARTIM) {
		a.err = a.abort(pdu.Abort{Source: pdu.AbortServiceUser}, ErrARTIM)
		return a.err
	}
	return a.fail(err)
}
