package identity

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// ErrNotFound: no such user, token or session.
var ErrNotFound = errors.New("identity: not found")

// User is an account of a person.
type User struct {
	ID           string
	Login        string
	Name         string
	NameEn       string
	Role         Role
	FacilityID   string
	License      string
	Email        string
	PasswordHash string // "" signs in never
	Disabled     bool
	MustChange   bool // the password was chosen by somebody else
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

const userColumns = `id, login, name, name_en, role, facility_id, license, email, password_hash, disabled, must_change, created_at, updated_at`

// CreateUser adds u and gives its ID.
func CreateUser(ctx context.Context, tx db.Tx, u User) (id string, err error) {
	if err := u.check(); err != nil {
		return "", err
	}
	if u.ID == "" {
		u.ID = db.NewID()
	}
	now := db.Micros(db.Now())
	_, err = tx.ExecContext(ctx, `INSERT INTO users (`+userColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)`,
		u.ID, u.Login, u.Name, u.NameEn, string(u.Role), u.FacilityID, u.License, u.Email, u.PasswordHash, flag(u.Disabled), flag(u.MustChange), now, now)
	if err != nil {
		return "", fmt.Errorf("identity: create user: %w", err)
	}
	return u.ID, nil
}

// UpdateUser changes everything but the password hash and the login. Disabling a
// user ends the sessions.
func UpdateUser(ctx context.Context, tx db.Tx, u User) error {
	if err := u.check(); err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE users SET name = $1, name_en = $2, role = $3, facility_id = $4, license = $5,
		email = $6, disabled = $7, updated_at = $8 WHERE id = $9`,
		u.Name, u.NameEn, string(u.Role), u.FacilityID, u.License, u.Email, flag(u.Disabled), db.Micros(db.Now()), u.ID)
	if err := changed(res, err, "update user"); err != nil {
		return err
	}
	if u.Disabled {
		return RevokeSessions(ctx, tx, u.ID)
	}
	return nil
}

// SetPassword replaces the password hash by one that somebody else has chosen and
// ends the user's sessions; mustChange makes the user choose another at the next
// sign-in.
func SetPassword(ctx context.Context, tx db.Tx, userID, hash string, mustChange bool) error {
	if err := setHash(ctx, tx, userID, hash, mustChange); err != nil {
		return err
	}
	return RevokeSessions(ctx, tx, userID)
}

func setHash(ctx context.Context, tx db.Tx, userID, hash string, mustChange bool) error {
	res, err := tx.ExecContext(ctx, `UPDATE users SET password_hash = $1, must_change = $2, updated_at = $3 WHERE id = $4`,
		hash, flag(mustChange), db.Micros(db.Now()), userID)
	return changed(res, err, "set password")
}

func (u User) check() error {
	switch {
	case u.Login == "" || len(u.Login) > 64:
		return errors.New("identity: a login has 1 to 64 bytes")
	case !u.Role.Valid():
		return fmt.Errorf("identity: unknown role %q", u.Role)
	case !u.Role.Human():
		return fmt.Errorf("identity: role %q is for machines: make a token", u.Role)
	case u.Role.AtFacility() && u.FacilityID == "":
		return fmt.Errorf("identity: a user of role %s needs a facility", u.Role)
	}
	return nil
}

// UserByID reads one user.
func UserByID(ctx context.Context, tx db.Tx, id string) (User, error) {
	return scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE id = $1`, id))
}

// UserByLogin reads one user.
func UserByLogin(ctx context.Context, tx db.Tx, login string) (User, error) {
	return scanUser(tx.QueryRowContext(ctx, `SELECT `+userColumns+` FROM users WHERE login = $1`, login))
}

// Users reads all users in order of login; role "" means every role.
func Users(ctx context.Context, tx db.Tx, role Role) ([]User, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+userColumns+` FROM users WHERE $1 = '' OR role = $1 ORDER BY login`, string(role))
	if err != nil {
		return nil, fmt.Errorf("identity: users: %w", err)
	}
	defer rows.Close()
	var out []User
	for rows.Next() {
		u, err := scanUser(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, u)
	}
	return out, rows.Err()
}

func scanUser(row interface{ Scan(...any) error }) (User, error) {
	var u User
	var role string
	var disabled, mustChange, created, updated int64
	err := row.Scan(&u.ID, &u.Login, &u.Name, &u.NameEn, &role, &u.FacilityID, &u.License, &u.Email,
		&u.PasswordHash, &disabled, &mustChange, &created, &updated)
	if errors.Is(err, sql.ErrNoRows) {
		return User{}, ErrNotFound
	}
	if err != nil {
		return User{}, fmt.Errorf("identity: read user: %w", err)
	}
	u.Role, u.Disabled, u.MustChange = Role(role), disabled != 0, mustChange != 0
	u.CreatedAt, u.UpdatedAt = db.FromMicros(created), db.FromMicros(updated)
	return u, nil
}

func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// changed turns "no row" into ErrNotFound.
func changed(res sql.Result, err error, what string) error {
	if err != nil {
		return fmt.Errorf("identity: %s: %w", what, err)
	}
	if n, err := res.RowsAffected(); err != nil {
		return fmt.Errorf("identity: %s: %w", what, err)
	} else if n == 0 {
		return ErrNotFound
	}
	return nil
}
