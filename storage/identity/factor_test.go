package identity_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

func (h *house) code(secret string) string {
	h.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	c, err := totp.GenerateCode(secret, h.now)
	h.must(err)
	return c
}

func (h *house) who(secret string) identity.Principal {
	h.Helper()
	p, err := h.gate.Authenticate(h.Context(), secret)
	h.must(err)
	return p
}

// generator sets a code generator up in a session.
func (h *house) generator(session string) (secret string, recovery []string) {
	h.Helper()
	made, err := h.gate.BeginGenerator(h.Context(), h.who(session))
	h.must(err)
	u, err := url.Parse(made.URI)
	if err != nil || u.Query().Get("secret") != made.Secret || u.Scheme != "otpauth" {
		h.Fatalf("URI %q: %v", made.URI, err)
	}
	recovery, err = h.gate.ConfirmGenerator(h.Context(), session, h.code(made.Secret))
	h.must(err)
	return made.Secret, recovery
}

func TestCodesAreASecondFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	first := h.signIn()
	if _, err := h.gate.ConfirmGenerator(t.Context(), first, "000000"); !errors.Is(err, identity.ErrNoPending) {
		t.Errorf("nothing begun: %v", err)
	}
	secret, recovery := h.generator(first)
	if len(h.who(first).Needs) != 0 {
		t.Error("the session that set it up has shown both factors")
	}
	h.pass(time.Minute)
	next := h.signIn()
	p := h.who(next)
	if len(p.Needs) != 1 || p.Needs[0] != identity.NeedFactor || identity.Decide(p, identity.ViewStudy, identity.Resource{}).Allowed {
		t.Fatalf("the password alone: %+v", p)
	}
	show := func(session, code string) error { return h.gate.ShowFactor(t.Context(), session, code, "192.0.2.1") }
	if err := show(next, "000000"); !errors.Is(err, identity.ErrBadCode) {
		t.Errorf("wrong code: %v", err)
	}
	code := h.code(secret)
	h.must(show(next, code[:3]+" "+code[3:]))
	if len(h.who(next).Needs) != 0 {
		t.Error("both factors are not enough")
	}
	other := h.signIn()
	if err := show(other, code); !errors.Is(err, identity.ErrBadCode) {
		t.Errorf("a code opened twice: %v", err)
	}
	h.must(show(other, strings.ToUpper(recovery[3])))
	third := h.signIn()
	if err := show(third, recovery[3]); !errors.Is(err, identity.ErrBadCode) {
		t.Errorf("a recovery code opened twice: %v", err)
	}
	f, err := identity.FactorsOf(t.Context(), h.db.Read(t.Context()), h.sato)
	h.must(err)
	if !f.Generator || f.Recovery != len(recovery)-1 {
		t.Errorf("factors: %+v", f)
	}
	var slow *identity.SlowDownError
	for range 10 {
		if err := show(third, "000000"); errors.As(err, &slow) {
			return
		}
	}
	t.Error("ten wrong codes were never slowed down")
}

// Six digits are few: who has the password does not get more tries by coming from more
// addresses, and the owner's right code opens after the wait.
func TestCodesAreCountedFromEverywhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	secret, _ := h.generator(h.signIn())
	h.pass(time.Minute)
	thief := h.signIn()
	var slow *identity.SlowDownError
	for n := 0; ; n++ {
		err := h.gate.ShowFactor(t.Context(), thief, "000000", fmt.Sprintf("198.51.100.%d", n))
		if errors.As(err, &slow) {
			break
		}
		if !errors.Is(err, identity.ErrBadCode) || n > 20 {
			t.Fatalf("try %d from another address: %v", n+1, err)
		}
	}
	h.pass(slow.RetryAfter)
	h.must(h.gate.ShowFactor(t.Context(), h.signIn(), h.code(secret), "192.0.2.1"))
	h.must(h.gate.ShowFactor(t.Context(), h.signIn(), func() string { h.pass(time.Minute); return h.code(secret) }(), "192.0.2.1"))
}

func TestProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.gate = identity.NewGate(h.db, identity.Options{Proof: 5 * time.Minute, Now: func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }})
	s := h.signIn()
	if !h.gate.Fresh(h.who(s)) {
		t.Error("a sign-in is a proof")
	}
	h.pass(6 * time.Minute)
	if h.gate.Fresh(h.who(s)) {
		t.Error("a proof lasts too long")
	}
	if err := h.gate.Prove(t.Context(), s, "wrong", "", "192.0.2.1"); !errors.Is(err, identity.ErrBadCredentials) || h.gate.Fresh(h.who(s)) {
		t.Errorf("wrong password: %v", err)
	}
	if err := h.gate.Prove(t.Context(), s, "", "", "192.0.2.1"); !errors.Is(err, identity.ErrBadCredentials) {
		t.Errorf("nothing shown: %v", err)
	}
	h.must(h.gate.Prove(t.Context(), s, password, "", "192.0.2.1"))
	if !h.gate.Fresh(h.who(s)) {
		t.Error("not proven by the password")
	}
}

func TestPolicyAsksForAFactor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.gate = identity.NewGate(h.db, identity.Options{SecondFactor: identity.Role.Reads, Now: func() time.Time { h.mu.Lock(); defer h.mu.Unlock(); return h.now }})
	s := h.signIn()
	if p := h.who(s); len(p.Needs) != 1 || p.Needs[0] != identity.NeedEnrol {
		t.Fatalf("needs %v", p.Needs)
	}
	h.generator(s)
	if p := h.who(s); len(p.Needs) != 0 {
		t.Errorf("needs %v after it was set up", p.Needs)
	}
	h.write(func(ctx context.Context, tx db.Tx) error { return identity.ResetFactors(ctx, tx, h.sato) })
	if h.valid(s) {
		t.Error("a session outlived the loss of its factors")
	}
}

func TestInvitation(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	var first, link string
	invite := func(into *string) {
		h.write(func(ctx context.Context, tx db.Tx) (err error) {
			*into, _, err = identity.Invite(ctx, tx, h.sato, "coord")
			return err
		})
	}
	invite(&first)
	invite(&link)
	h.gate = identity.NewGate(h.db, identity.Options{}) // links live on real time
	accept := func(link, password string) (string, identity.Principal, error) {
		return h.gate.Accept(t.Context(), link, password, "192.0.2.9")
	}
	if _, _, err := accept(first, "a long enough phrase"); !errors.Is(err, identity.ErrInvitation) {
		t.Errorf("a link that was replaced: %v", err)
	}
	if _, _, err := accept(link, "short"); !errors.Is(err, identity.ErrWeakPassword) {
		t.Errorf("short: %v", err)
	}
	if _, _, err := accept(link, "passwordpassword"); !errors.Is(err, identity.ErrCommonPassword) {
		t.Errorf("common: %v", err)
	}
	u, err := h.gate.Invited(t.Context(), link)
	if err != nil || u.Login != "sato" {
		t.Errorf("invited %q: %v", u.Login, err)
	}
	secret, p, err := accept(link, "a long enough phrase")
	if err != nil || p.Login != "sato" || !h.valid(secret) {
		t.Fatalf("accept: %+v %v", p, err)
	}
	if _, _, err := accept(link, "another long phrase"); !errors.Is(err, identity.ErrInvitation) {
		t.Errorf("a link was used twice: %v", err)
	}
}

func TestDevices(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	here, there := h.signIn(), h.signIn()
	h.must(h.gate.Describe(t.Context(), here, "Firefox"))
	list, err := h.gate.Devices(t.Context(), h.who(here), here)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	for _, d := range list {
		if d.Current {
			if d.Name != "Firefox" {
				t.Errorf("current: %+v", d)
			}
			continue
		}
		stranger := identity.Principal{UserID: "x"}
		if err := h.gate.EndDevice(t.Context(), stranger, d.ID); !errors.Is(err, identity.ErrNotFound) {
			t.Errorf("a stranger's session: %v", err)
		}
		h.must(h.gate.EndDevice(t.Context(), h.who(here), d.ID))
	}
	if h.valid(there) || !h.valid(here) {
		t.Error("the wrong session ended")
	}
}

func TestCommonPasswords(t *testing.T) {
	t.Parallel()
	for p, bad := range map[string]bool{
		"iloveyou": true, "Password2024!": true, "passwordpassword": true, "11111111111111": true, "abcdefghijklm": true, "9876543210987": true,
		"1234567890123": true, "夜間当直の合言葉は長くする": false, "correct horse battery": false, "kaki no tane 37": false, identity.RandomPassword(): false,
	} {
		if err := identity.CheckPassword("sato", p, true); errors.Is(err, identity.ErrCommonPassword) != bad {
			t.Errorf("%q: %v", p, err)
		}
	}
}
