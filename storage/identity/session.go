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

var (
	// ErrUnauthenticated: no valid session or token.
	ErrUnauthenticated = errors.New("identity: not signed in")
	// ErrBadCredentials: unknown login, wrong password or disabled account.
	ErrBadCredentials = errors.New("identity: wrong login or password")
)

// Options of a Gate. Zero values take the defaults in the comments.
type Options struct {
	Idle     time.Duration // a session ends after this without a request: 10 min
	Absolute time.Duration // and after this in any case: 12 h
	// Proof is how long after showing a credential a session may do what
	// Action.NeedsProof names; 0 asks never again.
	Proof time.Duration
	// SecondFactor says whose accounts must have one; nil: nobody's. Whoever has
	// one is asked for it either way.
	SecondFactor func(Role) bool
	Now          func() time.Time // db.Now
}

// Gate signs people in and recognises them afterwards.
type Gate struct {
	db  *db.DB
	opt Options
}

// NewGate gives a Gate over d.
func NewGate(d *db.DB, opt Options) *Gate {
	if opt.Idle <= 0 {
		opt.Idle = 10 * time.Minute
	}
	if opt.Absolute <= 0 {
		opt.Absolute = 12 * time.Hour
	}
	if opt.Now == nil {
		opt.Now = db.Now
	}
	return &Gate{db: d, opt: opt}
}

// Idle is the time after which an unused session ends.
func (g *Gate) Idle() time.Duration { return g.opt.Idle }

// SignIn checks a password and opens a session; address is where the request came
// from. It returns ErrBadCredentials, or *SlowDownError without having looked at
// the password.
func (g *Gate) SignIn(ctx context.Context, login, password, address string) (secret string, p Principal, err error) {
	now := g.opt.Now()
	if err := g.take(ctx, login, address, now); err != nil {
		return "", Principal{}, err
	}
	u, err := UserByLogin(ctx, g.db.Read(ctx), login)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return "", Principal{}, err
	}
	hash := u.PasswordHash
	if hash == "" {
		hash = unknownHash // the same work for a login that does not exist
	}
	if !VerifyPassword(hash, password) || u.PasswordHash == "" || u.Disabled {
		if err := g.refused(ctx, address, now); err != nil {
			return "", Principal{}, err
		}
		return "", Principal{}, ErrBadCredentials
	}
	return g.open(ctx, u, opening{login: login, address: address, method: MethodPassword, factors: 1}, now)
}

// unknownHash is a hash that no password matches: its key is all zero bits.
const unknownHash = "$argon2id$v=19$m=32768,t=3,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

// How a session was opened.
const (
	MethodPassword   = "password"
	MethodPasskey    = "passkey"
	MethodInvitation = "invitation"
	MethodSSO        = "sso"
)

// opening is what a new session is opened with.
type opening struct {
	login, address, method string
	factors                int // that were shown: 1 or 2
}

func (g *Gate) open(ctx context.Context, u User, o opening, now time.Time) (secret string, p Principal, err error) {
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if err := forgive(ctx, tx, o.login, o.address, now); err != nil {
			return err
		}
		secret, p, err = g.openIn(ctx, tx, u, o, now)
		return err
	})
	if err != nil {
		return "", Principal{}, err
	}
	return secret, p, nil
}

// openIn is open in the transaction of an act that opens the session.
func (g *Gate) openIn(ctx context.Context, tx db.Tx, u User, o opening, now time.Time) (secret string, p Principal, err error) {
	secret = newSecret("")
	// The sweep of dead sessions rides along.
	if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE expires_at <= $1 OR seen_at <= $2`,
		db.Micros(now), db.Micros(now.Add(-g.opt.Idle))); err != nil {
		return "", p, fmt.Errorf("identity: sweep sessions: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO sessions (token_hash, id, user_id, created_at, seen_at, expires_at, address, method, factors, proven_at)
		VALUES ($1, $2, $3, $4, $4, $5, $6, $7, $8, $4)`, secretHash(secret), db.NewID(), u.ID, db.Micros(now),
		db.Micros(now.Add(g.opt.Absolute)), o.address, o.method, o.factors); err != nil {
		return "", p, fmt.Errorf("identity: open session: %w", err)
	}
	if p, err = g.principal(ctx, tx, u, o.factors, now); err != nil {
		return "", p, err
	}
	p.Proven = now
	return secret, p, audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "session.opened", Object: u.ID, FacilityID: u.FacilityID, Detail: o.method + " " + o.address})
}

// Authenticate recognises a session secret or a bearer token; ErrUnauthenticated
// when it is neither or no longer valid. It counts as use of the session.
func (g *Gate) Authenticate(ctx context.Context, secret string) (Principal, error) {
	return g.recognise(ctx, secret, true)
}

// Peek is Authenticate without counting as use: what a page does by itself, such
// as an open event stream, must not keep a session alive that nobody uses.
func (g *Gate) Peek(ctx context.Context, secret string) (Principal, error) {
	return g.recognise(ctx, secret, false)
}

func (g *Gate) recognise(ctx context.Context, secret string, use bool) (Principal, error) {
	now := g.opt.Now()
	if secret == "" {
		return Principal{}, ErrUnauthenticated
	}
	tx := g.db.Read(ctx)
	if IsToken(secret) {
		return tokenPrincipal(ctx, tx, secret, now)
	}
	hash := secretHash(secret)
	var userID string
	var seen, expires, proven int64
	var factors int
	err := tx.QueryRowContext(ctx, `SELECT user_id, seen_at, expires_at, proven_at, factors FROM sessions WHERE token_hash = $1`, hash).
		Scan(&userID, &seen, &expires, &proven, &factors)
	if errors.Is(err, sql.ErrNoRows) {
		return Principal{}, ErrUnauthenticated
	}
	if err != nil {
		return Principal{}, fmt.Errorf("identity: read session: %w", err)
	}
	idle := now.Sub(db.FromMicros(seen))
	if idle >= g.opt.Idle || !now.Before(db.FromMicros(expires)) {
		return Principal{}, ErrUnauthenticated
	}
	u, err := UserByID(ctx, tx, userID)
	if err != nil {
		return Principal{}, err
	}
	if u.Disabled {
		return Principal{}, ErrUnauthenticated
	}
	if use && idle > g.opt.Idle/20 { // one durable write now and then, not one per request
		if err := g.touch(ctx, hash, now); err != nil {
			return Principal{}, err
		}
	}
	p, err := g.principal(ctx, tx, u, factors, now)
	p.Proven = db.FromMicros(proven)
	return p, err
}

// Fresh reports whether p may do what Action.NeedsProof names without showing a
// credential again. A machine has shown it with the request.
func (g *Gate) Fresh(p Principal) bool {
	return g.opt.Proof <= 0 || p.Kind != KindSession || g.opt.Now().Sub(p.Proven) < g.opt.Proof
}

func (g *Gate) touch(ctx context.Context, hash string, now time.Time) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE sessions SET seen_at = $1 WHERE token_hash = $2 AND seen_at < $1`, db.Micros(now), hash)
		return err
	})
}

// SignOut ends the session of secret, if there is one.
func (g *Gate) SignOut(ctx context.Context, secret string) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		hash := secretHash(secret)
		var userID string
		err := tx.QueryRowContext(ctx, `SELECT user_id FROM sessions WHERE token_hash = $1`, hash).Scan(&userID)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("identity: sign out: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE token_hash = $1`, hash); err != nil {
			return fmt.Errorf("identity: sign out: %w", err)
		}
		return audit.Append(ctx, tx, audit.Record{At: g.opt.Now(), Actor: userID, Action: "session.closed", Object: userID})
	})
}

// RevokeSessions ends every session of a user.
func RevokeSessions(ctx context.Context, tx db.Tx, userID string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM sessions WHERE user_id = $1`, userID); err != nil {
		return fmt.Errorf("identity: revoke sessions: %w", err)
	}
	return nil
}

// principal is u as the owner of a session in which so many factors were shown.
func (g *Gate) principal(ctx context.Context, tx db.Tx, u User, factors int, now time.Time) (Principal, error) {
	panels, err := PanelsOf(ctx, tx, u.ID)
	if err != nil {
		return Principal{}, err
	}
	p := Principal{
		UserID: u.ID, Login: u.Login, Name: u.Name, NameEn: u.NameEn, Role: u.Role,
		FacilityID: u.FacilityID, PanelIDs: panels, License: u.License, Kind: KindSession,
	}
	has, err := hasFactor(ctx, tx, u.ID)
	if err != nil {
		return Principal{}, err
	}
	if has && factors < 2 {
		p.Needs = append(p.Needs, NeedFactor)
	}
	if u.MustChange {
		p.Needs = append(p.Needs, NeedPassword)
	}
	if !has && factors < 2 && g.opt.SecondFactor != nil && g.opt.SecondFactor(u.Role) {
		p.Needs = append(p.Needs, NeedEnrol)
	}
	if u.Role.Reads() {
		if p.Veils, err = LoadVeils(ctx, tx); err != nil {
			return Principal{}, err
		}
	}
	if rights[u.Role][BreakGlass] {
		if p.Emergencies, err = emergenciesOf(ctx, tx, u.ID, now); err != nil {
			return Principal{}, err
		}
	}
	return p, nil
}
