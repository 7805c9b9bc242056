package deliver

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Options of a Courier; zero values stand for the defaults named.
type Options struct {
	Log *slog.Logger
	// Shortest and Longest bound the wait between attempts: 5 s, 10 min.
	Shortest, Longest time.Duration
	// FailedAfter is the number of attempts in vain after which a delivery is
	// shown as failed: 6.
	FailedAfter int
	// Timeout bounds one attempt: 5 min.
	Timeout time.Duration
	// Rescan is how often destinations are looked through without a wake-up,
	// for deliveries another process enqueued: 1 min.
	Rescan time.Duration
	// Routes carries to destinations with a route; nil: there is no other way than
	// the Carrier's.
	Routes Router
	// Random gives numbers in [0, 1) for the jitter; nil: math/rand.
	Random func() float64
}

func (o Options) withDefaults() Options {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	set(&o.Shortest, 5*time.Second)
	set(&o.Longest, 10*time.Minute)
	set(&o.Timeout, 5*time.Minute)
	set(&o.Rescan, time.Minute)
	o.Longest = max(o.Longest, o.Shortest)
	if o.FailedAfter <= 0 {
		o.FailedAfter = 6
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	return o
}

// Courier delivers. Make one with [New] and call Run.
type Courier struct {
	db    *db.DB
	carry Carrier
	opts  Options
	wake  chan struct{}

	mu      sync.Mutex
	workers map[string]*worker // by destination
}

// New makes a Courier that hands objects to a Carrier.
func New(d *db.DB, carry Carrier, opts Options) *Courier {
	return &Courier{db: d, carry: carry, opts: opts.withDefaults(), wake: make(chan struct{}, 1), workers: map[string]*worker{}}
}

// Wake says that something was enqueued or should be retried. It never blocks.
func (c *Courier) Wake() {
	nudge(c.wake)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, w := range c.workers {
		nudge(w.wake)
	}
}

func nudge(ch chan struct{}) {
	select {
	case ch <- struct{}{}:
	default:
	}
}

// Run delivers until ctx ends, then waits for the attempts under way to be
// broken off and written down, and returns nil.
func (c *Courier) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	if !c.start(ctx) {
		return nil
	}
	ended := make(chan string)
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		ids, err := waiting(ctx, c.db.Read(ctx))
		if err != nil && ctx.Err() == nil {
			c.opts.Log.ErrorContext(ctx, "deliver: look for work", "err", err)
		}
		for _, id := range ids {
			w := c.hire(id)
			if w == nil {
				continue
			}
			running.Go(func() {
				w.run(ctx)
				select {
				case ended <- id:
				case <-ctx.Done():
				}
			})
		}
		timer.Reset(c.opts.Rescan)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-c.wake:
		case id := <-ended: // and look again: something may have come as it left
			c.dismiss(id)
		}
	}
}

// start takes back what a dead process was sending. It does not go on before
// the database has answered: reports whether it did before ctx ended.
func (c *Courier) start(ctx context.Context) bool {
	for attempt := 1; ; attempt++ {
		var n int64
		err := c.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
			n, err = recoverSending(ctx, tx, "")
			return err
		})
		if err == nil {
			if n > 0 {
				c.opts.Log.WarnContext(ctx, "deliver: taken back from a process that ended while sending", "deliveries", n)
			}
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		wait := c.opts.backoff(attempt)
		c.opts.Log.ErrorContext(ctx, "deliver: start", "err", err, "again_in", wait)
		if !sleep(ctx, nil, wait) {
			return false
		}
	}
}

func (c *Courier) hire(destinationID string) *worker {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.workers[destinationID] != nil {
		return nil
	}
	w := &worker{courier: c, destination: destinationID, wake: make(chan struct{}, 1)}
	c.workers[destinationID] = w
	return w
}

func (c *Courier) dismiss(destinationID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.workers, destinationID)
}

// sleep waits for a time or a wake-up; false when ctx ended.
func sleep(ctx context.Context, wake <-chan struct{}, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	}
	return true
}
