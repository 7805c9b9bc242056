package deliver

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// worker serves one destination, one object at a time.
type worker struct {
	courier     *Courier
	destination string
	wake        chan struct{}
	unsettled   bool // the result of an attempt could not be written
}

// run delivers until nothing is to come for the destination or ctx ends.
func (w *worker) run(ctx context.Context) {
	c := w.courier
	troubles := 0
	for ctx.Err() == nil {
		wait, more, err := w.step(ctx)
		switch {
		case err != nil && ctx.Err() == nil:
			troubles++
			wait = c.opts.backoff(troubles)
			c.opts.Log.ErrorContext(ctx, "deliver: the queue could not be read or written", "destination", w.destination, "err", err, "again_in", wait)
		case err != nil || !more:
			return
		default:
			troubles = 0
		}
		if wait > 0 && !sleep(ctx, w.wake, wait) {
			return
		}
	}
}

// step makes one attempt when one is due, else says how long nothing is. more
// is false when nothing is to come.
func (w *worker) step(ctx context.Context) (wait time.Duration, more bool, err error) {
	c := w.courier
	if w.unsettled {
		err := c.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			_, err := recoverSending(ctx, tx, w.destination)
			return err
		})
		if err != nil {
			return 0, false, err
		}
		w.unsettled = false
	}
	read := c.db.Read(ctx)
	to, err := worklist.DestinationByID(ctx, read, w.destination)
	if err != nil {
		return 0, false, err
	}
	if !to.Active {
		return 0, false, nil
	}
	now := db.Now()
	d, ok, err := due(ctx, read, w.destination, now)
	if err != nil {
		return 0, false, err
	}
	if ok {
		return 0, true, w.attempt(ctx, d, to)
	}
	at, ok, err := next(ctx, read, w.destination)
	if err != nil || !ok {
		return 0, false, err
	}
	// Another process may bring the time forward (apply, with a new address).
	return min(max(at.Sub(now), time.Millisecond), c.opts.Rescan), true, nil
}

// attempt sends one object and writes down how it went.
func (w *worker) attempt(ctx context.Context, d Delivery, to worklist.Destination) error {
	c := w.courier
	var ok bool
	err := c.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		ok, err = begin(ctx, tx, d)
		return err
	})
	if err != nil || !ok {
		w.unsettled = err != nil
		return err
	}
	w.unsettled = true
	instance, err := payload(ctx, c.db.Read(ctx), d)
	receipt := ""
	if err == nil {
		receipt, err = c.carryOne(ctx, to, d, instance)
	}
	out := c.opts.judge(err, d.Attempts+1, db.Now())
	out.receipt = receipt
	if err != nil && ctx.Err() != nil {
		// We broke it off ourselves: nothing is known against the receiver.
		out = outcome{state: Pending, reason: "broken off: the service was stopping", next: db.Now()}
	}
	// The result is written even when ctx has ended meanwhile: an accepted
	// object that is not known to be would be sent a second time.
	settle, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	err = c.db.Write(settle, func(ctx context.Context, tx db.Tx) error { return finish(ctx, tx, d, out) })
	if err != nil {
		return fmt.Errorf("deliver: result of %s: %w", d.ID, err)
	}
	w.unsettled = false
	c.opts.Log.InfoContext(ctx, "delivery", "delivery", d.ID, "destination", to.ID, "object", d.Object,
		"state", out.state, "attempt", d.Attempts+1, "reason", out.reason)
	return nil
}

// carryOne bounds one attempt in time.
func (c *Courier) carryOne(ctx context.Context, to worklist.Destination, d Delivery, instance catalog.Instance) (receipt string, err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.opts.Timeout, errSlow)
	defer cancel()
	switch {
	case to.Route == "":
		return "", c.carry.Carry(ctx, to, instance)
	case c.opts.Routes == nil:
		return "", &RefusalError{Reason: "this service has no way to " + to.Name, Permanent: true}
	}
	receipt, err = c.opts.Routes.Route(ctx, to, d, instance)
	if err != nil {
		err = errors.Join(err, context.Cause(ctx))
	}
	return receipt, err
}
