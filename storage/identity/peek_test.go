package identity_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Looking at a session does not keep it alive; using it does.
func TestPeekDoesNotProlong(t *testing.T) {
	t.Parallel()
	d, err := db.Open(t.Context(), filepath.Join(t.TempDir(), "dokuei.db"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	now := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	gate := identity.NewGate(d, identity.Options{Idle: 10 * time.Minute, Now: func() time.Time { return now }})
	const password = "correct horse battery"
	hash, err := identity.HashPassword(password)
	if err != nil {
		t.Fatal(err)
	}
	err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := identity.CreateUser(ctx, tx, identity.User{Login: "sato", Name: "佐藤", Role: identity.Reader, PasswordHash: hash})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	secret, _, err := gate.SignIn(t.Context(), "sato", password, "192.0.2.1")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		now = now.Add(9 * time.Minute)
		if _, err := gate.Authenticate(t.Context(), secret); err != nil {
			t.Fatalf("a session in use ended: %v", err)
		}
	}
	for range 3 {
		now = now.Add(3 * time.Minute)
		if p, err := gate.Peek(t.Context(), secret); err != nil || p.Login != "sato" {
			t.Fatalf("%+v, %v", p, err)
		}
	}
	now = now.Add(2 * time.Minute)
	if _, err := gate.Peek(t.Context(), secret); !errors.Is(err, identity.ErrUnauthenticated) {
		t.Errorf("a session that was only looked at lives on: %v", err)
	}
}
