// Package metered counts what an object.Store does, for Prometheus: time, bytes and
// errors by reason of every method.
//
// # Memory and concurrency
//
// Nothing but the counters. A Store, its Objects and Pendings are as safe as those
// they stand before.
package metered

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/object"
)

// Store is an object.Store that is counted.
type Store struct {
	object.Store
	seconds *prometheus.HistogramVec
	errs    *prometheus.CounterVec
	written prometheus.Counter
	read    prometheus.Counter
}

var _ object.Store = (*Store)(nil)

// New counts what s does and shows it in to. It may be called once for a registry.
func New(s object.Store, to prometheus.Registerer) *Store {
	m := &Store{
		Store: s,
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "dokuei_objects_seconds", Help: "Time of requests to the image store, by method. A commit ends when the image is durable.",
			Buckets: []float64{.0001, .001, .005, .01, .05, .1, .5, 1, 5, 20, 60},
		}, []string{"method"}),
		errs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "dokuei_objects_errors_total", Help: "Requests to the image store that failed, by method and reason.",
		}, []string{"method", "reason"}),
		written: prometheus.NewCounter(prometheus.CounterOpts{Name: "dokuei_objects_written_bytes_total", Help: "Bytes of images written."}),
		read:    prometheus.NewCounter(prometheus.CounterOpts{Name: "dokuei_objects_read_bytes_total", Help: "Bytes of images read."}),
	}
	to.MustRegister(m.seconds, m.errs, m.written, m.read)
	return m
}

// done counts a call that began at begin.
func (m *Store) done(method string, begin time.Time, err error) {
	m.seconds.WithLabelValues(method).Observe(time.Since(begin).Seconds())
	if err != nil {
		m.errs.WithLabelValues(method, reason(err)).Inc()
	}
}

// reason sorts errors into few words: no text of an error becomes a label.
func reason(err error) string {
	for _, r := range []struct {
		is   error
		word string
	}{
		{object.ErrNotFound, "not-found"},
		{object.ErrNoSpace, "no-space"},
		{object.ErrKey, "key"},
		{object.ErrFinished, "finished"},
		{context.Canceled, "cancelled"},
		{context.DeadlineExceeded, "timeout"},
		{object.ErrDamaged, "damaged"},
		{object.ErrTooLarge, "too-large"},
	} {
		if errors.Is(err, r.is) {
			return r.word
		}
	}
	if u := (*object.UnavailableError)(nil); errors.As(err, &u) {
		return "unavailable"
	}
	return "other"
}

// Create implements object.Store.
func (m *Store) Create(ctx context.Context) (object.Pending, error) {
	begin := time.Now()
	p, err := m.Store.Create(ctx)
	m.done("create", begin, err)
	if err != nil {
		return nil, err
	}
	return &pending{p, m}, nil
}

// Open implements object.Store.
func (m *Store) Open(ctx context.Context, key string) (object.Object, error) {
	begin := time.Now()
	o, err := m.Store.Open(ctx, key)
	m.done("open", begin, err)
	if err != nil {
		return nil, err
	}
	return &opened{o, m}, nil
}

// Stat implements object.Store.
func (m *Store) Stat(ctx context.Context, key string) (object.Info, error) {
	begin := time.Now()
	i, err := m.Store.Stat(ctx, key)
	m.done("stat", begin, err)
	return i, err
}

// List implements object.Store. Its time is not counted: it is that of the caller's
// function.
func (m *Store) List(ctx context.Context, prefix, after string, fn func(object.Info) error) error {
	var own error
	err := m.Store.List(ctx, prefix, after, func(i object.Info) error {
		own = fn(i)
		return own
	})
	if err != nil && own == nil {
		m.errs.WithLabelValues("list", reason(err)).Inc()
	}
	return err
}

// Delete implements object.Store.
func (m *Store) Delete(ctx context.Context, key string) error {
	begin := time.Now()
	err := m.Store.Delete(ctx, key)
	m.done("delete", begin, err)
	return err
}

// Locks implements object.Locker.
func (m *Store) Locks() string { return object.Locks(m.Store) }

// Lock implements object.Locker.
func (m *Store) Lock(ctx context.Context, key string, until time.Time) error {
	begin := time.Now()
	err := object.Lock(ctx, m.Store, key, until)
	m.done("lock", begin, err)
	return err
}

// Free is the room of the store, where it can tell.
func (m *Store) Free() (int64, error) { return object.Free(m.Store) }

// Close closes the store.
func (m *Store) Close() error { return object.Close(m.Store) }

type pending struct {
	object.Pending
	m *Store
}

func (p *pending) Write(b []byte) (int, error) {
	n, err := p.Pending.Write(b)
	p.m.written.Add(float64(n))
	if err != nil {
		p.m.errs.WithLabelValues("write", reason(err)).Inc()
	}
	return n, err
}

func (p *pending) Commit(ctx context.Context, key string) error {
	begin := time.Now()
	err := p.Pending.Commit(ctx, key)
	p.m.done("commit", begin, err)
	return err
}

type opened struct {
	object.Object
	m *Store
}

func (o *opened) ReadAt(b []byte, off int64) (int, error) {
	n, err := o.Object.ReadAt(b, off)
	o.m.read.Add(float64(n))
	if err != nil && !errors.Is(err, io.EOF) {
		o.m.errs.WithLabelValues("read", reason(err)).Inc()
	}
	return n, err
}
