package notify

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// Options of a Notifier. The first has no default.
type Options struct {
	AETitle string // ours: who calls, and where the instances are to be had
	Log     *slog.Logger
	Secure  bcp195.Caller // for destinations that are called over TLS
	// Shortest and Longest bound the wait between attempts: 5 s, 10 min.
	Shortest, Longest time.Duration
	// Answer bounds an attempt: 30 s.
	Answer time.Duration
	// Dialer opens connections; nil is net.Dialer.
	Dialer interface {
		DialContext(ctx context.Context, network, address string) (net.Conn, error)
	}
}

const (
	concurrent = 8                  // destinations called at once
	rescan     = time.Minute        // another process may have completed a study
	expiry     = 7 * 24 * time.Hour // of a notification nobody takes
)

// Notifier tells destinations. Make one with New; Run works.
type Notifier struct {
	db   *db.DB
	opts Options
	wake chan struct{}

	mu   sync.Mutex
	busy map[string]bool // by destination
}

// New makes a Notifier.
func New(d *db.DB, o Options) *Notifier {
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
	return &Notifier{db: d, opts: o, wake: make(chan struct{}, 1), busy: map[string]bool{}}
}

// Wake makes Run look for work. It never blocks.
func (n *Notifier) Wake() {
	select {
	case n.wake <- struct{}{}:
	default:
	}
}

// Run tells until ctx ends, and returns nil when what it had begun has been
// broken off.
func (n *Notifier) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now, wait := db.Now(), rescan
		ids, err := destinations(ctx, n.db.Read(ctx), now)
		for _, id := range ids {
			if n.take(id) {
				running.Go(func() {
					defer n.Wake()
					defer n.give(id)
					n.call(ctx, id)
				})
			}
		}
		if err == nil {
			var at time.Time
			if at, err = next(ctx, n.db.Read(ctx), now); err == nil && !at.IsZero() {
				wait = min(wait, max(at.Sub(now), time.Millisecond))
			}
		}
		if err != nil && ctx.Err() == nil {
			wait = n.opts.Shortest
			n.opts.Log.ErrorContext(ctx, "notify: look for work", "err", err, "again_in", wait)
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-n.wake:
		}
	}
}

func (n *Notifier) take(id string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.busy[id] || len(n.busy) >= concurrent {
		return false
	}
	n.busy[id] = true
	return true
}

func (n *Notifier) give(id string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.busy, id)
}

// call tells one destination what is due, over one association.
func (n *Notifier) call(ctx context.Context, id string) {
	err := n.tellAll(ctx, id)
	if err == nil || ctx.Err() != nil {
		return
	}
	n.opts.Log.ErrorContext(ctx, "notify: the queue could not be read or written", "destination", id, "err", err)
	t := time.NewTimer(n.opts.Shortest) // the rows are still due: not in a circle
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

func (n *Notifier) tellAll(ctx context.Context, id string) error {
	to, err := worklist.DestinationByID(ctx, n.db.Read(ctx), id)
	if err != nil {
		return err
	}
	list, err := due(ctx, n.db.Read(ctx), id, db.Now())
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
		Contexts: []service.Context{{AbstractSyntax: uid.InstanceAvailabilityNotification, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}}},
	})
	if err != nil {
		return n.failed(ctx, to, list[0], deliver.Reason(err), true)
	}
	defer client.Close(context.WithoutCancel(ctx)) //nolint:errcheck // the answers are what counts
	for _, one := range list {
		d, err := content(ctx, n.db.Read(ctx), one.StudyID, n.opts.AETitle)
		if err != nil {
			return err
		}
		telling, cancel := context.WithTimeout(ctx, n.opts.Answer)
		answer, err := client.Create(telling, uid.InstanceAvailabilityNotification, uid.InstanceAvailabilityNotification, one.SOPInstanceUID, d)
		cancel()
		if err != nil {
			return n.failed(ctx, to, one, deliver.Reason(err), true)
		}
		// 0111: it has it from an attempt whose answer was lost.
		if c := answer.Status.Class(); c != dimse.ClassSuccess && c != dimse.ClassWarning && answer.Status != dimse.DuplicateSOPInstance {
			if err := n.failed(ctx, to, one, "the receiver did not take the notification: "+answer.Status.String(), false); err != nil {
				return err
			}
			continue
		}
		if err := n.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return settle(ctx, tx, one, "told", "") }); err != nil {
			return err
		}
		n.opts.Log.InfoContext(ctx, "study announced", "study", one.StudyID, "facility", to.FacilityID, "destination", to.Name)
	}
	return nil
}

// failed writes down an attempt in vain; with everybody, the destination does not
// take anything now.
func (n *Notifier) failed(ctx context.Context, to worklist.Destination, one notification, reason string, everybody bool) error {
	if ctx.Err() != nil {
		return nil // broken off by us
	}
	wait := n.backoff(one.Attempts + 1)
	n.opts.Log.WarnContext(ctx, "study not announced yet", "study", one.StudyID, "facility", to.FacilityID, "destination", to.Name, "reason", reason, "again_in", wait)
	return n.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		now := db.Now()
		if now.Sub(one.CreatedAt) > expiry {
			return settle(ctx, tx, one, "expired", reason)
		}
		return postpone(ctx, tx, one, now.Add(wait), reason, everybody)
	})
}

// backoff doubles from Shortest to Longest, spread by a fifth.
func (n *Notifier) backoff(attempts int) time.Duration {
	wait := n.opts.Shortest
	for i := 1; i < attempts && wait < n.opts.Longest; i++ {
		wait *= 2
	}
	return time.Duration(float64(min(wait, n.opts.Longest)) * (0.8 + 0.4*rand.Float64())) //nolint:gosec // jitter
}
