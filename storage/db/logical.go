package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"
)

// A copy of PostgreSQL is a file of SQLite: the same tables with the same rows, one
// state of them all. So every copy is read by the same code, a second site needs no
// PostgreSQL, and a copy of one engine can be loaded into the other.

// ErrNotEmpty: rows are loaded into a new database only.
var ErrNotEmpty = errors.New("db: there are rows in the database already")

// table is one that is copied.
type table struct {
	name     string
	columns  []string
	counting string // the column that counts by itself
}

// tablesOf gives the tables of a database in SQLite, those that are referred to first.
func tablesOf(ctx context.Context, tx Tx) ([]table, error) {
	names, err := texts(ctx, tx, `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version' ORDER BY name`)
	if err != nil {
		return nil, err
	}
	var list []table
	done := map[string]bool{}
	var add func(name string) error
	add = func(name string) error {
		if done[name] {
			return nil
		}
		done[name] = true
		parents, err := texts(ctx, tx, `SELECT "table" FROM pragma_foreign_key_list($1) ORDER BY id`, name)
		if err != nil {
			return err
		}
		for _, p := range parents {
			if err := add(p); err != nil {
				return err
			}
		}
		t := table{name: name}
		if t.columns, err = texts(ctx, tx, `SELECT name FROM pragma_table_info($1) ORDER BY cid`, name); err != nil {
			return err
		}
		counting, err := texts(ctx, tx, `SELECT p.name FROM pragma_table_info($1) p JOIN sqlite_master m ON m.name = $1 WHERE p.pk = 1 AND m.sql LIKE '%AUTOINCREMENT%'`, name)
		if len(counting) == 1 {
			t.counting = counting[0]
		}
		list = append(list, t)
		return err
	}
	for _, name := range names {
		if err := add(name); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func texts(ctx context.Context, tx Tx, q string, args ...any) (list []string, err error) {
	rows, err := tx.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("db: schema: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, fmt.Errorf("db: schema: %w", err)
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// snapshotPostgres writes one state of the database to a new file of SQLite.
func (d *DB) snapshotPostgres(ctx context.Context, path string) (err error) {
	made, err := Open(ctx, path, nil) // the newest schema, as here
	if err != nil {
		return err
	}
	if err := made.Close(); err != nil {
		return err
	}
	e := &sqliteEngine{path: path}
	to, err := sql.Open("sqlite", e.dsn("journal_mode(DELETE)"))
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	defer func() { err = errors.Join(err, to.Close()) }()
	to.SetMaxOpenConns(1)
	out, err := to.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	defer out.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	from, err := d.pools.schema.BeginTx(ctx, &sql.TxOptions{ReadOnly: true, Isolation: sql.LevelRepeatableRead})
	if err != nil {
		return fmt.Errorf("db: snapshot: %w", err)
	}
	defer from.Rollback() //nolint:errcheck // nothing to keep: it only reads
	tables, err := tablesOf(ctx, out)
	if err != nil {
		return err
	}
	for _, t := range slices.Backward(tables) { // what migrations have put there
		if _, err := out.ExecContext(ctx, `DELETE FROM `+t.name); err != nil {
			return fmt.Errorf("db: snapshot of %s: %w", t.name, err)
		}
	}
	for _, t := range tables {
		if err := t.copyToSQLite(ctx, from, out); err != nil {
			return fmt.Errorf("db: snapshot of %s: %w", t.name, err)
		}
	}
	if err := out.Commit(); err != nil {
		return fmt.Errorf("db: snapshot: %w", e.classify(err))
	}
	return nil
}

func (t table) query() string { return `SELECT ` + strings.Join(t.columns, ", ") + ` FROM ` + t.name }

func (t table) copyToSQLite(ctx context.Context, from, to *sql.Tx) error {
	marks := make([]string, len(t.columns))
	for i := range marks {
		marks[i] = "$" + strconv.Itoa(i+1)
	}
	put, err := to.PrepareContext(ctx, `INSERT INTO `+t.name+` (`+strings.Join(t.columns, ", ")+`) VALUES (`+strings.Join(marks, ", ")+`)`)
	if err != nil {
		return err
	}
	defer put.Close()
	rows, err := from.QueryContext(ctx, t.query())
	if err != nil {
		return err
	}
	defer rows.Close()
	r := newRowReader(rows, len(t.columns))
	for rows.Next() {
		if err := rows.Scan(r.into...); err != nil {
			return err
		}
		if _, err := put.ExecContext(ctx, r.values...); err != nil {
			return err
		}
	}
	return rows.Err()
}

// rowReader reads rows whatever is in them. It is what pgx copies from.
type rowReader struct {
	rows   *sql.Rows
	values []any
	into   []any
}

func newRowReader(rows *sql.Rows, n int) *rowReader {
	r := &rowReader{rows: rows, values: make([]any, n), into: make([]any, n)}
	for i := range r.values {
		r.into[i] = &r.values[i]
	}
	return r
}

// Next implements pgx.CopyFromSource.
func (r *rowReader) Next() bool { return r.rows.Next() }

// Values implements pgx.CopyFromSource.
func (r *rowReader) Values() ([]any, error) { return r.values, r.rows.Scan(r.into...) }

// Err implements pgx.CopyFromSource.
func (r *rowReader) Err() error { return r.rows.Err() }

// Empty reports whether nobody has used the database yet: it has no account and no
// study.
func (d *DB) Empty(ctx context.Context) (bool, error) {
	var n int
	err := d.Read(ctx).QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM studies) + (SELECT COUNT(*) FROM audit)`).Scan(&n)
	return n == 0, err
}

// Load fills a new database in PostgreSQL with the rows of a snapshot of either engine,
// in one transaction. The snapshot has to be of this version: Open brings an older one
// forward. ErrNotEmpty when somebody has used the database.
func (d *DB) Load(ctx context.Context, path string) (err error) {
	if d.Engine() != "postgres" {
		return errors.New("db: a snapshot is a database of SQLite as it is")
	}
	empty, err := d.Empty(ctx)
	if err != nil {
		return err
	}
	if !empty {
		return ErrNotEmpty
	}
	e := &sqliteEngine{path: path}
	from, err := sql.Open("sqlite", e.dsn("query_only(1)"))
	if err != nil {
		return fmt.Errorf("db: load: %w", err)
	}
	defer func() { err = errors.Join(err, from.Close()) }()
	tables, err := tablesOf(ctx, from)
	if err != nil {
		return err
	}
	conn, err := d.pools.schema.Conn(ctx)
	if err != nil {
		return fmt.Errorf("db: load: %w", err)
	}
	defer conn.Close()
	return conn.Raw(func(driver any) error {
		return pgx.BeginFunc(ctx, driver.(*stdlib.Conn).Conn(), func(to pgx.Tx) error {
			for _, t := range slices.Backward(tables) {
				// What migrations have put there. Some tables refuse to be emptied, even of nothing.
				var filled bool
				err := to.QueryRow(ctx, `SELECT EXISTS (SELECT 1 FROM `+t.name+`)`).Scan(&filled)
				if err == nil && filled {
					_, err = to.Exec(ctx, `DELETE FROM `+t.name)
				}
				if err != nil {
					return fmt.Errorf("db: load %s: %w", t.name, err)
				}
			}
			for _, t := range tables {
				if err := t.copyToPostgres(ctx, from, to); err != nil {
					return fmt.Errorf("db: load %s: %w", t.name, err)
				}
			}
			return nil
		})
	})
}

func (t table) copyToPostgres(ctx context.Context, from *sql.DB, to pgx.Tx) error {
	rows, err := from.QueryContext(ctx, t.query())
	if err != nil {
		return err
	}
	defer rows.Close()
	if _, err := to.CopyFrom(ctx, pgx.Identifier{t.name}, t.columns, newRowReader(rows, len(t.columns))); err != nil {
		return err
	}
	if t.counting == "" {
		return nil
	}
	_, err = to.Exec(ctx, `SELECT setval(pg_get_serial_sequence($1, $2), (SELECT COALESCE(MAX(`+t.counting+`), 0) + 1 FROM `+t.name+`), false)`, t.name, t.counting)
	return err
}
