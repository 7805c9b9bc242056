package prior

import (
	"context"
	"log/slog"
	"net"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/router/runner"
	"github.com/dokuei/dokuei/storage/db"
)

// Options of a Fetcher. The first has no default.
type Options struct {
	AETitle string // ours: who calls, and where the archive sends
	Log     *slog.Logger
	Secure  bcp195.Caller // for archives that are called over TLS
	// Keep takes in an instance that an archive, whose AE title follows the hospital,
	// sends on our own association (C-GET). nil: only C-MOVE is asked for.
	Keep func(ctx context.Context, facilityID, archive string, r service.StoreRequest) dimse.Status
	// Shortest and Longest bound the wait between attempts: 15 s, 15 min.
	Shortest, Longest time.Duration
	// Attempts is after how many a fetch is given up: 8.
	Attempts int
	// Answer bounds the wait for a response: 2 min.
	Answer time.Duration
	// Dialer opens connections; nil is that of ul.Dial.
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

const concurrent = 4 // archives asked at once, each for one study at a time

// Fetcher asks archives. Make one with New; Run works.
type Fetcher struct {
	*runner.Runner

	db   *db.DB
	opts Options
}

// New makes a Fetcher.
func New(d *db.DB, o Options) *Fetcher {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&o.Shortest, 15*time.Second)
	set(&o.Longest, 15*time.Minute)
	set(&o.Answer, 2*time.Minute)
	if o.Attempts <= 0 {
		o.Attempts = 8
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	f := &Fetcher{db: d, opts: o}
	f.Runner = runner.New(runner.Options{Name: "priors", Due: f.due, Concurrent: concurrent, Shortest: o.Shortest, Longest: o.Longest, Log: o.Log})
	return f
}

// due lists the fetches that are due, by the archive that is asked.
func (f *Fetcher) due(ctx context.Context, now time.Time) (work []runner.Work, at time.Time, err error) {
	list, err := due(ctx, f.db.Read(ctx), now, 64)
	if err != nil {
		return nil, at, err
	}
	for _, one := range list {
		work = append(work, runner.Work{Key: one.DestinationID, Do: func(ctx context.Context) error { return f.work(ctx, one) }})
	}
	at, err = next(ctx, f.db.Read(ctx), now)
	return work, at, err
}

// work makes one attempt and writes down what became of it.
func (f *Fetcher) work(ctx context.Context, one fetch) error {
	var mine bool
	err := f.db.Write(ctx, func(ctx context.Context, tx db.Tx) (err error) {
		mine, err = claim(ctx, tx, one.ID, db.Now())
		return err
	})
	if err != nil || !mine {
		return err
	}
	one.Attempts++
	reason, permanent, why := f.ask(ctx, one)
	if ctx.Err() != nil {
		return nil // broken off by us: taken up when the lease has run out
	}
	return f.ended(ctx, one, reason, permanent, why)
}

// ended writes down an attempt: without a reason all is here.
func (f *Fetcher) ended(ctx context.Context, one fetch, reason Reason, permanent bool, why error) error {
	state, at := Done, db.Now()
	switch {
	case reason == "":
		f.opts.Log.InfoContext(ctx, "earlier studies fetched", "study", one.StudyID, "facility", one.FacilityID)
	case permanent || one.Attempts >= f.opts.Attempts:
		state = Failed
		f.opts.Log.WarnContext(ctx, "earlier studies not fetched", "study", one.StudyID, "facility", one.FacilityID, "reason", reason, "err", why)
	default:
		wait := f.Backoff(one.Attempts)
		state, at = Waiting, at.Add(wait)
		f.opts.Log.WarnContext(ctx, "earlier studies not fetched yet", "study", one.StudyID, "facility", one.FacilityID, "reason", reason, "err", why, "again_in", wait)
	}
	return f.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return end(ctx, tx, one, state, reason, at) })
}
