package db

import (
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"runtime"

	"github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/stdlib" // driver "pgx"
	"github.com/pressly/goose/v3"
)

// writerLock is the advisory lock that makes one node at a time the writer. The
// number only has to be the same in every node.
const writerLock = 0x646f6b756569 // "dokuei"

// postgresEngine is one PostgreSQL database shared by any number of nodes.
type postgresEngine struct{ url string }

func newPostgres(url string) (engine, error) {
	if _, err := pgconn.ParseConfig(url); err != nil {
		return nil, errors.New("db: the PostgreSQL URL cannot be read: want postgres://user:password@host:port/name")
	}
	return &postgresEngine{url: url}, nil
}

func (e *postgresEngine) name() string { return "postgres" }

func (e *postgresEngine) open() (readers, writers *sql.DB, err error) {
	if writers, err = sql.Open("pgx", e.url); err != nil {
		return nil, nil, fmt.Errorf("db: open postgres: %w", err)
	}
	writers.SetMaxOpenConns(1)
	if readers, err = sql.Open("pgx", e.url); err != nil {
		return nil, nil, errors.Join(fmt.Errorf("db: open postgres: %w", err), writers.Close())
	}
	n := max(4, 2*runtime.NumCPU())
	readers.SetMaxOpenConns(n)
	readers.SetMaxIdleConns(n)
	return readers, writers, nil
}

// begin waits for the other nodes' writers: with one writer at a time there is no
// serialisation failure to repeat, and sequences are in order of commit.
func (e *postgresEngine) begin() []string {
	// One message, so one round trip.
	return []string{fmt.Sprintf("BEGIN; SET LOCAL synchronous_commit = on; SELECT pg_advisory_xact_lock(%d)", writerLock)}
}

func (e *postgresEngine) viewOptions() *sql.TxOptions {
	return &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead}
}

func (e *postgresEngine) cacheStatements() bool { return false } // pgx keeps its own

// transient: class 40 is transaction rollback (serialisation, deadlock).
func (e *postgresEngine) transient(err error) bool {
	var pe *pgconn.PgError
	return errors.As(err, &pe) && len(pe.Code) == 5 && pe.Code[:2] == "40"
}

// classify: 53100 is disk_full (PostgreSQL documentation, Appendix A).
func (e *postgresEngine) classify(err error) error {
	var pe *pgconn.PgError
	if errors.As(err, &pe) && pe.Code == "53100" {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

func (e *postgresEngine) migrations() (goose.Dialect, fs.FS, error) {
	_, sub, err := new(sqliteEngine).migrations()
	return goose.DialectPostgres, translated{sub}, err
}
