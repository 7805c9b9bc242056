package db_test

import (
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// Of two clocks the earlier one holds, where there are two.
func TestAgreed(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		d := open(t)
		for _, off := range []time.Duration{-time.Hour, 24 * time.Hour} {
			now := time.Now().Add(off)
			got, err := d.Agreed(t.Context(), now)
			if err != nil {
				t.Fatal(err)
			}
			if same := got.Equal(now); same != (off < 0 || d.Alone()) || got.After(now) || time.Since(got).Abs() > 25*time.Hour {
				t.Errorf("%v off: %v of %v", off, got, now)
			}
		}
	})
}

// Processes that share a database have one clock, whatever theirs says.
func TestTime(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		d := open(t)
		off := db.WithNow(t.Context(), func() time.Time { return time.Now().Add(24 * time.Hour) })
		got, err := d.Time(off)
		if err != nil {
			t.Fatal(err)
		}
		if ours := time.Until(got) > 23*time.Hour; ours != d.Alone() {
			t.Errorf("%v", got)
		}
	})
}
