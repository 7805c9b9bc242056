package loop

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// Watch escalates critical findings whose deadline has passed and reminds of
// versions that nobody has acknowledged.
type Watch struct {
	DB    *db.DB
	Log   *slog.Logger
	Every time.Duration // between looks; zero: 30 s
	// Send carries a notice to who it is for; nil: nobody is told outside the pages.
	Send func(context.Context, Notice) error
}

func (w *Watch) every() time.Duration {
	if w.Every <= 0 {
		return 30 * time.Second
	}
	return w.Every
}

// Run watches until ctx ends, and returns nil. It goes by the database's clock: leases
// of two processes are told from one clock, however far apart theirs are.
func (w *Watch) Run(ctx context.Context) error {
	tick := time.NewTicker(w.every())
	defer tick.Stop()
	for {
		now, err := w.DB.Time(ctx)
		if err == nil {
			err = w.Look(ctx, now)
		}
		if err != nil && ctx.Err() == nil {
			w.Log.ErrorContext(ctx, "loop: look for deadlines", "err", err, "again_in", w.every())
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// perLook bounds one transaction.
const perLook = 100

// Look does what is due at a time, by [db.DB.Time].
func (w *Watch) Look(ctx context.Context, now time.Time) error {
	for {
		n := 0
		err := w.DB.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
			if n, err = escalate(ctx, tx, now); err != nil {
				return err
			}
			more, err := remind(ctx, tx, now)
			n = max(n, more)
			return err
		})
		if err != nil {
			return err
		}
		if n < perLook {
			return w.send(ctx, now)
		}
	}
}

func escalate(ctx context.Context, tx db.Tx, now time.Time) (int, error) {
	late, err := criticals(ctx, tx, `c.closed_at IS NULL AND c.escalated_at IS NULL AND c.deadline <= $1 ORDER BY c.deadline, c.id LIMIT 100`, db.Micros(now))
	if err != nil {
		return 0, err
	}
	for _, c := range late {
		res, err := tx.ExecContext(ctx, `UPDATE criticals SET escalated_at = $1 WHERE id = $2 AND escalated_at IS NULL AND closed_at IS NULL`, db.Micros(now), c.ID)
		if err != nil {
			return 0, fmt.Errorf("loop: escalate: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			continue
		}
		v := Item{ReportID: c.ReportID, StudyID: c.StudyID, FacilityID: c.FacilityID}
		if err := tell(ctx, tx, v, EventEscalated, worklist.ActorRouter, "level "+c.Level); err != nil {
			return 0, err
		}
		if err := enqueue(ctx, tx, v, "escalation", 0, now); err != nil {
			return 0, err
		}
	}
	return len(late), nil
}

func remind(ctx context.Context, tx db.Tx, now time.Time) (int, error) {
	due, err := items(ctx, tx, waiting+` AND v.remind_at <= $1`, db.Micros(now))
	if err != nil {
		return 0, err
	}
	due = due[:min(len(due), perLook)]
	for _, v := range due {
		next := now.Add(reminderWait(v.Importance, v.Reminders+1))
		res, err := tx.ExecContext(ctx, `UPDATE loop_versions SET reminders = reminders + 1, remind_at = $1
 WHERE report_id = $2 AND reminders = $3 AND acknowledged_at IS NULL`, db.Micros(next), v.ReportID, v.Reminders)
		if err != nil {
			return 0, fmt.Errorf("loop: remind: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			continue
		}
		if err := tell(ctx, tx, v, EventReminder, worklist.ActorRouter, fmt.Sprintf("reminder %d", v.Reminders+1)); err != nil {
			return 0, err
		}
		if err := enqueue(ctx, tx, v, "reminder", v.Reminders+1, now); err != nil {
			return 0, err
		}
	}
	return len(due), nil
}
