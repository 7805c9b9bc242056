package db_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/dokuei/dokuei/storage/db"
)

// A write is durable when Write returns nil.
func ExampleDB_Write() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	d, err := db.Open(ctx, "sqlite:"+filepath.Join(dir, "dokuei.db"), nil)
	if err != nil {
		panic(err)
	}
	defer d.Close()
	err = d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO events (at, kind, facility_id, study_id, ref, panel) VALUES ($1, $2, '', '', '', '')`,
			db.Micros(db.Now()), "example")
		return err
	})
	if err != nil {
		panic(err)
	}
	var n int
	if err := d.Read(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM events`).Scan(&n); err != nil {
		panic(err)
	}
	fmt.Println(n)
	// Output: 1
}
