package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Events of the trash.
const (
	EventStudyTrashed  = "study.trashed"
	EventStudyRestored = "study.restored"
)

// Trash puts a study out of everybody's sight. ok is false when it is there already,
// or images of it are coming in.
func Trash(ctx context.Context, tx db.Tx, studyID string, now time.Time) (ok bool, err error) {
	res, err := tx.ExecContext(ctx, `UPDATE studies SET trashed_at = $1 WHERE id = $2 AND trashed_at = 0 AND state = 'complete'`, db.Micros(now), studyID)
	if err != nil {
		return false, fmt.Errorf("catalog: trash: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// Untrash takes a study out of the trash and ends its deletion; by is who did it,
// empty for the hospital that has sent it again. A study without a report is released
// once more, since its reading was withdrawn. The caller writes the audit record.
func Untrash(ctx context.Context, tx db.Tx, studyID, by string, now time.Time) error {
	at := db.Micros(now)
	_, err := tx.ExecContext(ctx, `UPDATE studies SET trashed_at = 0, release_at = CASE WHEN own_count = 0 THEN $1 ELSE release_at END,
		state = CASE WHEN own_count = 0 THEN 'receiving' ELSE state END WHERE id = $2`, at, studyID)
	if err != nil {
		return fmt.Errorf("catalog: restore: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE deletions SET state = 'restored', ended_by = $1, ended_at = $2 WHERE study_id = $3 AND state = 'trashed'`, by, at, studyID); err != nil {
		return fmt.Errorf("catalog: restore: %w", err)
	}
	var facility string
	if err := tx.QueryRowContext(ctx, `SELECT facility_id FROM studies WHERE id = $1`, studyID).Scan(&facility); err != nil {
		return fmt.Errorf("catalog: restore: %w", err)
	}
	return AppendEvent(ctx, tx, Event{At: now, Kind: EventStudyRestored, FacilityID: facility, StudyID: studyID})
}
