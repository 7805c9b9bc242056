package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// A scratch database has the schema, takes rows and leaves nothing behind.
func TestOpenScratch(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("TMP", dir) // Windows
	d, err := db.OpenScratch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	noon := time.Date(2026, 6, 1, 12, 0, 0, 999, time.FixedZone("", 9*3600))
	ctx := db.WithNow(t.Context(), func() time.Time { return noon })
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		if got := db.NowIn(ctx); !got.Equal(noon.Truncate(time.Microsecond)) || got.Location() != time.UTC {
			t.Errorf("inside a transaction it is %s", got)
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO panels (id, name, created_at, updated_at) VALUES ('a', 'a', 0, 0)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if left, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
	if err := d.Write(ctx, func(context.Context, db.Tx) error { return nil }); !errors.Is(err, db.ErrClosed) {
		t.Errorf("written after the end: %v", err)
	}
	if now := db.NowIn(t.Context()); time.Since(now) > time.Minute {
		t.Errorf("without a clock of its own a context says %s", now)
	}
}
