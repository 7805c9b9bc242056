package site

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Plan says what applying the file would do. The error is [Problems] when the
// file and the directory do not fit together.
func Plan(ctx context.Context, tx db.Tx, file File) (Diff, error) {
	p, err := plan(ctx, tx, file)
	return p.diff, err
}

// Password is the initial password of a user that was made. It is known to
// nobody else and cannot be read again.
type Password struct{ Login, Password string }

// Result is what Apply did.
type Result struct {
	Diff      Diff
	Passwords []Password // made here, not those of the file
}

// ErrMoved says the directory kept changing while a file was being applied.
var ErrMoved = errors.New("site: the directory changed meanwhile, try again")

// Apply makes the directory what Plan says, in one transaction, with an audit
// record for each change. actor is who asked for it. Running it on the database
// of a running server is safe.
func Apply(ctx context.Context, d *db.DB, file File, actor string) (Result, error) {
	// Hashing a password takes a tenth of a second of one core, too long for a
	// transaction that every other writer waits for: it is done beforehand, and
	// again if somebody removed a user in between.
	const attempts = 3
	hashes := map[string]string{}
	made := map[string]string{}
	for range attempts {
		first, err := plan(ctx, d.Read(ctx), file)
		if err != nil {
			return Result{}, err
		}
		if err := first.passwords(hashes, made); err != nil {
			return Result{}, err
		}
		var done planned
		err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			if done, err = plan(ctx, tx, file); err != nil {
				return err
			}
			done.actor = actor
			return done.apply(ctx, tx, hashes)
		})
		if errors.Is(err, ErrMoved) {
			continue
		}
		if err != nil {
			return Result{}, err
		}
		res := Result{Diff: done.diff}
		for _, u := range done.newUsers() {
			if password, ok := made[u.Login]; ok {
				res.Passwords = append(res.Passwords, Password{u.Login, password})
			}
		}
		return res, nil
	}
	return Result{}, ErrMoved
}

// planned is the way from one directory to another.
type planned struct {
	now, want File
	diff      Diff
	actor     string
}

func plan(ctx context.Context, tx db.Tx, file File) (planned, error) {
	now, err := Export(ctx, tx)
	if err != nil {
		return planned{}, err
	}
	file = file.normal()
	p := planned{now: now, want: merge(now, file)}
	if err := p.want.checkWhole().err(); err != nil {
		return planned{}, err
	}
	p.diff = compare(now, p.want, file)
	return p, p.checkRemoved(ctx, tx)
}

// checkRemoved refuses to switch off a panel on which work is waiting.
func (p planned) checkRemoved(ctx context.Context, tx db.Tx) error {
	var problems Problems
	for _, c := range p.diff {
		if c.Op != '-' || c.Kind != "panel" {
			continue
		}
		var open int
		err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM workitems WHERE panel_id = $1 AND state IN ('SCHEDULED', 'IN PROGRESS')`, c.Name).Scan(&open)
		if err != nil {
			return fmt.Errorf("site: open items of panel: %w", err)
		}
		if open > 0 {
			problems.add(0, "panel %s cannot be removed: %d studies wait on it; reassign them first", quote(c.Name), open)
		}
	}
	return problems.err()
}

// newUsers are the users the plan makes or switches on again.
func (p planned) newUsers() []User {
	var list []User
	for _, u := range p.want.Users {
		if _, there := find(p.now.Users, u.Login, User.key); !there {
			list = append(list, u)
		}
	}
	return list
}

// passwords hashes the passwords of new users and makes those that are missing.
func (p planned) passwords(hashes, made map[string]string) error {
	for _, u := range p.newUsers() {
		if hashes[u.Login] != "" {
			continue
		}
		password := u.Password
		if password == "" {
			password = identity.RandomPassword()
			made[u.Login] = password
		}
		hash, err := identity.HashPassword(password)
		if err != nil {
			return fmt.Errorf("site: password of %q: %w", u.Login, err)
		}
		hashes[u.Login] = hash
	}
	return nil
}

func (p planned) apply(ctx context.Context, tx db.Tx, hashes map[string]string) error {
	if p.diff.Empty() {
		return nil
	}
	steps := []func(context.Context, db.Tx) error{
		p.writeFacilities,
		func(ctx context.Context, tx db.Tx) error { return p.writeUsers(ctx, tx, hashes) },
		p.writeWorkstations,
		p.writeShifts,
		p.writePanels,
		p.writeRules,
		p.writeClosures,
		func(ctx context.Context, tx db.Tx) error { return worklist.SetTargets(ctx, tx, p.want.Targets) },
		p.writeCodes,
	}
	for _, step := range steps {
		if err := step(ctx, tx); err != nil {
			return err
		}
	}
	for _, c := range p.diff {
		if c.Op == '=' {
			continue
		}
		err := audit.Append(ctx, tx, audit.Record{
			Actor: p.actor, Action: "directory." + verb(c.Op), Object: strings.TrimSpace(c.Kind + " " + c.Name), Detail: c.Text,
		})
		if err != nil {
			return fmt.Errorf("site: audit: %w", err)
		}
	}
	return nil
}

func verb(op byte) string {
	switch op {
	case '+':
		return "added"
	case '-':
		return "removed"
	default:
		return "changed"
	}
}
