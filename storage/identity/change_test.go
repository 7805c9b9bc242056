package identity_test

import (
	"errors"
	"testing"

	"github.com/dokuei/dokuei/storage/identity"
)

func TestChangePassword(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	here, elsewhere := h.signIn(), h.signIn()
	const next = "another long password"
	change := func(secret, current, next string) error {
		return h.gate.ChangePassword(h.Context(), secret, current, next, "192.0.2.1")
	}
	for name, tc := range map[string]struct {
		secret, current, next string
		want                  error
	}{
		"no session":    {"nothing", password, next, identity.ErrUnauthenticated},
		"short":         {here, password, "short", identity.ErrWeakPassword},
		"wrong current": {here, "wrong", next, identity.ErrBadCredentials},
	} {
		if err := change(tc.secret, tc.current, tc.next); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", name, err, tc.want)
		}
	}
	if !h.valid(elsewhere) {
		t.Error("a refused change ended a session")
	}
	h.must(change(here, password, next))
	if !h.valid(here) || h.valid(elsewhere) {
		t.Error("the session of the change goes on and others end")
	}
	if _, _, err := h.gate.SignIn(h.Context(), "sato", password, "192.0.2.1"); !errors.Is(err, identity.ErrBadCredentials) {
		t.Errorf("the old password: %v", err)
	}
	if _, _, err := h.gate.SignIn(h.Context(), "sato", next, "192.0.2.1"); err != nil {
		t.Errorf("the new password: %v", err)
	}

	// Guessing is slowed down, and then even the right one has to wait.
	var slow *identity.SlowDownError
	for range 10 {
		if err := change(here, "wrong", next); errors.As(err, &slow) {
			break
		}
	}
	if slow == nil {
		t.Fatal("ten wrong passwords were never slowed down")
	}
	if err := change(here, next, password+" again"); !errors.As(err, &slow) {
		t.Errorf("while waiting: %v", err)
	}
	h.pass(slow.RetryAfter)
	h.must(change(here, next, password+" again"))
}
