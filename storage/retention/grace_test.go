package retention_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/retention"
)

// trashed gives a study that two people have put into the trash for some days.
func (h *house) trashed(uid string, days int) (study string, d retention.Deletion) {
	h.Helper()
	h.none(days)
	study = h.study(uid)
	d, err := h.request(study)
	h.must(err)
	d, err = h.approve(d.ID, "second")
	h.must(err)
	return study, d
}

// forward lets days pass for the clock alone: to the clock all that was done was done so
// much earlier.
func (h *house) forward(days int) {
	h.Helper()
	h.exec(`UPDATE deletions SET requested_at = requested_at - $1, decided_at = decided_at - $1, sweep_at = sweep_at - $1`, int64(days)*24*time.Hour.Microseconds())
}

func (h *house) sweep(s *retention.Sweeper, want int) {
	h.Helper()
	if n, err := s.Sweep(h.Context()); err != nil || n != want {
		h.Errorf("%d swept, want %d, %v", n, want, err)
	}
}

func (h *house) waited(id string) time.Duration {
	h.Helper()
	n, err := strconv.ParseInt(h.column(`SELECT CAST(waited AS TEXT) FROM deletions WHERE id = $1`, id)[0], 10, 64)
	h.must(err)
	return time.Duration(n) * time.Microsecond
}

// A clock that jumps forward ends no grace time, and neither do days in which no service
// ran: what counts is that a service has run for as long.
func TestClockJumpsForward(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		const grace = 24 * time.Hour
		study, d := h.trashed("1.2.1", 1)
		h.forward(3650)
		for range 3 {
			h.sweep(h.sweeper, 0)
		}
		if len(h.objectKeys()) != 4 {
			h.Error("objects are gone")
		}
		list, err := retention.List(h.Context(), h.db.Read(h.Context()), 1)
		h.must(err)
		if left := list[0].SweepAt.Sub(db.Now()); left < grace-time.Minute || left > grace {
			h.Errorf("said to be deleted in %v", left)
		}
		h.exec(`UPDATE deletions SET waited = $1`, (grace - time.Minute).Microseconds())
		h.sweep(h.sweeper, 0)
		h.exec(`UPDATE deletions SET waited = $1`, grace.Microseconds())
		h.exec(`UPDATE deletions SET sweep_at = sweep_at + $1, decided_at = decided_at + $1`, (3650 * grace).Microseconds())
		h.sweep(h.sweeper, 0) // by the clock it is not over
		h.forward(1)
		h.sweep(h.sweeper, 1)
		if left := h.column(`SELECT id FROM studies WHERE id = $1`, study); len(left) != 0 || d.ID == "" {
			h.Error("not swept at its time")
		}
	})
}

// What has been waited is the time between looks of one sweeper, and little of a look that
// was long in coming.
func TestWaitedWhileAServiceRuns(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		_, d := h.trashed("1.2.1", 1)
		options := func(every time.Duration) retention.Options {
			return retention.Options{Every: every, Drop: func(context.Context, string) (bool, error) { return true, nil }, Forget: func(string) error { return nil }}
		}
		s := retention.New(h.db, options(time.Hour))
		begin := time.Now()
		h.sweep(s, 0)
		if got := h.waited(d.ID); got != 0 {
			h.Errorf("the first look counts %v", got)
		}
		h.sweep(s, 0)
		h.sweep(s, 0)
		first := h.waited(d.ID)
		if first <= 0 || first > time.Since(begin) {
			h.Errorf("%v waited in %v", first, time.Since(begin))
		}
		s = retention.New(h.db, options(time.Microsecond))
		h.sweep(s, 0)
		h.sweep(s, 0)
		if got := h.waited(d.ID) - first; got <= 0 || got > 3*time.Microsecond {
			h.Errorf("a look that was due after a microsecond counts %v", got)
		}
	})
}

// Retention is looked at once more before anything is deleted.
func TestKeptAfterAll(t *testing.T) {
	t.Parallel()
	each(t, func(h *house) {
		study, d := h.trashed("1.2.1", 0)
		held, other := h.trashed("1.2.2", 0)
		h.exec(`INSERT INTO legal_holds (id, study_id, reason, placed_by, placed_at, released_by, released_at) VALUES ('h', $1, '', '', 0, '', 0)`, held)
		h.must(h.write(func(ctx context.Context, tx db.Tx) error {
			return retention.SetPolicy(ctx, tx, "kaifu", &retention.Policy{Images: retention.Period{Years: 3}})
		}))
		h.sweep(h.sweeper, 0)
		if !h.visible(study) || h.visible(held) || len(h.objectKeys()) != 8 {
			h.Errorf("visible %t, held %t, %d objects", h.visible(study), h.visible(held), len(h.objectKeys()))
		}
		for id, want := range map[string]retention.State{d.ID: retention.Restored, other.ID: retention.Trashed} {
			if got := h.column(`SELECT state FROM deletions WHERE id = $1`, id); got[0] != string(want) {
				h.Errorf("%s, want %s", got[0], want)
			}
		}
		if by := h.column(`SELECT ended_by FROM deletions WHERE id = $1`, d.ID); by[0] != retention.ByRetention {
			h.Error(by)
		}
		if n := h.column(`SELECT detail FROM audit WHERE action = 'study.restored' AND object = $1`, study); len(n) != 1 {
			h.Error(n)
		}
		h.complete(study)
		var kept *retention.RetainedError
		if _, err := h.request(study); !errors.As(err, &kept) {
			h.Error(err)
		}
	})
}
