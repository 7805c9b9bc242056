package deliver

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Parked counts what a receiver has refused, and since when the oldest waits for
// somebody to look.
func Parked(ctx context.Context, tx db.Tx) (n int, since time.Time, err error) {
	var at int64
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*), COALESCE(MIN(created_at), 0) FROM deliveries WHERE state = 'failed'`).Scan(&n, &at); err != nil {
		return 0, since, fmt.Errorf("deliver: parked: %w", err)
	}
	return n, db.FromMicros(at), nil
}
