package loop_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
)

// notices puts reminders of a report to its doctor into the queue, with these steps.
func notices(t *testing.T, h *reportstest.House, report, user string, steps ...int) {
	t.Helper()
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		for _, step := range steps {
			_, err := tx.ExecContext(ctx, `INSERT INTO loop_notices (id, report_id, facility_id, kind, step, user_id, created_at, next_at)
 VALUES ($1, $2, 'kaifu', 'reminder', $3, $4, 0, 0)`, db.NewID(), report, step, user)
			if err != nil {
				return err
			}
		}
		_, err := tx.ExecContext(ctx, `UPDATE users SET email = 'takahashi@example.jp' WHERE id = $1`, user)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// What waits is sent in one look, however much it is; what is refused waits its turn, and
// the look ends.
func TestOneLookSendsAll(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	orderer := doctor(t, h, "takahashi", "高橋 二郎", "Jiro Takahashi")
	r := signed(t, h, "R-1")
	const many = 40
	for n := range many {
		notices(t, h, r.ID, orderer.UserID, n)
	}
	var mu sync.Mutex
	refused, sent := 0, 0
	w := &loop.Watch{DB: h.DB, Every: time.Hour, Log: slog.New(slog.DiscardHandler), Send: func(_ context.Context, n loop.Notice) error {
		mu.Lock()
		defer mu.Unlock()
		if n.Step%10 == 0 {
			refused++
			return errors.New("not now")
		}
		sent++
		return nil
	}}
	if err := w.Look(t.Context(), r.SignedAt); err != nil {
		t.Fatal(err)
	}
	if sent != many*9/10 || refused != many/10 {
		t.Errorf("%d sent and %d refused of %d", sent, refused, many)
	}
}

// A process whose clock is an hour ahead takes nothing from another that is still
// sending, and escalates nothing early.
func TestLeasesGoByOneClock(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouseOn(t, dbtest.Open(t, dbtest.Postgres(t)))
	orderer := doctor(t, h, "takahashi", "高橋 二郎", "Jiro Takahashi")
	r := signed(t, h, "R-1")
	notices(t, h, r.ID, orderer.UserID, 1)

	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	run := func(ctx context.Context, send func(context.Context, loop.Notice) error) {
		w := &loop.Watch{DB: h.DB, Every: time.Millisecond, Log: slog.New(slog.DiscardHandler), Send: send}
		running.Go(func() { _ = w.Run(ctx) })
	}
	sending, goOn := make(chan int, 8), make(chan struct{})
	run(ctx, func(_ context.Context, n loop.Notice) error {
		sending <- n.Step
		<-goOn
		return nil
	})
	first := <-sending

	other := make(chan int, 8)
	ahead := db.WithNow(ctx, func() time.Time { return time.Now().Add(time.Hour) })
	run(ahead, func(_ context.Context, n loop.Notice) error {
		other <- n.Step
		return nil
	})
	notices(t, h, r.ID, orderer.UserID, 2)
	got := []int{first, <-other} // the first process waits: the second one's look found both
	close(goOn)
	for {
		told, err := loop.ToldOf(t.Context(), h.DB.Read(t.Context()), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		if !slices.ContainsFunc(told, func(n loop.Told) bool { return n.SentAt.IsZero() }) {
			if len(told) != 2 || told[0].Attempts != 1 || told[1].Attempts != 1 {
				t.Errorf("told %+v", told)
			}
			break
		}
		<-time.After(10 * time.Millisecond)
	}
	stop()
	running.Wait()
	close(sending)
	close(other)
	for step := range sending {
		got = append(got, step)
	}
	for step := range other {
		got = append(got, step)
	}
	if !slices.Equal(got, []int{1, 2}) {
		t.Errorf("sent %v", got)
	}
}
