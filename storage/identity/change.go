package identity

import (
	"context"
	"errors"
	"slices"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// ChangePassword gives the owner of the session of secret another password. The
// session goes on, all others of the account end. It returns ErrWeakPassword,
// ErrCommonPassword, ErrBadCredentials when current is wrong, ErrUnauthenticated, or *SlowDownError
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
	if slices.Contains(who.Needs, NeedFactor) {
		return ErrUnauthenticated
	}
	has, err := hasFactor(ctx, g.db.Read(ctx), who.UserID)
	if err != nil {
		return err
	}
	if err := CheckPassword(who.Login, next, has); err != nil {
		return err
	}
	u, err := UserByID(ctx, g.db.Read(ctx), who.UserID)
	if err != nil {
		return err
	}
	if err := g.take(ctx, u.Login, address, now, inside(u)); err != nil {
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
		if err := forgive(ctx, tx, u.Login, address, now, inside(u)); err != nil {
			return err
		}
		if err := setHash(ctx, tx, u.ID, hash, false); err != nil {
			return err
		}
		if err := endOthers(ctx, tx, u.ID, secret); err != nil {
			return err
		}
		if err := proven(ctx, tx, secret, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "password.changed", Object: u.ID, FacilityID: u.FacilityID, Detail: address})
	})
}
