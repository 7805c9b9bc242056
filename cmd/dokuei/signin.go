package main

import (
	"fmt"
	"net/url"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// signIn are the settings of how people get in.
type signIn struct {
	SecondFactor     string        `name:"second-factor" help:"Whose accounts must have a passkey or a code generator: staff (readers, trainees, coordinators, administrators, auditors), all, or chosen (those who set one up); auto: staff as soon as the pages can be reached from elsewhere, by --public-url or --http-addr." enum:"auto,staff,all,chosen" default:"auto"`
	ReauthenticateIn time.Duration `name:"reauthenticate" help:"How long after showing a credential reports can be signed and rights changed without showing it again; 0 asks never." default:"30m"`
	Idle             time.Duration `name:"idle" help:"A session ends after this long without use; what was typed stays on the page." default:"10m"`
	SessionLimit     time.Duration `name:"session-limit" help:"And after this long in any case." default:"12h"`
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
	u, err := url.Parse(o.PublicURL)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || (u.Path != "" && u.Path != "/") {
		return "", fmt.Errorf("--public-url %q is not of the form https://HOST", o.PublicURL)
	}
	return u.Scheme + "://" + u.Host, nil
}
