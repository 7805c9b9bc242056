package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// ChangePassword gives the owner of the session of secret another password. The
// session goes on, all others of the account end. It returns ErrWeakPassword,
// ErrBadCredentials when current is wrong, ErrUnauthenticated, or *SlowDownError
// without having looked at current: whoever finds a page left open must not
// guess faster here than at the door.
func (g *Gate) ChangePassword(ctx context.Context, secret, current, next, address string) error {
	now := g.opt.Now()
	who, err := g.Authenticate(ctx, secret)
	if err != nil {
		return err
	}
	if who.Kind != KindSession {
		return ErrUnauthenticated
	}
	if err := CheckPassword(who.Login, next); err != nil {
		return err
	}
	if err := g.take(ctx, who.Login, address, now); err != nil {
		return err
	}
	u, err := UserByID(ctx, g.db.Read(ctx), who.UserID)
	if err != nil {
		return err
	}
	if !VerifyPassword(u.PasswordHash, current) {
		err := g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "password.refused", Object: u.ID, FacilityID: u.FacilityID, Outcome: audit.Failure, Detail: address})
		})
		return errors.Join(ErrBadCredentials, err)
	}
	hash, err := HashPassword(next)
	if err != nil {
		return err
	}
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := forgive(ctx, tx, who.Login, address); err != nil {
			return err
		}
		if err := setHash(ctx, tx, u.ID, hash); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2`, u.ID, secretHash(secret)); err != nil {
			return fmt.Errorf("identity: end other sessions: %w", err)
		}
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "password.changed", Object: u.ID, FacilityID: u.FacilityID, Detail: address})
	})
}
