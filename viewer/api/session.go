package api

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// sessionCookie holds the secret of a browser's session.
const sessionCookie = "dokuei_session"

// secretOf is what the request shows to be recognised by: a bearer token or a
// session cookie. The token wins: who sends one means it.
func secretOf(r *http.Request) string {
	if scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return strings.TrimSpace(token)
	}
	if c, err := r.Cookie(sessionCookie); err == nil && !identity.IsToken(c.Value) {
		return c.Value
	}
	return ""
}

type credentials struct {
	Login    string `json:"login"`
	Password string `json:"password"`
}

// signIn opens a session. Every failure gives the same answer.
func (s *server) signIn(c *call) error {
	var in credentials
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Login == "" || len(in.Login) > 128 || len(in.Password) > 1024 || !utf8.ValidString(in.Login) {
		return errBadCredentials
	}
	secret, p, err := s.Gate.SignIn(c.r.Context(), in.Login, in.Password, remoteHost(c.r))
	if err != nil {
		return err
	}
	return s.enter(c, secret, p)
}

// enter gives the browser its session and tells it who it is of.
func (s *server) enter(c *call, secret string, p identity.Principal) error {
	if err := s.Gate.Describe(c.r.Context(), secret, c.r.UserAgent()); err != nil {
		return err
	}
	if secretOf(c.r) != "" {
		forgetPictures(c.w) // whoever sat here before
	}
	http.SetCookie(c.w, s.cookie(c.r, secret))
	c.who = p
	return s.me(c)
}

func (s *server) signOut(c *call) error {
	elsewhere, err := s.signedOutAt(c)
	if err != nil {
		return err
	}
	if err := s.Gate.SignOut(c.r.Context(), secretOf(c.r)); err != nil {
		return err
	}
	gone := s.cookie(c.r, "")
	gone.MaxAge = -1
	http.SetCookie(c.w, gone)
	forgetPictures(c.w)
	if elsewhere != "" {
		return c.json(http.StatusOK, map[string]string{"logout": elsewhere})
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// forgetPictures has the browser drop what it keeps of us: pictures kept for a year are
// of patients, and none stays for the next user. Browsers do so over HTTPS.
func forgetPictures(w http.ResponseWriter) { w.Header().Set("Clear-Site-Data", `"cache"`) }

// cookie is a session cookie: Secure whenever the browser came by HTTPS, be it
// through a proxy that says so.
func (s *server) cookie(r *http.Request, secret string) *http.Cookie {
	return &http.Cookie{
		Name: sessionCookie, Value: secret, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode,
		Secure: encrypted(r),
	}
}

// encrypted reports whether the browser came by HTTPS, be it through a proxy that
// says so.
func encrypted(r *http.Request) bool {
	return r.TLS != nil || strings.EqualFold(r.Header.Get("X-Forwarded-Proto"), "https")
}

// origin is the address of the pages as the browser has it.
func (s *server) origin(r *http.Request) string {
	if s.Origin != "" {
		return s.Origin
	}
	if encrypted(r) {
		return "https://" + r.Host
	}
	return "http://" + r.Host
}

// party is whom passkeys are made for.
func (s *server) party(r *http.Request) identity.Party {
	origin := s.origin(r)
	u, err := url.Parse(origin)
	if err != nil {
		return identity.Party{Origin: origin}
	}
	return identity.Party{Host: u.Hostname(), Origin: origin}
}

type meView struct {
	UserID   string            `json:"userId"`
	Login    string            `json:"login"`
	Name     string            `json:"name"`
	NameEn   string            `json:"nameEn"`
	Role     identity.Role     `json:"role"`
	Desk     string            `json:"desk"` // reading, hospital, coordination: where the pages begin
	Rights   []identity.Action `json:"rights"`
	Needs    []identity.Need   `json:"needs"` // steps before the session opens anything
	License  string            `json:"license,omitempty"`
	Facility *named            `json:"facility"`
	Panels   []named           `json:"panels"`
	Helps    []string          `json:"helps"` // engines of the house: dictation, drafting
	Version  string            `json:"version"`
	CopyOf   string            `json:"copyOf,omitempty"` // RFC 3339: a copy of that time is shown, for reading only
}

// named is anything with a name in both languages.
type named struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	NameEn string `json:"nameEn"`
}

// me answers who the principal is.
func (s *server) me(c *call) error {
	ctx, tx := c.r.Context(), s.DB.Read(c.r.Context())
	view := meView{
		UserID: c.who.UserID, Login: c.who.Login, Name: c.who.Name, NameEn: c.who.NameEn, Role: c.who.Role,
		Desk: c.who.Role.Desk(), Rights: identity.RightsOf(c.who.Role), Needs: append([]identity.Need{}, c.who.Needs...), License: c.who.License, Panels: []named{}, Helps: s.helps(), Version: s.Version, CopyOf: s.copyText(),
	}
	if c.who.FacilityID != "" {
		f, err := worklist.FacilityByID(ctx, tx, c.who.FacilityID)
		if err != nil {
			return err
		}
		view.Facility = &named{ID: f.ID, Name: f.Name, NameEn: f.NameEn}
	}
	for _, id := range c.who.PanelIDs {
		p, err := worklist.PanelByID(ctx, tx, id)
		if err != nil {
			return err
		}
		view.Panels = append(view.Panels, named{ID: p.ID, Name: p.Name, NameEn: p.NameEn})
	}
	return c.json(http.StatusOK, view)
}

// audit writes a record that stands for itself. Acts that change rows write
// theirs in the same transaction instead.
func (s *server) audit(c *call, r audit.Record) {
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error { return audit.Append(ctx, tx, r) })
	if err != nil {
		s.Log.ErrorContext(c.r.Context(), "audit record not written", "action", r.Action, "error", err)
	}
}
