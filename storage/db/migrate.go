package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"

	"github.com/pressly/goose/v3"
)

// ErrNewer: a newer version of the program has brought the schema forward.
var ErrNewer = errors.New("db: the database was written by a newer version of dokuei")

// migrate applies what is missing, in order of number. Numbers are given out by room,
// so a version may bring a lower number than one that has been applied: both orders
// have to end in the same schema with every row. Where they do not (a table is made
// anew that a higher number refers to), the number is raised. upgrade_test.go takes a
// populated database from every state that was ever in use to the newest.
//
// A database that knows a migration which this program does not is left alone: what
// it means is not known here.
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
		err := refuseNewer(ctx, p, schema)
		if errors.Is(err, ErrNewer) {
			return err
		}
		var done []*goose.MigrationResult
		if err == nil {
			done, err = p.Up(ctx)
		}
		logDone(ctx, log, done)
		if err == nil {
			return nil
		}
		if n == attempts || ctx.Err() != nil {
			return fmt.Errorf("db: migrate %s: %w", e.name(), err)
		}
	}
}

// logDone says what an upgrade changed, step by step. A schema that begins with the
// first step is a new one, whose steps nobody waits for: it has one line.
func logDone(ctx context.Context, log *slog.Logger, done []*goose.MigrationResult) {
	if len(done) > 0 && done[0].Source.Version == 1 {
		log.InfoContext(ctx, "db: schema made", "steps", len(done))
		return
	}
	for _, m := range done {
		log.InfoContext(ctx, "db: migrated", "file", m.Source.Path, "took", m.Duration)
	}
}

// refuseNewer looks for migrations that this program does not have.
func refuseNewer(ctx context.Context, p *goose.Provider, schema *sql.DB) error {
	known := map[int64]bool{0: true} // the row that begins the table
	var last int64
	for _, s := range p.ListSources() {
		known[s.Version] = true
		last = max(last, s.Version)
	}
	if _, err := p.GetDBVersion(ctx); err != nil { // makes the table of versions
		return err
	}
	rows, err := schema.QueryContext(ctx, `SELECT version_id FROM `+goose.DefaultTablename+` ORDER BY version_id DESC`)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var v int64
		if err := rows.Scan(&v); err != nil {
			return err
		}
		if !known[v] {
			return fmt.Errorf("%w: it has migration %05d, which this program (up to %05d) does not know; start that version or a later one, or restore the backup from before the upgrade", ErrNewer, v, last)
		}
	}
	return rows.Err()
}
