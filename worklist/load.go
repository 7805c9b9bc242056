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
// moment, each of the two by an index of its own. It is for those who see the whole list.
func Loads(ctx context.Context, tx db.Tx, since time.Time) (map[string]Load, error) {
	rows, err := tx.QueryContext(ctx, `SELECT who, SUM(open), SUM(done) FROM (
 SELECT claimed_by AS who, 1 AS open, 0 AS done FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') AND state = 'IN PROGRESS' AND claimed_by IS NOT NULL
 UNION ALL SELECT claimed_by, 0, 1 FROM workitems WHERE state = 'COMPLETED' AND completed_at >= $1 AND claimed_by IS NOT NULL
) AS desks GROUP BY who`, db.Micros(since))
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
