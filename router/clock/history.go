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
	}, `SELECT kind, channel, recipient, created_at, sent_at, attempts, reason FROM notices WHERE workitem_id = $1 AND stopped_at = 0 ORDER BY created_at, id`, workitemID)
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

// ByHand is how long one whom a coordinator has named may leave an item lying at least.
const ByHand = 10 * time.Minute

// Reoffer plans anew how far an offer goes that nobody has taken and that is made to
// another reader now, who is told at once of a STAT.
func Reoffer(ctx context.Context, tx db.Tx, w worklist.Workitem, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM timers WHERE workitem_id = $1 AND kind IN ($2, $3, $4)`, w.ID, Offered, OfferDeputy, OfferPanel); err != nil {
		return fmt.Errorf("clock: set timer: %w", err)
	}
	for _, t := range Plan(w) { // all of them: an item without timers gets none later when it has one now
		switch t.Kind {
		case Offered:
			t.Due = now
		case OfferDeputy:
			t.Due = now.Add(w.Offer.Until.Sub(now) / 2)
		}
		if err := set(ctx, tx, w.ID, t, `NOTHING`); err != nil {
			return err
		}
	}
	return nil
}

// Refused calls the coordinator to an item that all who might read it have declined.
func Refused(ctx context.Context, tx db.Tx, w worklist.Workitem, now time.Time) error {
	return set(ctx, tx, w.ID, Timer{Declined, now}, `UPDATE SET due_at = excluded.due_at, fired_at = 0`)
}

// Raised plans an item anew that has become more urgent: its times run from now, and
// who is concerned is told at once, whatever they were told before.
func Raised(ctx context.Context, tx db.Tx, w worklist.Workitem, now time.Time) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM timers WHERE workitem_id = $1 AND fired_at = 0 AND kind <> $2`, w.ID, Declined); err != nil {
		return fmt.Errorf("clock: set timer: %w", err)
	}
	w.CreatedAt = now
	for _, t := range append(Plan(w), Timer{Raise, now}) {
		if t.Kind == Offered || t.Kind == OfferDeputy && w.Offer.Reached != worklist.ToMain {
			continue
		}
		if err := set(ctx, tx, w.ID, t, `UPDATE SET due_at = excluded.due_at, fired_at = 0`); err != nil {
			return err
		}
	}
	return nil
}

// set writes a timer; conflict says what becomes of one that is there.
func set(ctx context.Context, tx db.Tx, item string, t Timer, conflict string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO timers (workitem_id, kind, due_at) VALUES ($1, $2, $3) ON CONFLICT (workitem_id, kind) DO `+conflict, item, t.Kind, db.Micros(t.Due))
	if err != nil {
		return fmt.Errorf("clock: set timer: %w", err)
	}
	return nil
}
