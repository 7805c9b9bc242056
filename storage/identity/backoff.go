package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// Back-off: failures below the free ones cost nothing; then 1 s, 2 s, 4 s … up to
// the ceiling. A pair of account and address is counted, never the account alone:
// a stranger who guesses from elsewhere cannot lock the owner out. An address may
// be a hospital's proxy with many people behind it, so it has more free tries, and
// who has signed in from there before is not kept waiting for what others do there.
// What is asked of somebody who is half or wholly signed in, a code or the present
// password, counts for the account, too, from wherever: six digits are few, and only
// who has the password or a session gets that far.
const (
	freePair    = 3
	freeAddress = 30
	freeInside  = 10
	waitCeiling = 5 * time.Minute
	forgetAfter = 24 * time.Hour
	knownFor    = 90 * 24 * time.Hour // that somebody has signed in from an address
)

// SlowDownError refuses a sign-in because of failures before it.
type SlowDownError struct{ RetryAfter time.Duration }

func (e *SlowDownError) Error() string {
	return fmt.Sprintf("identity: too many failed sign-ins, again in %s", e.RetryAfter.Round(time.Second))
}

type subject struct {
	key  string
	free int
}

// subjects are the rows that a try by login from address counts in. Hashed: what
// was typed as a login may be a password.
func subjects(login, address string) []subject {
	address = neighbourhood(address)
	return []subject{
		{"pair:" + secretHash(login+"\x00"+address), freePair},
		{"address:" + secretHash(address), freeAddress},
	}
}

// inside is the row of what only somebody who is half or wholly signed in can try.
func inside(u User) subject { return subject{"inside:" + secretHash(u.ID), freeInside} }

// knownHere is the row that says that login has signed in from address.
func knownHere(login, address string) string {
	return "known:" + secretHash(login+"\x00"+neighbourhood(address))
}

// neighbourhood is whom an address counts for: itself, or its /64, since a stranger has
// as many addresses as they like in one.
func neighbourhood(address string) string {
	a, err := netip.ParseAddr(address)
	if err != nil {
		return address
	}
	if a = a.Unmap().WithZone(""); a.Is6() {
		if p, err := a.Prefix(64); err == nil {
			return p.String()
		}
	}
	return a.String()
}

// take counts a try before its password is looked at, so that tries sent at the
// same moment do not slip through together. *SlowDownError when it must wait.
func (g *Gate) take(ctx context.Context, login, address string, now time.Time, also ...subject) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		counted := subjects(login, address)
		var known int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sign_in_failures WHERE subject = $1`, knownHere(login, address)).Scan(&known)
		if err != nil {
			return fmt.Errorf("identity: read failures: %w", err)
		}
		if known > 0 {
			counted = counted[:1]
		}
		counted = append(counted, also...)
		var wait time.Duration
		for _, s := range counted {
			w, err := waiting(ctx, tx, s, now)
			if err != nil {
				return err
			}
			wait = max(wait, w)
		}
		if wait > 0 {
			return &SlowDownError{RetryAfter: wait}
		}
		for _, s := range counted {
			if err := count(ctx, tx, s, now); err != nil {
				return err
			}
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sign_in_failures WHERE last_at < $1 AND (failures > 0 OR last_at < $2)`,
			db.Micros(now.Add(-forgetAfter)), db.Micros(now.Add(-knownFor))); err != nil {
			return fmt.Errorf("identity: forget failures: %w", err)
		}
		return nil
	})
}

func waiting(ctx context.Context, tx db.Tx, s subject, now time.Time) (time.Duration, error) {
	var notBefore int64
	err := tx.QueryRowContext(ctx, `SELECT not_before FROM sign_in_failures WHERE subject = $1`, s.key).Scan(&notBefore)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("identity: read failures: %w", err)
	}
	// A clock set back must not lock anybody out for longer than the ceiling.
	return min(db.FromMicros(notBefore).Sub(now), waitCeiling), nil
}

func count(ctx context.Context, tx db.Tx, s subject, now time.Time) error {
	var failures int
	err := tx.QueryRowContext(ctx, `INSERT INTO sign_in_failures (subject, failures, last_at, not_before) VALUES ($1, 1, $2, 0)
		ON CONFLICT (subject) DO UPDATE SET failures = sign_in_failures.failures + 1, last_at = $2 RETURNING failures`,
		s.key, db.Micros(now)).Scan(&failures)
	if err != nil {
		return fmt.Errorf("identity: count failure: %w", err)
	}
	if failures < s.free {
		return nil
	}
	wait := min(time.Second<<min(failures-s.free, 20), waitCeiling)
	_, err = tx.ExecContext(ctx, `UPDATE sign_in_failures SET not_before = $1 WHERE subject = $2`, db.Micros(now.Add(wait)), s.key)
	if err != nil {
		return fmt.Errorf("identity: count failure: %w", err)
	}
	return nil
}

// refused leaves the trace of a failed try.
func (g *Gate) refused(ctx context.Context, address string, now time.Time) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: "anonymous", Action: "session.refused", Outcome: audit.Failure, Detail: address})
	})
}

// forgive takes a success back out of the count. Of the address only this try: an
// own account must not reset guessing at others.
func forgive(ctx context.Context, tx db.Tx, login, address string, now time.Time, also ...subject) error {
	s := subjects(login, address)
	for _, one := range append(also, s[0]) {
		if _, err := tx.ExecContext(ctx, `DELETE FROM sign_in_failures WHERE subject = $1`, one.key); err != nil {
			return fmt.Errorf("identity: clear failures: %w", err)
		}
	}
	known, err := tx.ExecContext(ctx, `UPDATE sign_in_failures SET last_at = $1 WHERE subject = $2`, db.Micros(now), knownHere(login, address))
	if err != nil {
		return fmt.Errorf("identity: clear failures: %w", err)
	}
	if n, err := known.RowsAffected(); err != nil || n > 0 {
		return err // the address was not counted
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO sign_in_failures (subject, failures, last_at, not_before) VALUES ($1, 0, $2, 0)
		ON CONFLICT (subject) DO NOTHING`, knownHere(login, address), db.Micros(now)); err != nil {
		return fmt.Errorf("identity: clear failures: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE sign_in_failures SET failures = failures - 1, not_before = 0 WHERE subject = $1 AND failures <= $2`,
		s[1].key, freeAddress)
	if err != nil {
		return fmt.Errorf("identity: clear failures: %w", err)
	}
	return nil
}

// Guess counts a try by p at something that who does not know it could guess, before
// it is looked at; *SlowDownError when p must wait. Guessed takes it back.
func (g *Gate) Guess(ctx context.Context, p Principal, address string) error {
	return g.take(ctx, p.UserID+"\x00guess", address, g.opt.Now())
}

// Guessed ends a try of Guess that was right.
func (g *Gate) Guessed(ctx context.Context, p Principal, address string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return forgive(ctx, tx, p.UserID+"\x00guess", address, g.opt.Now())
	})
}
