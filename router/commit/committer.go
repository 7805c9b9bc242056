package commit

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
)

// Options of a Committer. The first three have no default.
type Options struct {
	// Check reads an instance of a facility again; see ingest.Ingester.Check.
	Check func(ctx context.Context, facilityID, sopInstanceUID string) (h ingest.Held, known bool, err error)
	// Facility finds the hospital of an association.
	Facility func(peer any) (id string, ok bool)
	// Destination finds where an AE of a facility listens; false: not known.
	Destination func(ctx context.Context, facilityID, aeTitle string) (service.Destination, bool, error)

	// Declared, when set, is called when a study need not wait any longer.
	Declared func()
	Log      *slog.Logger
	// Shortest and Longest bound the wait between attempts: 5 s, 10 min.
	Shortest, Longest time.Duration
	// Answer bounds an attempt to report: 30 s.
	Answer time.Duration
	// Concurrent is how many requests are worked on at once: 8.
	Concurrent int
	// Dialer opens connections; nil is net.Dialer.
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

// Committer verifies and reports. Make one with New; Serve takes requests and
// Run works on them.
type Committer struct {
	db   *db.DB
	opts Options
	wake chan struct{}

	mu   sync.Mutex
	busy map[string]bool              // by request
	live map[string]*service.Reporter // associations that asked, by request
}

// New makes a Committer.
func New(d *db.DB, o Options) *Committer {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&o.Shortest, 5*time.Second)
	set(&o.Longest, 10*time.Minute)
	set(&o.Answer, 30*time.Second)
	o.Longest = max(o.Longest, o.Shortest)
	if o.Concurrent <= 0 {
		o.Concurrent = 8
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Declared == nil {
		o.Declared = func() {}
	}
	return &Committer{db: d, opts: o, wake: make(chan struct{}, 1), busy: map[string]bool{}, live: map[string]*service.Reporter{}}
}

// Wake makes Run look for work. It never blocks.
func (c *Committer) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// rescan is how long Run sleeps at most: another process may have changed an
// address.
const rescan = time.Minute

// Run works on requests until ctx ends, and returns nil when what it had begun
// has been broken off.
func (c *Committer) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now := db.Now()
		wait := rescan
		list, err := due(ctx, c.db.Read(ctx), now, 4*c.opts.Concurrent)
		if err == nil {
			for _, r := range list {
				if c.take(r.ID) {
					running.Go(func() {
						defer c.Wake()
						defer c.give(r.ID)
						c.work(ctx, r)
					})
				}
			}
			var at time.Time
			if at, err = next(ctx, c.db.Read(ctx), now); err == nil && !at.IsZero() {
				wait = min(wait, max(at.Sub(now), time.Millisecond))
			}
		}
		if err != nil && ctx.Err() == nil {
			wait = c.opts.Shortest
			c.opts.Log.ErrorContext(ctx, "commit: look for work", "err", err, "again_in", wait)
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-c.wake:
		}
	}
}

// take marks a request as being worked on, when there is room for it.
func (c *Committer) take(id string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[id] || len(c.busy) >= c.opts.Concurrent {
		return false
	}
	c.busy[id] = true
	return true
}

func (c *Committer) give(id string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.busy, id)
}

// hangUp forgets an association that has ended or has been told; not one that
// asked again meanwhile.
func (c *Committer) hangUp(id string, r *service.Reporter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.live[id] == r {
		delete(c.live, id)
	}
}

// work takes one request as far as it goes now.
func (c *Committer) work(ctx context.Context, r request) {
	err := c.step(ctx, r)
	if err == nil || ctx.Err() != nil {
		return
	}
	wait := c.backoff(r.Attempts + 1)
	c.opts.Log.WarnContext(ctx, "storage commitment not answered yet", "request", r.ID, "facility", r.FacilityID, "state", r.State, "err", err, "again_in", wait)
	write := c.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return postpone(ctx, tx, r, db.Now().Add(wait), err) })
	if write != nil && ctx.Err() == nil {
		c.opts.Log.ErrorContext(ctx, "commit: write", "err", write)
		t := time.NewTimer(c.opts.Shortest) // the row is still due: not in a circle
		defer t.Stop()
		select {
		case <-ctx.Done():
		case <-t.C:
		}
	}
}

func (c *Committer) step(ctx context.Context, r request) error {
	// What listed it may have read it before it was worked on the last time.
	r, found, err := reload(ctx, c.db.Read(ctx), r.ID, db.Now())
	if err != nil || !found {
		return err
	}
	items, err := itemsOf(ctx, c.db.Read(ctx), r.ID)
	if err != nil {
		return err
	}
	if r.State == requested {
		if err := c.verify(ctx, r, items); err != nil {
			return err
		}
	}
	if err := c.report(ctx, r, items); err != nil {
		return err
	}
	c.opts.Log.InfoContext(ctx, "storage commitment answered", "request", r.ID, "facility", r.FacilityID, "instances", len(items))
	return c.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return finish(ctx, tx, r.ID) })
}

// backoff doubles from Shortest to Longest, spread by a fifth.
func (c *Committer) backoff(attempts int) time.Duration {
	wait := c.opts.Shortest
	for i := 1; i < attempts && wait < c.opts.Longest; i++ {
		wait *= 2
	}
	return time.Duration(float64(min(wait, c.opts.Longest)) * (0.8 + 0.4*rand.Float64())) //nolint:gosec // jitter
}
