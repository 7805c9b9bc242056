package main

import (
	"fmt"
	"net/url"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/sso"
)

// signIn are the settings of how people get in.
type signIn struct {
	SecondFactor     string        `name:"second-factor" help:"Whose accounts must have a passkey or a code generator: staff (readers, trainees, coordinators, administrators, auditors), all, or chosen (those who set one up); auto: staff as soon as the pages can be reached from elsewhere, by --public-url or --http-addr." enum:"auto,staff,all,chosen" default:"auto"`
	ReauthenticateIn time.Duration `name:"reauthenticate" help:"How long after showing a credential reports can be signed and rights changed without showing it again; 0 asks never." default:"30m"`
	Idle             time.Duration `name:"idle" help:"A session ends after this long without use; what was typed stays on the page." default:"10m"`
	SessionLimit     time.Duration `name:"session-limit" help:"And after this long in any case." default:"12h"`
	SSO              string        `name:"sso" help:"YAML file of hospitals' own sign-ons (OpenID Connect), see OPERATIONS.md. Default: none." placeholder:"FILE" type:"path"`
	PublicURL        string        `name:"public-url" help:"Address of the pages as browsers see it; passkeys and invitations are made for it. Default: that of each request." placeholder:"https://HOST"`
}

// secondFactor is the setting with auto decided for pages served at httpAddr.
func (o signIn) secondFactor(httpAddr string) string {
	switch {
	case o.SecondFactor != "auto":
		return o.SecondFactor
	case o.PublicURL != "" || !loopback(httpAddr):
		return "staff"
	}
	return "chosen"
}

// gate opens the door for people by these settings.
func (o signIn) gate(d *db.DB, httpAddr string) *identity.Gate {
	opt := identity.Options{Idle: o.Idle, Absolute: o.SessionLimit, Proof: o.ReauthenticateIn}
	switch o.secondFactor(httpAddr) {
	case "staff":
		opt.SecondFactor = func(r identity.Role) bool { return r.Human() && !r.AtFacility() }
	case "all":
		opt.SecondFactor = identity.Role.Human
	}
	return identity.NewGate(d, opt)
}

// origin is the public address in the form browsers compare.
func (o signIn) origin() (string, error) {
	if o.PublicURL == "" {
		return "", nil
	}
	return publicOrigin(o.PublicURL)
}

func publicOrigin(publicURL string) (string, error) {
	u, err := url.Parse(publicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") {
		return "", fmt.Errorf("--public-url %q is not of the form https://HOST", publicURL)
	}
	return u.Scheme + "://" + u.Host, nil
}

// providers are the sign-ons of hospitals.
func (o signIn) providers() ([]*sso.Provider, error) {
	if o.SSO == "" {
		return nil, nil
	}
	list, err := sso.Load(o.SSO)
	if err != nil {
		return nil, fmt.Errorf("--sso: %w", err)
	}
	return list, nil
}
