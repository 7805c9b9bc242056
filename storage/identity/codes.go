package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base32"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// Codes of a generator (TOTP, RFC 6238): six digits, a step of 30 s, SHA-1, which
// is what every generator knows. A step to either side forgives clocks.
const (
	codeStep     = 30 * time.Second
	codeSkew     = 1
	codeSecret   = 20 // bytes (RFC 4226 §4 R6)
	codeIssuer   = "Dokuei"
	recoveryMany = 10
)

var (
	// ErrBadCode: the code is wrong, used already, or there is no generator.
	ErrBadCode = errors.New("identity: wrong code")
	// ErrNoPending: no generator is being set up.
	ErrNoPending = errors.New("identity: no code generator is being set up")
)

// Generator is a code generator that is being set up.
type Generator struct {
	Secret string // base32, for typing
	URI    string // otpauth://, for the picture
}

// Factors are what an account has beside its password.
type Factors struct {
	Generator bool
	Passkeys  []Passkey
	Recovery  int // codes left
}

// FactorsOf reads the factors of an account.
func FactorsOf(ctx context.Context, tx db.Tx, userID string) (f Factors, err error) {
	var generator int
	err = tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM users WHERE id = $1 AND code_secret <> ''),
		(SELECT COUNT(*) FROM recovery_codes WHERE user_id = $1 AND used_at = 0)`, userID).Scan(&generator, &f.Recovery)
	if err != nil {
		return f, fmt.Errorf("identity: factors: %w", err)
	}
	f.Generator = generator > 0
	f.Passkeys, err = passkeysOf(ctx, tx, userID)
	return f, err
}

// hasFactor reports whether an account has a second factor.
func hasFactor(ctx context.Context, tx db.Tx, userID string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM users WHERE id = $1 AND code_secret <> '') +
		(SELECT COUNT(*) FROM passkeys WHERE user_id = $1)`, userID).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("identity: factors: %w", err)
	}
	return n > 0, nil
}

// BeginGenerator makes a secret for a code generator. It is in force when
// ConfirmGenerator has seen a code of it.
func (g *Gate) BeginGenerator(ctx context.Context, p Principal) (Generator, error) {
	raw := make([]byte, codeSecret)
	rand.Read(raw)
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	err := g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE users SET code_pending = $1 WHERE id = $2`, secret, p.UserID)
		return changed(res, err, "set up codes")
	})
	if err != nil {
		return Generator{}, err
	}
	q := url.Values{"secret": {secret}, "issuer": {codeIssuer}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return Generator{Secret: secret, URI: "otpauth://totp/" + url.PathEscape(codeIssuer+":"+p.Login) + "?" + strings.ReplaceAll(q.Encode(), "+", "%20")}, nil
}

// ConfirmGenerator puts the generator in force and gives the recovery codes, which
// are shown once. The session counts as having shown two factors.
func (g *Gate) ConfirmGenerator(ctx context.Context, session, code string) (recovery []string, err error) {
	now := g.opt.Now()
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		u, err := g.owner(ctx, tx, session, now)
		if err != nil {
			return err
		}
		var pending string
		if err := tx.QueryRowContext(ctx, `SELECT code_pending FROM users WHERE id = $1`, u.ID).Scan(&pending); err != nil {
			return fmt.Errorf("identity: set up codes: %w", err)
		}
		if pending == "" {
			return ErrNoPending
		}
		step := matchCode(pending, code, 0, now)
		if step == 0 {
			return ErrBadCode
		}
		if _, err := tx.ExecContext(ctx, `UPDATE users SET code_secret = code_pending, code_pending = '', code_step = $1 WHERE id = $2`, step, u.ID); err != nil {
			return fmt.Errorf("identity: set up codes: %w", err)
		}
		if recovery, err = newRecovery(ctx, tx, u.ID); err != nil {
			return err
		}
		if err := raise(ctx, tx, session, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "factor.added", Object: u.ID, FacilityID: u.FacilityID, Detail: "codes"})
	})
	return recovery, err
}

// RemoveGenerator takes the code generator away.
func (g *Gate) RemoveGenerator(ctx context.Context, p Principal) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE users SET code_secret = '', code_pending = '' WHERE id = $1 AND code_secret <> ''`, p.UserID)
		if err := changed(res, err, "remove codes"); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: g.opt.Now(), Actor: p.UserID, Action: "factor.removed", Object: p.UserID, FacilityID: p.FacilityID, Detail: "codes"})
	})
}

// NewRecovery replaces the recovery codes of p.
func (g *Gate) NewRecovery(ctx context.Context, p Principal) (codes []string, err error) {
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if codes, err = newRecovery(ctx, tx, p.UserID); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: g.opt.Now(), Actor: p.UserID, Action: "recovery.renewed", Object: p.UserID, FacilityID: p.FacilityID})
	})
	return codes, err
}

func newRecovery(ctx context.Context, tx db.Tx, userID string) ([]string, error) {
	if _, err := tx.ExecContext(ctx, `DELETE FROM recovery_codes WHERE user_id = $1`, userID); err != nil {
		return nil, fmt.Errorf("identity: recovery codes: %w", err)
	}
	codes := make([]string, recoveryMany)
	for i := range codes {
		codes[i] = RandomPassword()[:11] // two groups of five: about 50 bits, behind the back-off
		if _, err := tx.ExecContext(ctx, `INSERT INTO recovery_codes (user_id, code_hash, used_at) VALUES ($1, $2, 0)`, userID, recoveryHash(codes[i])); err != nil {
			return nil, fmt.Errorf("identity: recovery codes: %w", err)
		}
	}
	return codes, nil
}

func recoveryHash(code string) string {
	return secretHash(strings.ToLower(strings.NewReplacer("-", "", " ", "").Replace(code)))
}

// ShowFactor completes a session that lacks its second factor: code is of the
// generator, or a recovery code. It returns ErrBadCode, ErrUnauthenticated or
// *SlowDownError.
func (g *Gate) ShowFactor(ctx context.Context, session, code, address string) error {
	now := g.opt.Now()
	u, err := g.owner(ctx, g.db.Read(ctx), session, now)
	if err != nil {
		return err
	}
	if err := g.take(ctx, u.Login+"\x00factor", address, now, inside(u)); err != nil {
		return err
	}
	var used string
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if used, err = useCode(ctx, tx, u, code, now); err != nil {
			return err
		}
		if err := forgive(ctx, tx, u.Login+"\x00factor", address, now, inside(u)); err != nil {
			return err
		}
		if err := raise(ctx, tx, session, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "factor.shown", Object: u.ID, FacilityID: u.FacilityID, Detail: used})
	})
	if errors.Is(err, ErrBadCode) {
		return errors.Join(err, g.refusedFactor(ctx, u, address, now))
	}
	return err
}

// useCode spends a code of the generator or a recovery code.
func useCode(ctx context.Context, tx db.Tx, u User, code string, now time.Time) (used string, err error) {
	var secret string
	var last int64
	if err := tx.QueryRowContext(ctx, `SELECT code_secret, code_step FROM users WHERE id = $1`, u.ID).Scan(&secret, &last); err != nil {
		return "", fmt.Errorf("identity: codes: %w", err)
	}
	if secret != "" {
		if step := matchCode(secret, code, last, now); step != 0 {
			_, err := tx.ExecContext(ctx, `UPDATE users SET code_step = $1 WHERE id = $2`, step, u.ID)
			return "code", err
		}
	}
	res, err := tx.ExecContext(ctx, `UPDATE recovery_codes SET used_at = $1 WHERE user_id = $2 AND code_hash = $3 AND used_at = 0`,
		db.Micros(now), u.ID, recoveryHash(code))
	if err := changed(res, err, "recovery code"); errors.Is(err, ErrNotFound) {
		return "", ErrBadCode
	} else if err != nil {
		return "", err
	}
	return "recovery code", nil
}

// matchCode gives the step whose code it is, after the last one used; 0 for none.
func matchCode(secret, code string, last int64, now time.Time) (step int64) {
	code = strings.ReplaceAll(code, " ", "")
	at := now.Unix() / int64(codeStep/time.Second)
	for s := at - codeSkew; s <= at+codeSkew; s++ {
		want, err := hotp.GenerateCodeCustom(secret, uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && s > last && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return s
		}
	}
	return 0
}

// raise notes that a session has shown both factors now.
func raise(ctx context.Context, tx db.Tx, session string, now time.Time) error {
	if err := proven(ctx, tx, session, now); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE sessions SET factors = 2 WHERE token_hash = $1`, secretHash(session)); err != nil {
		return fmt.Errorf("identity: raise session: %w", err)
	}
	return nil
}

func (g *Gate) refusedFactor(ctx context.Context, u User, address string, now time.Time) error {
	return g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "factor.refused", Object: u.ID, FacilityID: u.FacilityID, Outcome: audit.Failure, Detail: address})
	})
}

// Prove renews the proof of a session by the account's password or a code. It
// returns ErrBadCredentials, ErrUnauthenticated or *SlowDownError.
func (g *Gate) Prove(ctx context.Context, session, password, code, address string) error {
	now := g.opt.Now()
	p, err := g.Authenticate(ctx, session)
	if err != nil {
		return err
	}
	if p.Kind != KindSession || len(p.Needs) > 0 {
		return ErrUnauthenticated
	}
	u, err := UserByID(ctx, g.db.Read(ctx), p.UserID)
	if err != nil {
		return err
	}
	if err := g.take(ctx, u.Login, address, now, inside(u)); err != nil {
		return err
	}
	known := password != "" && VerifyPassword(u.PasswordHash, password)
	err = g.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		how := "password"
		if !known {
			if code == "" {
				return ErrBadCode
			}
			if how, err = useCode(ctx, tx, u, code, now); err != nil {
				return err
			}
		}
		if err := forgive(ctx, tx, u.Login, address, now, inside(u)); err != nil {
			return err
		}
		if err := proven(ctx, tx, session, now); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{At: now, Actor: u.ID, Action: "session.proven", Object: u.ID, FacilityID: u.FacilityID, Detail: how})
	})
	if errors.Is(err, ErrBadCode) {
		return errors.Join(ErrBadCredentials, g.refusedFactor(ctx, u, address, now))
	}
	return err
}

// ResetFactors takes every factor from an account whose owner has lost them, and
// ends its sessions.
func ResetFactors(ctx context.Context, tx db.Tx, userID string) error {
	for _, q := range []string{
		`UPDATE users SET code_secret = '', code_pending = '' WHERE id = $1`,
		`DELETE FROM recovery_codes WHERE user_id = $1`, `DELETE FROM passkeys WHERE user_id = $1`,
	} {
		if _, err := tx.ExecContext(ctx, q, userID); err != nil {
			return fmt.Errorf("identity: reset factors: %w", err)
		}
	}
	return RevokeSessions(ctx, tx, userID)
}
