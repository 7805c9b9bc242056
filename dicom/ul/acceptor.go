package ul

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dokuei/dokuei/dicom/pdu"
)

// AcceptorConfig is a Config with what only the accepting side decides.
type AcceptorConfig struct {
	Config

	// VerifyTLS, when set, has the last word on a TLS connection before
	// anything is read from it: an error closes it.
	VerifyTLS func(tls.ConnectionState) error
	// Policy decides on each request. Without one, a request is accepted when
	// it calls AETitle.
	Policy Policy
	// Negotiate answers the proposed contexts. Required.
	Negotiate func(*pdu.AssociateRQ) Answer
	// Serve is the user of an accepted association. It returns
	// ErrReleaseRequested or nil for a clean end. Required.
	Serve func(ctx context.Context, a *Association) error

	// MaxAssociations is the number of established associations, MaxPerPeer that from
	// one address and MaxPerHolder that of one Decision.Holder; beyond, A-ASSOCIATE-RJ
	// 2/3/2. Defaults 512, 256 and 256.
	MaxAssociations, MaxPerPeer, MaxPerHolder int
	// MaxConnections counts connections in any state: those beyond are closed
	// unread. Default 4 times MaxAssociations.
	MaxConnections int
	// Grace is how long messages in progress may finish once the server is
	// stopping. Default 20 s.
	Grace time.Duration
}

// Answer is what Negotiate decides, PS3.8 9.3.3 and PS3.7 D.3.3.
type Answer struct {
	Contexts []pdu.PresentationContextAC
	Roles    []pdu.RoleSelection
	Extended []pdu.ExtendedNegotiation
}

// Acceptor serves associations on any number of listeners under common limits.
type Acceptor struct {
	cfg   AcceptorConfig
	stats Stats
	large chan struct{} // places for requests above largeRequest

	mu        sync.Mutex
	open      map[*Association]struct{}
	perPeer   map[string]int
	perHolder map[string]int
	draining  bool
}

// Stats counts since the start, except Connections and Associations, which
// are open now.
type Stats struct {
	Connections, Associations           atomic.Int64
	Accepted, Rejected, Refused         atomic.Int64 // Refused: over MaxConnections
	Limited                             atomic.Int64 // of Rejected: over the limit of associations
	Aborted, Stalled, Idle, TimedOut    atomic.Int64
	Released, Lost, Panics, BadProtocol atomic.Int64
	TooLarge                            atomic.Int64
	BytesReceived                       atomic.Int64
}

// NewAcceptor checks the configuration.
func NewAcceptor(cfg AcceptorConfig) (*Acceptor, error) {
	if cfg.Negotiate == nil || cfg.Serve == nil {
		return nil, errors.New("ul: AcceptorConfig needs Negotiate and Serve")
	}
	if cfg.AETitle != "" && !pdu.ValidAETitle(cfg.AETitle) {
		return nil, fmt.Errorf("ul: %q is not an AE title", cfg.AETitle)
	}
	cfg.Config = cfg.Config.withDefaults()
	if cfg.MaxAssociations <= 0 {
		cfg.MaxAssociations = 512
	}
	if cfg.MaxPerPeer <= 0 {
		cfg.MaxPerPeer = max(1, cfg.MaxAssociations/2)
	}
	if cfg.MaxPerHolder <= 0 {
		cfg.MaxPerHolder = max(1, cfg.MaxAssociations/2)
	}
	if cfg.MaxConnections <= 0 {
		cfg.MaxConnections = 4 * cfg.MaxAssociations
	}
	if cfg.Grace <= 0 {
		cfg.Grace = 20 * time.Second
	}
	if cfg.Policy == nil {
		ours := cfg.AETitle
		cfg.Policy = func(_ context.Context, r Request) Decision {
			return Decision{Accept: r.CalledAE == ours, Reject: RejectCalledAE}
		}
	}
	return &Acceptor{cfg: cfg, open: map[*Association]struct{}{}, perPeer: map[string]int{}, perHolder: map[string]int{}, large: make(chan struct{}, largeRequests)}, nil
}

// Stats gives the live counters.
func (s *Acceptor) Stats() *Stats { return &s.stats }

// Serve accepts on l until ctx ends or l fails. When ctx ends it stops
// accepting, lets messages in progress finish for Grace, aborts the rest and
// returns nil once every connection is gone. It may be called for several
// listeners at once.
func (s *Acceptor) Serve(ctx context.Context, l net.Listener) error {
	// Associations outlive ctx by the grace.
	serving, kill := context.WithCancel(context.WithoutCancel(ctx))
	defer kill()
	var wg sync.WaitGroup
	stopped := context.AfterFunc(ctx, func() { _ = l.Close() }) // Accept returns
	err := s.accept(ctx, l, func(conn net.Conn) {
		wg.Go(func() { s.serveConn(serving, conn) })
	})
	if stopped() { // l failed while ctx lives
		_ = l.Close()
	}
	if ctx.Err() != nil {
		err = nil
	}
	s.drain()
	grace := time.AfterFunc(s.cfg.Grace, func() { kill(); s.interrupt() })
	wg.Wait()
	grace.Stop()
	return err
}

func (s *Acceptor) accept(ctx context.Context, l net.Listener, start func(net.Conn)) error {
	pause := time.Duration(0)
	for {
		conn, err := l.Accept()
		if err == nil {
			pause = 0
			if s.stats.Connections.Add(1) > int64(s.cfg.MaxConnections) {
				s.refuse(conn)
				continue
			}
			start(conn)
			continue
		}
		if ctx.Err() != nil || errors.Is(err, net.ErrClosed) {
			return err
		}
		// Out of descriptors, a connection reset in the queue: it passes.
		pause = min(max(2*pause, 5*time.Millisecond), time.Second)
		s.cfg.Log.Warn("accept failed", "err", err, "retry_in", pause)
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			t.Stop()
			return ctx.Err()
		case <-t.C:
		}
	}
}

// refuse turns a connection away without a goroutine or a read. What it writes goes into
// an empty buffer: the deadline is for a kernel that has no room for it.
func (s *Acceptor) refuse(conn net.Conn) {
	defer s.stats.Connections.Add(-1)
	s.stats.Refused.Add(1)
	if _, plain := conn.(*net.TCPConn); plain {
		b, _ := rejectPDU(RejectLocalLimit).Append(nil) // cannot fail
		if conn.SetWriteDeadline(time.Now().Add(100*time.Millisecond)) == nil {
			_, _ = conn.Write(b)
		}
	}
	_ = conn.Close()
}

func rejectPDU(r Rejection) *pdu.AssociateRJ {
	return &pdu.AssociateRJ{Result: r.Result, Source: r.Source, Reason: r.Reason}
}

// serveConn owns a connection from accept to close.
func (s *Acceptor) serveConn(ctx context.Context, conn net.Conn) {
	defer s.stats.Connections.Add(-1)
	a := newAssociation(conn, s.cfg.Config, false, Sta1)
	defer a.Close()
	if !s.register(a) {
		return
	}
	defer s.unregister(a)
	unbind := a.Bind(ctx)
	defer unbind()
	log := s.cfg.Log.With("remote", conn.RemoteAddr().String())
	defer func() {
		if p := recover(); p != nil {
			s.stats.Panics.Add(1)
			log.Error("panic while serving an association", "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
			_ = a.Abort(errors.New("internal error"))
		}
	}()

	release, err := s.establish(ctx, a)
	if err != nil {
		end := s.account(err)
		level := slog.LevelInfo
		if a.Received() == 0 {
			level = slog.LevelDebug // a port probe
		}
		log.Log(ctx, level, "association not established", "calling_ae", SafeAE(a.CallingAE), "called_ae", SafeAE(a.CalledAE), "reason", end.reason, "err", err)
		return
	}
	defer release()
	log = log.With("calling_ae", SafeAE(a.CallingAE))
	log.Debug("association established", "called_ae", SafeAE(a.CalledAE), "implementation", strconv.QuoteToASCII(a.PeerImplementationVersionName))
	start := time.Now()
	err = s.cfg.Serve(ctx, a)
	s.stats.BytesReceived.Add(a.Received())
	if a.State() == Sta8 {
		err = a.respondRelease()
	}
	switch a.State() {
	case Sta13: // released, or aborted from here
	case Sta6:
		err = a.Abort(err)
	}
	end := s.account(err)
	level := slog.LevelInfo
	if end.cut {
		level = slog.LevelWarn
	}
	log.Log(ctx, level, "association ended", "reason", end.reason, "seconds", time.Since(start).Seconds(), "bytes", a.Received(), "err", err)
}

// ending is how an association ended: in one word, as the metrics have it.
type ending struct {
	reason string
	cut    bool // we cut a peer off
}

// account counts how an association ended, and says it.
func (s *Acceptor) account(err error) ending {
	var rejected *rejectedError
	var abort *AbortError
	count := &s.stats.Lost
	end := ending{reason: "lost"}
	switch {
	case err == nil:
		count, end = &s.stats.Released, ending{reason: "released"}
	case errors.As(err, &rejected):
		count, end = &s.stats.Rejected, ending{reason: "rejected"}
		if rejected.Source == RejectLocalLimit.Source && rejected.Reason == RejectLocalLimit.Reason {
			s.stats.Limited.Add(1)
			end.reason = "limited"
		}
	case errors.Is(err, ErrTooLarge):
		count, end = &s.stats.TooLarge, ending{"too large", true}
	case errors.Is(err, ErrStalled):
		count, end = &s.stats.Stalled, ending{"stalled", true}
	case errors.Is(err, ErrIdle):
		count, end = &s.stats.Idle, ending{"idle", true}
	case errors.Is(err, ErrARTIM):
		count, end = &s.stats.TimedOut, ending{"timed out", true}
	case errors.As(err, &abort) && !abort.Remote && abort.Source == pdu.AbortServiceProvider:
		count, end = &s.stats.BadProtocol, ending{"bad protocol", true}
	case errors.As(err, &abort):
		count, end = &s.stats.Aborted, ending{"aborted", !abort.Remote}
	}
	count.Add(1)
	return end
}

// SafeAE makes an AE title from the wire fit for a log: what is not a valid
// title comes quoted, control characters escaped.
func SafeAE(ae string) string {
	if pdu.ValidAETitle(ae) {
		return ae
	}
	return strconv.QuoteToASCII(ae)
}
