package api_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/coder/websocket"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/dicomweb"
)

// takeAway are the ways in which somebody loses what an open stream began with.
var takeAway = map[string]func(ctx context.Context, tx db.Tx, u identity.User) error{
	"every session revoked": func(ctx context.Context, tx db.Tx, u identity.User) error {
		return identity.RevokeSessions(ctx, tx, u.ID)
	},
	"the account disabled": func(ctx context.Context, tx db.Tx, u identity.User) error {
		u.Disabled = true
		return identity.UpdateUser(ctx, tx, u)
	},
	"the right lost": func(ctx context.Context, tx db.Tx, u identity.User) error {
		u.Role, u.FacilityID = identity.Auditor, ""
		return identity.UpdateUser(ctx, tx, u)
	},
}

// lose takes something away from an account.
func (h *house) lose(t *testing.T, login string, how func(context.Context, db.Tx, identity.User) error) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		u, err := identity.UserByLogin(ctx, tx, login)
		if err != nil {
			return err
		}
		return how(ctx, tx, u)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// An open stream of events tells nothing of what happens after its session or right
// has ended; the next piece of news ends it.
func TestEventsEndWithTheRight(t *testing.T) {
	t.Parallel()
	for name, how := range takeAway {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, pages)
			s := h.as(t, "kaifu").listen("")
			h.lose(t, "kaifu", how)
			told(t, s, h.SendStudy(t, "kaifu", "KF-1", 1).StudyID)
		})
	}
	t.Run("signed out", func(t *testing.T) {
		t.Parallel()
		h := open(t, pages)
		v := h.as(t, "kaifu")
		s := v.listen("")
		v.do("DELETE", "/api/v1/session", nil).want(204, "")
		told(t, s, h.SendStudy(t, "kaifu", "KF-1", 1).StudyID)
	})
	t.Run("the token revoked", func(t *testing.T) {
		t.Parallel()
		h := open(t, pages)
		v := h.anonymous(t)
		var token string
		h.lose(t, "kaifu", func(ctx context.Context, tx db.Tx, _ identity.User) error {
			secret, made, err := identity.CreateToken(ctx, tx, identity.Token{Name: "RIS", Role: identity.Service, FacilityID: "kaifu"})
			v.bearer, token = secret, made.ID
			return err
		})
		s := v.listen("")
		h.lose(t, "kaifu", func(ctx context.Context, tx db.Tx, _ identity.User) error {
			return identity.RevokeToken(ctx, tx, token)
		})
		told(t, s, h.SendStudy(t, "kaifu", "KF-1", 1).StudyID)
	})
}

// told reads a stream to its end and fails if study is in it.
func told(t *testing.T, s *listener, study string) {
	t.Helper()
	for s.lines.Scan() {
		s.note(s.lines.Text())
	}
	if s.lines.Err() != nil || strings.Contains(s.all.String(), study) {
		t.Errorf("the stream ended with %v after\n%s", s.lines.Err(), &s.all)
	}
}

// A patient that was opened in an emergency is closed on a stream that is open, too.
func TestEventsOfAnEmergencyThatEnded(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	visitors(t, h)
	first := h.SendStudy(t, "mima", "mima-9", 1)
	doctor := h.as(t, "doc-k")
	doctor.do("POST", "/api/v1/emergencies", map[string]string{
		"facility": "mima", "patientId": "mima-9", "birthDate": "19480305", "reason": "搬送された患者の既往を確認するため",
	}).want(201, "")
	doctor.do("GET", "/api/v1/studies/"+first.StudyID, nil).want(200, "")
	stream := doctor.listen("")
	during := h.SendStudy(t, "mima", "mima-9", 1)
	stream.until(`"kind":"study.complete"`, during.StudyID)
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE emergencies SET expires_at = $1`, db.Micros(db.Now()))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	after := h.SendStudy(t, "mima", "mima-9", 1)
	own := h.SendStudy(t, "kaifu", "KF-1", 1)
	for _, data := range stream.until(`"kind":"study.complete"`, own.StudyID) {
		if strings.Contains(data, after.StudyID) {
			t.Errorf("after its end it is told %s", data)
		}
	}
}

// The event channel of workitems ends like the stream.
func TestEventChannelEndsWithTheRight(t *testing.T) {
	t.Parallel()
	for name, how := range takeAway {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, pages)
			v := h.as(t, "kaifu")
			v.do("POST", dicomweb.Base+"/workitems/1.2.840.10008.5.1.4.34.5/subscribers/RIS", nil).want(201, "")
			channel := v.channel("RIS")
			h.SendStudy(t, "kaifu", "KF-1", 1)
			if _, _, err := channel.Read(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.lose(t, "kaifu", how)
			step := h.step(t, h.SendStudy(t, "kaifu", "KF-2", 1).WorkitemID)
			for {
				_, raw, err := channel.Read(t.Context())
				if strings.Contains(string(raw), step) {
					t.Errorf("told %s", raw)
				}
				var end websocket.CloseError
				if errors.As(err, &end) && end.Code == websocket.StatusPolicyViolation {
					return
				}
				if err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// Who looks along with somebody does so no longer once signed out.
func TestLookEndsWithTheSession(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P1", 3)
	hospital, sato := h.as(t, "kaifu"), h.as(t, "sato")
	path := "/api/v1/rooms/" + s.StudyID + "/look"
	place := func(frame int) map[string]any {
		return map[string]any{"series": db.NewID(), "instance": db.NewID(), "frame": frame, "window": []float64{40, 80}, "view": []float64{1, 32, 32, 0, 0, 0, 0}, "pointer": nil}
	}
	sato.do("POST", "/api/v1/workitems/"+s.WorkitemID+"/claim", map[string]any{}).want(200, "")
	sato.do("POST", path, place(1)).want(200, "")
	hospital.do("POST", path, place(1)).want(200, "")
	stream := hospital.along(path + "/stream")
	if first := <-stream; at(first, "state", "frame") != 1.0 {
		t.Fatalf("the stream begins with %v", first)
	}
	hospital.do("DELETE", "/api/v1/session", nil).want(204, "")
	sato.do("PUT", path, place(7)).want(204, "")
	for one := range stream {
		t.Errorf("signed out, and told %v", one)
	}
}
