package worklist

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Load is what a reader has on the desk, and has finished.
type Load struct{ Open, Done int }

// Loads counts by reader the items IN PROGRESS and those COMPLETED since a
// moment. It is for those who see the whole list.
func Loads(ctx context.Context, tx db.Tx, since time.Time) (map[string]Load, error) {
	rows, err := tx.QueryContext(ctx, `SELECT claimed_by, SUM(CASE WHEN state = 'IN PROGRESS' THEN 1 ELSE 0 END),
 SUM(CASE WHEN state = 'COMPLETED' THEN 1 ELSE 0 END) FROM workitems
 WHERE claimed_by IS NOT NULL AND (state = 'IN PROGRESS' OR (state = 'COMPLETED' AND completed_at >= $1)) GROUP BY claimed_by`, db.Micros(since))
	if err != nil {
		return nil, fmt.Errorf("worklist: loads: %w", err)
	}
	defer rows.Close()
	out := map[string]Load{}
	for rows.Next() {
		var id string
		var l Load
		if err := rows.Scan(&id, &l.Open, &l.Done); err != nil {
			return nil, fmt.Errorf("worklist: loads: %w", err)
		}
		out[id] = l
	}
	return out, rows.Err()
}
