package db

import (
	"database/sql"
	"io/fs"

	"github.com/pressly/goose/v3"
)

// Bare opens a database without bringing its schema forward.
func Bare(url string) (engine string, d *sql.DB, dialect goose.Dialect, files fs.FS, end func() error, err error) {
	e, err := engineOf(url)
	if err != nil {
		return "", nil, "", nil, nil, err
	}
	p, err := e.open()
	if err != nil {
		return "", nil, "", nil, nil, err
	}
	dialect, files, err = e.migrations()
	return e.name(), p.schema, dialect, files, p.close, err
}
