package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
)

// writerLock is the advisory lock that makes one node at a time the writer. The
// number only has to be the same in every node.
const writerLock = 0x646f6b756569 // "dokuei"

// How long a statement may take, and how long the server may be silent before it
// counts as gone: a caller is answered within ten seconds whatever has become of
// the database. The server's own limit comes first, so that a slow statement is an
// error in words and not a broken connection.
const (
	statementLimit = 4 * time.Second // of readers
	writeLimit     = 7 * time.Second
	schemaLimit    = time.Hour
	silence        = time.Second // beyond the limit of the statement
	// A node that was stopped inside a transaction holds the writer's lock of all
	// others; the server ends its session.
	idleLimit = 5 * time.Second
	// A copy of the database reads in one transaction and writes in between; it holds
	// nobody's lock.
	copyIdleLimit = 10 * time.Minute
)

// postgresEngine is one PostgreSQL database shared by any number of nodes.
type postgresEngine struct{ config *pgx.ConnConfig }

func newPostgres(url string) (engine, error) {
	config, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, errors.New("db: the PostgreSQL URL cannot be read: want postgres://user:password@host:port/name")
	}
	return &postgresEngine{config}, nil
}

func (e *postgresEngine) name() string { return "postgres" }

func (e *postgresEngine) open() (pools, error) {
	p := pools{readers: e.pool(statementLimit, 0), writers: e.pool(writeLimit, 0), schema: e.pool(schemaLimit, 0), holders: e.pool(writeLimit, holdIdle)}
	sizeReaders(p.readers)
	p.writers.SetMaxOpenConns(1)
	p.schema.SetMaxIdleConns(0) // not used again after the start
	p.holders.SetMaxIdleConns(0)
	return p, nil
}

// pool gives connections whose statements end after limit, and which the server ends
// when nothing was said for idle; zero: not. What the URL says of the same settings wins.
func (e *postgresEngine) pool(limit, idle time.Duration) *sql.DB {
	config := e.config.Copy()
	set := func(name string, v time.Duration) {
		if _, said := config.RuntimeParams[name]; !said {
			config.RuntimeParams[name] = strconv.FormatInt(v.Milliseconds(), 10)
		}
	}
	set("statement_timeout", limit)
	between := min(limit, idleLimit)
	if limit == schemaLimit {
		between = copyIdleLimit
	}
	set("idle_in_transaction_session_timeout", between)
	if idle > 0 {
		set("idle_session_timeout", idle) // PostgreSQL 14
	}
	if config.ConnectTimeout == 0 || config.ConnectTimeout > limit {
		config.ConnectTimeout = limit
	}
	dial := config.DialFunc
	config.DialFunc = func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return &limitedConn{Conn: conn, limit: limit + silence}, nil
	}
	return stdlib.OpenDB(*config)
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

func (e *postgresEngine) spoils() bool { return true }

// readLimit leaves room for a wait as long as the statement.
func (e *postgresEngine) readLimit() time.Duration { return 2*statementLimit + silence }

func (e *postgresEngine) writeLimit() time.Duration { return writeLimit }

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

func (e *postgresEngine) references() string {
	return `SELECT t.relname, a.attname, o.relname, b.attname FROM pg_constraint c
		JOIN pg_class t ON t.oid = c.conrelid JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
		JOIN pg_class o ON o.oid = c.confrelid JOIN pg_attribute b ON b.attrelid = o.oid AND b.attnum = c.confkey[1]
		WHERE c.contype = 'f' AND array_length(c.conkey, 1) = 1 AND pg_table_is_visible(t.oid) ORDER BY t.relname, a.attname`
}
