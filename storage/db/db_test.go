package db_test

import (
	"context"
	"errors"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

func open(tb testing.TB) (*db.DB, string) {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "folder with space % # ?", "dokuei.db")
	d, err := db.Open(tb.Context(), "sqlite:"+path, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { d.Close() })
	return d, path
}

func grant(ctx context.Context, tx db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO sign_in_failures (subject, failures, last_at, not_before) VALUES ($1, 0, 0, 0)`, id)
	return err
}

func count(tb testing.TB, d *db.DB) (n int) {
	tb.Helper()
	if err := d.Read(tb.Context()).QueryRowContext(tb.Context(), `SELECT COUNT(*) FROM sign_in_failures`).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

func TestOpenErrors(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ url, want string }{
		{"", "empty"},
		{"mysql://host/db", "unknown scheme"},
		{"sqlite:", "needs a file"},
		{"sqlite::memory:", "needs a file"},
		{"postgres://user:secret@host:notaport/x", "PostgreSQL URL"},
		{"sqlite:" + t.TempDir(), "SQLite file"},
	} {
		_, err := db.Open(t.Context(), c.url, nil)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", c.url, err)
		}
	}
}

func TestPragmas(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
			var got string
			if err := tx.QueryRowContext(ctx, "PRAGMA "+pragma).Scan(&got); err != nil {
				return err
			}
			if got != want {
				t.Errorf("%s is %s, want %s", pragma, got, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.Read(t.Context()).ExecContext(t.Context(), `DELETE FROM users`); err == nil {
		t.Error("a reader may write")
	}
}

func TestErrorRollsBackOnlyItself(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	mine := errors.New("mine")
	var wg sync.WaitGroup
	for n := range 200 {
		wg.Go(func() {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				if err := grant(ctx, tx, db.NewID()); err != nil {
					return err
				}
				if n%2 == 1 {
					return mine
				}
				return nil
			})
			if n%2 == 1 != errors.Is(err, mine) {
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	wg.Wait()
	if n := count(t, d); n != 100 {
		t.Errorf("%d rows, want 100", n)
	}
}

// gate holds the writer inside a function until open is called.
func gate(t *testing.T, d *db.DB) (open func()) {
	t.Helper()
	in, out := make(chan struct{}), make(chan struct{})
	var once sync.Once // a function may run again
	done := make(chan error, 1)
	go func() {
		done <- d.Write(context.Background(), func(context.Context, db.Tx) error {
			once.Do(func() { close(in) })
			<-out
			return nil
		})
	}()
	<-in
	return func() {
		close(out)
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

func TestCancelledWhileWaitingNeverRuns(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	release := gate(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, "x") })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()
	if n := count(t, d); n != 0 {
		t.Error("a cancelled write ran")
	}
}

func TestCancelledWhileRunningIsFinished(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	ctx, cancel := context.WithCancel(t.Context())
	err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		cancel()
		return grant(ctx, tx, "x")
	})
	if err != nil || count(t, d) != 1 {
		t.Errorf("%v, %d rows", err, count(t, d))
	}
}

func TestPanicEndsTheCallerOnly(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	func() {
		defer func() {
			if recover() != "boom" {
				t.Error("the panic did not reach the caller")
			}
		}()
		d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			if err := grant(ctx, tx, "x"); err != nil {
				return err
			}
			panic("boom")
		})
	}()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		d.Write(context.Background(), func(ctx context.Context, tx db.Tx) error { runtime.Goexit(); return nil })
	}()
	<-gone
	if n := count(t, d); n != 0 {
		t.Errorf("%d rows of a function that did not return", n)
	}
	if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, "y") }); err != nil {
		t.Error(err)
	}
}

// A function that ends the whole transaction takes nobody with it.
func TestLostTransactionRunsTheOthersAgain(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	release := gate(t, d)
	var wg sync.WaitGroup
	var runs atomic.Int32
	for n := range 20 {
		wg.Go(func() {
			err := d.Write(context.Background(), func(ctx context.Context, tx db.Tx) error {
				runs.Add(1)
				if err := grant(ctx, tx, db.NewID()); err != nil {
					return err
				}
				if n == 10 {
					_, err := tx.ExecContext(ctx, "ROLLBACK") // as the engine does when the disk is full
					return errors.Join(errors.New("engine"), err)
				}
				return nil
			})
			if n == 10 != (err != nil) {
				t.Errorf("%d: %v", n, err)
			}
		})
	}
	release()
	wg.Wait()
	if n := count(t, d); n != 19 {
		t.Errorf("%d rows, want 19 (%d runs)", n, runs.Load())
	}
}

// An error that rests on what another function of the batch wrote is told only
// when that is visible to everybody.
func TestErrorIsToldAfterTheCommit(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	release := gate(t, d)
	taken := errors.New("taken")
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			err := d.Write(context.Background(), func(ctx context.Context, tx db.Tx) error {
				res, err := tx.ExecContext(ctx, `INSERT INTO sign_in_failures (subject, failures, last_at, not_before)
					VALUES ('one', 0, 0, 0) ON CONFLICT DO NOTHING`)
				if err != nil {
					return err
				}
				if n, err := res.RowsAffected(); err != nil || n == 0 {
					return errors.Join(taken, err)
				}
				return nil
			})
			if err != nil && !errors.Is(err, taken) {
				t.Error(err)
			}
			if count(t, d) != 1 {
				t.Error("told before the winner was visible")
			}
		})
	}
	release()
	wg.Wait()
}

func TestWrittenIsReadByEveryReader(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	for n := range 50 {
		if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, db.NewID()) }); err != nil {
			t.Fatal(err)
		}
		if got := count(t, d); got != n+1 {
			t.Fatalf("read %d after %d writes", got, n+1)
		}
	}
}

func TestViewIsOneSnapshot(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	err := d.View(t.Context(), func(ctx context.Context, tx db.Tx) error {
		var before, after int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sign_in_failures`).Scan(&before); err != nil {
			return err
		}
		if err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, "x") }); err != nil {
			return err
		}
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM sign_in_failures`).Scan(&after); err != nil {
			return err
		}
		if before != after {
			t.Error("the view moved")
		}
		return nil
	})
	if err != nil || count(t, d) != 1 {
		t.Error(err)
	}
}

func TestTwoProcesses(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dokuei.db")
	var dbs [2]*db.DB
	var wg sync.WaitGroup
	for n := range dbs { // both migrate a new file at once
		wg.Go(func() {
			d, err := db.Open(t.Context(), path, nil)
			if err != nil {
				t.Error(err)
				return
			}
			dbs[n] = d
		})
	}
	wg.Wait()
	if t.Failed() {
		return
	}
	for _, d := range dbs {
		defer d.Close()
		for range 50 {
			wg.Go(func() {
				if err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, db.NewID()) }); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if n := count(t, dbs[0]); n != 100 {
		t.Errorf("%d rows, want 100", n)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	d, path := open(t)
	var wg sync.WaitGroup
	var acknowledged atomic.Int32
	for range 50 {
		wg.Go(func() {
			err := d.Write(context.Background(), func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, db.NewID()) })
			switch {
			case err == nil:
				acknowledged.Add(1)
			case !errors.Is(err, db.ErrClosed):
				t.Error(err)
			}
		})
	}
	if err := d.Close(); err != nil {
		t.Error(err)
	}
	wg.Wait()
	if err := d.Close(); err != nil {
		t.Error("second Close:", err)
	}
	again, err := db.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	if n := count(t, again); n != int(acknowledged.Load()) {
		t.Errorf("%d rows, %d acknowledged", n, acknowledged.Load())
	}
}

func TestTimes(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{{}, db.Now(), time.Date(1900, 1, 1, 0, 0, 0, 1000, time.UTC)} {
		if got := db.FromMicros(db.Micros(at)); !got.Equal(at) {
			t.Errorf("%v became %v", at, got)
		}
	}
	if a, b := db.NewID(), db.NewID(); a >= b || !db.ValidID(a) || db.ValidID("../../x") {
		t.Errorf("keys %s %s", a, b)
	}
}

// BenchmarkWrite: durable functions of one row each.
func BenchmarkWrite(b *testing.B) {
	for _, producers := range []int{1, 8, 64} {
		b.Run("producers="+string(rune('0'+producers/10))+string(rune('0'+producers%10)), func(b *testing.B) {
			d, _ := open(b)
			var next atomic.Int64
			errs := make(chan error, producers)
			b.ReportAllocs()
			b.ResetTimer()
			for range producers {
				go func() {
					for next.Add(1) <= int64(b.N) {
						if err := d.Write(b.Context(), func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, db.NewID()) }); err != nil {
							errs <- err
							return
						}
					}
					errs <- nil
				}()
			}
			for range producers {
				if err := <-errs; err != nil {
					b.Fatal(err)
				}
			}
			b.StopTimer()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "rows/s")
		})
	}
}
