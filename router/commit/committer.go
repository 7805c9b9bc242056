package commit

import (
	"context"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/router/runner"
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
	// Dialer opens connections; nil is that of ul.Dial.
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

// Committer verifies and reports. Make one with New; Serve takes requests and
// Run works on them.
type Committer struct {
	*runner.Runner

	db   *db.DB
	opts Options

	mu   sync.Mutex
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
	c := &Committer{db: d, opts: o, live: map[string]*service.Reporter{}}
	c.Runner = runner.New(runner.Options{Name: "storage commitment", Due: c.due, Concurrent: o.Concurrent, Shortest: o.Shortest, Longest: o.Longest, Log: o.Log})
	return c
}

// due lists the requests that are due.
func (c *Committer) due(ctx context.Context, now time.Time) (work []runner.Work, at time.Time, err error) {
	list, err := due(ctx, c.db.Read(ctx), now, 4*c.opts.Concurrent)
	if err != nil {
		return nil, at, err
	}
	for _, r := range list {
		work = append(work, runner.Work{Key: r.ID, Do: func(ctx context.Context) error { return c.work(ctx, r) }})
	}
	at, err = next(ctx, c.db.Read(ctx), now)
	return work, at, err
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
func (c *Committer) work(ctx context.Context, r request) error {
	err := c.step(ctx, r)
	if err == nil || ctx.Err() != nil {
		return nil
	}
	wait := c.Backoff(r.Attempts + 1)
	c.opts.Log.WarnContext(ctx, "storage commitment not answered yet", "request", r.ID, "facility", r.FacilityID, "state", r.State, "err", err, "again_in", wait)
	return c.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return postpone(ctx, tx, r, db.Now().Add(wait), err) })
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
