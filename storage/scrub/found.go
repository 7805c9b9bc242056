package scrub

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Damage is an object that was found missing or with other bytes.
type Damage struct {
	InstanceID string // or MessageID: a picture said in a room
	MessageID  string
	StudyID    string
	FacilityID string
	Missing    bool
	FoundAt    time.Time
	MendedAt   time.Time // zero: not yet
	MendedBy   string
}

// Found gives what was found, at most limit, what is not mended first.
func Found(ctx context.Context, tx db.Tx, limit int) (list []Damage, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT COALESCE(d.instance_id, ''), COALESCE(d.message_id, ''), s.id, s.facility_id, d.missing, d.found_at, d.mended_at, d.mended_by FROM damages d
		LEFT JOIN instances i ON i.id = d.instance_id LEFT JOIN room_messages m ON m.id = d.message_id JOIN studies s ON s.id = COALESCE(i.study_id, m.study_id)
		ORDER BY CASE WHEN d.mended_at = 0 THEN 0 ELSE 1 END, d.found_at DESC, d.object_key LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("scrub: found: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Damage
		var missing int
		var found, mended int64
		if err := rows.Scan(&d.InstanceID, &d.MessageID, &d.StudyID, &d.FacilityID, &missing, &found, &mended, &d.MendedBy); err != nil {
			return nil, fmt.Errorf("scrub: found: %w", err)
		}
		d.Missing, d.FoundAt, d.MendedAt = missing == 1, db.FromMicros(found), db.FromMicros(mended)
		list = append(list, d)
	}
	return list, rows.Err()
}

// Progress is how far the check of the store has come.
func Progress(ctx context.Context, tx db.Tx) (State, error) { return load(ctx, tx) }
