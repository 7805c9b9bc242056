package clock

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// batch is how many rows one look takes on.
const batch = 64

// adopt gives timers to open items that have none.
func adopt(ctx context.Context, d *db.DB) (int, error) {
	list, err := worklist.Untimed(ctx, d.Read(ctx), batch)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return len(list), d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		for _, w := range list {
			for _, t := range Plan(w) {
				if err := set(ctx, tx, w.ID, t, `NOTHING`); err != nil {
					return err
				}
			}
		}
		return nil
	})
}

type due struct {
	item string
	kind Kind
}

// dueNow lists the timers that should have fired.
func dueNow(ctx context.Context, tx db.Tx, now time.Time) ([]due, error) {
	return all(ctx, tx, func(rows *sql.Rows) (x due, err error) {
		err = rows.Scan(&x.item, &x.kind)
		return x, err
	}, `SELECT workitem_id, kind FROM timers WHERE fired_at = 0 AND due_at <= $1 ORDER BY due_at, workitem_id LIMIT $2`, db.Micros(now), batch)
}

// next is when the next timer is due; ok is false when there is none.
func next(ctx context.Context, tx db.Tx) (at time.Time, ok bool, err error) {
	var micros int64
	err = tx.QueryRowContext(ctx, `SELECT COALESCE(MIN(due_at), 0) FROM timers WHERE fired_at = 0`).Scan(&micros)
	if err != nil {
		return time.Time{}, false, fmt.Errorf("clock: look: %w", err)
	}
	return db.FromMicros(micros), micros != 0, nil
}

// present reports whether the deputy of an item could take it now.
func present(ctx context.Context, tx db.Tx, w worklist.Workitem, now time.Time) (bool, error) {
	duties, err := worklist.DutiesAt(ctx, tx, now)
	if err != nil {
		return false, fmt.Errorf("clock: fire: %w", err)
	}
	duty := duties.Of(w.Offer.Deputy)
	return !duties.Profile(w.Offer.Deputy).Expired(now) && (duty == worklist.Reading || duty == worklist.OnCall && w.Priority == worklist.STAT), nil
}

// fire gives a timer its effect, in the transaction that marks it. fired is false
// when another process was first; told is the item when somebody should hear of it.
func fire(ctx context.Context, tx db.Tx, x due, now time.Time) (w worklist.Workitem, told, fired bool, err error) {
	res, err := tx.ExecContext(ctx, `UPDATE timers SET fired_at = $1 WHERE workitem_id = $2 AND kind = $3 AND fired_at = 0`, db.Micros(now), x.item, x.kind)
	if err != nil {
		return w, false, false, fmt.Errorf("clock: fire: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return w, false, false, err
	}
	if x.kind.Waiting() {
		var waits bool
		if w, waits, err = worklist.Waits(ctx, tx, x.item); err != nil || !waits {
			return w, false, true, err
		}
	}
	switch x.kind {
	case Offered:
		told = true // the pages know from the event of its making
	case OfferDeputy:
		to := worklist.ToDeputy
		if there, err := present(ctx, tx, w, now); err != nil {
			return w, false, true, err
		} else if !there {
			to = worklist.ToPanel // who is not there would only keep it from the others
		}
		w, told, err = worklist.Widen(ctx, tx, x.item, to)
	case OfferPanel:
		w, told, err = worklist.Widen(ctx, tx, x.item, worklist.ToPanel)
		told = told && w.Offer.Mode != worklist.Offer // it was the panel's from the first: its lists show it now
	case ClaimLate, FinalLate, Declined:
		w, told, err = worklist.Escalate(ctx, tx, x.item, string(x.kind))
	default:
		w, told, err = worklist.Warn(ctx, tx, x.item, string(x.kind))
	}
	return w, told, true, err
}
