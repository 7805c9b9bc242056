package db

import (
	"context"
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

// CopySetting is a setting of the sessions that copy the database.
func (d *DB) CopySetting(ctx context.Context, name string) (value string, err error) {
	err = d.pools.schema.QueryRowContext(ctx, `SELECT current_setting($1)`, name).Scan(&value)
	return value, err
}
