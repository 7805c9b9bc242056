package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/acme"
	"golang.org/x/crypto/acme/autocert"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/internal/certfile"
)

// acmeDoor are the settings of a certificate that is fetched and renewed by itself
// (ACME, RFC 8555).
type acmeDoor struct {
	ACMEHost      []string `name:"acme-host" help:"Host name to fetch a certificate for by ACME: the web port speaks HTTPS then and must be reached from the internet on port 443, or --http-redirect-addr on port 80. Repeatable. Default: none." placeholder:"HOST"`
	ACMEAgree     bool     `name:"acme-agree" help:"We agree to the terms of service of the ACME authority."`
	ACMEEmail     string   `name:"acme-email" help:"Whom the authority may write to." placeholder:"ADDRESS"`
	ACMEDirectory string   `name:"acme-directory" help:"Directory of the ACME authority." default:"https://acme-v02.api.letsencrypt.org/directory" placeholder:"URL"`
	ACMECA        string   `name:"acme-ca" help:"Authorities, PEM, that vouch for the directory itself, for one of your own. Default: those of the system." placeholder:"FILE" type:"path"`
}

// complainEvery is how often the log says that there is no certificate.
const complainEvery = time.Minute

func (o acmeDoor) on() bool { return len(o.ACMEHost) > 0 }

// named reports whether a certificate is to be fetched for a host.
func (o acmeDoor) named(host string) bool {
	for _, h := range o.ACMEHost {
		if strings.EqualFold(h, host) {
			return true
		}
	}
	return false
}

// acme lets the authority's certificates be shown. answer is for the plain port: it
// proves there that the host is ours (HTTP-01), and sends everybody else on. Why there is
// no certificate is logged, at most once in complainEvery: strangers call, too.
func (o acmeDoor) acme(id *bcp195.Identity, data string, log *slog.Logger, seen *expiries) (answer http.Handler, err error) {
	if !o.ACMEAgree {
		return nil, errors.New("--acme-host fetches certificates from an authority with terms of service: read them and give --acme-agree")
	}
	client := &acme.Client{DirectoryURL: o.ACMEDirectory, UserAgent: "dokuei"}
	if o.ACMECA != "" {
		pool, err := certfile.Pool(o.ACMECA, nil)
		if err != nil {
			return nil, fmt.Errorf("--acme-ca: %w", err)
		}
		roots, _ := pool.Get()
		client.HTTPClient = &http.Client{Transport: &http.Transport{TLSClientConfig: bcp195.Client(roots, nil), Proxy: http.ProxyFromEnvironment}}
	}
	m := &autocert.Manager{
		Prompt: autocert.AcceptTOS, Cache: autocert.DirCache(filepath.Join(data, "acme")), HostPolicy: autocert.HostWhitelist(o.ACMEHost...),
		Client: client, Email: o.ACMEEmail,
	}
	var ends atomic.Int64 // of what was shown last, Unix time
	var quiet atomic.Int64
	id.ByName = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName == "" { // who calls by address gets the first
			named := *hello
			named.ServerName = o.ACMEHost[0]
			hello = &named
		}
		c, err := m.GetCertificate(hello)
		if now := time.Now().Unix(); err != nil && o.named(hello.ServerName) {
			if until := quiet.Load(); now >= until && quiet.CompareAndSwap(until, now+int64(complainEvery.Seconds())) {
				log.Warn("no certificate by ACME: nobody reaches the pages under this name", "host", hello.ServerName, "error", err)
			}
		}
		if proof := len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acme.ALPNProto; err == nil && c.Leaf != nil && !proof {
			ends.Store(c.Leaf.NotAfter.Unix())
		}
		return c, err
	}
	seen.add("http", func() (end time.Time) {
		if at := ends.Load(); at > 0 {
			end = time.Unix(at, 0)
		}
		return end
	})
	id.Protocols = append(id.Protocols, acme.ALPNProto)
	return bareHost(m.HTTPHandler(redirect(""))), nil
}

// bareHost takes the port from the Host of requests, which some authorities write though
// it is the usual one (RFC 9110 7.2).
func bareHost(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if host, _, err := net.SplitHostPort(r.Host); err == nil {
			r.Host = host
		}
		next.ServeHTTP(w, r)
	})
}
