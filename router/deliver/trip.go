package deliver

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// tripMost is how many deliveries go to a destination before the queue is looked at
// again.
const tripMost = 64

// trip is the Load of one visit to a destination. Objects of one study go in order, one
// at a time: the next begins when the one before was accepted, or refused for good, and
// not at all when it has to be tried again. Objects of different studies go side by side.
type trip struct {
	worker *worker
	to     worklist.Destination
	ctx    context.Context // of the worker: it ends with the service
	limit  *time.Timer     // ends what takes longer than Options.Timeout without a result

	all   []Cargo
	todo  []Cargo          // of all, oldest first
	gone  map[string]error // why the instance of a delivery is not in the catalog
	busy  map[string]bool  // studies of which one is under way, or has to be tried again
	open  int              // begun and not done
	begun int
	lost  bool  // the association went with several under way
	err   error // the queue could not be written
}

// All implements Load.
func (t *trip) All() []Cargo { return t.all }

// Next implements Load: it writes down that the attempt begins.
func (t *trip) Next(ctx context.Context) (Cargo, bool) {
	if t.err != nil || ctx.Err() != nil || t.worker.careful && t.open > 0 {
		return Cargo{}, false
	}
	for n := 0; n < len(t.todo); {
		c := t.todo[n]
		if t.busy[c.Delivery.StudyID] {
			n++
			continue
		}
		t.todo = append(t.todo[:n:n], t.todo[n+1:]...)
		var ok bool
		t.err = t.worker.courier.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
			ok, err = begin(ctx, tx, c.Delivery, db.Now())
			return err
		})
		if t.err != nil {
			t.worker.unsettled = true
			return Cargo{}, false
		}
		if !ok {
			continue // it has changed since it was read
		}
		t.limit.Reset(t.worker.courier.opts.Timeout)
		t.busy[c.Delivery.StudyID] = true
		t.open++
		t.begun++
		if err := t.gone[c.Delivery.ID]; err != nil {
			t.Done(c, "", err)
			continue
		}
		return c, true
	}
	return Cargo{}, false
}

// Done implements Load: it writes down how the attempt ended.
func (t *trip) Done(c Cargo, receipt string, err error) {
	w := t.worker
	t.limit.Reset(w.courier.opts.Timeout)
	d := c.Delivery
	out := w.courier.opts.judge(err, d.Attempts+1, db.Now())
	out.receipt = receipt
	if _, answered := explainAnswer(err); err != nil && !answered && t.open > 1 {
		t.lost = true
	}
	if err != nil && t.ctx.Err() != nil {
		// We broke it off ourselves: nothing is known against the receiver.
		out = outcome{state: Pending, reason: "broken off: the service was stopping", next: db.Now()}
	}
	t.open--
	t.busy[d.StudyID] = out.state != Delivered && !out.refused
	// The result is written even when ctx has ended meanwhile: an accepted
	// object that is not known to be would be sent a second time.
	settle, cancel := context.WithTimeout(context.WithoutCancel(t.ctx), 10*time.Second)
	defer cancel()
	err = w.courier.db.Write(settle, func(ctx context.Context, tx db.Tx) error { return finish(ctx, tx, d, out) })
	if err != nil {
		w.unsettled = true
		t.err = errors.Join(t.err, fmt.Errorf("deliver: result of %s: %w", d.ID, err))
		return
	}
	w.courier.opts.Log.InfoContext(t.ctx, "delivery", "delivery", d.ID, "destination", t.to.ID, "object", d.Object,
		"state", out.state, "attempt", d.Attempts+1, "reason", out.reason)
}

// visit takes what is due to a destination. It reports whether anything was begun.
func (w *worker) visit(ctx context.Context, to worklist.Destination, list []Delivery) (begun bool, err error) {
	c := w.courier
	t := &trip{worker: w, to: to, ctx: ctx, busy: make(map[string]bool), gone: make(map[string]error)}
	for _, d := range list {
		instance, err := payload(ctx, c.db.Read(ctx), d)
		switch {
		case err == nil:
			t.todo = append(t.todo, Cargo{d, instance})
		case ctx.Err() != nil:
			return false, err
		default:
			t.todo, t.gone[d.ID] = append(t.todo, Cargo{Delivery: d}), err
		}
	}
	t.all = slices.Clone(t.todo)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	t.limit = time.AfterFunc(c.opts.Timeout, func() { cancel(errSlow) })
	defer t.limit.Stop()
	c.carrier(to).Carry(ctx, to, t)
	// After a loss one goes at a time, so that it shows which of them the receiver
	// does not survive.
	w.careful = t.lost || w.careful && t.err != nil
	return t.begun > 0, t.err
}

// carrier is who goes to a destination.
func (c *Courier) carrier(to worklist.Destination) Carrier {
	switch {
	case to.Route == "":
		return c.carry
	case c.opts.Routes == nil:
		return OneByOne(func(context.Context, worklist.Destination, Cargo) (string, error) {
			return "", &RefusalError{Reason: "this service has no way to " + to.Name, Permanent: true}
		})
	}
	return OneByOne(func(ctx context.Context, to worklist.Destination, cargo Cargo) (string, error) {
		return c.opts.Routes.Route(ctx, to, cargo.Delivery, cargo.Instance)
	})
}
