package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/sso"
)

// ssoCookie holds the state of a sign-on that is under way: only the browser that has
// begun it can end it. It is Lax because the provider sends the browser back from
// another site.
const (
	ssoCookie     = "dokuei_sso"
	ssoCookieLife = 10 * time.Minute
)

var errSSO = problem(http.StatusBadGateway, "sso_failed", "The hospital's sign-on did not answer as it should; try again, or tell the administrator.")

type providerView struct {
	named
	Facility string `json:"facility"`
}

func providerOf(p *sso.Provider) providerView {
	return providerView{named{p.ID, p.Name, p.NameEn}, p.Facility}
}

// ssoProviders lists the sign-ons for the sign-in page.
func (s *server) ssoProviders(c *call) error {
	view := []providerView{}
	for _, p := range s.SSO {
		if !p.Hidden {
			view = append(view, providerOf(p))
		}
	}
	return c.json(http.StatusOK, view)
}

func (s *server) provider(c *call) (*sso.Provider, error) {
	for _, p := range s.SSO {
		if p.ID == c.r.PathValue("id") {
			return p, nil
		}
	}
	return nil, errNotFound
}

// ssoBack is where a provider sends the browser back to: one address for each, so that
// an answer of one cannot be taken for another's (RFC 9700 4.4.2).
func (s *server) ssoBack(c *call, p *sso.Provider) string {
	return s.origin(c.r) + "/api/v1/sso/" + p.ID + "/callback"
}

// beginSSO answers where the browser goes to sign in.
func (s *server) beginSSO(c *call) error {
	p, err := s.provider(c)
	if err != nil {
		return err
	}
	var in struct {
		Invitation string `json:"invitation"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Invitation != "" {
		if _, err := s.Gate.Invited(c.r.Context(), in.Invitation); err != nil {
			return err
		}
	}
	login := identity.SSOLogin{Nonce: identity.NewSecret(), Verifier: oauth2.GenerateVerifier(), Invitation: in.Invitation}
	state, err := s.Gate.BeginSSO(c.r.Context(), p.ID, login)
	if err != nil {
		return err
	}
	to, err := p.Begin(c.r.Context(), s.ssoBack(c, p), state, login.Nonce, login.Verifier)
	if err != nil {
		s.Log.WarnContext(c.r.Context(), "sign-on not begun", "provider", p.ID, "error", err)
		return errSSO
	}
	http.SetCookie(c.w, s.ssoCookie(c.r, state, int(ssoCookieLife.Seconds())))
	return c.json(http.StatusOK, map[string]string{"location": to})
}

func (s *server) ssoCookie(r *http.Request, state string, life int) *http.Cookie {
	return &http.Cookie{
		Name: ssoCookie, Value: state, Path: "/api/v1/sso/", MaxAge: life, HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: encrypted(r),
	}
}

// finishSSO is where the browser comes back to. It is a person's browser that reads the
// answer: failures are shown by the sign-in page.
func (s *server) finishSSO(c *call) error {
	p, err := s.provider(c)
	if err != nil {
		return err
	}
	http.SetCookie(c.w, s.ssoCookie(c.r, "", -1))
	c.w.Header().Set("Cache-Control", "no-store")
	to := "/"
	if err := s.enterSSO(c, p); err != nil {
		problem, known := problemOf(err)
		if !known || problem == errSSO {
			s.Log.WarnContext(c.r.Context(), "sign-on failed", "provider", p.ID, "error", err)
		}
		to = "/#/sso-failed/" + problem.Code
	}
	http.Redirect(c.w, c.r, to, http.StatusSeeOther)
	return nil
}

func (s *server) enterSSO(c *call, p *sso.Provider) error {
	ctx, q := c.r.Context(), c.r.URL.Query()
	own, err := c.r.Cookie(ssoCookie)
	if err != nil || own.Value == "" || own.Value != q.Get("state") {
		return identity.ErrSSOLost
	}
	login, err := s.Gate.EndSSO(ctx, p.ID, own.Value)
	if err != nil {
		return err
	}
	if q.Get("code") == "" { // the person said no, or the provider did
		return errSSO.with("no code")
	}
	a, err := p.Finish(ctx, s.ssoBack(c, p), q.Get("code"), q.Get("iss"), login.Nonce, login.Verifier)
	if err != nil {
		return errors.Join(errSSO, err)
	}
	secret, _, err := s.Gate.SignInSSO(ctx, identity.SSOAnswer{
		Provider: p.ID, Facility: p.Facility, Issuer: a.Issuer, Subject: a.Subject, Factors: a.Factors, Hint: a.IDToken,
	}, login.Invitation, remoteHost(c.r))
	if err != nil {
		return err
	}
	if err := s.Gate.Describe(ctx, secret, c.r.UserAgent()); err != nil {
		return err
	}
	http.SetCookie(c.w, s.cookie(c.r, secret))
	return nil
}

// signedOutAt is where the session at the hospital's sign-on ends, too; empty for a
// session that was opened here.
func (s *server) signedOutAt(c *call) (string, error) {
	id, hint, err := s.Gate.SSOSession(c.r.Context(), secretOf(c.r))
	if err != nil || id == "" {
		return "", err
	}
	for _, p := range s.SSO {
		if p.ID == id {
			return p.Logout(c.r.Context(), hint, s.origin(c.r)+"/"), nil
		}
	}
	return "", nil
}

// linkPerson links an account to a person at its hospital's sign-on, by the subject
// that the hospital's administrators read there.
func (s *server) linkPerson(c *call) error {
	var in struct {
		Provider string `json:"provider"`
		Subject  string `json:"subject"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Subject == "" || len(in.Subject) > 255 { // OpenID Connect Core 2: sub
		return errPerson.with("A subject has 1 to 255 characters.")
	}
	return c.done(s.onPerson(c, "", func(ctx context.Context, tx db.Tx, u identity.User) error {
		for _, p := range s.SSO {
			if p.ID == in.Provider && p.Facility == u.FacilityID {
				return identity.LinkSSO(ctx, tx, u, p.Issuer, in.Subject, c.who.UserID)
			}
		}
		return errPerson.with("The hospital of this account has no such sign-on.")
	}))
}

func (s *server) unlinkPerson(c *call) error {
	return c.done(s.onPerson(c, "", func(ctx context.Context, tx db.Tx, u identity.User) error {
		return identity.UnlinkSSO(ctx, tx, u, c.who.UserID)
	}))
}
