package identity

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// Preference is something a person has chosen for the pages.
type Preference struct {
	Revision int64 // 0: never saved
	Value    json.RawMessage
}

// ErrStalePreference says that another page of the person saved it meanwhile.
var ErrStalePreference = errors.New("identity: the preference has a newer revision")

// PreferenceOf reads a preference; one never saved has revision 0 and no value.
func PreferenceOf(ctx context.Context, tx db.Tx, userID, name string) (Preference, error) {
	var p Preference
	var value string
	err := tx.QueryRowContext(ctx, `SELECT revision, value FROM preferences WHERE user_id = $1 AND name = $2`, userID, name).Scan(&p.Revision, &value)
	if errors.Is(err, sql.ErrNoRows) {
		return Preference{}, nil
	}
	if err != nil {
		return p, fmt.Errorf("identity: preference: %w", err)
	}
	p.Value = json.RawMessage(value)
	return p, nil
}

// SavePreference keeps a value whose revision is the one it was read with, and
// gives the next.
func SavePreference(ctx context.Context, tx db.Tx, userID, name string, p Preference) (revision int64, err error) {
	now := db.Micros(db.Now())
	var res sql.Result
	if p.Revision == 0 {
		res, err = tx.ExecContext(ctx, `INSERT INTO preferences (user_id, name, revision, value, saved_at) VALUES ($1, $2, 1, $3, $4)
 ON CONFLICT (user_id, name) DO NOTHING`, userID, name, string(p.Value), now)
	} else {
		res, err = tx.ExecContext(ctx, `UPDATE preferences SET revision = $1, value = $2, saved_at = $3
 WHERE user_id = $4 AND name = $5 AND revision = $6`, p.Revision+1, string(p.Value), now, userID, name, p.Revision)
	}
	if err != nil {
		return 0, fmt.Errorf("identity: save preference: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return 0, fmt.Errorf("identity: save preference: %w", err)
	}
	if n != 1 {
		return 0, ErrStalePreference
	}
	return p.Revision + 1, nil
}
