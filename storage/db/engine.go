package db

import (
	"database/sql"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// engine is what differs between the two databases.
type engine interface {
	name() string
	// open gives the pool of readers and the pool of the writer.
	open() (readers, writers *sql.DB, err error)
	// begin are the statements that start the writer's transaction and make it
	// the only one.
	begin() []string
	viewOptions() *sql.TxOptions
	// cacheStatements says that the writer keeps prepared statements itself.
	cacheStatements() bool
	// transient says that the same transaction may succeed when run again.
	transient(err error) bool
	// classify adds ErrFull to an error that says so in the engine's own words.
	classify(err error) error
	migrations() (goose.Dialect, fs.FS, error)
}
