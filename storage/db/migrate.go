package db

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"
)

// migrate applies what is missing. Numbers are given out by room (00001-00009
// storage, 00010-00019 worklist and router, 00020-00029 reports,
// 00030-00039 services of the DICOM network), so a lower
// number may appear after a higher one has been applied.
//
// Two processes may open a new file at the same moment. Each migration is one
// transaction together with its row in the version table; the loser of the race
// fails on "already exists" without leaving anything, looks again and finds less
// to do.
func migrate(ctx context.Context, e engine, schema *sql.DB, log *slog.Logger) error {
	dialect, files, err := e.migrations()
	if err != nil {
		return fmt.Errorf("db: embedded migrations: %w", err)
	}
	p, err := goose.NewProvider(dialect, schema, files,
		goose.WithAllowOutofOrder(true), goose.WithDisableGlobalRegistry(true))
	if err != nil {
		return fmt.Errorf("db: migrations: %w", err)
	}
	const attempts = 5
	for n := 1; ; n++ {
		done, err := p.Up(ctx)
		for _, m := range done {
			log.InfoContext(ctx, "db: migrated", "file", m.Source.Path, "took", m.Duration)
		}
		if err == nil {
			return nil
		}
		if n == attempts || ctx.Err() != nil {
			return fmt.Errorf("db: migrate %s: %w", e.name(), err)
		}
	}
}
