package limited_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/limited"
	"github.com/dokuei/dokuei/storage/object/objecttest"
)

func TestLocks(t *testing.T) {
	t.Parallel()
	objecttest.RunLocks(t, func(t *testing.T) (object.Store, func(string) time.Time) {
		l := &objecttest.Locking{Store: objecttest.Disk(t)}
		return limited.New(l, limited.Options{Calls: 1}), l.Ends
	})
}

// The contract holds with room for one call and a few bytes.
func TestContract(t *testing.T) {
	t.Parallel()
	objecttest.Run(t, func(t *testing.T) object.Store {
		return limited.New(objecttest.Disk(t), limited.Options{Calls: 1, Bytes: 1000, Size: 2 << 20})
	})
}

// slow is a store that holds every commit until it is let go, and counts those under way.
type slow struct {
	objecttest.Hooked
	mu          sync.Mutex
	now, bytes  int64
	most, large int64
	begun       atomic.Int64
	letGo       chan struct{}
}

func newSlow(inner object.Store) *slow {
	s := &slow{letGo: make(chan struct{})}
	s.Hooked = objecttest.Hooked{Store: inner, Before: s.before}
	return s
}

func (s *slow) before(ctx context.Context, c objecttest.Call) error {
	if c.Method != "commit" {
		return nil
	}
	count := func(n int64) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.now, s.bytes = s.now+n, s.bytes+n*c.Size
		s.most, s.large = max(s.most, s.now), max(s.large, s.bytes)
	}
	s.begun.Add(1)
	count(1)
	defer count(-1)
	select {
	case <-s.letGo:
	case <-ctx.Done():
	}
	return ctx.Err()
}

func commit(t *testing.T, ctx context.Context, s object.Store, size int) error {
	t.Helper()
	p, err := s.Create(ctx)
	if err != nil {
		t.Error(err)
		return err
	}
	if _, err := p.Write(make([]byte, size)); err != nil {
		t.Error(err)
	}
	return errors.Join(p.Commit(ctx, "a"), p.Abort())
}

// waiting is the gauge.
func waiting(t *testing.T, s *limited.Store) float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(s)
	families, err := r.Gather()
	if err != nil || len(families) != 1 {
		t.Fatal(families, err)
	}
	return families[0].GetMetric()[0].GetGauge().GetValue()
}

func TestBytesUnderWay(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	synctest.Test(t, func(t *testing.T) {
		sl := newSlow(inner)
		s := limited.New(sl, limited.Options{Bytes: 1000})
		var wg sync.WaitGroup
		for range 10 {
			wg.Go(func() {
				if err := commit(t, t.Context(), s, 300); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if n := sl.begun.Load(); n != 3 {
			t.Errorf("%d of 300 bytes each under way where 1000 may be", n)
		}
		if n := waiting(t, s); n != 7 {
			t.Errorf("%v are said to wait, of 7", n)
		}
		close(sl.letGo)
		wg.Wait()
		if n := waiting(t, s); n != 0 {
			t.Errorf("%v are said to wait for ever", n)
		}
		if sl.begun.Load() != 10 || sl.large > 1000 {
			t.Errorf("%d commits, up to %d bytes at once", sl.begun.Load(), sl.large)
		}
	})
}

// Large objects go one after the other; small ones pass beside them.
func TestLargeOnesDoNotBlockSmallOnes(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	synctest.Test(t, func(t *testing.T) {
		sl := newSlow(inner)
		s := limited.New(sl, limited.Options{Bytes: 1000})
		var wg sync.WaitGroup
		put := func(size int) {
			wg.Go(func() {
				if err := commit(t, t.Context(), s, size); err != nil {
					t.Error(err)
				}
			})
			synctest.Wait()
		}
		put(5000)
		put(6000)
		if n := sl.begun.Load(); n != 1 {
			t.Errorf("%d large objects under way", n)
		}
		put(200)
		if n := sl.begun.Load(); n != 2 {
			t.Error("a small object waits for the large ones")
		}
		close(sl.letGo)
		wg.Wait()
	})
}

func TestCalls(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	synctest.Test(t, func(t *testing.T) {
		sl := newSlow(inner)
		s := limited.New(sl, limited.Options{Calls: 2})
		var wg sync.WaitGroup
		for range 5 {
			wg.Go(func() {
				if err := commit(t, t.Context(), s, 1); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithCancel(t.Context())
		gone := make(chan error, 1)
		go func() { _, err := s.Stat(ctx, "a"); gone <- err }()
		synctest.Wait()
		cancel()
		if err := <-gone; !errors.Is(err, context.Canceled) {
			t.Errorf("whoever has gone: %v", err)
		}
		close(sl.letGo)
		wg.Wait()
		if sl.most != 2 {
			t.Errorf("%d calls at once, want 2", sl.most)
		}
	})
}

func TestSize(t *testing.T) {
	t.Parallel()
	s := limited.New(objecttest.Disk(t), limited.Options{Size: 10})
	p, err := s.Create(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Write(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if n, err := p.Write([]byte{1}); n != 0 || !errors.Is(err, object.ErrTooLarge) {
		t.Errorf("%d, %v", n, err)
	}
	if err := errors.Join(p.Commit(t.Context(), "a"), p.Abort()); err != nil {
		t.Error(err)
	}
}

// BenchmarkStore shows what the bounds of a bucket cost where nothing waits.
func BenchmarkStore(b *testing.B) {
	objecttest.Benchmark(b, func(b *testing.B) object.Store {
		return limited.New(objecttest.Disk(b), limited.Options{Calls: 256, Bytes: 32 << 20, Size: 1 << 30})
	})
}
