package worklist

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Desk is the open work of a panel at one priority.
type Desk struct {
	PanelID   string
	Priority  Priority
	Waiting   int // SCHEDULED
	Reading   int // IN PROGRESS
	Late      int // of both, past their deadline
	Escalated int
	Oldest    time.Time // when the oldest was made
}

// Board counts the open work of every panel, by priority. It is for those who see
// the whole list.
func Board(ctx context.Context, tx db.Tx, now time.Time) ([]Desk, error) {
	rows, err := tx.QueryContext(ctx, `SELECT panel_id, priority, SUM(CASE WHEN state = 'SCHEDULED' THEN 1 ELSE 0 END), SUM(CASE WHEN state = 'IN PROGRESS' THEN 1 ELSE 0 END),
 SUM(CASE WHEN deadline < $1 THEN 1 ELSE 0 END), SUM(CASE WHEN escalated > 0 THEN 1 ELSE 0 END), MIN(created_at)
 FROM workitems WHERE state IN ('SCHEDULED', 'IN PROGRESS') GROUP BY panel_id, priority, priority_rank ORDER BY panel_id, priority_rank`, db.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("worklist: board: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (Desk, error) {
		var d Desk
		var oldest int64
		err := rows.Scan(&d.PanelID, &d.Priority, &d.Waiting, &d.Reading, &d.Late, &d.Escalated, &oldest)
		d.Oldest = db.FromMicros(oldest)
		return d, err
	})
}
