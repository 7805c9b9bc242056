package clock

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Parked counts the notices (e-mail, webhook) that were tried more than eight times,
// and when the oldest of them was written.
func Parked(ctx context.Context, tx db.Tx) (n int, since time.Time, err error) {
	var at int64
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM notices WHERE sent_at = 0 AND stopped_at = 0 AND attempts > 8`).Scan(&n, &at); err != nil {
		return 0, since, fmt.Errorf("clock: parked: %w", err)
	}
	return n, db.FromMicros(at), nil
}
