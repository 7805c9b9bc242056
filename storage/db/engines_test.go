package db_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// What every engine promises.
func TestEngines(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		for name, test := range map[string]func(t *testing.T, d *db.DB){
			"an error rolls back only itself": func(t *testing.T, d *db.DB) {
				mine := errors.New("mine")
				var wg sync.WaitGroup
				for n := range 60 {
					wg.Go(func() {
						err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
							if err := grant(ctx, tx, db.NewID()); err != nil {
								return err
							}
							switch n % 3 {
							case 1:
								return mine
							case 2:
								return grant(ctx, tx, "the same key twice")
							}
							return nil
						})
						if n%3 == 0 && err != nil || n%3 == 1 && !errors.Is(err, mine) {
							t.Errorf("%d: %v", n, err)
						}
					})
				}
				wg.Wait()
				if n := count(t, d); n != 22 {
					t.Errorf("%d rows, want 22", n)
				}
			},
			"events are numbered in order of commit": func(t *testing.T, d *db.DB) {
				var wg sync.WaitGroup
				for range 20 {
					wg.Go(func() {
						err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
							_, err := tx.ExecContext(ctx, `INSERT INTO events (at, kind, facility_id, study_id, ref, panel) VALUES ($1, 'x', '', '', '', '')`, 1)
							return err
						})
						if err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				var n, last int
				if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*), MAX(seq) FROM events`).Scan(&n, &last); err != nil || n != 20 || last < 20 {
					t.Errorf("%d events, last %d, %v", n, last, err)
				}
			},
			"the audit trail is append-only": func(t *testing.T, d *db.DB) {
				err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
					_, err := tx.ExecContext(ctx, `INSERT INTO audit (seq, at, actor, action, object, facility_id, outcome, detail, hash) VALUES (1, 1, '', '', '', '', '', '', '')`)
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				for _, q := range []string{`DELETE FROM audit`, `UPDATE audit SET actor = 'x'`} {
					err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
						_, err := tx.ExecContext(ctx, q)
						return err
					})
					if err == nil || !strings.Contains(err.Error(), "append-only") {
						t.Errorf("%s: %v", q, err)
					}
				}
			},
			"a view is one snapshot": func(t *testing.T, d *db.DB) {
				err := d.View(t.Context(), func(ctx context.Context, tx db.Tx) error {
					var before, after int
					q := `SELECT COUNT(*) FROM sign_in_failures`
					err := tx.QueryRowContext(ctx, q).Scan(&before)
					err = errors.Join(err, d.Write(ctx, func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, "x") }))
					err = errors.Join(err, tx.QueryRowContext(ctx, q).Scan(&after))
					if before != after {
						t.Error("the view moved")
					}
					return err
				})
				if err != nil {
					t.Error(err)
				}
			},
		} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}
