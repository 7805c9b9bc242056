package dbtest

import (
	"path/filepath"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
)

// Each runs test once per engine. open gives an empty database with all tables.
func Each(t *testing.T, test func(t *testing.T, open func(t *testing.T) *db.DB)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		test(t, func(t *testing.T) *db.DB {
			t.Helper()
			return Open(t, filepath.Join(t.TempDir(), "dokuei.db"))
		})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		server := Start(t)
		test(t, func(t *testing.T) *db.DB {
			t.Helper()
			return Open(t, server.Database(t))
		})
	})
}

// Postgres gives the URL of an empty database on a PostgreSQL server of its own,
// for tests of programs that open it themselves. It skips where none is installed.
func Postgres(t testing.TB) string {
	t.Helper()
	return Start(t).Database(t)
}

// Open opens a database for the length of a test.
func Open(t testing.TB, url string) *db.DB {
	t.Helper()
	d, err := db.Open(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
