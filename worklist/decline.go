package worklist

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// EventDeclined: a reader has said no to an item that was offered; Event.Ref is the Workitem.
const EventDeclined = "workitem.declined"

// Declined is a reader who has said no to an item.
type Declined struct {
	ReaderID string
	Reason   string
	At       time.Time
}

// Decline writes down that a reader to whom an item is offered will not read it. The
// step stays SCHEDULED: the standard knows no refusal. From now on it is not theirs to
// take, nor is any replacement of it, until a coordinator says so ([Overrule]). Who has
// declined already does so again without effect, and done is false: a lost answer may be
// asked for twice.
func Decline(ctx context.Context, tx db.Tx, id, readerID, reason string) (w Workitem, done bool, err error) {
	// The row is held, and not changed: two who decline at once see one another, and
	// the claim of a third is not lost to them.
	res, err := tx.ExecContext(ctx, `UPDATE workitems SET version = version WHERE id = $1 AND state = 'SCHEDULED'`, id)
	if err != nil {
		return w, false, fmt.Errorf("worklist: decline: %w", err)
	}
	if w, err = load(ctx, tx, id); err != nil {
		return w, false, err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return w, false, errors.Join(err, refusal(Transition(w.State, ToInProgress).Status))
	}
	switch err := requireFit(ctx, tx, w, readerID); {
	case errors.Is(err, ErrDeclined):
		return w, false, nil
	case err != nil:
		return w, false, err
	case !w.Offer.Allows(readerID):
		return w, false, ErrOffered
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO declines (workitem_id, reader_id, reason, declined_at) VALUES ($1, $2, $3, $4)`, id, readerID, reason, db.Micros(db.NowIn(ctx)))
	if err != nil {
		return w, false, fmt.Errorf("worklist: decline: %w", err)
	}
	return w, true, record(ctx, tx, w, EventDeclined, readerID, reason)
}

// Overrule lets a reader have an item that they have declined: a coordinator has spoken
// with them.
func Overrule(ctx context.Context, tx db.Tx, id, readerID string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM declines WHERE workitem_id = $1 AND reader_id = $2`, id, readerID); err != nil {
		return fmt.Errorf("worklist: overrule: %w", err)
	}
	return nil
}

// MayTake reports whether no hard constraint keeps a reader from an item, whatever they
// do now and whoever it is offered to.
func MayTake(ctx context.Context, tx db.Tx, w Workitem, readerID string) (bool, error) {
	err := requireFit(ctx, tx, w, readerID)
	for _, no := range []error{ErrDeclined, ErrUnfit, ErrTrainee, ErrOwnReading, ErrNotOnPanel} {
		if errors.Is(err, no) {
			return false, nil
		}
	}
	return err == nil, err
}

// Declines lists who has said no to an item, in the order they did.
func Declines(ctx context.Context, tx db.Tx, id string) ([]Declined, error) {
	list, err := DeclinesOf(ctx, tx, []string{id})
	return list[id], err
}

// DeclinesOf is [Declines] of several items.
func DeclinesOf(ctx context.Context, tx db.Tx, ids []string) (map[string][]Declined, error) {
	in, args := db.In(ids)
	rows, err := tx.QueryContext(ctx, `SELECT workitem_id, reader_id, reason, declined_at FROM declines WHERE workitem_id IN `+in+` ORDER BY declined_at, reader_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: declines: %w", err)
	}
	defer rows.Close()
	out := map[string][]Declined{}
	for rows.Next() {
		var d Declined
		var item string
		var at int64
		if err := rows.Scan(&item, &d.ReaderID, &d.Reason, &at); err != nil {
			return nil, fmt.Errorf("worklist: declines: %w", err)
		}
		d.At = db.FromMicros(at)
		out[item] = append(out[item], d)
	}
	return out, rows.Err()
}

// inheritDeclines lets who has declined an item have declined its replacement.
func inheritDeclines(ctx context.Context, tx db.Tx, w Workitem) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO declines (workitem_id, reader_id, reason, declined_at)
 SELECT CAST($1 AS TEXT), reader_id, reason, declined_at FROM declines WHERE workitem_id = $2`, w.ID, w.Replaces)
	if err != nil {
		return fmt.Errorf("worklist: declines: %w", err)
	}
	return nil
}
