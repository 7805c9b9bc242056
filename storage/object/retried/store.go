package retried

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/object"
)

const (
	firstWait = 100 * time.Millisecond
	longWait  = 5 * time.Second
	// Most modalities wait 30 to 60 s for an answer.
	patience = 45 * time.Second
)

// Options of a Store. Zero values take the defaults in the comments.
type Options struct {
	Patience time.Duration // how long a call is made again; 45 s
	Log      *slog.Logger  // discard
}

func (o Options) withDefaults() Options {
	if o.Patience <= 0 {
		o.Patience = patience
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// Store is an object.Store that is asked again.
type Store struct {
	object.Store
	opt     Options
	retries *prometheus.CounterVec
}

var (
	_ object.Store         = (*Store)(nil)
	_ prometheus.Collector = (*Store)(nil)
)

// New asks s again what it could not answer.
func New(s object.Store, opt Options) *Store {
	return &Store{s, opt.withDefaults(), prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "dokuei_objects_retries_total", Help: "Requests to the image store that were made again because it could not answer (unavailable) or was asked too much (limited), by method.",
	}, []string{"method", "reason"})}
}

// Do calls fn until it succeeds, fails for good, or the patience is over: for what is
// asked of a store before it is one.
func Do(ctx context.Context, what string, opt Options, fn func(ctx context.Context) error) error {
	return do(ctx, what, opt.withDefaults(), func(*object.UnavailableError) {}, func() error { return fn(ctx) })
}

func do(ctx context.Context, what string, opt Options, again func(why *object.UnavailableError), fn func() error) error {
	until := time.Now().Add(opt.Patience)
	wait := firstWait
	for attempt := 1; ; attempt++ {
		err := fn()
		var u *object.UnavailableError
		if err == nil || ctx.Err() != nil || !errors.As(err, &u) {
			return err
		}
		if u.Further {
			until, wait = time.Now().Add(opt.Patience), firstWait
		}
		pause := wait/2 + rand.N(wait/2+1)
		if time.Now().Add(pause).After(until) {
			return err
		}
		opt.Log.WarnContext(ctx, "the image store does not answer, asking again", "request", what, "attempt", attempt, "error", err)
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
		again(u)
		wait = min(2*wait, longWait)
	}
}

func (s *Store) do(ctx context.Context, method string, fn func() error) error {
	return do(ctx, method, s.opt, func(why *object.UnavailableError) {
		reason := "unavailable"
		if why.Limited {
			reason = "limited"
		}
		s.retries.WithLabelValues(method, reason).Inc()
	}, fn)
}

// Create implements object.Store.
func (s *Store) Create(ctx context.Context) (p object.Pending, err error) {
	err = s.do(ctx, "create", func() error {
		p, err = s.Store.Create(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &pending{p, s}, nil
}

// Open implements object.Store.
func (s *Store) Open(ctx context.Context, key string) (o object.Object, err error) {
	err = s.do(ctx, "open", func() error {
		o, err = s.Store.Open(ctx, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	r := &opened{Object: o, s: s}
	// Readers come and go while the object is open, each with a context of its own.
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r, nil
}

// Stat implements object.Store.
func (s *Store) Stat(ctx context.Context, key string) (i object.Info, err error) {
	err = s.do(ctx, "stat", func() error {
		i, err = s.Store.Stat(ctx, key)
		return err
	})
	return i, err
}

// List implements object.Store. What fn returns is the caller's and not asked again.
func (s *Store) List(ctx context.Context, prefix, after string, fn func(object.Info) error) error {
	var own error
	err := s.do(ctx, "list", func() error {
		begin := after
		err := s.Store.List(ctx, prefix, after, func(i object.Info) error {
			after = i.Key
			own = fn(i)
			return own
		})
		if own != nil {
			return nil
		}
		if u := (*object.UnavailableError)(nil); errors.As(err, &u) && after != begin {
			return &object.UnavailableError{Err: err, Further: true, Limited: u.Limited}
		}
		return err
	})
	return errors.Join(err, own)
}

// Delete implements object.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	lost := false
	return s.do(ctx, "delete", func() error {
		err := s.Store.Delete(ctx, key)
		if lost && errors.Is(err, object.ErrNotFound) {
			return nil
		}
		lost = true
		return err
	})
}

// Locks implements object.Locker.
func (s *Store) Locks() string { return object.Locks(s.Store) }

// Lock implements object.Locker.
func (s *Store) Lock(ctx context.Context, key string, until time.Time) error {
	return s.do(ctx, "lock", func() error { return object.Lock(ctx, s.Store, key, until) })
}

// Free is the room of the store, where it can tell.
func (s *Store) Free() (int64, error) { return object.Free(s.Store) }

// Close closes the store.
func (s *Store) Close() error { return object.Close(s.Store) }

// Describe implements prometheus.Collector, also for a Store behind this one that is one.
func (s *Store) Describe(to chan<- *prometheus.Desc) {
	s.retries.Describe(to)
	if c, ok := s.Store.(prometheus.Collector); ok {
		c.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (s *Store) Collect(to chan<- prometheus.Metric) {
	s.retries.Collect(to)
	if c, ok := s.Store.(prometheus.Collector); ok {
		c.Collect(to)
	}
}

type pending struct {
	object.Pending
	s *Store
}

func (p *pending) Commit(ctx context.Context, key string) error {
	return p.s.do(ctx, "commit", func() error { return p.Pending.Commit(ctx, key) })
}

type opened struct {
	object.Object
	s      *Store
	ctx    context.Context //nolint:containedctx // ReadAt has none; Close ends it
	cancel context.CancelFunc
}

// ReadAt goes on where a read broke off.
func (o *opened) ReadAt(b []byte, off int64) (n int, err error) {
	err = o.s.do(o.ctx, "read", func() error {
		m, err := o.Object.ReadAt(b[n:], off+int64(n))
		n += m
		return err
	})
	return n, err
}

func (o *opened) Close() error {
	o.cancel()
	return o.Object.Close()
}
