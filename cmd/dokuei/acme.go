package main

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
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

func (o acmeDoor) on() bool { return len(o.ACMEHost) > 0 }

// acme lets the authority's certificates be shown. answer is for the plain port: it
// proves there that the host is ours (HTTP-01), and sends everybody else on.
func (o acmeDoor) acme(id *bcp195.Identity, data string, seen *expiries) (answer http.Handler, err error) {
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
	id.ByName = func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
		if hello.ServerName == "" { // who calls by address gets the first
			named := *hello
			named.ServerName = o.ACMEHost[0]
			hello = &named
		}
		c, err := m.GetCertificate(hello)
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
	return m.HTTPHandler(redirect("")), nil
}
