package limited

import (
	"context"
	"fmt"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"

	"github.com/dokuei/dokuei/storage/object"
)

// Options of a Store; what is zero has no bound.
type Options struct {
	Calls int   // under way at once
	Bytes int64 // under way in Commit
	Size  int64 // of one object
}

// Store is an object.Store within bounds.
type Store struct {
	object.Store
	opt   Options
	calls *semaphore.Weighted
	bytes *semaphore.Weighted
	large *semaphore.Weighted // one object of more than half of Bytes

	waiting prometheus.Gauge
}

var (
	_ object.Store         = (*Store)(nil)
	_ prometheus.Collector = (*Store)(nil)
)

// New keeps what is asked of s within bounds.
func New(s object.Store, opt Options) *Store {
	if opt.Calls <= 0 {
		opt.Calls = math.MaxInt
	}
	if opt.Bytes <= 0 {
		opt.Bytes = math.MaxInt64
	}
	if opt.Size <= 0 {
		opt.Size = math.MaxInt64
	}
	return &Store{s, opt, semaphore.NewWeighted(int64(opt.Calls)), semaphore.NewWeighted(opt.Bytes), semaphore.NewWeighted(1), prometheus.NewGauge(prometheus.GaugeOpts{
		Name: "dokuei_objects_waiting", Help: "Requests to the image store that wait for their turn, because as many as may be are under way.",
	})}
}

// acquire waits for room for n, and counts who waits.
func (s *Store) acquire(ctx context.Context, of *semaphore.Weighted, n int64) error {
	if of.TryAcquire(n) {
		return nil
	}
	s.waiting.Inc()
	defer s.waiting.Dec()
	return of.Acquire(ctx, n)
}

// call makes a call when there is room for one more.
func (s *Store) call(ctx context.Context, fn func() error) error {
	if err := s.acquire(ctx, s.calls, 1); err != nil {
		return err
	}
	defer s.calls.Release(1)
	return fn()
}

// room waits for that of an object on its way; free gives it back.
func (s *Store) room(ctx context.Context, size int64) (free func(), err error) {
	half := s.opt.Bytes / 2
	if size <= half {
		if err := s.acquire(ctx, s.bytes, size); err != nil {
			return nil, err
		}
		return func() { s.bytes.Release(size) }, nil
	}
	if err := s.acquire(ctx, s.large, 1); err != nil {
		return nil, err
	}
	if err := s.acquire(ctx, s.bytes, half); err != nil {
		s.large.Release(1)
		return nil, err
	}
	return func() { s.bytes.Release(half); s.large.Release(1) }, nil
}

// Create implements object.Store.
func (s *Store) Create(ctx context.Context) (object.Pending, error) {
	p, err := s.Store.Create(ctx)
	if err != nil {
		return nil, err
	}
	return &pending{p, s}, nil
}

// Open implements object.Store.
func (s *Store) Open(ctx context.Context, key string) (o object.Object, err error) {
	err = s.call(ctx, func() error {
		o, err = s.Store.Open(ctx, key)
		return err
	})
	if err != nil {
		return nil, err
	}
	r := &opened{Object: o, s: s}
	r.ctx, r.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return r, nil
}

// Stat implements object.Store.
func (s *Store) Stat(ctx context.Context, key string) (i object.Info, err error) {
	err = s.call(ctx, func() error {
		i, err = s.Store.Stat(ctx, key)
		return err
	})
	return i, err
}

// Delete implements object.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	return s.call(ctx, func() error { return s.Store.Delete(ctx, key) })
}

// Locks implements object.Locker.
func (s *Store) Locks() string { return object.Locks(s.Store) }

// Lock implements object.Locker.
func (s *Store) Lock(ctx context.Context, key string, until time.Time) error {
	return s.call(ctx, func() error { return object.Lock(ctx, s.Store, key, until) })
}

// Free is the room of the store, where it can tell.
func (s *Store) Free() (int64, error) { return object.Free(s.Store) }

// Describe implements prometheus.Collector.
func (s *Store) Describe(to chan<- *prometheus.Desc) { s.waiting.Describe(to) }

// Collect implements prometheus.Collector.
func (s *Store) Collect(to chan<- prometheus.Metric) { s.waiting.Collect(to) }

// Close closes the store.
func (s *Store) Close() error { return object.Close(s.Store) }

type pending struct {
	object.Pending
	s *Store
}

// Write takes nothing of what would make the object too large.
func (p *pending) Write(b []byte) (int, error) {
	if p.Size()+int64(len(b)) > p.s.opt.Size {
		return 0, fmt.Errorf("%w: it has more than %d bytes", object.ErrTooLarge, p.s.opt.Size)
	}
	return p.Pending.Write(b)
}

func (p *pending) Commit(ctx context.Context, key string) error {
	free, err := p.s.room(ctx, p.Size())
	if err != nil {
		return err
	}
	defer free()
	return p.s.call(ctx, func() error { return p.Pending.Commit(ctx, key) })
}

type opened struct {
	object.Object
	s      *Store
	ctx    context.Context //nolint:containedctx // ReadAt has none; Close ends it
	cancel context.CancelFunc
}

func (o *opened) ReadAt(b []byte, off int64) (n int, err error) {
	err = o.s.call(o.ctx, func() error {
		n, err = o.Object.ReadAt(b, off)
		return err
	})
	return n, err
}

func (o *opened) Close() error {
	o.cancel()
	return o.Object.Close()
}
