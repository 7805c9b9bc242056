package clock

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/router/runner"
	"github.com/dokuei/dokuei/storage/db"
)

// Sender carries a notice to its recipient.
type Sender func(ctx context.Context, n Notice) error

// Options of a Keeper; the zero value is usable and tells nobody outside.
type Options struct {
	Log     *slog.Logger
	Now     func() time.Time // zero: db.Now
	Longest time.Duration    // between two looks; zero: 10 s
	Link    string           // address of the pages, for notices

	Email, Webhook bool              // which notices are written
	Send           map[string]Sender // by channel: email, webhook
}

// Keeper fires timers and sends notices. It is woken when an item was made.
type Keeper struct {
	*runner.Loop
	db   *db.DB
	opts Options
}

// pause is the least time between two looks.
const pause = 50 * time.Millisecond

// New makes a Keeper on a database. Run does the work.
func New(d *db.DB, opts Options) *Keeper {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Now == nil {
		opts.Now = db.Now
	}
	if opts.Longest <= 0 {
		opts.Longest = 10 * time.Second
	}
	return &Keeper{runner.NewLoop("clock", pause, opts.Log), d, opts}
}

// Run fires timers until ctx ends, and returns nil then. A database that fails is
// tried again: a timer that is late has its effect late, not never.
func (k *Keeper) Run(ctx context.Context) error {
	k.Loop.Run(ctx, k.Look)
	return nil
}

// Look does what is due now and returns how long nothing more will be.
func (k *Keeper) Look(ctx context.Context) (time.Duration, error) {
	for {
		n, err := adopt(ctx, k.db)
		if err != nil {
			return 0, err
		}
		if n < batch {
			break
		}
	}
	now := k.opts.Now()
	list, err := dueNow(ctx, k.db.Read(ctx), now)
	if err != nil {
		return 0, err
	}
	var failed error
	for _, x := range list { // one that cannot be fired holds up no other
		failed = errors.Join(failed, k.fire(ctx, x, now))
	}
	if failed = errors.Join(failed, k.send(ctx, now)); failed != nil {
		return 0, failed
	}
	if len(list) == batch {
		return 0, nil
	}
	at, ok, err := next(ctx, k.db.Read(ctx))
	if err != nil || !ok {
		return k.opts.Longest, err
	}
	return min(max(at.Sub(now), 0), k.opts.Longest), nil
}

func (k *Keeper) fire(ctx context.Context, x due, now time.Time) error {
	var told bool
	err := k.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		w, is, _, err := fire(ctx, tx, x, now)
		if told = is; err != nil || !is {
			return err
		}
		return k.enqueue(ctx, tx, w, x.kind, now)
	})
	if err == nil && told && x.kind.Escalates() {
		k.opts.Log.WarnContext(ctx, "the coordinator is called", "workitem", x.item, "why", x.kind)
	}
	return err
}

// send sends what waits. Attempts are made outside of a transaction, under a lease.
func (k *Keeper) send(ctx context.Context, now time.Time) error {
	if len(k.opts.Send) == 0 {
		return nil
	}
	var list []Notice
	err := k.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		list, err = take(ctx, tx, now)
		return err
	})
	if err != nil {
		return err
	}
	for _, n := range list {
		failed := errNoSender
		if send := k.opts.Send[n.Channel]; send != nil {
			attempt, cancel := context.WithTimeout(ctx, lease/2)
			failed = send(attempt, n)
			cancel()
		}
		if failed != nil {
			k.opts.Log.WarnContext(ctx, "clock: notice not sent; it is tried again", "notice", n.ID, "channel", n.Channel, "err", failed)
		}
		if err := k.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return settle(ctx, tx, n, failed, now) }); err != nil {
			return err
		}
	}
	return nil
}

var errNoSender = errors.New("clock: nothing is set up for this channel")
