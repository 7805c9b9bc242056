package sso

import (
	"context"
	"crypto/subtle"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/internal/outbound"
)

const (
	timeout   = 10 * time.Second
	maxAnswer = 1 << 20
)

// Provider is a hospital's sign-on.
type Provider struct {
	Entry
	http *http.Client

	mu    sync.Mutex
	known *oidc.Provider // nil: not asked yet
	end   string         // end_session_endpoint; empty: it has none
}

// ErrRefused: the provider's answer is not one to be believed.
var ErrRefused = errors.New("sso: the answer of the sign-on is not valid")

// newProvider is the provider of an entry; roots nil stands for the authorities of
// the system.
func newProvider(e Entry, roots *x509.CertPool) *Provider {
	t := &http.Transport{DialContext: outbound.Dialer(timeout).DialContext, TLSClientConfig: bcp195.Client(roots, nil), Proxy: http.ProxyFromEnvironment, ForceAttemptHTTP2: true, ResponseHeaderTimeout: timeout}
	return &Provider{Entry: e, http: &http.Client{Transport: bounded{t}, Timeout: timeout}}
}

// bounded cuts answers that are too long to be honest.
type bounded struct{ next http.RoundTripper }

func (b bounded) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := b.next.RoundTrip(r)
	if err == nil {
		res.Body = struct {
			io.Reader
			io.Closer
		}{io.LimitReader(res.Body, maxAnswer), res.Body}
	}
	return res, err
}

// discover reads the provider's configuration once (OpenID Connect Discovery 1.0 4).
func (p *Provider) discover(ctx context.Context) (*oidc.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.known != nil {
		return p.known, nil
	}
	// Keys are read again with this context later on: it must not end with the request.
	known, err := oidc.NewProvider(oidc.ClientContext(context.WithoutCancel(ctx), p.http), p.Issuer)
	if err != nil {
		return nil, fmt.Errorf("sso: provider %s: %w", p.ID, err)
	}
	var also struct {
		End string `json:"end_session_endpoint"`
	}
	if err := known.Claims(&also); err != nil {
		return nil, fmt.Errorf("sso: provider %s: %w", p.ID, err)
	}
	p.known, p.end = known, also.End
	return known, nil
}

func (p *Provider) config(known *oidc.Provider, back string) oauth2.Config {
	return oauth2.Config{ClientID: p.ClientID, ClientSecret: p.secret, Endpoint: known.Endpoint(), RedirectURL: back, Scopes: []string{oidc.ScopeOpenID}}
}

// Begin is the address at which the person signs in; back is where the provider sends
// them afterwards.
func (p *Provider) Begin(ctx context.Context, back, state, nonce, verifier string) (string, error) {
	known, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{oidc.Nonce(nonce), oauth2.S256ChallengeOption(verifier)}
	if len(p.SecondFactor.ACR) > 0 {
		options = append(options, oauth2.SetAuthURLParam("acr_values", p.SecondFactor.ACR[0]))
	}
	c := p.config(known, back)
	return c.AuthCodeURL(state, options...), nil
}

// Answer is who has signed in.
type Answer struct {
	Issuer, Subject string
	Factors         int
	IDToken         string
}

// Finish redeems the code that the browser has brought. said is the issuer that came
// with it (RFC 9207), if one did. ErrRefused when the answer is not valid.
func (p *Provider) Finish(ctx context.Context, back, code, said, nonce, verifier string) (Answer, error) {
	if said != "" && said != p.Issuer {
		return Answer{}, fmt.Errorf("%w: it is of another issuer", ErrRefused)
	}
	known, err := p.discover(ctx)
	if err != nil {
		return Answer{}, err
	}
	ctx = oidc.ClientContext(ctx, p.http)
	c := p.config(known, back)
	token, err := c.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) { // its body may repeat what it was sent
		return Answer{}, fmt.Errorf("%w: the code is answered with status %d %s", ErrRefused, refused.Response.StatusCode, refused.ErrorCode)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("sso: provider %s: %w", p.ID, err)
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return Answer{}, fmt.Errorf("%w: it has no ID token", ErrRefused)
	}
	id, err := known.VerifierContext(ctx, &oidc.Config{ClientID: p.ClientID}).Verify(ctx, raw)
	if err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 {
		return Answer{}, fmt.Errorf("%w: it was made for another sign-on", ErrRefused)
	}
	var claims struct {
		AMR []string `json:"amr"`
		ACR string   `json:"acr"`
		AZP string   `json:"azp"`
	}
	if err := id.Claims(&claims); err != nil {
		return Answer{}, fmt.Errorf("%w: %w", ErrRefused, err)
	}
	if id.Subject == "" || claims.AZP != "" && claims.AZP != p.ClientID { // Core 2, 3.1.3.7
		return Answer{}, fmt.Errorf("%w: it is for somebody else", ErrRefused)
	}
	return Answer{Issuer: id.Issuer, Subject: id.Subject, Factors: p.factors(claims.AMR, claims.ACR), IDToken: raw}, nil
}

// factors counts what was shown there by what the entry takes for two.
func (p *Provider) factors(amr []string, acr string) int {
	if acr != "" && slices.Contains(p.SecondFactor.ACR, acr) {
		return 2
	}
	for _, method := range amr {
		if slices.Contains(p.SecondFactor.AMR, method) {
			return 2
		}
	}
	return 1
}

// Logout is the address at which the session at the provider ends, too; empty when it
// has none.
func (p *Provider) Logout(ctx context.Context, hint, back string) string {
	if _, err := p.discover(ctx); err != nil || p.end == "" {
		return ""
	}
	u, err := url.Parse(p.end)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	q := u.Query()
	q.Set("client_id", p.ClientID)
	q.Set("id_token_hint", hint)
	q.Set("post_logout_redirect_uri", back)
	u.RawQuery = q.Encode()
	return u.String()
}
