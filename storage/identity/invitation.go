package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// InvitationLife is how long a link may wait to be used.
const InvitationLife = 72 * time.Hour

// ErrInvitation: no such invitation, or used, or too old.
var ErrInvitation = errors.New("identity: the invitation is not valid any more")

// Invite makes the secret of a link by which the owner of an account chooses a
// password, once. Links made before for the account end. by is who asked.
func Invite(ctx context.Context, tx db.Tx, userID, by string) (secret string, expires time.Time, err error) {
	u, err := UserByID(ctx, tx, userID)
	if err != nil {
		return "", expires, err
	}
	now := db.Now()
	secret, expires = newSecret(""), now.Add(InvitationLife)
	if _, err := tx.ExecContext(ctx, `DELETE FROM invitations WHERE user_id = $1 AND used_at = 0`, userID); err != nil {
		return "", expires, fmt.Errorf("identity: invite: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO invitations (secret_hash, user_id, created_by, created_at, expires_at, used_at) VALUES ($1, $2, $3, $4, $5, 0)`,
		secretHash(secret), userID, by, db.Micros(now), db.Micros(expires)); err != nil {
		return "", expires, fmt.Errorf("identity: invite: %w", err)
	}
	return secret, expires, audit.Append(ctx, tx, audit.Record{At: now, Actor: by, Action: "user.invited", Object: userID, FacilityID: u.FacilityID})
}

// Invited reads whose invitation a secret is of.
func (g *Gate) Invited(ctx context.Context, secret string) (User, error) {
	return invited(ctx, g.db.Read(ctx), secret, g.opt.Now())
}

func invited(ctx context.Context, tx db.Tx, secret string, now time.Time) (User, error) {
	var id string
	err := tx.QueryRowContext(ctx, `SELECT user_id FROM invitations WHERE secret_hash = $1 AND used_at = 0 AND expires_at > $2`,
		secretHash(secret), db.Micros(now)).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrInvitation
	}
	if err != nil {
		return User{}, fmt.Errorf("identity: invitation: %w", err)
	}
	u, err := UserByID(ctx, tx, id)
	if err == nil && u.Disabled {
		return User{}, ErrInvitation
	}
	return u, err
}

// Accept uses an invitation: the password becomes the account's, its other
// sessions end and one is opened. It returns ErrInvitation, ErrWeakPassword
// or ErrCommonPassword. The secret is too long to be guessed: tries are not counted.
func (g *Gate) Accept(ctx context.Context, invitation, password, address string) (secret string, p Principal, err error) {
	now := g.opt.Now()
	u, err := g.Invited(ctx, invitation)
	if err != nil {
		return "", p, err
	}
	has, err := hasFactor(ctx, g.db.Read(ctx), u.ID)
	if err != nil {
		return "", p, err
	}
	if err := CheckPassword(u.Login, password, has); err != nil {
		return "", p, err
	}
	hash, err := HashPassword(password)
	if err != nil {
		return "", p, err
	}
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if u, err = invited(ctx, tx, invitation, now); err != nil { // another may have used it meanwhile
			return err
		}
		if err := SetPassword(ctx, tx, u.ID, hash, false); err != nil {
			return err
		}
		if u, err = UserByID(ctx, tx, u.ID); err != nil {
			return err
		}
		if err := UnlinkSSO(ctx, tx, u, u.ID); err != nil && !errors.Is(err, ErrNotFound) {
			return err // an account opens by its password or by its hospital's sign-on, not by both
		}
		if _, err := tx.ExecContext(ctx, `UPDATE invitations SET used_at = $1 WHERE secret_hash = $2`, db.Micros(now), secretHash(invitation)); err != nil {
			return fmt.Errorf("identity: invitation: %w", err)
		}
		secret, p, err = g.openIn(ctx, tx, u, opening{login: u.Login, address: address, method: MethodInvitation, factors: 1}, now)
		return err
	})
	return secret, p, err
}
