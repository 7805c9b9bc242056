package db_test

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// Of several nodes one at a time has a duty, and when it ends another takes it.
func TestHold(t *testing.T) {
	t.Parallel()
	url := dbtest.Postgres(t)
	var running, most, turns atomic.Int32
	var wg sync.WaitGroup
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	for range 3 {
		d := dbtest.Open(t, url)
		node, leave := context.WithCancel(ctx)
		wg.Go(func() {
			err := d.Hold(node, "duty", slog.New(slog.DiscardHandler), func(context.Context) error {
				n := running.Add(1)
				defer running.Add(-1)
				most.Store(max(most.Load(), n))
				turns.Add(1)
				leave() // and so the next node gets its turn
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if turns.Load() != 3 || most.Load() != 1 {
		t.Errorf("%d turns, %d at once; want 3 and 1", turns.Load(), most.Load())
	}
}

// What runs under a hold is told when the session that has it is gone.
func TestHoldLost(t *testing.T) {
	t.Parallel()
	server := dbtest.Start(t)
	d := dbtest.Open(t, server.Database(t))
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	end := errors.New("seen enough")
	turn := 0
	err := d.Hold(ctx, "duty", slog.New(slog.DiscardHandler), func(inner context.Context) error {
		if turn++; turn == 2 {
			return end
		}
		server.Restart(t)
		<-inner.Done()
		if ctx.Err() != nil {
			t.Error("not told that the hold is lost")
		}
		return inner.Err()
	})
	if !errors.Is(err, end) || turn != 2 {
		t.Errorf("%d turns, %v", turn, err)
	}
}

// With one process there is nobody to wait for.
func TestHoldSQLite(t *testing.T) {
	t.Parallel()
	d, _ := open(t)
	end := errors.New("ran")
	if err := d.Hold(t.Context(), "duty", nil, func(context.Context) error { return end }); !errors.Is(err, end) {
		t.Error(err)
	}
}

// A database that is stopped answers nobody; everybody is told so in time, and
// when it goes on so do we.
func TestSilentDatabase(t *testing.T) {
	t.Parallel()
	relay := dbtest.NewRelay(t, dbtest.Postgres(t))
	d := dbtest.Open(t, relay.URL)
	write := func() error {
		return d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return grant(ctx, tx, db.NewID()) })
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	relay.Freeze()
	began := time.Now()
	var wg sync.WaitGroup
	for n := range 40 {
		wg.Go(func() {
			var err error
			if n%2 == 0 {
				err = write()
			} else {
				var one int
				err = d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT 1`).Scan(&one)
			}
			if err == nil {
				t.Error("a stopped database has answered")
			}
		})
	}
	wg.Wait()
	t.Logf("everybody was told after %v", time.Since(began).Round(time.Millisecond))
	relay.Thaw()
	for write() != nil { // connections that were given up are made anew
		if t.Context().Err() != nil {
			t.Fatal("does not come back")
		}
	}
}

// Between two statements of a copy its rows are written to a disk that may be busy: the
// server must not take it for a node that stands still and holds up the others.
func TestCopiesMayTakeTheirTime(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, dbtest.Postgres(t))
	if v, err := d.CopySetting(t.Context(), "idle_in_transaction_session_timeout"); err != nil || v != "10min" {
		t.Errorf("a copy is ended after %s, %v", v, err)
	}
	var v string
	if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT current_setting('idle_in_transaction_session_timeout')`).Scan(&v); err != nil || v != "4s" {
		t.Errorf("a reader is ended after %s, %v", v, err)
	}
}
