package api_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports/reportstest"
)

// First passwords are handed out; everybody can take another.
func TestChangePassword(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	const path, next = "/api/v1/session/password", "夜間当直の合言葉は長くする"
	change := func(v *visitor, current, next string) *answer {
		return v.do("POST", path, map[string]string{"current": current, "new": next})
	}
	v := h.as(t, "sato")
	secret, _, err := h.gate.SignIn(t.Context(), "sato", reportstest.Password, "192.0.2.7")
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := h.anonymous(t)
	elsewhere.cookie = secret

	change(v, reportstest.Password, "short").want(422, "weak_password")
	change(v, reportstest.Password, strings.Repeat("x", 2000)).want(422, "weak_password")
	change(v, reportstest.Password, reportstest.Password).want(422, "same_password")
	change(v, "wrong", next).want(403, "bad_password")
	change(v, reportstest.Password, next).want(204, "")
	v.do("GET", "/api/v1/session", nil).want(200, "")
	elsewhere.do("GET", "/api/v1/session", nil).want(401, "unauthenticated")
	door := h.anonymous(t)
	door.do("POST", "/api/v1/session", map[string]string{"login": "sato", "password": reportstest.Password}).want(401, "bad_credentials")
	door.do("POST", "/api/v1/session", map[string]string{"login": "sato", "password": next}).want(200, "")
	if strings.Contains(h.log.String(), next) {
		t.Error("the log has the password")
	}
	for range 10 {
		if a := change(v, "wrong", next+"!"); a.Status == http.StatusTooManyRequests {
			a.want(429, "slow_down")
			return
		}
	}
	t.Error("ten wrong passwords were never slowed down")
}
