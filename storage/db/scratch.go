package db

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
)

// OpenScratch opens an empty SQLite database in a folder of its own, which Close
// removes. It is never synced and nothing in it outlives the process: it is for what
// is played, not for what is kept.
func OpenScratch(ctx context.Context) (*DB, error) {
	dir, err := os.MkdirTemp("", "dokuei-scratch-*")
	if err != nil {
		return nil, fmt.Errorf("db: folder of a scratch database: %w", err)
	}
	d, err := open(ctx, &sqliteEngine{path: filepath.Join(dir, "scratch.db"), unsynced: true}, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	d.scratch = dir
	return d, nil
}
