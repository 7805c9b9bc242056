package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Token is a bearer token of a machine, without its secret.
type Token struct {
	ID         string
	Name       string
	Role       Role
	FacilityID string
	CreatedAt  time.Time
	ExpiresAt  time.Time // zero: never
	RevokedAt  time.Time // zero: not revoked
}

// CreateToken makes a bearer token and gives its secret, which is not kept.
func CreateToken(ctx context.Context, tx db.Tx, t Token) (secret string, created Token, err error) {
	if !t.Role.Valid() {
		return "", Token{}, fmt.Errorf("identity: unknown role %q", t.Role)
	}
	if t.Role.AtFacility() && t.FacilityID == "" {
		return "", Token{}, fmt.Errorf("identity: a token of role %s needs a facility", t.Role)
	}
	t.ID, t.CreatedAt = db.NewID(), db.Now()
	secret = newSecret(tokenPrefix)
	_, err = tx.ExecContext(ctx, `INSERT INTO tokens (id, token_hash, name, role, facility_id, created_at, expires_at, revoked_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, 0)`,
		t.ID, secretHash(secret), t.Name, string(t.Role), t.FacilityID, db.Micros(t.CreatedAt), db.Micros(t.ExpiresAt))
	if err != nil {
		return "", Token{}, fmt.Errorf("identity: create token: %w", err)
	}
	return secret, t, nil
}

// RevokeToken ends a token.
func RevokeToken(ctx context.Context, tx db.Tx, id string) error {
	res, err := tx.ExecContext(ctx, `UPDATE tokens SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0`, db.Micros(db.Now()), id)
	return changed(res, err, "revoke token")
}

// Tokens lists all tokens, newest first.
func Tokens(ctx context.Context, tx db.Tx) ([]Token, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, name, role, facility_id, created_at, expires_at, revoked_at FROM tokens ORDER BY id DESC`)
	if err != nil {
		return nil, fmt.Errorf("identity: tokens: %w", err)
	}
	defer rows.Close()
	var out []Token
	for rows.Next() {
		t, err := scanToken(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// tokenPrincipal finds the machine behind a secret.
func tokenPrincipal(ctx context.Context, tx db.Tx, secret string, now time.Time) (Principal, error) {
	t, err := scanToken(tx.QueryRowContext(ctx, `SELECT id, name, role, facility_id, created_at, expires_at, revoked_at
		FROM tokens WHERE token_hash = $1`, secretHash(secret)))
	if errors.Is(err, ErrNotFound) {
		return Principal{}, ErrUnauthenticated
	}
	if err != nil {
		return Principal{}, err
	}
	if !t.RevokedAt.IsZero() || (!t.ExpiresAt.IsZero() && !now.Before(t.ExpiresAt)) {
		return Principal{}, ErrUnauthenticated
	}
	var veils Veils
	if t.Role.Reads() {
		if veils, err = LoadVeils(ctx, tx); err != nil {
			return Principal{}, err
		}
	}
	return Principal{Veils: veils, UserID: t.ID, Login: "token:" + t.Name, Name: t.Name, NameEn: t.Name, Role: t.Role, FacilityID: t.FacilityID, Kind: KindToken}, nil
}

func scanToken(row interface{ Scan(...any) error }) (Token, error) {
	var t Token
	var role string
	var created, expires, revoked int64
	err := row.Scan(&t.ID, &t.Name, &role, &t.FacilityID, &created, &expires, &revoked)
	if errors.Is(err, sql.ErrNoRows) {
		return Token{}, ErrNotFound
	}
	if err != nil {
		return Token{}, fmt.Errorf("identity: read token: %w", err)
	}
	t.Role = Role(role)
	t.CreatedAt, t.ExpiresAt, t.RevokedAt = db.FromMicros(created), db.FromMicros(expires), db.FromMicros(revoked)
	return t, nil
}
