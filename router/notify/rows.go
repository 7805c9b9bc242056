package notify

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// rows is a table of what waits, by destination, and which destinations are told it.
type rows struct{ table, wanted string }

func (r rows) waiting() string {
	return ` FROM ` + r.table + ` n JOIN destinations t ON t.id = n.destination_id WHERE n.state = 'pending' AND t.active = 1 AND ` + r.wanted
}

func (r rows) destinations(ctx context.Context, tx db.Tx, now time.Time) (ids []string, err error) {
	list, err := tx.QueryContext(ctx, `SELECT DISTINCT n.destination_id`+r.waiting()+` AND n.next_at <= $1`, db.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("notify: due: %w", err)
	}
	defer list.Close()
	for list.Next() {
		var id string
		if err := list.Scan(&id); err != nil {
			return nil, fmt.Errorf("notify: due: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, list.Err()
}

func (r rows) next(ctx context.Context, tx db.Tx, now time.Time) (time.Time, error) {
	var us sql.NullInt64
	if err := tx.QueryRowContext(ctx, `SELECT MIN(n.next_at)`+r.waiting()+` AND n.next_at > $1`, db.Micros(now)).Scan(&us); err != nil {
		return time.Time{}, fmt.Errorf("notify: next: %w", err)
	}
	if !us.Valid {
		return time.Time{}, nil
	}
	return db.FromMicros(us.Int64), nil
}

func (r rows) postpone(ctx context.Context, tx db.Tx, n notification, until time.Time, reason string, everybody bool) error {
	now := db.Micros(db.Now())
	_, err := tx.ExecContext(ctx, `UPDATE `+r.table+` SET attempts = attempts + 1, next_at = $1, last_error = $2, updated_at = $3
 WHERE id = $4 AND state = 'pending'`, db.Micros(until), reason, now, n.ID)
	if err == nil && everybody {
		_, err = tx.ExecContext(ctx, `UPDATE `+r.table+` SET next_at = $1, last_error = $2, updated_at = $3
 WHERE destination_id = $4 AND state = 'pending' AND next_at < $1`, db.Micros(until), reason, now, n.DestinationID)
	}
	if err != nil {
		return fmt.Errorf("notify: postpone: %w", err)
	}
	return nil
}
