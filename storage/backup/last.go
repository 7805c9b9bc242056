package backup

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Kinds of copies.
const (
	KindBackup = "backup"
	KindMirror = "mirror"
)

// Copy is the newest copy of a kind.
type Copy struct {
	Kind   string
	At     time.Time
	Took   time.Duration
	Done   Progress // without bytes
	Failed bool
	Whole  time.Time // when the newest one that did not fail began; zero: none yet
}

// Note writes down in the catalog that a copy was made, or broke off.
func Note(ctx context.Context, d *db.DB, c Copy) error {
	failed, whole := 0, db.Micros(c.At)
	if c.Failed {
		failed, whole = 1, 0
	}
	return d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO copies (kind, at, took_ms, images, copied, damaged, failed, whole) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
			ON CONFLICT (kind) DO UPDATE SET at = excluded.at, took_ms = excluded.took_ms, images = excluded.images, copied = excluded.copied,
			damaged = excluded.damaged, failed = excluded.failed, whole = CASE WHEN excluded.failed = 1 THEN copies.whole ELSE excluded.whole END`,
			c.Kind, db.Micros(c.At), c.Took.Milliseconds(), c.Done.Images, c.Done.Copied, c.Done.Damaged, failed, whole)
		if err != nil {
			return fmt.Errorf("backup: note: %w", err)
		}
		return nil
	})
}

// Last gives the newest copy of each kind there is.
func Last(ctx context.Context, tx db.Tx) (list []Copy, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT kind, at, took_ms, images, copied, damaged, failed, whole FROM copies ORDER BY kind`)
	if err != nil {
		return nil, fmt.Errorf("backup: last copies: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c Copy
		var at, took, whole int64
		var failed int
		if err := rows.Scan(&c.Kind, &at, &took, &c.Done.Images, &c.Done.Copied, &c.Done.Damaged, &failed, &whole); err != nil {
			return nil, fmt.Errorf("backup: last copies: %w", err)
		}
		c.At, c.Took, c.Failed, c.Whole = db.FromMicros(at), time.Duration(took)*time.Millisecond, failed == 1, db.FromMicros(whole)
		list = append(list, c)
	}
	return list, rows.Err()
}
