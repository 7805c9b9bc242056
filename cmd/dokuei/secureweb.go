package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/internal/ca"
	"github.com/dokuei/dokuei/internal/certfile"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/api"
	"github.com/dokuei/dokuei/worklist"
)

// webDoor are the settings of the web port towards the world.
type webDoor struct {
	HTTPTLSCert      string   `name:"http-tls-cert" help:"Our certificate and the chain above it, PEM: the web port speaks HTTPS then (TLS 1.3 and 1.2). Read again when it changes." placeholder:"FILE" type:"path"`
	HTTPTLSKey       string   `name:"http-tls-key" help:"Its private key, PEM." placeholder:"FILE" type:"path"`
	HTTPTLSClientCA  string   `name:"http-tls-client-ca" help:"Authorities, PEM, that vouch for programs of hospitals: their certificate stands for a token of role service." placeholder:"FILE" type:"path"`
	HTTPRedirectAddr string   `name:"http-redirect-addr" help:"Address of plain HTTP that sends browsers on to HTTPS (and answers ACME). Default: none." placeholder:"HOST:PORT"`
	Proxies          []string `name:"trusted-proxy" help:"Address or network of a proxy that is believed when it says whom it speaks for; proxies on this machine are." placeholder:"CIDR"`
	RatePrincipal    float64  `name:"rate-principal" help:"Requests a second of one account or token, twenty times as many at once; 0: no limit." default:"300"`
	RateAddress      float64  `name:"rate-address" help:"The same from one address, behind which a whole hospital may be; 0: no limit." default:"1000"`
	SecurityContact  []string `name:"security-contact" help:"Whom to tell of a weakness, as a URI (mailto:, https:): shown at /.well-known/security.txt." placeholder:"URI"`
	ViewerOrigin     []string `name:"viewer-origin" help:"A viewer of somebody else's that may read over DICOMweb from browsers (CORS), by bearer token." placeholder:"https://HOST"`
	acmeDoor         `embed:""`
}

// burst is how many requests may come at once after a rest, for each a second.
const burst = 20

// strangers may ask for this much from one address without showing anything valid.
var strangers = api.Rate{PerSecond: 20, Burst: 400}

// connections of the web port, each of which costs some 50 KB.
const (
	maxConnections        = 8192
	maxConnectionsOfOne   = 1024
	redirectHeaderTimeout = 10 * time.Second
)

func (o webDoor) limits() api.Limits {
	of := func(perSecond float64) api.Rate { return api.Rate{PerSecond: perSecond, Burst: int(perSecond * burst)} }
	l := api.Limits{Principal: of(o.RatePrincipal), Address: of(o.RateAddress)}
	if o.RateAddress > 0 {
		l.Stranger = strangers
	}
	return l
}

// proxies are those that are believed.
func (o webDoor) proxies() ([]netip.Prefix, error) {
	list := api.Loopback()
	for _, text := range o.Proxies {
		p, err := netip.ParsePrefix(text)
		if err != nil {
			a, err := netip.ParseAddr(text)
			if err != nil {
				return nil, fmt.Errorf("--trusted-proxy %q is neither an address nor a network like 10.0.0.0/24", text)
			}
			p = netip.PrefixFrom(a, a.BitLen())
		}
		list = append(list, p.Masked())
	}
	return list, nil
}

// viewers are origins as browsers send them.
func (o webDoor) viewers() ([]string, error) {
	for _, text := range o.ViewerOrigin {
		u, err := url.Parse(text)
		if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || strings.Trim(u.Path, "/")+u.RawQuery+u.Fragment != "" || u.User != nil {
			return nil, fmt.Errorf("--viewer-origin %q is not of the form https://HOST", text)
		}
	}
	return o.ViewerOrigin, nil
}

func (o webDoor) contacts() ([]string, error) {
	for _, c := range o.SecurityContact {
		u, err := url.Parse(c)
		if err != nil || u.Scheme == "" || strings.ContainsAny(c, "\r\n") {
			return nil, fmt.Errorf("--security-contact %q is no URI such as mailto:security@example.jp", c)
		}
	}
	return o.SecurityContact, nil
}

// secured reports whether the web port speaks HTTPS.
func (o webDoor) secured() bool { return o.HTTPTLSCert != "" || o.on() }

// identity is what the web port shows and whom it believes; ok is false when it
// speaks plain HTTP.
func (o webDoor) identity(crl, data string, log *slog.Logger, seen *expiries) (id bcp195.Identity, answer http.Handler, ok bool, err error) {
	switch {
	case (o.HTTPTLSCert == "") != (o.HTTPTLSKey == ""):
		return id, nil, false, errors.New("--http-tls-cert and --http-tls-key belong together")
	case o.HTTPTLSCert != "" && o.on():
		return id, nil, false, errors.New("--http-tls-cert and --acme-host are two ways to the same certificate: choose one")
	case !o.secured() && (o.HTTPTLSClientCA != "" || o.HTTPRedirectAddr != ""):
		return id, nil, false, errors.New("--http-tls-client-ca and --http-redirect-addr need HTTPS: give --http-tls-cert and --http-tls-key, or --acme-host")
	case !o.secured():
		return id, nil, false, nil
	}
	id.NeverAsk, id.Protocols = true, []string{"h2", "http/1.1"}
	if o.on() {
		if answer, err = o.acme(&id, data, log, seen); err != nil {
			return id, nil, false, err
		}
	} else {
		pair, err := certfile.KeyPair(o.HTTPTLSCert, o.HTTPTLSKey, log)
		if err != nil {
			return id, nil, false, fmt.Errorf("web certificate: %w", err)
		}
		id.Certificate = pair.Get
		seen.pair("http", pair)
	}
	return id, answer, true, vouch(&id, o.HTTPTLSClientCA, crl, "web", "http", log, seen)
}

// vouch lets authorities, and the lists of what they have taken back, decide whom a
// port believes.
func vouch(id *bcp195.Identity, authorities, crl, port, use string, log *slog.Logger, seen *expiries) error {
	if authorities == "" {
		return nil
	}
	pool, err := certfile.Pool(authorities, log)
	if err != nil {
		return fmt.Errorf("%s client authorities: %w", port, err)
	}
	id.ClientCAs = pool.Get
	if crl == "" {
		return nil
	}
	lists, err := certfile.Revocations(crl, authorities, log)
	if err != nil {
		return fmt.Errorf("--tls-crl: %w", err)
	}
	id.Revoked = func(c *x509.Certificate) bool {
		r, _ := lists.Get()
		return r.Has(c)
	}
	seen.add(use+"-crl", func() time.Time {
		r, _ := lists.Get()
		return r.Next
	})
	return nil
}

// vouched reports whether a caller has shown a certificate that one of our authorities
// vouches for: it is somebody's, and the question is whose.
func vouched(s *tls.ConnectionState) bool { return s != nil && len(s.VerifiedChains) > 0 }

// vouchedFacility is the hospital that a caller's certificate names, if one of our
// authorities vouches for it.
func vouchedFacility(s *tls.ConnectionState) string {
	if !vouched(s) {
		return ""
	}
	return ca.FacilityOf(s.PeerCertificates[0])
}

// machineOf knows the hospital's program behind a client certificate: by the name
// in it, or by its fingerprint in the site file.
func machineOf(d *db.DB) func(context.Context, *x509.Certificate) (identity.Principal, error) {
	return func(ctx context.Context, c *x509.Certificate) (identity.Principal, error) {
		var f worklist.Facility
		var ok bool
		var err error
		print := bcp195.Fingerprint(c)
		if named := ca.FacilityOf(c); named != "" {
			f, err = worklist.FacilityByID(ctx, d.Read(ctx), named)
			if ok = err == nil && f.Active; errors.Is(err, worklist.ErrNotFound) {
				err = nil
			}
		} else {
			f, ok, err = worklist.FacilityByCertificate(ctx, d.Read(ctx), print)
		}
		if err != nil {
			return identity.Principal{}, err
		}
		if !ok {
			return identity.Principal{}, identity.ErrUnauthenticated
		}
		return identity.Principal{
			UserID: "certificate:" + print[:32], Login: "certificate:" + f.ID, Name: f.Name, NameEn: f.NameEn,
			Role: identity.Service, FacilityID: f.ID, Kind: identity.KindMachine,
		}, nil
	}
}

// redirect sends browsers on to HTTPS.
func redirect(publicURL string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			http.Error(w, "Use HTTPS.", http.StatusUpgradeRequired)
			return
		}
		to := publicURL
		if to == "" {
			host, _, err := net.SplitHostPort(r.Host)
			if err != nil {
				host = r.Host
			}
			to = "https://" + host
		}
		http.Redirect(w, r, to+r.URL.EscapedPath(), http.StatusPermanentRedirect)
	})
}

// secureWeb puts TLS before the web port if that is wanted.
func (a *app) secureWeb(c serveCmd, origin string) error {
	id, answer, ok, err := c.webDoor.identity(c.TLSCRL, c.Data, a.log, a.expiries)
	if err != nil || !ok {
		return err
	}
	a.webTLS = bcp195.Server(id)
	if a.answer = answer; answer == nil {
		a.answer = redirect(origin)
	}
	if c.HTTPRedirectAddr == "" {
		return nil
	}
	if a.plain, err = net.Listen("tcp", c.HTTPRedirectAddr); err != nil {
		return fmt.Errorf("address that sends on to HTTPS %s: %w; choose another with --http-redirect-addr", c.HTTPRedirectAddr, err)
	}
	return nil
}

func (a *app) scheme() string {
	if a.webTLS != nil {
		return "https://"
	}
	return "http://"
}

func (a *app) webServer() *http.Server {
	count := &api.Connections{PerAddress: maxConnectionsOfOne, All: maxConnections, Proxies: a.proxies}
	web := &http.Server{Handler: a.api, TLSConfig: a.webTLS, ConnState: count.State, ErrorLog: slog.NewLogLogger(a.log.Handler(), slog.LevelDebug)}
	api.Timeouts(web)
	return web
}

// serveWeb serves until the server is shut down.
func (a *app) serveWeb(web *http.Server) (err error) {
	if a.webTLS != nil {
		err = web.ServeTLS(a.http, "", "")
	} else {
		err = web.Serve(a.http)
	}
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

// serveUntil serves until ctx ends.
func serveUntil(ctx context.Context, s *http.Server, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { _ = s.Close() })()
	if err := s.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
