package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

var (
	// ErrSSOUnknown: nobody here is linked to who has signed in there, or may not be
	// opened from there.
	ErrSSOUnknown = errors.New("identity: no account is linked to this sign-on")
	// ErrSSOTaken: another account is linked to this person.
	ErrSSOTaken = errors.New("identity: this sign-on is linked to another account")
	// ErrSSOLost: the answer of a sign-on that nobody asked for here, or too long ago.
	ErrSSOLost = errors.New("identity: no sign-on was begun")
)

// ssoLife is how long a person may take to sign in at the hospital.
const ssoLife = 10 * time.Minute

// SSOLogin is what a sign-on that is under way has to be answered with (OpenID Connect
// Core 3.1.2.1, RFC 7636).
type SSOLogin struct {
	Nonce      string `json:"nonce"`
	Verifier   string `json:"verifier"`
	Invitation string `json:"invitation,omitempty"` // by which the person will be linked
}

// SSOAnswer is who somebody is, as their hospital's provider says.
type SSOAnswer struct {
	Provider        string // ID of the provider here
	Facility        string // the only hospital whose accounts it opens
	Issuer, Subject string
	Factors         int    // that were shown there: 1 or 2
	Hint            string // the ID token, for signing out there
}

// ssoOwner keeps sign-ons apart from other ceremonies.
func ssoOwner(provider string) string { return "sso:" + provider }

// BeginSSO keeps what a sign-on has to be answered with, and gives its state, a secret
// that the browser brings back.
func (g *Gate) BeginSSO(ctx context.Context, provider string, l SSOLogin) (state string, err error) {
	raw, err := json.Marshal(l)
	if err != nil {
		return "", err
	}
	now := g.opt.Now()
	state = newSecret("")
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM ceremonies WHERE expires_at <= $1`, db.Micros(now)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO ceremonies (id, user_id, data, expires_at) VALUES ($1, $2, $3, $4)`,
			secretHash(state), ssoOwner(provider), string(raw), db.Micros(now.Add(ssoLife)))
		return err
	})
	if err != nil {
		return "", fmt.Errorf("identity: begin sign-on: %w", err)
	}
	return state, nil
}

// EndSSO takes a sign-on back, once; ErrSSOLost when there is none of this state.
func (g *Gate) EndSSO(ctx context.Context, provider, state string) (l SSOLogin, err error) {
	var raw string
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return tx.QueryRowContext(ctx, `DELETE FROM ceremonies WHERE id = $1 AND user_id = $2 AND expires_at > $3 RETURNING data`,
			secretHash(state), ssoOwner(provider), db.Micros(g.opt.Now())).Scan(&raw)
	})
	if errors.Is(err, sql.ErrNoRows) {
		return l, ErrSSOLost
	}
	if err != nil {
		return l, fmt.Errorf("identity: end sign-on: %w", err)
	}
	return l, json.Unmarshal([]byte(raw), &l)
}

// SignInSSO opens a session of the account that is linked to who has signed in at
// their hospital. With an invitation its account is linked first. It returns
// ErrSSOUnknown, ErrSSOTaken or ErrInvitation.
func (g *Gate) SignInSSO(ctx context.Context, a SSOAnswer, invitation, address string) (secret string, p Principal, err error) {
	now := g.opt.Now()
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if invitation != "" {
			if err := g.linkInvited(ctx, tx, a, invitation, now); err != nil {
				return err
			}
		}
		u, err := ssoUser(ctx, tx, a.Issuer, a.Subject)
		if err != nil {
			return err
		}
		if u.Disabled || u.FacilityID == "" || u.FacilityID != a.Facility {
			return ErrSSOUnknown
		}
		if secret, p, err = g.openIn(ctx, tx, u, opening{login: u.Login, address: address, method: MethodSSO, factors: a.Factors}, now); err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE sessions SET sso_provider = $1, sso_hint = $2 WHERE token_hash = $3`, a.Provider, a.Hint, secretHash(secret))
		return err
	})
	if err != nil {
		return "", Principal{}, errors.Join(err, g.refused(ctx, address, now))
	}
	return secret, p, nil
}

func (g *Gate) linkInvited(ctx context.Context, tx db.Tx, a SSOAnswer, invitation string, now time.Time) error {
	u, err := invited(ctx, tx, invitation, now)
	if err != nil {
		return err
	}
	if u.FacilityID == "" || u.FacilityID != a.Facility {
		return ErrSSOUnknown
	}
	if _, err := tx.ExecContext(ctx, `UPDATE invitations SET used_at = $1 WHERE secret_hash = $2`, db.Micros(now), secretHash(invitation)); err != nil {
		return fmt.Errorf("identity: invitation: %w", err)
	}
	return LinkSSO(ctx, tx, u, a.Issuer, a.Subject, u.ID)
}

// LinkSSO lets a person's sign-on at their hospital open an account, and from then on
// that alone: its password ends, so that who may come in is decided there. by is who
// asked. ErrSSOTaken when the person has another account here.
func LinkSSO(ctx context.Context, tx db.Tx, u User, issuer, subject, by string) error {
	other, err := ssoUser(ctx, tx, issuer, subject)
	switch {
	case err == nil && other.ID != u.ID:
		return ErrSSOTaken
	case err != nil && !errors.Is(err, ErrSSOUnknown):
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM sso_subjects WHERE user_id = $1`, u.ID); err != nil {
		return fmt.Errorf("identity: link sign-on: %w", err)
	}
	now := db.Now()
	if _, err := tx.ExecContext(ctx, `INSERT INTO sso_subjects (issuer, subject, user_id, created_at, created_by) VALUES ($1, $2, $3, $4, $5)`,
		issuer, subject, u.ID, db.Micros(now), by); err != nil {
		return fmt.Errorf("identity: link sign-on: %w", err)
	}
	if err := SetPassword(ctx, tx, u.ID, "", false); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Record{At: now, Actor: by, Action: "user.linked", Object: u.ID, FacilityID: u.FacilityID, Detail: issuer})
}

// UnlinkSSO ends what LinkSSO has begun, and the account's sessions. ErrNotFound when
// the account is not linked. It needs an invitation to be opened again.
func UnlinkSSO(ctx context.Context, tx db.Tx, u User, by string) error {
	res, err := tx.ExecContext(ctx, `DELETE FROM sso_subjects WHERE user_id = $1`, u.ID)
	if err := changed(res, err, "unlink sign-on"); err != nil {
		return err
	}
	if err := RevokeSessions(ctx, tx, u.ID); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Record{Actor: by, Action: "user.unlinked", Object: u.ID, FacilityID: u.FacilityID})
}

// LinkedSSO reports whether an account is opened by a hospital's sign-on.
func LinkedSSO(ctx context.Context, tx db.Tx, userID string) (bool, error) {
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sso_subjects WHERE user_id = $1`, userID).Scan(&n); err != nil {
		return false, fmt.Errorf("identity: sign-on: %w", err)
	}
	return n > 0, nil
}

// SSOSession is where the session of a secret was opened, and the hint to end it
// there; empty for one that was opened here.
func (g *Gate) SSOSession(ctx context.Context, secret string) (provider, hint string, err error) {
	err = g.db.Read(ctx).QueryRowContext(ctx, `SELECT sso_provider, sso_hint FROM sessions WHERE token_hash = $1`, secretHash(secret)).Scan(&provider, &hint)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", "", fmt.Errorf("identity: sign-on: %w", err)
	}
	return provider, hint, nil
}

func ssoUser(ctx context.Context, tx db.Tx, issuer, subject string) (User, error) {
	var id string
	err := tx.QueryRowContext(ctx, `SELECT user_id FROM sso_subjects WHERE issuer = $1 AND subject = $2`, issuer, subject).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrSSOUnknown
	}
	if err != nil {
		return User{}, fmt.Errorf("identity: sign-on: %w", err)
	}
	return UserByID(ctx, tx, id)
}
