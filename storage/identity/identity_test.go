package identity_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
)

const password = "correct horse battery"

// cheap is a hash of password at the least cost, which VerifyPassword reads from it.
func cheap() string {
	salt := []byte("0123456789abcdef")
	key := argon2.IDKey([]byte(password), salt, 1, 8, 1, 32)
	return fmt.Sprintf("$argon2id$v=19$m=8,t=1,p=1$%s$%s", base64.RawStdEncoding.EncodeToString(salt), base64.RawStdEncoding.EncodeToString(key))
}

type house struct {
	*testing.T
	db   *db.DB
	gate *identity.Gate
	mu   sync.Mutex
	now  time.Time
	sato string
}

func newHouse(t *testing.T) *house {
	t.Helper()
	return houseOn(t, dbtest.Open(t, filepath.Join(t.TempDir(), "i.db")))
}

func houseOn(t *testing.T, d *db.DB) *house {
	t.Helper()
	h := &house{T: t, db: d, now: time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)}
	h.gate = identity.NewGate(d, identity.Options{Idle: 30 * time.Minute, Absolute: 12 * time.Hour, Now: func() time.Time {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.now
	}})
	h.write(func(ctx context.Context, tx db.Tx) (err error) {
		if h.sato, err = identity.CreateUser(ctx, tx, identity.User{Login: "sato", Name: "佐藤 花子", Role: identity.Reader, License: "123", PasswordHash: cheap()}); err != nil {
			return err
		}
		return identity.SetPanels(ctx, tx, h.sato, []string{"npo", "night", "npo"})
	})
	return h
}

func (h *house) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatal(err)
	}
}

func (h *house) write(fn func(ctx context.Context, tx db.Tx) error) {
	h.Helper()
	h.must(h.db.Write(h.Context(), fn))
}

func (h *house) pass(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(d)
}

func (h *house) signIn() string {
	h.Helper()
	secret, _, err := h.gate.SignIn(h.Context(), "sato", password, "192.0.2.1")
	h.must(err)
	return secret
}

func (h *house) valid(secret string) bool {
	h.Helper()
	_, err := h.gate.Authenticate(h.Context(), secret)
	if err != nil && !errors.Is(err, identity.ErrUnauthenticated) {
		h.Fatal(err)
	}
	return err == nil
}

// TestEngines is what depends on the database, on each of them.
func TestEngines(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		for name, test := range map[string]func(t *testing.T, h *house){
			"sign-in": signIn, "session limits": sessionLimits, "back-off": backOff, "back-off of a neighbourhood": backOffNeighbourhood, "back-off beside others": backOffBesideOthers, "passkey of a held address": passkeyOfAHeldAddress, "tokens": tokens, "users": users,
		} {
			t.Run(name, func(t *testing.T) { test(t, houseOn(t, open(t))) })
		}
	})
}

func users(t *testing.T, h *house) {
	h.write(func(ctx context.Context, tx db.Tx) error {
		_, err := identity.CreateUser(ctx, tx, identity.User{Login: "kaifu", Role: identity.Hospital, FacilityID: "kaifu"})
		return err
	})
	for role, want := range map[identity.Role]int{"": 2, identity.Reader: 1, identity.Admin: 0} {
		list, err := identity.Users(t.Context(), h.db.Read(t.Context()), role)
		if err != nil || len(list) != want {
			t.Errorf("%q: %d users, %v", role, len(list), err)
		}
	}
	members, err := identity.MembersOf(t.Context(), h.db.Read(t.Context()), "npo")
	if err != nil || len(members) != 1 || members[0] != h.sato {
		t.Errorf("%v %v", members, err)
	}
	for _, bad := range []identity.User{{Login: "", Role: identity.Reader}, {Login: "x", Role: "owner"}, {Login: "x", Role: identity.Hospital}, {Login: "sato", Role: identity.Reader}} {
		err := h.db.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := identity.CreateUser(ctx, tx, bad)
			return err
		})
		if err == nil {
			t.Errorf("%+v is taken", bad)
		}
	}
}

func signIn(t *testing.T, h *house) {
	secret, p, err := h.gate.SignIn(t.Context(), "sato", password, "192.0.2.1")
	h.must(err)
	if p.UserID != h.sato || p.Role != identity.Reader || strings.Join(p.PanelIDs, ",") != "night,npo" || p.License != "123" || p.Kind != identity.KindSession {
		t.Errorf("%+v", p)
	}
	again, err := h.gate.Authenticate(t.Context(), secret)
	h.must(err)
	if again.UserID != h.sato || len(again.PanelIDs) != 2 {
		t.Errorf("%+v", again)
	}
	var kept string
	h.must(h.db.Read(t.Context()).QueryRowContext(t.Context(), `SELECT token_hash FROM sessions`).Scan(&kept))
	if strings.Contains(kept, secret) || len(secret) < 40 {
		t.Error("the session's secret is in the database")
	}
	h.must(h.gate.SignOut(t.Context(), secret))
	if h.valid(secret) {
		t.Error("signed out and still in")
	}
	if n, err := audit.Verify(t.Context(), h.db.Read(t.Context())); n != 2 || err != nil {
		t.Errorf("%d audit records, %v", n, err)
	}
}

func sessionLimits(t *testing.T, h *house) {
	idle := h.signIn()
	h.pass(29 * time.Minute)
	if !h.valid(idle) {
		t.Error("ended before its time")
	}
	h.pass(29 * time.Minute)
	if !h.valid(idle) {
		t.Error("use did not keep it alive")
	}
	h.pass(30 * time.Minute)
	if h.valid(idle) {
		t.Error("alive after the idle limit")
	}
	busy := h.signIn()
	for range 12 * 4 {
		if !h.valid(busy) {
			t.Fatal("ended before the absolute limit")
		}
		h.pass(15 * time.Minute)
	}
	if h.valid(busy) {
		t.Error("alive after the absolute limit")
	}
}

func TestRevocation(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(h *house, ctx context.Context, tx db.Tx) error{
		"revoked": func(h *house, ctx context.Context, tx db.Tx) error { return identity.RevokeSessions(ctx, tx, h.sato) },
		"disabled": func(h *house, ctx context.Context, tx db.Tx) error {
			u, err := identity.UserByID(ctx, tx, h.sato)
			u.Disabled = true
			return errors.Join(err, identity.UpdateUser(ctx, tx, u))
		},
		"new password": func(h *house, ctx context.Context, tx db.Tx) error {
			return identity.SetPassword(ctx, tx, h.sato, "$other", false)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			secret := h.signIn()
			h.write(func(ctx context.Context, tx db.Tx) error { return end(h, ctx, tx) })
			if h.valid(secret) {
				t.Error("still in")
			}
		})
	}
}

func TestRefusalIsUniform(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.write(func(ctx context.Context, tx db.Tx) error {
		_, err := identity.CreateUser(ctx, tx, identity.User{Login: "nopass", Role: identity.Reader})
		return err
	})
	for _, c := range [][2]string{{"sato", "wrong"}, {"nobody", password}, {"nopass", ""}, {"", ""}, {"sato", strings.Repeat("x", 1<<20)}} {
		_, _, err := h.gate.SignIn(t.Context(), c[0], c[1], "192.0.2.7")
		if !errors.Is(err, identity.ErrBadCredentials) {
			t.Errorf("%s: %v", c[0], err)
		}
	}
	for _, secret := range []string{"", "x", "dk_", "dk_x", "' OR 1=1 --"} {
		if h.valid(secret) {
			t.Errorf("%q is a session", secret)
		}
	}
}

func backOff(t *testing.T, h *house) {
	try := func(address string) error {
		_, _, err := h.gate.SignIn(t.Context(), "sato", "wrong", address)
		return err
	}
	var slow *identity.SlowDownError
	var waits []time.Duration
	for range 3 {
		if err := try("192.0.2.9"); !errors.Is(err, identity.ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	for range 12 {
		if err := try("192.0.2.9"); !errors.As(err, &slow) {
			t.Fatal(err)
		}
		waits = append(waits, slow.RetryAfter)
		h.pass(slow.RetryAfter)
		if err := try("192.0.2.9"); !errors.Is(err, identity.ErrBadCredentials) {
			t.Fatal(err)
		}
	}
	if waits[0] != time.Second || waits[1] != 2*time.Second || waits[11] != 5*time.Minute {
		t.Errorf("waits: %v", waits)
	}
	if _, _, err := h.gate.SignIn(t.Context(), "sato", password, "192.0.2.9"); !errors.As(err, &slow) {
		t.Errorf("the right password skips the wait: %v", err)
	}
	h.signIn() // the owner, elsewhere, is not locked out
}

// An address of IPv6 is one of as many as its owner likes: its /64 counts.
func backOffNeighbourhood(t *testing.T, h *house) {
	var slow *identity.SlowDownError
	for n := range 4 {
		_, _, err := h.gate.SignIn(t.Context(), "sato", "wrong", fmt.Sprintf("2001:db8:1:2::%x", n+1))
		if errors.As(err, &slow) != (n == 3) {
			t.Errorf("try %d: %v", n+1, err)
		}
	}
	if _, _, err := h.gate.SignIn(t.Context(), "sato", password, "2001:db8:1:3::1"); err != nil {
		t.Errorf("the owner next door: %v", err)
	}
}

// Who guesses behind a hospital's address cannot keep those out who come in there every
// day; those nobody has seen there wait.
func backOffBesideOthers(t *testing.T, h *house) {
	const hospital = "192.0.2.77"
	if _, _, err := h.gate.SignIn(t.Context(), "sato", password, hospital); err != nil {
		t.Fatal(err)
	}
	h.pass(48 * time.Hour)
	var slow *identity.SlowDownError
	for n := 0; !errors.As(func() error {
		_, _, err := h.gate.SignIn(t.Context(), fmt.Sprint("guess", n), "wrong", hospital)
		return err
	}(), &slow); n++ {
		if n > 40 {
			t.Fatal("nothing slows a guesser down")
		}
	}
	if _, _, err := h.gate.SignIn(t.Context(), "sato", password, hospital); err != nil {
		t.Errorf("who comes in there: %v", err)
	}
	h.pass(100 * 24 * time.Hour)
	for n := 0; n < 40; n++ {
		_, _, _ = h.gate.SignIn(t.Context(), fmt.Sprint("again", n), "wrong", hospital)
	}
	if _, _, err := h.gate.SignIn(t.Context(), "sato", password, hospital); !errors.As(err, &slow) {
		t.Errorf("who has not been there for long: %v", err)
	}
}

func TestParallelGuesses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var looked atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			if _, _, err := h.gate.SignIn(t.Context(), "sato", "wrong", "192.0.2.9"); errors.Is(err, identity.ErrBadCredentials) {
				looked.Add(1)
			}
		})
	}
	wg.Wait()
	if n := looked.Load(); n > 3 {
		t.Errorf("%d passwords were looked at", n)
	}
}

func TestAnAddressWithManyPeople(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for range 40 {
		h.signIn()
	}
}

func tokens(t *testing.T, h *house) {
	var secret string
	var made identity.Token
	h.write(func(ctx context.Context, tx db.Tx) (err error) {
		secret, made, err = identity.CreateToken(ctx, tx, identity.Token{Name: "ris", Role: identity.Service, FacilityID: "kaifu", ExpiresAt: h.now.Add(time.Hour)})
		return err
	})
	p, err := h.gate.Authenticate(t.Context(), secret)
	h.must(err)
	if p.Role != identity.Service || p.FacilityID != "kaifu" || p.Kind != identity.KindToken || !strings.HasPrefix(secret, "dk_") {
		t.Errorf("%+v", p)
	}
	h.pass(time.Hour)
	if h.valid(secret) {
		t.Error("valid after its end")
	}
	h.pass(-time.Hour)
	h.write(func(ctx context.Context, tx db.Tx) error { return identity.RevokeToken(ctx, tx, made.ID) })
	if h.valid(secret) {
		t.Error("valid after its revocation")
	}
	list, err := identity.Tokens(t.Context(), h.db.Read(t.Context()))
	if err != nil || len(list) != 1 || list[0].RevokedAt.IsZero() {
		t.Errorf("%+v %v", list, err)
	}
	err = h.db.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, _, err := identity.CreateToken(ctx, tx, identity.Token{Role: identity.Service})
		return err
	})
	if err == nil {
		t.Error("a token of a hospital without a hospital")
	}
}

func TestPasswordHash(t *testing.T) {
	t.Parallel()
	hash, err := identity.HashPassword(password)
	if err != nil || !strings.HasPrefix(hash, "$argon2id$v=19$m=32768,t=3,p=1$") {
		t.Fatal(hash, err)
	}
	if !identity.VerifyPassword(hash, password) || identity.VerifyPassword(hash, password+" ") {
		t.Error("verify")
	}
	for _, bad := range []string{"", "x", "$argon2id$v=19$m=32768,t=3,p=1$$", "$argon2id$v=19$m=4294967295,t=1,p=1$AAAA$" + strings.Repeat("A", 43), strings.Replace(hash, "p=1", "p=0", 1), strings.Replace(hash, "argon2id", "argon2i", 1)} {
		if identity.VerifyPassword(bad, password) {
			t.Errorf("%q matches", bad)
		}
	}
	if identity.CheckPassword("sato", "short", false) == nil || identity.CheckPassword("sato", password, false) != nil {
		t.Error("length")
	}
	a, b := identity.RandomPassword(), identity.RandomPassword()
	if a == b || len(a) != 23 || identity.CheckPassword("sato", a, false) != nil {
		t.Errorf("random passwords %q %q", a, b)
	}
}
