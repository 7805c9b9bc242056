package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"time"
)

// Tx runs statements. *sql.Tx, *sql.Conn and *sql.DB satisfy it.
type Tx interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// ErrClosed is returned by Write after Close.
var ErrClosed = errors.New("db: closed")

// ErrFull reports that the database has no room to grow.
var ErrFull = errors.New("db: no space left")

// DB is an open database. See the package comment for its promises.
type DB struct {
	engine  engine
	pools   pools
	readers *pool // over pools.readers
	writer  *writer
	scratch string // a folder that Close removes; empty: none
}

// Open opens the database named by url and brings its schema up to date:
// "sqlite:/path/to/file" or a plain path for SQLite,
// "postgres://user@host/name" for PostgreSQL.
func Open(ctx context.Context, url string, log *slog.Logger) (*DB, error) {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	e, err := engineOf(url)
	if err != nil {
		return nil, err
	}
	return open(ctx, e, log)
}

func open(ctx context.Context, e engine, log *slog.Logger) (*DB, error) {
	p, err := e.open()
	if err != nil {
		return nil, err
	}
	d := &DB{engine: e, pools: p, readers: newPool(p.readers, e)}
	if err := d.start(ctx, log); err != nil {
		return nil, errors.Join(err, p.close())
	}
	return d, nil
}

func (d *DB) start(ctx context.Context, log *slog.Logger) error {
	if err := d.connect(ctx); err != nil {
		return fmt.Errorf("db: open %s: %w", d.engine.name(), err)
	}
	if err := migrate(ctx, d.engine, d.pools.schema, log); err != nil {
		return err
	}
	d.writer = newWriter(d.engine, d.pools.writers)
	return nil
}

// connect opens the first connection. Two processes that open a new SQLite file at
// one moment both turn it to WAL, and the loser is told "locked" without the wait of
// busy_timeout.
func (d *DB) connect(ctx context.Context) error {
	const attempts, pause = 100, 50 * time.Millisecond
	for n := 1; ; n++ {
		err := d.pools.writers.PingContext(ctx)
		if err == nil || n == attempts || !d.engine.transient(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
	}
}

// engineOf picks the engine by the scheme of url.
func engineOf(url string) (engine, error) {
	scheme, rest, found := strings.Cut(url, ":")
	switch {
	case url == "":
		return nil, errors.New("db: empty database URL")
	case !found, len(scheme) == 1: // a plain path; one letter is a drive of Windows
		return newSQLite(url)
	case scheme == "sqlite":
		return newSQLite(strings.TrimPrefix(rest, "//"))
	case scheme == "postgres", scheme == "postgresql":
		return newPostgres(url)
	}
	return nil, fmt.Errorf("db: unknown scheme %q: want sqlite:/path or postgres://host/name", scheme)
}

// Read is the pool of readers.
func (d *DB) Read(context.Context) Tx { return d.readers }

// View runs fn on one snapshot: all its statements see the same commit.
func (d *DB) View(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	tx, err := d.readers.BeginTx(ctx, d.engine.viewOptions())
	if err != nil {
		return fmt.Errorf("db: begin view: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // nothing to keep: the transaction only reads
	return fn(ctx, tx)
}

// Write runs fn in a transaction; nil means that its rows are durable. fn may be
// called more than once. Once begun it is not interrupted by ctx, so it must be
// short: everybody who writes waits for it.
func (d *DB) Write(ctx context.Context, fn func(ctx context.Context, tx Tx) error) error {
	return d.writer.do(ctx, fn)
}

// Engine names the engine in use: "sqlite" or "postgres".
func (d *DB) Engine() string { return d.engine.name() }

// Alone reports that no other process stores by this database: SQLite is one node's.
func (d *DB) Alone() bool { return d.pools.holders == nil }

// Ping reports whether the database answers.
func (d *DB) Ping(ctx context.Context) error { return d.readers.PingContext(ctx) }

// Close lets the queued writes finish and closes the database.
func (d *DB) Close() error {
	d.writer.close()
	err := d.pools.close()
	if d.scratch != "" {
		err = errors.Join(err, os.RemoveAll(d.scratch))
	}
	return err
}
