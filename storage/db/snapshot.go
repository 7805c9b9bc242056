package db

import (
	"context"
	"database/sql"
	"fmt"
	"os"
)

// Snapshot writes one consistent state of the database to a new file of SQLite, of
// whichever engine it is, while others go on reading and writing. The file is a
// database by itself and is synced.
func (d *DB) Snapshot(ctx context.Context, path string) error {
	e, ok := d.engine.(*sqliteEngine)
	if !ok {
		return d.snapshotPostgres(ctx, path)
	}
	// A connection of its own: those of the pool may not write anywhere.
	conn, err := sql.Open("sqlite", e.dsn())
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	defer conn.Close()
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600) // VACUUM INTO takes an empty file
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	defer f.Close()
	if _, err := conn.ExecContext(ctx, `VACUUM INTO ?`, path); err != nil {
		return fmt.Errorf("db: snapshot: %w", e.classify(err))
	}
	if err := f.Sync(); err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	return nil
}
