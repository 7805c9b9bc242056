package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Due lists up to limit studies that are receiving and whose release time has
// come, longest overdue first.
func Due(ctx context.Context, tx db.Tx, now time.Time, limit int) (studyIDs []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id FROM studies WHERE state = 'receiving' AND release_at <= $1
		ORDER BY release_at LIMIT $2`, db.Micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("catalog: due: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("catalog: due: %w", err)
		}
		studyIDs = append(studyIDs, id)
	}
	return studyIDs, rows.Err()
}

// NextRelease is the earliest release time of a receiving study; ok is false when
// no study is receiving.
func NextRelease(ctx context.Context, tx db.Tx) (at time.Time, ok bool, err error) {
	var us int64
	err = tx.QueryRowContext(ctx, `SELECT release_at FROM studies WHERE state = 'receiving' ORDER BY release_at LIMIT 1`).Scan(&us)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("catalog: next release: %w", err)
	}
	return db.FromMicros(us), true, nil
}

// CompleteStudy turns a receiving study whose release time has come to complete.
// ok is false when it is not due: an instance came meanwhile, or another node was
// first. The caller does the rest (event, workitem) in the same transaction.
func CompleteStudy(ctx context.Context, tx db.Tx, studyID string, now time.Time) (s Study, ok bool, err error) {
	res, err := tx.ExecContext(ctx, `UPDATE studies SET state = 'complete', completed_at = $1
		WHERE id = $2 AND state = 'receiving' AND release_at <= $1`, db.Micros(now), studyID)
	if err != nil {
		return Study{}, false, fmt.Errorf("catalog: complete study: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return Study{}, false, fmt.Errorf("catalog: complete study: %w", err)
	}
	s, err = StudyByID(ctx, tx, identity.Everything(), studyID)
	return s, n > 0 && err == nil, err
}
