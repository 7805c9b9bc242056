package worklist

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Kinds of the events of an offer and of the clock; Event.Ref is the Workitem.
const (
	EventReoffered = "workitem.reoffered"
	EventWarned    = "workitem.warned"
	EventEscalated = "workitem.escalated"
	// EventCancelRequested: the hospital asks that a reading under way be canceled.
	EventCancelRequested = "workitem.cancel-requested"
)

// longestAlone is how long one reader alone may leave an item lying.
const longestAlone = 2 * time.Hour

// Alone is how long an item is that of the readers it is offered to by name, from a
// moment on, where nothing else is said: half of the time in which it is to be claimed.
func (w Workitem) Alone(at time.Time) time.Duration {
	if w.ClaimDue.IsZero() {
		return min(max(w.Deadline.Sub(at), 0)/4, longestAlone)
	}
	return max(w.ClaimDue.Sub(at), 0) / 2
}

// bounded is the offer of an item, made at a moment, with its end.
func (w Workitem) bounded(at time.Time) OfferTo {
	o := w.Offer
	switch {
	case o.Main == "":
		o.Until = time.Time{}
	case o.Until.IsZero():
		o.Until = at.Add(w.Alone(at))
	}
	o.Until = o.Until.UTC().Truncate(time.Microsecond) // as it is kept
	return o
}

// Widen lets an offer that nobody has taken reach further. ok is false when
// somebody has meanwhile, or it has reached as far already.
func Widen(ctx context.Context, tx db.Tx, id string, to Reached) (w Workitem, ok bool, err error) {
	if w, err = load(ctx, tx, id); err != nil {
		return w, false, err
	}
	if w.State != Scheduled || w.Offer.Main == "" || w.Offer.Reached == to || w.Offer.Reached == ToPanel {
		return w, false, nil
	}
	res, err := tx.ExecContext(ctx, `UPDATE workitems SET offer_state = $1, version = version + 1 WHERE id = $2 AND state = 'SCHEDULED' AND version = $3`, to, id, w.Version)
	if err := changedOne(res, err); err != nil {
		return w, false, err
	}
	w.Offer.Reached, w.Version = to, w.Version+1
	return w, true, record(ctx, tx, w, EventReoffered, ActorRouter, "to the "+string(to))
}

// Redirect offers an item nobody has taken to another reader.
func Redirect(ctx context.Context, tx db.Tx, id string, to OfferTo, actor, reason string) (Workitem, error) {
	w, err := load(ctx, tx, id)
	if err != nil {
		return w, err
	}
	if err := refusal(Transition(w.State, ToInProgress).Status); err != nil {
		return w, err
	}
	for _, r := range []string{to.Main, to.Deputy} {
		if r == "" {
			continue
		}
		if err := requireFit(ctx, tx, w, r); err != nil {
			return w, err
		}
	}
	w.Offer = to
	w.Offer = w.bounded(db.NowIn(ctx))
	res, err := tx.ExecContext(ctx, `UPDATE workitems SET assign = $1, main_reader = $2, deputy = $3, offer_state = $4, alone_until = $5, version = version + 1
 WHERE id = $6 AND state = 'SCHEDULED' AND version = $7`, to.Mode, to.Main, to.Deputy, to.Reached, db.Micros(w.Offer.Until), id, w.Version)
	if err := changedOne(res, err); err != nil {
		return w, err
	}
	w.Version++
	return w, record(ctx, tx, w, EventReoffered, actor, reason)
}

// Escalate notes that a limit of an open item was passed. It is shown to
// coordinators until the item is done.
func Escalate(ctx context.Context, tx db.Tx, id, why string) (w Workitem, ok bool, err error) {
	if w, err = load(ctx, tx, id); err != nil || !w.State.Open() {
		return w, false, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE workitems SET escalated = escalated + 1 WHERE id = $1`, id); err != nil {
		return w, false, fmt.Errorf("worklist: escalate: %w", err)
	}
	w.Escalated++
	return w, true, record(ctx, tx, w, EventEscalated, ActorRouter, why)
}

// Warn tells, by an event, that a limit is near.
func Warn(ctx context.Context, tx db.Tx, id, why string) (w Workitem, ok bool, err error) {
	if w, err = load(ctx, tx, id); err != nil || !w.State.Open() {
		return w, false, err
	}
	return w, true, record(ctx, tx, w, EventWarned, ActorRouter, why)
}

// HoldTime is how long a reader may hold an item before another may take it over.
func (p Priority) HoldTime() time.Duration {
	switch p {
	case STAT:
		return 20 * time.Minute
	case Urgent:
		return time.Hour
	default:
		return 4 * time.Hour
	}
}

// TakeOver claims an item that is offered to another reader, or that another has
// held for longer than [Priority.HoldTime]. The reason is kept; what the other had
// drafted stays with the item they held.
func TakeOver(ctx context.Context, tx db.Tx, id, readerID, reason string) (Workitem, error) {
	w, err := load(ctx, tx, id)
	if err != nil {
		return w, err
	}
	if w.State == Scheduled && !w.Offer.Allows(readerID) {
		if _, err := Redirect(ctx, tx, id, OfferTo{Mode: Direct, Main: readerID}, readerID, "taken over: "+reason); err != nil {
			return w, err
		}
	}
	if w.State == InProgress && w.ClaimedBy != readerID {
		if db.NowIn(ctx).Sub(w.ClaimedAt) < w.Priority.HoldTime() {
			return w, ErrAlreadyClaimed
		}
		if err := requireFit(ctx, tx, w, readerID); err != nil {
			return w, err
		}
		_, next, err := replace(ctx, tx, w, change{panel: w.PanelID, priority: w.Priority, deadline: w.Deadline, reason: reason, actor: readerID, event: EventReassigned})
		if err != nil {
			return w, err
		}
		id = next.ID
	}
	return Claim(ctx, tx, id, readerID)
}

// Untimed lists open items without timers, oldest first.
func Untimed(ctx context.Context, tx db.Tx, limit int) ([]Workitem, error) {
	list, err := several(ctx, tx, `w.state IN ('SCHEDULED', 'IN PROGRESS')
 AND NOT EXISTS (SELECT 1 FROM timers t WHERE t.workitem_id = w.id) ORDER BY w.created_at, w.id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("worklist: items without timers: %w", err)
	}
	return list, nil
}

// Waits reads an item and reports whether nobody has claimed it yet.
func Waits(ctx context.Context, tx db.Tx, id string) (w Workitem, waits bool, err error) {
	w, err = load(ctx, tx, id)
	return w, err == nil && w.State == Scheduled, err
}
