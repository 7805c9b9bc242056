package api_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/api"
)

// Signatures, and what widens what somebody may see, ask for a proof that is not old;
// looking asks for none.
func TestChangesAskForProof(t *testing.T) {
	t.Parallel()
	var late atomic.Bool
	h := open(t, pages, func(d *api.Deps) {
		d.Gate = identity.NewGate(d.DB, identity.Options{Proof: 5 * time.Minute, Idle: time.Hour, Now: func() time.Time {
			if late.Load() {
				return db.Now().Add(6 * time.Minute)
			}
			return db.Now()
		}})
	})
	s := h.SendStudy(t, "kaifu", "P1", 1)
	study, none := "/api/v1/studies/"+s.StudyID, db.NewID()
	changes := []struct{ login, method, path string }{
		{"coord", "POST", "/api/v1/links"},
		{"coord", "POST", "/api/v1/links/" + none + "/review"},
		{"coord", "POST", "/api/v1/links/" + none + "/end"},
		{"kaifu", "POST", study + "/consents"},
		{"coord", "POST", "/api/v1/deletions/" + none + "/approve"},
		{"admin", "POST", "/api/v1/tokens"},
		{"sato", "POST", "/api/v1/workitems/" + none + "/sign"},
	}
	for _, c := range changes {
		h.as(t, c.login)
	}
	late.Store(true)
	for _, c := range changes {
		h.as(t, c.login).do(c.method, c.path, map[string]any{}).want(403, "reauthenticate")
	}
	h.as(t, "coord").do("GET", "/api/v1/links", nil).want(200, "")
	h.as(t, "kaifu").do("GET", study+"/consents", nil).want(200, "")
	for _, c := range changes {
		v := h.as(t, c.login)
		v.do("POST", "/api/v1/session/proof", map[string]string{"password": reportstest.Password})
		if a := v.do(c.method, c.path, map[string]any{}); a.Status == 403 {
			t.Errorf("%s %s asks again: %s", c.method, c.path, a.Body)
		}
	}
}
