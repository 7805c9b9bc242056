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

// Run watches until ctx ends, and returns nil.
func (w *Watch) Run(ctx context.Context) error {
	every := w.Every
	if every <= 0 {
		every = 30 * time.Second
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if err := w.Look(ctx, db.Now()); err != nil && ctx.Err() == nil {
			w.Log.ErrorContext(ctx, "loop: look for deadlines", "err", err, "again_in", every)
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

// Look does what is due at a time.
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
