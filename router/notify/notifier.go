package notify

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/runner"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// source is a kind of message that waits in a queue, by destination.
type source interface {
	// class is the SOP class of the presentation context.
	class() string
	// destinations lists those that something is due for.
	destinations(ctx context.Context, tx db.Tx, now time.Time) ([]string, error)
	// next is when something is due next, zero when nothing waits.
	next(ctx context.Context, tx db.Tx, now time.Time) (time.Time, error)
	// due reads what a destination is told now, the least tried first, so that one
	// it refuses holds up no other.
	due(ctx context.Context, tx db.Tx, destinationID string, now time.Time) ([]notification, error)
	// tell sends one. told is false, with the status, when the receiver did not take it.
	tell(ctx context.Context, c *service.Client, one notification) (told bool, status dimse.Status, err error)
	// settle writes down that it has been told or is given up. One that has become
	// another meanwhile stays.
	settle(ctx context.Context, tx db.Tx, one notification, state, reason string) error
	// postpone puts it off; with everybody, all that its destination waits for, because
	// nobody is there.
	postpone(ctx context.Context, tx db.Tx, one notification, until time.Time, reason string, everybody bool) error
}

// localError is what went wrong on our side: it is no fault of the receiver.
type localError struct{ err error }

func (e *localError) Error() string { return e.err.Error() }
func (e *localError) Unwrap() error { return e.err }

// Options of a Notifier. The first has no default.
type Options struct {
	AETitle string // ours: who calls, and where the instances are to be had
	Log     *slog.Logger
	Secure  bcp195.Caller // for destinations that are called over TLS
	// Shortest and Longest bound the wait between attempts: 5 s, 10 min.
	Shortest, Longest time.Duration
	// Answer bounds an attempt: 30 s.
	Answer time.Duration
	// Dialer opens connections; nil is that of ul.Dial.
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

const (
	concurrent = 8                  // destinations called at once
	expiry     = 7 * 24 * time.Hour // of a notification nobody takes
)

// Notifier tells destinations. Make one with New; Run works.
type Notifier struct {
	*runner.Runner

	db     *db.DB
	source source
	opts   Options
}

// New makes a Notifier of complete studies.
func New(d *db.DB, o Options) *Notifier { return with(d, &announcements{announcing, d, o.AETitle}, o) }

// NewForwarder makes a Notifier of performed procedure steps.
func NewForwarder(d *db.DB, o Options) *Notifier { return with(d, &performances{performing, d}, o) }

func with(d *db.DB, s source, o Options) *Notifier {
	set := func(d *time.Duration, v time.Duration) {
		if *d <= 0 {
			*d = v
		}
	}
	set(&o.Shortest, 5*time.Second)
	set(&o.Longest, 10*time.Minute)
	set(&o.Answer, 30*time.Second)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	n := &Notifier{db: d, source: s, opts: o}
	n.Runner = runner.New(runner.Options{Name: "notify " + uid.Name(s.class()), Due: n.due, Concurrent: concurrent, Shortest: o.Shortest, Longest: o.Longest, Log: o.Log})
	return n
}

// due lists the destinations that something is due for.
func (n *Notifier) due(ctx context.Context, now time.Time) (work []runner.Work, at time.Time, err error) {
	ids, err := n.source.destinations(ctx, n.db.Read(ctx), now)
	if err != nil {
		return nil, at, err
	}
	for _, id := range ids {
		work = append(work, runner.Work{Key: id, Do: func(ctx context.Context) error { return n.tellAll(ctx, id) }})
	}
	at, err = n.source.next(ctx, n.db.Read(ctx), now)
	return work, at, err
}

// tellAll tells one destination what is due, over one association.
func (n *Notifier) tellAll(ctx context.Context, id string) error {
	to, err := worklist.DestinationByID(ctx, n.db.Read(ctx), id)
	if err != nil {
		return err
	}
	list, err := n.source.due(ctx, n.db.Read(ctx), id, db.Now())
	if err != nil || len(list) == 0 {
		return err
	}
	dialing, cancel := context.WithTimeout(ctx, n.opts.Answer)
	defer cancel()
	secure, err := n.opts.Secure.Config(to.TLS)
	if err != nil {
		return n.failed(ctx, to, list[0], deliver.Reason(err), true)
	}
	client, err := service.Dial(dialing, to.Address(), service.DialOptions{
		CallingAE: n.opts.AETitle, CalledAE: to.AETitle, TLS: secure, Dialer: n.opts.Dialer, Log: n.opts.Log, Connect: n.opts.Answer, Response: n.opts.Answer,
		Contexts: []service.Context{{AbstractSyntax: n.source.class(), TransferSyntaxes: []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}}},
	})
	if err != nil {
		return n.failed(ctx, to, list[0], deliver.Reason(err), true)
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answers are what counts
	for _, one := range list {
		telling, cancel := context.WithTimeout(ctx, n.opts.Answer)
		told, status, err := n.source.tell(telling, client, one)
		cancel()
		var local *localError
		switch {
		case errors.As(err, &local):
			return err
		case err != nil:
			return n.failed(ctx, to, one, deliver.Reason(err), true)
		case !told:
			if err := n.failed(ctx, to, one, "the receiver did not take it: "+status.String(), false); err != nil {
				return err
			}
			continue
		}
		if err := n.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return n.source.settle(ctx, tx, one, "told", "") }); err != nil {
			return err
		}
		n.opts.Log.InfoContext(ctx, "told", "class", uid.Name(n.source.class()), "of", one.about(), "facility", to.FacilityID, "destination", to.Name)
	}
	return nil
}

// failed writes down an attempt in vain; with everybody, the destination does not
// take anything now.
func (n *Notifier) failed(ctx context.Context, to worklist.Destination, one notification, reason string, everybody bool) error {
	if ctx.Err() != nil {
		return nil // broken off by us
	}
	wait := n.Backoff(one.Attempts + 1)
	n.opts.Log.WarnContext(ctx, "not told yet", "class", uid.Name(n.source.class()), "of", one.about(), "facility", to.FacilityID, "destination", to.Name, "reason", reason, "again_in", wait)
	return n.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		now := db.Now()
		if now.Sub(one.CreatedAt) > expiry {
			return n.source.settle(ctx, tx, one, "expired", reason)
		}
		return n.source.postpone(ctx, tx, one, now.Add(wait), reason, everybody)
	})
}
