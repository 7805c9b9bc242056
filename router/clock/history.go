package clock

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// Fired is a timer of an item that has had its effect.
type Fired struct {
	Kind Kind
	At   time.Time
}

// Told is a notice about an item: who was told, or is to be.
type Told struct {
	Kind      Kind
	Channel   string // email, webhook
	Recipient string // address; empty of a webhook
	Created   time.Time
	Sent      time.Time // zero: not yet
	Attempts  int
	Reason    string // why the last attempt failed
}

// History is what the clock has done about an item, in order.
func History(ctx context.Context, tx db.Tx, workitemID string) ([]Fired, []Told, error) {
	fired, err := all(ctx, tx, func(rows *sql.Rows) (f Fired, err error) {
		var at int64
		err = rows.Scan(&f.Kind, &at)
		f.At = db.FromMicros(at)
		return f, err
	}, `SELECT kind, fired_at FROM timers WHERE workitem_id = $1 AND fired_at > 0 ORDER BY fired_at, kind`, workitemID)
	if err != nil {
		return nil, nil, err
	}
	told, err := all(ctx, tx, func(rows *sql.Rows) (t Told, err error) {
		var created, sent int64
		err = rows.Scan(&t.Kind, &t.Channel, &t.Recipient, &created, &sent, &t.Attempts, &t.Reason)
		t.Created, t.Sent = db.FromMicros(created), instant(sent)
		return t, err
	}, `SELECT kind, channel, recipient, created_at, sent_at, attempts, reason FROM notices WHERE workitem_id = $1 ORDER BY created_at, id`, workitemID)
	return fired, told, err
}

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return db.FromMicros(micros)
}

func all[T any](ctx context.Context, tx db.Tx, scan func(*sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("clock: history: %w", err)
	}
	defer rows.Close()
	var list []T
	for rows.Next() {
		x, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("clock: history: %w", err)
		}
		list = append(list, x)
	}
	return list, rows.Err()
}

// shortestOffer is how long one whom a coordinator has named may leave an item lying.
const shortestOffer = 10 * time.Minute

// Reoffer sets the timer of an offer that was made by hand: the panel may take the
// item when the reader has not within half of what is left of its time to claim.
func Reoffer(ctx context.Context, tx db.Tx, w worklist.Workitem, now time.Time) error {
	limit := w.ClaimDue
	if limit.IsZero() {
		limit = w.Deadline
	}
	due := now.Add(min(max(limit.Sub(now)/2, shortestOffer), longestOffer))
	for _, t := range Plan(w) { // all of them: an item without timers gets none later when it has one now
		if t.Kind == OfferPanel {
			continue
		}
		if err := set(ctx, tx, w.ID, t, `NOTHING`); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM timers WHERE workitem_id = $1 AND kind = $2`, w.ID, OfferDeputy); err != nil {
		return fmt.Errorf("clock: set timer: %w", err)
	}
	return set(ctx, tx, w.ID, Timer{OfferPanel, due}, `UPDATE SET due_at = excluded.due_at, fired_at = 0`)
}

// set writes a timer; conflict says what becomes of one that is there.
func set(ctx context.Context, tx db.Tx, item string, t Timer, conflict string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO timers (workitem_id, kind, due_at) VALUES ($1, $2, $3) ON CONFLICT (workitem_id, kind) DO `+conflict, item, t.Kind, db.Micros(t.Due))
	if err != nil {
		return fmt.Errorf("clock: set timer: %w", err)
	}
	return nil
}
