package audit_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

func trail(t *testing.T, records int) (*db.DB, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "a.db")
	d, err := db.Open(t.Context(), path, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { d.Close() })
	var wg sync.WaitGroup
	for n := range records {
		wg.Go(func() {
			err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				return audit.Append(ctx, tx, audit.Record{Actor: fmt.Sprint("user-", n), Action: "study.viewed", Object: "s1", FacilityID: "kaifu"})
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	return d, path
}

func TestChainHolds(t *testing.T) {
	t.Parallel()
	d, _ := trail(t, 50)
	n, err := audit.Verify(t.Context(), d.Read(t.Context()))
	if err != nil || n != 50 {
		t.Fatalf("%d records, %v", n, err)
	}
	list, err := audit.ByObject(t.Context(), d.Read(t.Context()), "s1", 10, 5)
	if err != nil || len(list) != 5 || list[0].Seq != 11 || list[0].Outcome != audit.Success {
		t.Errorf("by object: %+v %v", list, err)
	}
}

// Between finds a record of a time, wherever it is in the trail, and none where there is none.
func TestBetween(t *testing.T) {
	t.Parallel()
	d, _ := trail(t, 0)
	begin := time.Date(2026, 4, 1, 9, 0, 0, 0, time.UTC)
	minutes := []int{0, 1, 2, 10, 11, 60, 61, 61, 61, 120} // after begin
	for _, m := range minutes {
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			return audit.Append(ctx, tx, audit.Record{At: begin.Add(time.Duration(m) * time.Minute), Actor: "x", Action: "y"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for from := -5; from < 130; from++ {
		for _, length := range []int{0, 1, 3} {
			want := slices.ContainsFunc(minutes, func(m int) bool { return m >= from && m <= from+length })
			got, err := audit.Between(t.Context(), d.Read(t.Context()), begin.Add(time.Duration(from)*time.Minute), begin.Add(time.Duration(from+length)*time.Minute))
			if err != nil || got != want {
				t.Errorf("from minute %d to %d: %t, %v", from, from+length, got, err)
			}
		}
	}
	empty, _ := trail(t, 0)
	if got, err := audit.Between(t.Context(), empty.Read(t.Context()), begin, begin.AddDate(1, 0, 0)); got || err != nil {
		t.Errorf("an empty trail: %t, %v", got, err)
	}
}

func TestRollbackLeavesNoRecord(t *testing.T) {
	t.Parallel()
	d, _ := trail(t, 3)
	undo := errors.New("undo")
	err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		if err := audit.Append(ctx, tx, audit.Record{Actor: "x", Action: "y"}); err != nil {
			return err
		}
		return undo
	})
	if !errors.Is(err, undo) {
		t.Fatal(err)
	}
	if n, err := audit.Verify(t.Context(), d.Read(t.Context())); n != 3 || err != nil {
		t.Errorf("%d records, %v", n, err)
	}
}

func TestTableRefusesChanges(t *testing.T) {
	t.Parallel()
	d, _ := trail(t, 2)
	for _, q := range []string{`UPDATE audit SET actor = 'me' WHERE seq = 1`, `DELETE FROM audit WHERE seq = 2`} {
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, q)
			return err
		})
		if err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v", q, err)
		}
	}
}

// Whoever gets past the triggers is still found, and where.
func TestTamperingIsLocated(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		sql  string
		at   int64
	}{
		{"changed", `UPDATE audit SET actor = 'someone else' WHERE seq = 5`, 5},
		{"one bit of the time", `UPDATE audit SET at = at + 1 WHERE seq = 7`, 7},
		{"hash", `UPDATE audit SET hash = 'x' WHERE seq = 3`, 3},
		{"removed", `DELETE FROM audit WHERE seq = 4`, 4},
		{"removed first", `DELETE FROM audit WHERE seq = 1`, 1},
		{"reordered", `UPDATE audit SET seq = CASE seq WHEN 2 THEN -3 ELSE -2 END WHERE seq IN (2, 3); UPDATE audit SET seq = -seq WHERE seq < 0`, 2},
		{"moved between fields", `UPDATE audit SET actor = actor || 's', action = 'tudy.viewed' WHERE seq = 6`, 6},
		{"cut off at the end", `DELETE FROM audit WHERE seq > 8`, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			d, path := trail(t, 10)
			seq, hash, err := audit.Head(t.Context(), d.Read(t.Context()))
			if err != nil {
				t.Fatal(err)
			}
			raw, err := sql.Open("sqlite", path)
			if err != nil {
				t.Fatal(err)
			}
			defer raw.Close()
			if _, err := raw.Exec(`DROP TRIGGER audit_no_update; DROP TRIGGER audit_no_delete; ` + c.sql); err != nil {
				t.Fatal(err)
			}
			_, err = audit.Verify(t.Context(), d.Read(t.Context()))
			if c.name == "cut off at the end" { // only a head kept elsewhere can tell
				_, err = audit.VerifyFrom(t.Context(), d.Read(t.Context()), seq, hash)
			}
			var broken *audit.BrokenError
			if !errors.As(err, &broken) || broken.Seq != c.at {
				t.Errorf("got %v, want record %d", err, c.at)
			}
		})
	}
}
