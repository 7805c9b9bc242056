package api

import (
	"cmp"
	"context"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/assist"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/viewer/bundle"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/viewer/preview"
	"github.com/dokuei/dokuei/viewer/sso"
	"github.com/dokuei/dokuei/worklist/room"
)

// Deps is what the web door stands on. All fields but Pages and Metrics are
// required.
type Deps struct {
	DB       *db.DB
	Gate     *identity.Gate
	Objects  object.Store      // original files
	Pictures *preview.Pipeline // thumbnails, previews, decoded frames
	Bundles  *bundle.Maker     // whole series
	DICOMweb *dicomweb.Server
	CopyOf   time.Time     // of what this moment's copy is shown, for reading only; zero: the service itself
	Desk     *reports.Desk // where reports are signed
	// Dictation and Drafting are engines of the house; nil: it has none.
	Dictation, Drafting *assist.Engine
	// WakeLedger is told that a study is to be released now.
	WakeLedger func()
	// WakeCourier is told that a delivery is to be tried now.
	WakeCourier func()
	// WakeClock is told that a Workitem is offered or held otherwise than before.
	WakeClock func()
	Pages     fs.FS // the embedded front-end; nil when it was not built
	Log       *slog.Logger
	Version   string
	// Origin is the address of the pages, scheme://host:port, which passkeys and
	// invitations are made for; empty takes it from each request.
	Origin string
	// ViewerOrigins are other people's viewers, scheme://host:port, that may read over
	// DICOMweb from a browser, by bearer token.
	ViewerOrigins []string
	// Ready reports why the service cannot take work, nil when it can.
	Ready func(context.Context) error
	// SSO are the sign-ons of hospitals.
	SSO []*sso.Provider
	// Metrics is what /metrics shows; nil leaves the route out.
	Metrics prometheus.Gatherer
	// Machine knows the program behind a client certificate that one of our
	// authorities vouches for; identity.ErrUnauthenticated when nobody does. nil:
	// certificates say nothing.
	Machine func(context.Context, *x509.Certificate) (identity.Principal, error)
	// Proxies are believed when they say whom they speak for; nil: Loopback.
	Proxies []netip.Prefix
	Limits  Limits
	// OnLimited is told what a request was refused for: address, stranger, principal.
	OnLimited func(by string)
	// SecurityContacts are URIs for whoever finds a weakness; none leaves
	// security.txt out.
	SecurityContacts []string
}

// API is the handler of everything under /. Close ends the live streams, which
// http.Server.Shutdown would otherwise wait for.
type API struct {
	http.Handler
	close context.CancelFunc
}

// Close ends the live event streams.
func (a *API) Close() { a.close() }

type server struct {
	Deps
	feed    *feed
	looks   *feed
	moves   *meter
	faces   faces
	limits  limits
	asked   asked
	closing <-chan struct{}
	build   string // of the pages: the address of their script, which is named by its content
}

// New builds the handler.
func New(d Deps) (*API, error) {
	ctx, cancel := context.WithCancel(context.Background())
	if d.Proxies == nil {
		d.Proxies = Loopback()
	}
	s := &server{Deps: d, closing: ctx.Done(), limits: newLimits(d.Limits), moves: newMeter(lookRate), build: buildOf(d.Pages)}
	s.looks = newFeed(lookPoll, func(ctx context.Context) (int64, error) { return room.LooksChanged(ctx, d.DB.Read(ctx)) })
	s.feed = newFeed(eventPoll, func(ctx context.Context) (int64, error) { return catalog.LastEvent(ctx, d.DB.Read(ctx)) })

	mux := http.NewServeMux()
	for _, rt := range s.routes() {
		if !rt.declared() {
			cancel()
			return nil, fmt.Errorf("api: %s %s names no right of package identity", rt.method, rt.pattern)
		}
		mux.HandleFunc(rt.method+" "+rt.path(), s.door(rt))
	}
	for _, base := range []string{dicomweb.Base, fhirBase, "/api"} {
		unknown := func(w http.ResponseWriter, r *http.Request) { fail(w, r, d.Log, errNotFound) }
		mux.HandleFunc(base, unknown) // or it would be redirected to the folder
		mux.HandleFunc(base+"/", unknown)
	}
	mux.HandleFunc("GET /healthz", s.healthz)
	mux.HandleFunc("GET /readyz", s.readyz)
	if d.Metrics != nil {
		mux.Handle("GET /metrics", s.metrics())
	}
	if len(d.SecurityContacts) > 0 {
		mux.HandleFunc("GET /.well-known/security.txt", s.securityText)
	}
	mux.HandleFunc("/", s.pages)

	origin := http.NewCrossOriginProtection()
	if d.Origin != "" { // a proxy may call us by another name than browsers do
		if err := origin.AddTrustedOrigin(d.Origin); err != nil {
			cancel()
			return nil, fmt.Errorf("api: %w", err)
		}
	}
	origin.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fail(w, r, d.Log, errCrossOrigin) }))
	return &API{Handler: s.behindProxies(s.accessLog(s.recovered(secure(s.elsewhere(s.limited(origin.Handler(compressed(mux)))), d.Pages, d.Dictation != nil)))), close: cancel}, nil
}

// door checks who asks and whether they may, then lets the handler answer.
func (s *server) door(rt route) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.CopyOf.IsZero() && !rt.reads() {
			fail(w, r, s.Log, errReadOnly)
			return
		}
		c := &call{server: s, w: w, r: r, route: rt}
		if rt.right == public {
			if err := s.strange(r); err != nil {
				fail(w, r, s.Log, err)
				return
			}
		} else {
			// Pages listen by themselves: that is no use of a session.
			who, err := s.recognise(r, rt.pattern == eventsPattern || rt.pattern == lookPattern)
			if err != nil {
				if errors.Is(err, identity.ErrUnauthenticated) && secretOf(r) != "" {
					forgetPictures(w) // of a session that has ended without a word
				}
				fail(w, r, s.Log, err)
				return
			}
			if refusal := s.refuse(who, rt); refusal != nil {
				fail(w, r, s.Log, refusal)
				return
			}
			c.who, c.scope = who, who.Scope()
			if rt.compares() {
				c.scope = c.scope.WithPriors(db.Now())
			}
			note(r, who)
		}
		if err := rt.handle(c); err != nil {
			fail(w, r, s.Log, err)
		}
	}
}

// recognise finds who asks, and counts that they did unless it is only a peek.
func (s *server) recognise(r *http.Request, peek bool) (who identity.Principal, err error) {
	secret := secretOf(r)
	switch {
	case secret == "" && s.Machine != nil && certified(r):
		who, err = s.Machine(r.Context(), r.TLS.PeerCertificates[0])
	case peek:
		who, err = s.Gate.Peek(r.Context(), secret)
	default:
		who, err = s.Gate.Authenticate(r.Context(), secret)
	}
	if errors.Is(err, identity.ErrUnauthenticated) {
		return who, cmp.Or(s.strange(r), err)
	}
	if err != nil {
		return who, err
	}
	return who, s.admitted(who)
}

// still looks again at who c is, for an answer that lasts: an error when the session
// or token has ended or the route is no longer theirs. What is told after it is told
// by the rights of now.
func (c *call) still() error {
	who, err := c.recognise(c.r, true)
	if err != nil {
		return err
	}
	if refusal := c.refuse(who, c.route); refusal != nil {
		return refusal
	}
	c.who, c.scope = who, who.Scope()
	return nil
}

// certified reports whether a program has shown a certificate that one of our
// authorities vouches for. A browser shows one unasked, and is of a person: they sign in.
func certified(r *http.Request) bool {
	return r.TLS != nil && len(r.TLS.VerifiedChains) > 0 && r.Header.Get("Sec-Fetch-Site") == ""
}

// refuse says why who may not take the route, nil when they may.
func (s *server) refuse(who identity.Principal, rt route) error {
	if need := outstanding(who, rt.right); need != "" {
		return needProblems[need]
	}
	if who.Kind != identity.KindSession && (strings.HasPrefix(rt.pattern, "/account") || strings.HasPrefix(rt.pattern, "/session/")) {
		return errNoAccount
	}
	if rt.right.Valid() {
		if d := identity.Decide(who, rt.right, identity.Resource{}); !d.Allowed {
			return errForbidden
		}
	}
	if rt.method != http.MethodGet && (rt.right.NeedsProof() || strings.HasPrefix(rt.pattern, "/account/")) && !s.Gate.Fresh(who) {
		return errReauthenticate
	}
	return nil
}

// outstanding is the first step that still lies before a right.
func outstanding(who identity.Principal, right identity.Action) identity.Need {
	for _, need := range who.Needs {
		if right == entering || right == enrolling && need != identity.NeedFactor {
			continue
		}
		return need
	}
	return ""
}

// recovered turns a panic into a 500 and a log line: one bad request must not
// end the service.
func (s *server) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			p := recover()
			if p == nil {
				return
			}
			if p == http.ErrAbortHandler { //nolint:errorlint // the very value
				panic(p)
			}
			s.Log.Error("panic in a request", "route", r.Pattern, "panic", p)
			fail(w, r, s.Log, errInternal)
		}()
		next.ServeHTTP(w, r)
	})
}

// writeTimeout is for one answer; what may be larger gives itself more.
const writeTimeout = 5 * time.Minute

// Timeouts are those of an http.Server around the handler: reading is bounded
// tightly, writing loosely, since a frame may go over a thin line.
func Timeouts(h *http.Server) {
	h.ReadHeaderTimeout = 10 * time.Second
	h.ReadTimeout = 60 * time.Second
	h.WriteTimeout = writeTimeout
	h.IdleTimeout = 2 * time.Minute
	h.MaxHeaderBytes = 64 << 10
}
