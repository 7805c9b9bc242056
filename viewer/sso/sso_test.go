package sso_test

import (
	"crypto/rand"
	"errors"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"github.com/dokuei/dokuei/internal/outbound"
	"github.com/dokuei/dokuei/viewer/sso"
	"github.com/dokuei/dokuei/viewer/sso/ssotest"
)

const back = "https://dokuei.example/api/v1/sso/kaifu/callback"

func provider(t *testing.T, i *ssotest.Issuer, more string) *sso.Provider {
	t.Helper()
	list, err := sso.Load(i.File(t, "kaifu", more))
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

// visit is the person's way through the provider; it gives what comes back.
func visit(t *testing.T, i *ssotest.Issuer, p *sso.Provider, nonce, verifier string) url.Values {
	t.Helper()
	to, err := p.Begin(t.Context(), back, rand.Text()+rand.Text(), nonce, verifier)
	if err != nil {
		t.Fatal(err)
	}
	browser := i.Client()
	browser.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, to, nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := browser.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	u, err := res.Location()
	if err != nil || !strings.HasPrefix(u.String(), back+"?") {
		t.Fatalf("%d to %v: %v", res.StatusCode, u, err)
	}
	return u.Query()
}

// What a provider says is believed when all of it is right, and two factors are what
// the entry says.
func TestAnswers(t *testing.T) {
	t.Parallel()
	i := ssotest.New(t)
	p := provider(t, i, "  second_factor: {amr: [mfa, hwk], acr: [urn:hospital:two]}\n")
	hour := time.Now().Add(-time.Hour).Unix()
	for name, c := range map[string]struct {
		claims  map[string]any
		factors int // 0: refused
	}{
		"one factor":             {map[string]any{"sub": "s1"}, 1},
		"amr that counts":        {map[string]any{"sub": "s1", "amr": []string{"pwd", "mfa"}}, 2},
		"amr that does not":      {map[string]any{"sub": "s1", "amr": []string{"pwd", "otp"}}, 1},
		"acr that counts":        {map[string]any{"sub": "s1", "acr": "urn:hospital:two"}, 2},
		"acr that does not":      {map[string]any{"sub": "s1", "acr": "0"}, 1},
		"for somebody else":      {map[string]any{"sub": "s1", "aud": "other"}, 0},
		"for more, and not us":   {map[string]any{"sub": "s1", "aud": []string{"dokuei", "other"}, "azp": "other"}, 0},
		"of another issuer":      {map[string]any{"sub": "s1", "iss": "https://evil.example"}, 0},
		"too old":                {map[string]any{"sub": "s1", "exp": hour}, 0},
		"of another sign-on":     {map[string]any{"sub": "s1", "nonce": "x"}, 0},
		"without a nonce":        {map[string]any{"sub": "s1", "nonce": ""}, 0},
		"of nobody":              {map[string]any{"sub": ""}, 0},
		"amr of the wrong shape": {map[string]any{"sub": "s1", "amr": 5}, 0},
	} {
		i.Be(c.claims)
		nonce, verifier := rand.Text()+rand.Text(), oauth2.GenerateVerifier()
		q := visit(t, i, p, nonce, verifier)
		a, err := p.Finish(t.Context(), back, q.Get("code"), q.Get("iss"), nonce, verifier)
		switch {
		case c.factors == 0 && !errors.Is(err, sso.ErrRefused):
			t.Errorf("%s: %v", name, err)
		case c.factors > 0 && (err != nil || a.Factors != c.factors || a.Subject != "s1" || a.Issuer != i.URL):
			t.Errorf("%s: %+v %v", name, a, err)
		}
	}
	i.Be(map[string]any{"sub": "s1"})
	nonce, verifier := rand.Text()+rand.Text(), oauth2.GenerateVerifier()
	q := visit(t, i, p, nonce, verifier)
	if _, err := p.Finish(t.Context(), back, q.Get("code"), "https://evil.example", nonce, verifier); !errors.Is(err, sso.ErrRefused) {
		t.Errorf("an answer that says it is of another issuer: %v", err)
	}
	if _, err := p.Finish(t.Context(), back, q.Get("code"), "", nonce, oauth2.GenerateVerifier()); !errors.Is(err, sso.ErrRefused) {
		t.Errorf("a stolen code: %v", err)
	}
	if _, err := p.Finish(t.Context(), back, q.Get("code"), "", nonce, verifier); !errors.Is(err, sso.ErrRefused) {
		t.Errorf("a code that was used: %v", err)
	}
	if to, err := url.Parse(p.Logout(t.Context(), "hint", "https://dokuei.example/")); err != nil || to.Query().Get("id_token_hint") != "hint" || to.Query().Get("post_logout_redirect_uri") != "https://dokuei.example/" {
		t.Error(to, err)
	}
}

// A provider that is down keeps nobody out who does not need it.
func TestProviderIsDown(t *testing.T) {
	t.Parallel()
	i := ssotest.New(t)
	p := provider(t, i, "")
	i.Close()
	if _, err := p.Begin(t.Context(), back, "s", "n", "v"); err == nil {
		t.Error("begun")
	}
	if to := p.Logout(t.Context(), "", back); to != "" {
		t.Error(to)
	}
}

// An issuer at a link-local address is not asked.
func TestForbiddenIssuer(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sso.yaml")
	entry := "- {id: kaifu, facility: kaifu, name: 海部, issuer: 'https://169.254.169.254', client_id: dokuei}\n"
	if err := os.WriteFile(file, []byte(entry), 0o600); err != nil {
		t.Fatal(err)
	}
	list, err := sso.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := list[0].Begin(t.Context(), back, "s", "n", "v"); !errors.Is(err, outbound.ErrForbidden) {
		t.Error(err)
	}
}

func TestLoad(t *testing.T) {
	t.Parallel()
	good := "- {id: kaifu, facility: kaifu, name: 海部, issuer: 'https://a.example', client_id: dokuei}\n"
	for want, text := range map[string]string{
		"":                    good,
		"another of this ID":  good + good,
		"not found in type":   strings.Replace(good, "client_id", "client-id", 1),
		"https address":       strings.Replace(good, "https://a", "http://a", 1),
		"is the ID of a hosp": strings.Replace(good, "facility: kaifu", "facility: ''", 1),
		"are needed":          strings.Replace(good, "name: 海部, ", "", 1),
		"id has lower":        strings.Replace(good, "id: kaifu", "id: ../x", 1),
		"no such file":        strings.Replace(good, "client_id", "client_secret_file: missing, client_id", 1),
	} {
		path := filepath.Join(t.TempDir(), "sso.yaml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := sso.Load(path)
		if (want == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}
