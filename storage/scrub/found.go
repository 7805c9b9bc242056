package scrub

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Damage is an object that was found missing or with other bytes.
type Damage struct {
	InstanceID string
	StudyID    string
	FacilityID string
	Missing    bool
	FoundAt    time.Time
	MendedAt   time.Time // zero: not yet
	MendedBy   string
}

// Found gives what was found, at most limit, what is not mended first.
func Found(ctx context.Context, tx db.Tx, limit int) (list []Damage, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT i.id, i.study_id, i.facility_id, d.missing, d.found_at, d.mended_at, d.mended_by FROM damages d
		JOIN instances i ON i.id = d.instance_id ORDER BY CASE WHEN d.mended_at = 0 THEN 0 ELSE 1 END, d.found_at DESC, i.id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("scrub: found: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Damage
		var missing int
		var found, mended int64
		if err := rows.Scan(&d.InstanceID, &d.StudyID, &d.FacilityID, &missing, &found, &mended, &d.MendedBy); err != nil {
			return nil, fmt.Errorf("scrub: found: %w", err)
		}
		d.Missing, d.FoundAt, d.MendedAt = missing == 1, db.FromMicros(found), db.FromMicros(mended)
		list = append(list, d)
	}
	return list, rows.Err()
}

// Progress is how far the check of the store has come.
func Progress(ctx context.Context, tx db.Tx) (State, error) { return load(ctx, tx) }
