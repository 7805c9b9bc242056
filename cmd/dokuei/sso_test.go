package main

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/viewer/sso/ssotest"
)

// signOn goes through a hospital's sign-on in a browser without the browser, and gives
// where it ends.
func (u *user) signOn(t *testing.T, i *ssotest.Issuer, provider, invitation string) string {
	t.Helper()
	var out struct{ Location string }
	u.must("POST", "/sso/"+provider, map[string]string{"invitation": invitation}, &out)
	return u.comeBack(t, visitIssuer(t, i, out.Location))
}

// visitIssuer gives where the provider sends the browser.
func visitIssuer(t *testing.T, i *ssotest.Issuer, to string) string {
	t.Helper()
	there := i.Client()
	there.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, body, err := fetch(t, there, to)
	if err != nil || res.StatusCode != http.StatusFound {
		t.Fatalf("the provider answers %v %v: %s", res, err, body)
	}
	return res.Header.Get("Location")
}

func (u *user) comeBack(t *testing.T, to string) string {
	t.Helper()
	here := *u.http
	here.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res, body, err := fetch(t, &here, to, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate")
	if err != nil || res.StatusCode != http.StatusSeeOther {
		t.Fatalf("back: %v %v: %s", res, err, body)
	}
	return res.Header.Get("Location")
}

// A hospital's sign-on opens the accounts of that hospital that were linked to it, by
// an invitation or by a coordinator, and nothing else.
func TestSingleSignOn(t *testing.T) {
	t.Parallel()
	i := ssotest.New(t)
	s := serve(t, newData(t, network), "--sso", i.File(t, "minami", "  second_factor: {amr: [mfa]}\n"))
	coord := s.signIn(t, "coord", "a password for tests")
	person := func(login, facility string) (id, secret string) {
		var made struct {
			ID         string
			Invitation struct{ Link string }
		}
		coord.must("POST", "/people", map[string]string{"login": login, "name": "研修 太郎", "nameEn": "", "role": "technologist", "facility": facility, "license": "", "email": "sato@hospital.example"}, &made)
		_, secret, _ = strings.Cut(made.Invitation.Link, "/invitation/")
		return made.ID, secret
	}
	techID, techLink := person("tech", "minami")
	_, kitaLink := person("kita-tech", "kita")

	t.Run("the list", func(t *testing.T) {
		var list []struct{ ID, Name, Facility string }
		s.visitor(t).must("GET", "/sso", nil, &list)
		if len(list) != 1 || list[0].ID != "minami" || list[0].Facility != "minami" {
			t.Errorf("%+v", list)
		}
	})
	t.Run("nobody is linked yet", func(t *testing.T) {
		i.Be(map[string]any{"sub": "s-tech", "email": "sato@hospital.example"}) // the address of an account opens nothing
		u := s.visitor(t)
		if at := u.signOn(t, i, "minami", ""); at != "/#/sso-failed/sso_unknown" {
			t.Error(at)
		}
		if status := u.call("GET", "/session", nil, nil); status != 401 {
			t.Errorf("status %d", status)
		}
	})
	t.Run("an invitation of another hospital", func(t *testing.T) {
		if at := s.visitor(t).signOn(t, i, "minami", kitaLink); at != "/#/sso-failed/sso_unknown" {
			t.Error(at)
		}
		var whose struct{ SSO []any }
		s.visitor(t).must("POST", "/invitation", map[string]string{"invitation": kitaLink}, &whose)
		if len(whose.SSO) != 0 {
			t.Error("the sign-on of another hospital is offered")
		}
	})
	t.Run("by invitation", func(t *testing.T) {
		u := s.visitor(t)
		if at := u.signOn(t, i, "minami", techLink); at != "/" {
			t.Fatal(at)
		}
		var me struct {
			Login    string
			Needs    []string
			Facility struct{ ID string }
		}
		u.must("GET", "/session", nil, &me)
		if me.Login != "tech" || me.Facility.ID != "minami" || len(me.Needs) != 0 {
			t.Errorf("%+v", me)
		}
		if at := s.visitor(t).signOn(t, i, "minami", ""); at != "/" {
			t.Error("the second time:", at)
		}
		if status := s.visitor(t).call("POST", "/invitation", map[string]string{"invitation": techLink}, nil); status != 410 {
			t.Errorf("the invitation is still good: %d", status)
		}
		var devices struct{ Devices []struct{ Method string } }
		u.must("GET", "/account", nil, &devices)
		if len(devices.Devices) != 2 || devices.Devices[0].Method != "sso" {
			t.Errorf("%+v", devices)
		}
		// Signing out ends the session there, too.
		status, body, _ := u.raw("DELETE", "/session", nil)
		var out struct{ Logout string }
		if err := json.Unmarshal(body, &out); err != nil || status != 200 {
			t.Fatal(status, string(body))
		}
		if back := visitIssuer(t, i, out.Logout); back != s.HTTP+"/" || len(i.Ended) != 1 || i.Ended[0].Get("id_token_hint") == "" {
			t.Errorf("back to %s, ended %v", back, i.Ended)
		}
		if status := u.call("GET", "/session", nil, nil); status != 401 {
			t.Errorf("status %d after signing out", status)
		}
	})
	t.Run("by a coordinator", func(t *testing.T) {
		i.Be(map[string]any{"sub": "s-ward", "amr": []string{"mfa"}})
		id, link := person("ward", "minami")
		coord.must("PUT", "/people/"+id+"/sso", map[string]string{"provider": "minami", "subject": "s-ward"}, nil)
		if at := s.visitor(t).signOn(t, i, "minami", ""); at != "/" {
			t.Error(at)
		}
		if status := coord.call("PUT", "/people/"+techID+"/sso", map[string]string{"provider": "minami", "subject": "s-ward"}, nil); status != 409 {
			t.Errorf("two accounts for one person: %d", status)
		}
		kitaID, _ := person("kita-ward", "kita")
		if status := coord.call("PUT", "/people/"+kitaID+"/sso", map[string]string{"provider": "minami", "subject": "x"}, nil); status != 422 {
			t.Errorf("an account of another hospital: %d", status)
		}
		coord.must("DELETE", "/people/"+id+"/sso", nil, nil)
		if at := s.visitor(t).signOn(t, i, "minami", ""); at != "/#/sso-failed/sso_unknown" {
			t.Error("after it was unlinked:", at)
		}
		_ = link
	})
	t.Run("answers of others", func(t *testing.T) {
		i.Be(map[string]any{"sub": "s-tech"})
		begun, other := s.visitor(t), s.visitor(t)
		var out struct{ Location string }
		begun.must("POST", "/sso/minami", map[string]string{}, &out)
		back := visitIssuer(t, i, out.Location)
		if at := other.comeBack(t, back); at != "/#/sso-failed/sso_lost" { // session fixation: my answer in your browser
			t.Error(at)
		}
		u, err := url.Parse(back)
		if err != nil {
			t.Fatal(err)
		}
		q := u.Query()
		q.Set("state", "other")
		u.RawQuery = q.Encode()
		if at := begun.comeBack(t, u.String()); at != "/#/sso-failed/sso_lost" {
			t.Error(at)
		}
		begun.must("POST", "/sso/minami", map[string]string{}, &out)
		denied := s.HTTP + "/api/v1/sso/minami/callback?error=access_denied&state=" + url.QueryEscape(stateOf(t, out.Location))
		if at := begun.comeBack(t, denied); at != "/#/sso-failed/sso_failed" {
			t.Error(at)
		}
		begun.must("POST", "/sso/minami", map[string]string{}, &out)
		back = visitIssuer(t, i, out.Location)
		if at := begun.comeBack(t, back); at != "/" {
			t.Error(at)
		}
		if at := begun.comeBack(t, back); at != "/#/sso-failed/sso_lost" {
			t.Error("an answer twice:", at)
		}
	})
	t.Run("no hospital", func(t *testing.T) {
		if status := s.visitor(t).call("POST", "/sso/kita", map[string]string{}, nil); status != 404 {
			t.Errorf("status %d", status)
		}
	})
	if text := s.log.String(); strings.Contains(text, "s-tech") || strings.Contains(text, "sato@hospital") {
		t.Error("the log names people")
	}
	mustRun(t, "audit", "verify", "--data", s.Data)
}

func stateOf(t *testing.T, location string) string {
	t.Helper()
	u, err := url.Parse(location)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query().Get("state")
}
