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

// Device is an open session, as its owner sees it.
type Device struct {
	ID       string
	Name     string // what the browser calls itself
	Address  string
	Method   string
	OpenedAt time.Time
	SeenAt   time.Time
	Current  bool
}

// maxDevice bounds what a browser may call itself.
const maxDevice = 200

// Describe notes what kind of browser a session is of.
func (g *Gate) Describe(ctx context.Context, secret, device string) error {
	if len(device) > maxDevice {
		device = device[:maxDevice]
	}
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET device = $1 WHERE token_hash = $2`, device, secretHash(secret))
		return err
	})
}

// Devices lists the sessions of the account of p that are alive, newest first;
// secret is the one that asks.
func (g *Gate) Devices(ctx context.Context, p Principal, secret string) ([]Device, error) {
	now := g.opt.Now()
	rows, err := g.db.Read(ctx).QueryContext(ctx, `SELECT id, device, address, method, created_at, seen_at, token_hash FROM sessions
		WHERE user_id = $1 AND expires_at > $2 AND seen_at > $3 ORDER BY created_at DESC, id`,
		p.UserID, db.Micros(now), db.Micros(now.Add(-g.opt.Idle)))
	if err != nil {
		return nil, fmt.Errorf("identity: devices: %w", err)
	}
	defer rows.Close()
	var out []Device
	for rows.Next() {
		var d Device
		var opened, seen int64
		var hash string
		if err := rows.Scan(&d.ID, &d.Name, &d.Address, &d.Method, &opened, &seen, &hash); err != nil {
			return nil, fmt.Errorf("identity: devices: %w", err)
		}
		d.OpenedAt, d.SeenAt, d.Current = db.FromMicros(opened), db.FromMicros(seen), hash == secretHash(secret)
		out = append(out, d)
	}
	return out, rows.Err()
}

// EndDevice ends one session of the account of p; ErrNotFound when it has none of
// that ID.
func (g *Gate) EndDevice(ctx context.Context, p Principal, id string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		res, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE id = $1 AND user_id = $2`, id, p.UserID)
		if err := changed(res, err, "end session"); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: g.opt.Now(), Actor: p.UserID, Action: "session.revoked", Object: p.UserID, FacilityID: p.FacilityID})
	})
}

// EndOtherDevices ends every session of the account of p but the one of secret.
func (g *Gate) EndOtherDevices(ctx context.Context, p Principal, secret string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := endOthers(ctx, tx, p.UserID, secret); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: g.opt.Now(), Actor: p.UserID, Action: "session.revoked", Object: p.UserID, FacilityID: p.FacilityID, Detail: "all others"})
	})
}

func endOthers(ctx context.Context, tx db.Tx, userID, secret string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1 AND token_hash <> $2`, userID, secretHash(secret)); err != nil {
		return fmt.Errorf("identity: end other sessions: %w", err)
	}
	return nil
}

// proven notes that the owner of a session has shown a credential again.
func proven(ctx context.Context, tx db.Tx, secret string, now time.Time) error {
	res, err := tx.ExecContext(ctx, `UPDATE sessions SET proven_at = $1, seen_at = $1 WHERE token_hash = $2`, db.Micros(now), secretHash(secret))
	if err := changed(res, err, "prove"); errors.Is(err, ErrNotFound) {
		return ErrUnauthenticated
	} else if err != nil {
		return err
	}
	return nil
}

// owner finds the account of a session that is alive.
func (g *Gate) owner(ctx context.Context, tx db.Tx, secret string, now time.Time) (User, error) {
	var id string
	err := tx.QueryRowContext(ctx, `SELECT user_id FROM sessions WHERE token_hash = $1 AND expires_at > $2 AND seen_at > $3`,
		secretHash(secret), db.Micros(now), db.Micros(now.Add(-g.opt.Idle))).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrUnauthenticated
	}
	if err != nil {
		return User{}, fmt.Errorf("identity: read session: %w", err)
	}
	u, err := UserByID(ctx, tx, id)
	if err == nil && u.Disabled {
		return User{}, ErrUnauthenticated
	}
	return u, err
}
