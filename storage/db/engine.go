package db

import (
	"database/sql"
	"errors"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

// engine is what differs between the two databases.
type engine interface {
	name() string
	// open gives the pools of the database.
	open() (pools, error)
	// begin are the statements that start the writer's transaction and make it
	// the only one.
	begin() []string
	viewOptions() *sql.TxOptions
	// cacheStatements says that the writer keeps prepared statements itself.
	cacheStatements() bool
	// spoils says that a statement that fails spoils the whole transaction, of which
	// COMMIT then keeps nothing and says nothing.
	spoils() bool
	// readLimit bounds a query and a view, with the wait for a connection; zero: no bound.
	readLimit() time.Duration
	// writeLimit is how long a statement of the writer is waited for; zero: without end.
	writeLimit() time.Duration
	// transient says that the same transaction may succeed when run again.
	transient(err error) bool
	// classify adds ErrFull to an error that says so in the engine's own words.
	classify(err error) error
	migrations() (goose.Dialect, fs.FS, error)
	// references is a query for all foreign keys of one column: table, column, table
	// and column it refers to.
	references() string
}

// pools are the connections to one database, by what they are for.
type pools struct {
	readers *sql.DB
	writers *sql.DB // one connection
	schema  *sql.DB // migrations, which may take long; may be writers
	holders *sql.DB // sessions whose locks are holds; nil: one process has it all
}

func (p pools) close() error {
	var errs []error
	closed := make(map[*sql.DB]bool)
	for _, d := range []*sql.DB{p.readers, p.writers, p.schema, p.holders} {
		if d != nil && !closed[d] {
			closed[d] = true
			errs = append(errs, d.Close())
		}
	}
	return errors.Join(errs...)
}
