package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Parked counts the notifications of completeness that nobody has taken in time, since
// a moment, and when the oldest of them was made.
func Parked(ctx context.Context, tx db.Tx, after time.Time) (n int, since time.Time, err error) {
	var at int64
	err = tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM notifications WHERE state = 'expired' AND updated_at > $1`, db.Micros(after)).Scan(&n, &at)
	if err != nil {
		return 0, since, fmt.Errorf("notify: parked: %w", err)
	}
	return n, db.FromMicros(at), nil
}
