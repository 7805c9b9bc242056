package worklist

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// EventRaised: an open item has become more urgent; Event.Ref is the Workitem.
const EventRaised = "workitem.raised"

// Raise makes an open item, held or not, more urgent: its priority, and limits that
// are not later than they were, nor is the end of an offer to one reader: what the
// panel was to have anyhow it has at once. The reason is kept with it. An item that is
// as urgent already stays as it is, and ok is false.
func Raise(ctx context.Context, tx db.Tx, id string, to Priority, claimDue, deadline time.Time, why Reason, actor string) (w Workitem, ok bool, err error) {
	if w, err = load(ctx, tx, id); err != nil || !w.State.Open() || to.Rank() >= w.Priority.Rank() {
		return w, false, err
	}
	before := w.Priority
	w.Priority, w.Deadline = to, sooner(w.Deadline, deadline)
	if w.State == Scheduled {
		w.ClaimDue = sooner(w.ClaimDue, claimDue)
		if w.Offer.Main != "" {
			now := db.NowIn(ctx)
			w.Offer.Until = sooner(w.Offer.Until, now.Add(w.Alone(now)))
			if w.Offer.Mode == Offer {
				w.Offer.Reached = ToPanel
			}
		}
	}
	w.Reasons = append(w.Reasons, why)
	reasons, err := json.Marshal(w.Reasons)
	if err != nil {
		return w, false, fmt.Errorf("worklist: reasons: %w", err)
	}
	res, err := tx.ExecContext(ctx, `UPDATE workitems SET priority = $1, priority_rank = $2, deadline = $3, claim_due = $4, reasons = $5, alone_until = $6, offer_state = $7, version = version + 1
 WHERE id = $8 AND state = $9 AND version = $10`, w.Priority, w.Priority.Rank(), db.Micros(w.Deadline), db.Micros(w.ClaimDue), string(reasons), db.Micros(w.Offer.Until), w.Offer.Reached, id, w.State, w.Version)
	if err := changedOne(res, err); err != nil {
		return w, false, err
	}
	w.Version++
	return w, true, record(ctx, tx, w, EventRaised, actor, fmt.Sprintf("%s to %s", before, to))
}

// sooner is the earlier of two limits; a zero one is none.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
