package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Damaged reports whether an object was found missing or with other bytes and has not
// been mended.
func Damaged(ctx context.Context, tx db.Tx, objectKey string) (bool, error) {
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM damages WHERE object_key = $1 AND mended_at = 0`, objectKey).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("catalog: damages: %w", err)
	}
	return true, nil
}

// Mended writes down that an object is whole again, and through whom, if it was known
// not to be.
func Mended(ctx context.Context, tx db.Tx, objectKey, by string, at time.Time) error {
	if _, err := tx.ExecContext(ctx, `UPDATE damages SET mended_at = $1, mended_by = $2 WHERE object_key = $3 AND mended_at = 0`, db.Micros(at), by, objectKey); err != nil {
		return fmt.Errorf("catalog: record a repair: %w", err)
	}
	return nil
}
