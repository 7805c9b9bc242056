package db

import (
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/pressly/goose/v3"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

//go:embed migrations/sqlite/*.sql
var sqliteMigrations embed.FS

// sqliteEngine is one SQLite file in WAL mode.
type sqliteEngine struct {
	path     string
	unsynced bool // what is written may be lost: see OpenScratch
}

func newSQLite(path string) (engine, error) {
	if path == "" || path == ":memory:" {
		return nil, errors.New("db: SQLite needs a file: sqlite:/path/to/dokuei.db")
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("db: path of the SQLite file: %w", err)
	}
	return &sqliteEngine{path: abs}, nil
}

func (e *sqliteEngine) name() string { return "sqlite" }

func (e *sqliteEngine) open() (p pools, err error) {
	if err := os.MkdirAll(filepath.Dir(e.path), 0o700); err != nil {
		return p, fmt.Errorf("db: folder of the SQLite file: %w", err)
	}
	if err := create(e.path); err != nil {
		return p, fmt.Errorf("db: make the SQLite file: %w", err)
	}
	if p.writers, err = sql.Open("sqlite", e.dsn("foreign_keys(1)", "journal_size_limit(67108864)")); err != nil {
		return p, fmt.Errorf("db: open sqlite: %w", err)
	}
	p.writers.SetMaxOpenConns(1)
	p.schema = p.writers
	if p.readers, err = sql.Open("sqlite", e.dsn("query_only(1)")); err != nil {
		return pools{}, errors.Join(fmt.Errorf("db: open sqlite: %w", err), p.close())
	}
	sizeReaders(p.readers)
	return p, nil
}

// create makes the file when there is none. Rows hold names of patients: nobody else
// on the machine reads it.
//
// The file is never opened under its name here: with POSIX locks, closing one
// descriptor of a file gives up every lock that the process has on it (fcntl(2)), and
// another process that closes its connection would then take the write-ahead log
// for left over, and remove it while this one writes to it.
func create(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a folder", path)
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".new-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	if err := f.Close(); err != nil {
		return err
	}
	if err := os.Link(f.Name(), path); err == nil || errors.Is(err, fs.ErrExist) {
		return nil
	}
	return os.Rename(f.Name(), path) // a file system without links
}

// dsn is the URI of the file (https://sqlite.org/uri.html) with the pragmas that
// every connection sets. busy_timeout covers a second process, such as
// "dokuei apply" beside a running server.
func (e *sqliteEngine) dsn(pragmas ...string) string {
	p := filepath.ToSlash(e.path)
	if !strings.HasPrefix(p, "/") {
		p = "/" + p // C:/… becomes file:///C:/…
	}
	q, sync := url.Values{}, "synchronous(FULL)"
	if e.unsynced {
		sync = "synchronous(OFF)"
	}
	if name := datasyncFS(); name != "" {
		q.Set("vfs", name)
	}
	for _, v := range append([]string{
		"busy_timeout(15000)", "journal_mode(WAL)", sync,
		"cache_size(-16000)", "temp_store(MEMORY)",
		"case_sensitive_like(1)", // as in PostgreSQL
	}, pragmas...) {
		q.Add("_pragma", v)
	}
	return "file://" + (&url.URL{Path: p}).EscapedPath() + "?" + q.Encode()
}

// begin takes the write lock at once, so that no statement later in the
// transaction meets SQLITE_BUSY.
func (e *sqliteEngine) begin() []string { return []string{"BEGIN IMMEDIATE"} }

func (e *sqliteEngine) viewOptions() *sql.TxOptions { return &sql.TxOptions{ReadOnly: true} }

func (e *sqliteEngine) cacheStatements() bool { return true }

func (e *sqliteEngine) spoils() bool { return false }

func (e *sqliteEngine) readLimit() time.Duration { return 0 } // nobody to wait for

func (e *sqliteEngine) writeLimit() time.Duration { return 0 }

func (e *sqliteEngine) transient(err error) bool {
	var se *sqlite.Error
	if !errors.As(err, &se) {
		return false
	}
	primary := se.Code() & 0xff
	return primary == sqlite3.SQLITE_BUSY || primary == sqlite3.SQLITE_LOCKED
}

func (e *sqliteEngine) classify(err error) error {
	var se *sqlite.Error
	if errors.As(err, &se) && se.Code()&0xff == sqlite3.SQLITE_FULL {
		return fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

func (e *sqliteEngine) migrations() (goose.Dialect, fs.FS, error) {
	sub, err := fs.Sub(sqliteMigrations, "migrations/sqlite")
	return goose.DialectSQLite3, sub, err
}

func (e *sqliteEngine) references() string {
	return `SELECT m.name, f."from", f."table", f."to" FROM sqlite_master m JOIN pragma_foreign_key_list(m.name) f
		WHERE m.type = 'table' AND NOT EXISTS (SELECT 1 FROM pragma_foreign_key_list(m.name) g WHERE g.id = f.id AND g.seq > 0) ORDER BY m.name, f."from"`
}
