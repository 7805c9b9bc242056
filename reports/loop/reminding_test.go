package loop_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// post is who takes notices, and who is told to fail.
type post struct {
	mu   sync.Mutex
	sent []string
	fail bool
}

func (p *post) send(_ context.Context, n loop.Notice) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.fail {
		return errors.New("nobody there")
	}
	to := n.Email
	if to == "" {
		to = n.Destination.Route
	}
	p.sent = append(p.sent, fmt.Sprintf("%s %d %t", to, n.Step, n.Escalation))
	return nil
}

func (p *post) taken() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := slices.Clone(p.sent)
	slices.Sort(out)
	p.sent = nil
	return out
}

// Reminders reach the ordering doctor and the hospital's routes, once a step however
// many nodes look, not in quiet hours unless critical, and no more once acknowledged.
func TestRemindersAreSent(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		h := reportstest.NewHouseOn(t, open(t))
		orderer := doctor(t, h, "takahashi", "高橋 二郎", "Jiro Takahashi")
		coordinator, colleague, stranger := h.Principal(t, "coord"), h.Principal(t, "kaifu"), h.Principal(t, "mima")
		exec := func(q string, args ...any) {
			t.Helper()
			err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := tx.ExecContext(ctx, q, args...)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		exec(`UPDATE users SET email = login || '@example.jp' WHERE login IN ('takahashi', 'coord')`)
		exec(`INSERT INTO destinations (id, facility_id, name, ae_title, host, port, objects, active, created_at, updated_at, route) VALUES ('hook', 'kaifu', 'hook', '', 'his.example', 443, 'notice', 1, 0, 0, 'https://his.example/x')`)
		p := &post{}
		nodes := make([]*loop.Watch, 4)
		for i := range nodes {
			nodes[i] = &loop.Watch{DB: h.DB, Log: slog.New(slog.DiscardHandler), Send: p.send}
		}
		look := func(at time.Time) {
			t.Helper()
			var all sync.WaitGroup
			for _, w := range nodes {
				all.Go(func() {
					if err := w.Look(t.Context(), at); err != nil {
						t.Error(err)
					}
				})
			}
			all.Wait()
		}
		want := func(what string, list ...string) {
			t.Helper()
			slices.Sort(list)
			if got := p.taken(); !slices.Equal(got, list) {
				t.Errorf("%s: told %q, want %q", what, got, list)
			}
		}

		// A critical finding: reminded and escalated after an hour, at night too.
		r := signed(t, h, "R-1")
		night := time.Date(2026, 11, 23, 2, 0, 0, 0, calendar.Tokyo)
		exec(`UPDATE loop_versions SET remind_at = $1, importance = 0`, db.Micros(night))
		exec(`UPDATE criticals SET deadline = $1`, db.Micros(night))
		p.fail = true
		look(night)
		want("nobody there")
		p.fail = false
		look(night.Add(5 * time.Second)) // too early
		want("before the next attempt")
		look(night.Add(time.Minute))
		want("critical at night", "takahashi@example.jp 1 false", "takahashi@example.jp 0 true", "coord@example.jp 0 true",
			"https://his.example/x 1 false", "https://his.example/x 0 true")
		look(night.Add(2 * time.Minute))
		want("twice")
		told, err := loop.ToldOf(t.Context(), h.DB.Read(t.Context()), r.ID)
		if err != nil || len(told) != 5 || told[0].SentAt.IsZero() || told[0].Attempts != 2 {
			t.Errorf("told %+v, %v", told, err)
		}
		trail := 0
		err = h.DB.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM audit WHERE action = $1 AND object = $2`, loop.EventReminded, r.ID).Scan(&trail)
		if err != nil || trail != 5 {
			t.Errorf("the trail has %d of 5 notices, %v", trail, err)
		}

		// Routine waits for the morning; acknowledged before, it is not sent.
		exec(`UPDATE loop_versions SET remind_at = $1, importance = 3`, db.Micros(night.Add(time.Hour)))
		look(night.Add(time.Hour))
		want("routine at night")
		if _, err := record(t, h, orderer, r.ID, loop.Acknowledged); err != nil {
			t.Fatal(err)
		}
		morning := time.Date(2026, 11, 23, 7, 0, 0, 0, calendar.Tokyo)
		look(morning)
		want("acknowledged in the night")

		// What the hospital wishes: only the doctor, by day from six.
		set := func(who string, x loop.Reminding) error {
			return h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				return loop.SetReminding(ctx, tx, h.Principal(t, who), x)
			})
		}
		if err := set(stranger.Login, loop.Reminding{FacilityID: "kaifu"}); !errors.Is(err, loop.ErrNotFound) {
			t.Errorf("set by another hospital: %v", err)
		}
		if err := set(coordinator.Login, loop.Reminding{FacilityID: "kaifu", Silent: []string{"nothing"}}); !errors.Is(err, loop.ErrReminding) {
			t.Errorf("a destination that is none: %v", err)
		}
		if err := set(coordinator.Login, loop.Reminding{FacilityID: "kaifu", QuietFrom: 24 * 60}); !errors.Is(err, loop.ErrReminding) {
			t.Errorf("a time that is none: %v", err)
		}
		if err := set(colleague.Login, loop.Reminding{FacilityID: "kaifu", Doctor: true, Silent: []string{"hook"}, QuietFrom: 22 * 60, QuietTo: 6 * 60}); err != nil {
			t.Fatal(err)
		}
		second := signed(t, h, "R-2")
		exec(`UPDATE loop_versions SET remind_at = $1, importance = 3 WHERE report_id = $2`, db.Micros(night), second.ID)
		exec(`UPDATE criticals SET closed_at = 1`)
		look(night)
		look(morning.Add(-time.Hour - time.Minute))
		want("before six")
		look(morning.Add(-time.Hour))
		want("at six", "takahashi@example.jp 1 false")

		// Who has no address any more is not tried again.
		exec(`UPDATE loop_versions SET remind_at = $1 WHERE report_id = $2`, db.Micros(morning), second.ID)
		exec(`UPDATE users SET email = '' WHERE login = 'takahashi'`)
		look(morning)
		want("nobody")
	})
}
