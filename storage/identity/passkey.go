package identity

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// Passkey is a WebAuthn credential of an account, without its key.
type Passkey struct {
	ID        string
	Name      string
	CreatedAt time.Time
	UsedAt    time.Time
}

// Party is the web address that passkeys are made for (WebAuthn §4, Relying
// Party): what the browser's address bar shows.
type Party struct {
	Host   string // without port
	Origin string // scheme://host:port
}

const (
	ceremonyLife = 5 * time.Minute
	maxPasskeys  = 20
	maxName      = 100
)

// ErrPasskey refuses an answer of an authenticator: made for another question,
// another address, too late, or by a key nobody registered.
var ErrPasskey = errors.New("identity: passkey not accepted")

func (p Party) relying() (*webauthn.WebAuthn, error) {
	required := true
	w, err := webauthn.New(&webauthn.Config{
		RPID: p.Host, RPDisplayName: "Dokuei", RPOrigins: []string{p.Origin},
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: &required, UserVerification: protocol.VerificationRequired,
		},
	})
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	return w, nil
}

// holder is an account in the eyes of the library.
type holder struct {
	user User
	keys []webauthn.Credential
}

func (h holder) WebAuthnID() []byte                         { return []byte(h.user.ID) }
func (h holder) WebAuthnName() string                       { return h.user.Login }
func (h holder) WebAuthnDisplayName() string                { return h.user.Name }
func (h holder) WebAuthnCredentials() []webauthn.Credential { return h.keys }

func holderOf(ctx context.Context, tx db.Tx, u User) (holder, error) {
	raw, err := column(ctx, tx, `SELECT credential FROM passkeys WHERE user_id = $1 ORDER BY id`, u.ID)
	if err != nil {
		return holder{}, err
	}
	h := holder{user: u, keys: make([]webauthn.Credential, len(raw))}
	for i, r := range raw {
		if err := json.Unmarshal([]byte(r), &h.keys[i]); err != nil {
			return holder{}, fmt.Errorf("identity: stored passkey: %w", err)
		}
	}
	return h, nil
}

// BeginPasskey asks the browser of p to make a passkey: options are for
// navigator.credentials.create, id goes into FinishPasskey.
func (g *Gate) BeginPasskey(ctx context.Context, p Principal, at Party) (id string, options any, err error) {
	rp, err := at.relying()
	if err != nil {
		return "", nil, err
	}
	u, err := UserByID(ctx, g.db.Read(ctx), p.UserID)
	if err != nil {
		return "", nil, err
	}
	h, err := holderOf(ctx, g.db.Read(ctx), u)
	if err != nil {
		return "", nil, err
	}
	if len(h.keys) >= maxPasskeys {
		return "", nil, fmt.Errorf("%w: an account has at most %d", ErrPasskey, maxPasskeys)
	}
	creation, session, err := rp.BeginRegistration(h, webauthn.WithExclusions(webauthn.Credentials(h.keys).CredentialDescriptors()))
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	id, err = g.ask(ctx, u.ID, session)
	return id, creation.Response, err
}

// FinishPasskey registers what the browser has made. The session counts as having
// shown two factors.
func (g *Gate) FinishPasskey(ctx context.Context, session string, at Party, id, name string, answer []byte) error {
	rp, err := at.relying()
	if err != nil {
		return err
	}
	parsed, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	if name == "" || len(name) > maxName {
		return fmt.Errorf("%w: a name of 1 to %d bytes", ErrPasskey, maxName)
	}
	now := g.opt.Now()
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		u, err := g.owner(ctx, tx, session, now)
		if err != nil {
			return err
		}
		asked, err := g.answered(ctx, tx, id, u.ID, now)
		if err != nil {
			return err
		}
		h, err := holderOf(ctx, tx, u)
		if err != nil {
			return err
		}
		made, err := rp.CreateCredential(h, asked, parsed)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPasskey, err)
		}
		raw, err := json.Marshal(made)
		if err != nil {
			return fmt.Errorf("identity: passkey: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO passkeys (id, user_id, credential_id, name, credential, created_at, used_at) VALUES ($1, $2, $3, $4, $5, $6, 0)`,
			db.NewID(), u.ID, base64.RawURLEncoding.EncodeToString(made.ID), name, string(raw), db.Micros(now)); err != nil {
			return fmt.Errorf("identity: passkey: %w", err)
		}
		if err := raise(ctx, tx, session, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "factor.added", Object: u.ID, FacilityID: u.FacilityID, Detail: "passkey"})
	})
}

// RemovePasskey takes a passkey of p away; ErrNotFound when it has none of that ID.
func (g *Gate) RemovePasskey(ctx context.Context, p Principal, id string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM passkeys WHERE id = $1 AND user_id = $2`, id, p.UserID)
		if err := changed(res, err, "remove passkey"); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: g.opt.Now(), Actor: p.UserID, Action: "factor.removed", Object: p.UserID, FacilityID: p.FacilityID, Detail: "passkey"})
	})
}

// AskPasskey begins a sign-in: options are for navigator.credentials.get. Nothing
// about any account is in them.
func (g *Gate) AskPasskey(ctx context.Context, at Party) (id string, options any, err error) {
	rp, err := at.relying()
	if err != nil {
		return "", nil, err
	}
	assertion, session, err := rp.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return "", nil, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	id, err = g.ask(ctx, "", session)
	return id, assertion.Response, err
}

// SignInPasskey ends a sign-in. When current is a session of the same account it
// is raised and proven, and its secret comes back; otherwise a new one is opened.
// It returns ErrBadCredentials for every passkey it does not know or believe. A passkey
// cannot be guessed: whatever others have tried from the address, the right one opens;
// only the wrong ones are counted.
func (g *Gate) SignInPasskey(ctx context.Context, current string, at Party, id string, answer []byte, address string) (secret string, p Principal, err error) {
	now := g.opt.Now()
	secret, p, err = g.signInPasskey(ctx, current, at, id, answer, address, now)
	if errors.Is(err, ErrPasskey) || errors.Is(err, ErrNotFound) {
		if err := g.take(ctx, "\x00passkey", address, now); err != nil {
			return "", p, err
		}
		return "", p, errors.Join(ErrBadCredentials, g.refused(ctx, address, now))
	}
	return secret, p, err
}

func (g *Gate) signInPasskey(ctx context.Context, current string, at Party, id string, answer []byte, address string, now time.Time) (secret string, p Principal, err error) {
	rp, err := at.relying()
	if err != nil {
		return "", p, err
	}
	parsed, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return "", p, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		asked, err := g.answered(ctx, tx, id, "", now)
		if err != nil {
			return err
		}
		var u User
		_, shown, err := rp.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
			if u, err = UserByID(ctx, tx, string(handle)); err != nil {
				return nil, err
			}
			return holderOf(ctx, tx, u)
		}, asked, parsed)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrPasskey, err)
		}
		if u.Disabled || shown.Authenticator.CloneWarning {
			return ErrPasskey
		}
		if err := used(ctx, tx, shown, now); err != nil {
			return err
		}
		if own, err := g.owner(ctx, tx, current, now); err == nil && own.ID == u.ID {
			if err := raise(ctx, tx, current, now); err != nil {
				return err
			}
			secret = current
			if p, err = g.principal(ctx, tx, u, 2, now); err != nil {
				return err
			}
			return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "session.proven", Object: u.ID, FacilityID: u.FacilityID, Detail: MethodPasskey})
		}
		// Who may come in to a linked account is decided at the hospital.
		if linked, err := LinkedSSO(ctx, tx, u.ID); err != nil {
			return err
		} else if linked {
			return ErrPasskey
		}
		secret, p, err = g.openIn(ctx, tx, u, opening{login: u.Login, address: address, method: MethodPasskey, factors: 2}, now)
		return err
	})
	return secret, p, err
}

// used keeps the counter of a passkey, by which a copy of it is found out.
func used(ctx context.Context, tx db.Tx, c *webauthn.Credential, now time.Time) error {
	raw, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("identity: passkey: %w", err)
	}
	res, err := tx.ExecContext(ctx, `UPDATE passkeys SET credential = $1, used_at = $2 WHERE credential_id = $3`,
		string(raw), db.Micros(now), base64.RawURLEncoding.EncodeToString(c.ID))
	return changed(res, err, "passkey")
}

// ask keeps a question until it is answered.
func (g *Gate) ask(ctx context.Context, userID string, s *webauthn.SessionData) (id string, err error) {
	raw, err := json.Marshal(s)
	if err != nil {
		return "", fmt.Errorf("identity: passkey: %w", err)
	}
	now := g.opt.Now()
	id = newSecret("")
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM ceremonies WHERE expires_at <= $1`, db.Micros(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO ceremonies (id, user_id, data, expires_at) VALUES ($1, $2, $3, $4)`,
			secretHash(id), userID, string(raw), db.Micros(now.Add(ceremonyLife)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("identity: passkey: %w", err)
	}
	return id, nil
}

// answered takes a question back, once.
func (g *Gate) answered(ctx context.Context, tx db.Tx, id, userID string, now time.Time) (s webauthn.SessionData, err error) {
	var raw string
	err = tx.QueryRowContext(ctx, `DELETE FROM ceremonies WHERE id = $1 AND user_id = $2 AND expires_at > $3 RETURNING data`,
		secretHash(id), userID, db.Micros(now)).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return s, fmt.Errorf("%w: nothing was asked, or too long ago", ErrPasskey)
	}
	if err != nil {
		return s, fmt.Errorf("identity: passkey: %w", err)
	}
	if err := json.NewDecoder(bytes.NewReader([]byte(raw))).Decode(&s); err != nil {
		return s, fmt.Errorf("identity: passkey: %w", err)
	}
	return s, nil
}

func passkeysOf(ctx context.Context, tx db.Tx, userID string) ([]Passkey, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, name, created_at, used_at FROM passkeys WHERE user_id = $1 ORDER BY id`, userID)
	if err != nil {
		return nil, fmt.Errorf("identity: passkeys: %w", err)
	}
	defer rows.Close()
	var out []Passkey
	for rows.Next() {
		var k Passkey
		var created, used int64
		if err := rows.Scan(&k.ID, &k.Name, &created, &used); err != nil {
			return nil, fmt.Errorf("identity: passkeys: %w", err)
		}
		k.CreatedAt, k.UsedAt = db.FromMicros(created), db.FromMicros(used)
		out = append(out, k)
	}
	return out, rows.Err()
}
