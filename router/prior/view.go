package prior

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Fetched is how far the earlier studies of a study are.
type Fetched struct {
	Source  string // as the rule names it
	State   State
	Reason  Reason
	Found   int // studies the archive has and that were chosen
	Here    int // of these, those that were here already
	Arrived int // those that were fetched
	Lacking int // instances the archive could not send
	At      time.Time
}

// OfStudy says how far the earlier studies of a study are; false: none were asked for.
func OfStudy(ctx context.Context, tx db.Tx, studyID string) (f Fetched, ok bool, err error) {
	var at int64
	err = tx.QueryRowContext(ctx, `SELECT f.source, f.state, f.reason, f.updated_at, COUNT(p.fetch_id),
 COALESCE(SUM(CASE WHEN p.state = 'here' THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN p.state = 'fetched' THEN 1 ELSE 0 END), 0), COALESCE(SUM(p.failed), 0)
 FROM prior_fetches f LEFT JOIN prior_studies p ON p.fetch_id = f.id WHERE f.study_id = $1 GROUP BY f.id, f.source, f.state, f.reason, f.updated_at`, studyID).
		Scan(&f.Source, &f.State, &f.Reason, &at, &f.Found, &f.Here, &f.Arrived, &f.Lacking)
	if errors.Is(err, sql.ErrNoRows) {
		return f, false, nil
	}
	if err != nil {
		return f, false, fmt.Errorf("prior: of study: %w", err)
	}
	f.At = db.FromMicros(at)
	return f, true, nil
}

// Unsettled says of which of these studies the earlier ones are still being asked for, and
// of which they could not be had; others are not in it.
func Unsettled(ctx context.Context, tx db.Tx, studyIDs []string) (map[string]State, error) {
	in, args := db.In(studyIDs)
	rows, err := tx.QueryContext(ctx, `SELECT study_id, state FROM prior_fetches WHERE study_id IN `+in+` AND state IN ('waiting', 'failed')`, args...)
	if err != nil {
		return nil, fmt.Errorf("prior: unsettled: %w", err)
	}
	defer rows.Close() //nolint:errcheck // read to its end
	states := map[string]State{}
	for rows.Next() {
		var id string
		var state State
		if err := rows.Scan(&id, &state); err != nil {
			return nil, fmt.Errorf("prior: unsettled: %w", err)
		}
		states[id] = state
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("prior: unsettled: %w", err)
	}
	return states, nil
}

// Kept reports whether a study was fetched to be compared with and is nobody's task.
func Kept(ctx context.Context, tx db.Tx, studyID string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM studies WHERE id = $1 AND as_prior = 1 AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = studies.id)`, studyID).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("prior: kept: %w", err)
	}
	return n > 0, nil
}
