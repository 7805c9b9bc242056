package deliver

import (
	"context"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// worker serves one destination.
type worker struct {
	courier     *Courier
	destination string
	wake        chan struct{}
	unsettled   bool // the result of an attempt could not be written
	careful     bool // an association was lost with several objects under way
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

// step delivers what is due, else says how long nothing is. more
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
	list, err := due(ctx, read, w.destination, now)
	if err != nil {
		return 0, false, err
	}
	if len(list) > 0 {
		if begun, err := w.visit(ctx, to, list); begun || err != nil {
			return 0, true, err
		}
	}
	at, ok, err := next(ctx, read, w.destination)
	if err != nil || !ok {
		return 0, false, err
	}
	// Another process may bring the time forward (apply, with a new address).
	return min(max(at.Sub(now), time.Millisecond), c.opts.Rescan), true, nil
}
