package identity_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/identity"
)

var party = identity.Party{Host: "dokuei.example", Origin: "https://dokuei.example"}

// authenticator is a key of somebody's (WebAuthn §6), as a telephone holds one.
type authenticator struct {
	*house
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte // user handle: whose it says it is
	used   uint32 // signature counter
}

func (h *house) authenticator(handle string) *authenticator {
	h.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	h.must(err)
	return &authenticator{house: h, key: key, id: []byte(rand.Text()), handle: []byte(handle)}
}

// question is what the options of a ceremony ask.
func (a *authenticator) question(options any) (challenge string) {
	a.Helper()
	raw, err := json.Marshal(options)
	a.must(err)
	var in struct{ Challenge string }
	a.must(json.Unmarshal(raw, &in))
	return in.Challenge
}

func (a *authenticator) client(kind, challenge string) []byte {
	a.Helper()
	raw, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": party.Origin, "crossOrigin": false})
	a.must(err)
	return raw
}

// data is authenticator data, §6.1.
func (a *authenticator) data(flags byte) []byte {
	rp := sha256.Sum256([]byte(party.Host))
	a.used++
	return binary.BigEndian.AppendUint32(append(rp[:], flags), a.used)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func (a *authenticator) credential(response map[string]string) []byte {
	a.Helper()
	raw, err := json.Marshal(map[string]any{"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "response": response})
	a.must(err)
	return raw
}

// made answers a registration, with attestation "none" (§8.7).
func (a *authenticator) made(options any) []byte {
	a.Helper()
	point, err := a.key.PublicKey.Bytes() // 04 X Y
	a.must(err)
	data := append(a.data(0x45), make([]byte, 16)...) // present, verified, with a credential; no model
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(a.id))), a.id...)
	data = append(data, 0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32) // COSE: EC2, ES256, P-256
	data = append(append(data, point[1:33]...), 0x22, 0x58, 32)
	data = append(data, point[33:]...)
	object := []byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58")
	object = append(append(object, byte(len(data))), data...)
	return a.credential(map[string]string{"clientDataJSON": b64(a.client("webauthn.create", a.question(options))), "attestationObject": b64(object)})
}

// shown answers a sign-in.
func (a *authenticator) shown(options any) []byte {
	a.Helper()
	client, data := a.client("webauthn.get", a.question(options)), a.data(0x05)
	said := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), said[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, digest[:])
	a.must(err)
	return a.credential(map[string]string{
		"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(a.handle),
	})
}

// open signs in from an address.
func (a *authenticator) open(address string) error {
	a.Helper()
	id, options, err := a.gate.AskPasskey(a.Context(), party)
	a.must(err)
	secret, p, err := a.gate.SignInPasskey(a.Context(), "", party, id, a.shown(options), address)
	if err == nil && (!a.valid(secret) || p.UserID != string(a.handle) || len(p.Needs) > 0) {
		a.Errorf("signed in as %+v", p)
	}
	return err
}

// register puts the key on the account of a session.
func (a *authenticator) register(session string) {
	a.Helper()
	id, options, err := a.gate.BeginPasskey(a.Context(), a.who(session), party)
	a.must(err)
	a.must(a.gate.FinishPasskey(a.Context(), session, party, id, "telephone", a.made(options)))
}

// However long an address is held for wrong passkeys and passwords, the right passkey
// opens: it cannot be guessed, and a ward behind one address must not be shut out by
// one that tries.
func passkeyOfAHeldAddress(t *testing.T, h *house) {
	const address = "198.51.100.7"
	own, strange := h.authenticator(h.sato), h.authenticator(h.sato) // the strange one only says it is hers
	own.register(h.signIn())

	var held *identity.SlowDownError
	for tries := 0; held == nil; tries++ {
		err := strange.open(address)
		if !errors.As(err, &held) && !errors.Is(err, identity.ErrBadCredentials) {
			t.Fatalf("a wrong passkey: %v", err)
		}
		if tries == 100 {
			t.Fatal("wrong passkeys are never held")
		}
	}
	for round := range 5 { // while it is held, and while wrong ones go on and on
		h.must(own.open(address))
		if err := strange.open(address); !errors.As(err, &held) {
			t.Errorf("round %d: a wrong passkey after the right one: %v", round, err)
		}
	}
	// The right one has not set the others free to guess.
	if _, _, err := h.gate.SignIn(t.Context(), "kondo", "wrong", address); !errors.As(err, &held) && !errors.Is(err, identity.ErrBadCredentials) {
		t.Errorf("a password from a held address: %v", err)
	}
	h.pass(held.RetryAfter + time.Second)
	if err := strange.open(address); !errors.Is(err, identity.ErrBadCredentials) || errors.As(err, new(*identity.SlowDownError)) {
		t.Errorf("a wrong passkey when the wait is over: %v", err)
	}
	if err := strange.open(address); !errors.As(err, &held) {
		t.Errorf("and once more: %v", err)
	}
	h.must(own.open(address))
}

// An answer opens once, and one of another account's question opens nothing.
func TestPasskeyAnswersOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	a := h.authenticator(h.sato)
	a.register(h.signIn())
	id, options, err := h.gate.AskPasskey(t.Context(), party)
	h.must(err)
	answer := a.shown(options)
	if _, _, err := h.gate.SignInPasskey(t.Context(), "", party, id, answer, "192.0.2.1"); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.gate.SignInPasskey(t.Context(), "", party, id, answer, "192.0.2.1"); !errors.Is(err, identity.ErrBadCredentials) {
		t.Errorf("an answer given twice: %v", err)
	}
	other, _, err := h.gate.AskPasskey(t.Context(), party)
	h.must(err)
	if _, _, err := h.gate.SignInPasskey(t.Context(), "", party, other, answer, "192.0.2.1"); !errors.Is(err, identity.ErrBadCredentials) {
		t.Errorf("an answer to another question: %v", err)
	}
	a.used = 0 // a copy of the key, made before it was used
	if err := a.open("192.0.2.1"); !errors.Is(err, identity.ErrBadCredentials) {
		t.Errorf("a copy of the key: %v", err)
	}
}
