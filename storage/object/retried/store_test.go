package retried_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/objecttest"
	"github.com/dokuei/dokuei/storage/object/retried"
)

func TestLocks(t *testing.T) {
	t.Parallel()
	objecttest.RunLocks(t, func(t *testing.T) (object.Store, func(string) time.Time) {
		l := &objecttest.Locking{Store: objecttest.Disk(t)}
		return retried.New(l, retried.Options{}), l.Ends
	})
}

// The contract holds before a store that fails one call in ten.
func TestContract(t *testing.T) {
	t.Parallel()
	objecttest.Run(t, func(t *testing.T) object.Store {
		return retried.New(newShaky(objecttest.Disk(t), func(_ string, n int) error {
			if n%10 == 0 {
				return errAway
			}
			return nil
		}), retried.Options{})
	})
}

var errAway = &object.UnavailableError{Err: errors.New("nobody there")}

// shaky is a store that asks fail before each call; calls are counted from 0.
type shaky struct {
	objecttest.Hooked
	mu    sync.Mutex
	calls []string
	fail  func(method string, n int) error
	until int // a List breaks off after so many keys, once; 0: not
	told  int
}

func newShaky(inner object.Store, fail func(method string, n int) error) *shaky {
	s := &shaky{fail: fail}
	s.Hooked = objecttest.Hooked{Store: inner, Before: func(_ context.Context, c objecttest.Call) error { return s.before(c.Method) }}
	return s
}

func (s *shaky) before(method string) error {
	s.mu.Lock()
	if method == "listed" {
		defer s.mu.Unlock()
		if s.told++; s.until > 0 && s.told > s.until {
			s.until = 0
			return errAway
		}
		return nil
	}
	s.calls = append(s.calls, method)
	n := len(s.calls) - 1
	s.mu.Unlock()
	return s.fail(method, n)
}

// Every method is repeated until it is answered, and the repetitions are counted.
func TestAsksAgain(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	synctest.Test(t, func(t *testing.T) {
		ctx, content := t.Context(), bytes.Repeat([]byte("0123456789"), 1000)
		run := 0
		sh := newShaky(inner, nil)
		sh.fail = func(string, int) error {
			switch run++; run % 4 {
			case 0:
				return nil
			case 1:
				return &object.UnavailableError{Err: errors.New("slow down"), Limited: true}
			}
			return errAway
		}
		s := retried.New(sh, retried.Options{})
		if err := objecttest.Put(ctx, s, "a/b", content); err != nil {
			t.Fatal(err)
		}
		if got, err := objecttest.Get(ctx, s, "a/b"); err != nil || !bytes.Equal(got, content) {
			t.Fatalf("%d bytes, %v", len(got), err)
		}
		if _, err := s.Stat(ctx, "a/b"); err != nil {
			t.Fatal(err)
		}
		if err := s.Delete(ctx, "a/b"); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Stat(ctx, "a/b"); !errors.Is(err, object.ErrNotFound) {
			t.Fatal(err)
		}
		for method, want := range map[string]int{"create": 4, "commit": 4, "open": 4, "stat": 8, "delete": 4} {
			n := 0
			for _, c := range sh.calls {
				if c == method {
					n++
				}
			}
			if n != want {
				t.Errorf("%s was called %d times, want %d", method, n, want)
			}
		}
		r := prometheus.NewRegistry()
		r.MustRegister(s)
		families, err := r.Gather()
		if err != nil || len(families) != 1 {
			t.Fatal(families, err)
		}
		counted := map[string]float64{}
		for _, m := range families[0].GetMetric() {
			for _, l := range m.GetLabel() {
				if l.GetName() == "reason" {
					counted[l.GetValue()] += m.GetCounter().GetValue()
				}
			}
		}
		if n, calls := len(families[0].GetMetric()), float64(len(sh.calls)); n != 12 || counted["limited"] != calls/4 || counted["unavailable"] != calls/2 {
			t.Errorf("%v repetitions of %d methods and reasons were counted, of %v calls", counted, n, calls)
		}
	})
}

// What no second attempt mends is asked once, and what lasts is told when the patience
// is over.
func TestGivesUp(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	synctest.Test(t, func(t *testing.T) {
		for _, c := range []struct {
			err   error
			calls int // at most; at least half
			wait  time.Duration
		}{
			{object.ErrNoSpace, 1, 0},
			{errors.New("no right"), 1, 0},
			{fmt.Errorf("stat: %w", errAway), 20, 10 * time.Second},
		} {
			sh := newShaky(inner, func(string, int) error { return c.err })
			s := retried.New(sh, retried.Options{Patience: 10 * time.Second})
			begin := time.Now()
			_, err := s.Stat(t.Context(), "a")
			took := time.Since(begin)
			if !errors.Is(err, c.err) || len(sh.calls) > c.calls || len(sh.calls) < c.calls/4 || took > c.wait || took < c.wait/3 {
				t.Errorf("%v: %d calls in %v, %v", c.err, len(sh.calls), took, err)
			}
		}
	})
}

// Whoever has gone does not wait.
func TestCallerGoes(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	synctest.Test(t, func(t *testing.T) {
		s := retried.New(newShaky(inner, func(string, int) error { return errAway }), retried.Options{Patience: time.Hour})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		if _, err := s.Stat(ctx, "a"); !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) != time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

// A call that gets further each time is not one that fails for long.
func TestFurther(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	synctest.Test(t, func(t *testing.T) {
		parts := 0
		sh := newShaky(inner, func(method string, _ int) error {
			if method != "commit" {
				return nil
			}
			time.Sleep(20 * time.Second) // a part takes so long, in the bubble's time
			if parts++; parts < 6 {
				return &object.UnavailableError{Err: errors.New("lost the line"), Further: true}
			}
			return nil
		})
		s := retried.New(sh, retried.Options{Patience: 30 * time.Second})
		begin := time.Now()
		if err := objecttest.Put(t.Context(), s, "a", nil); err != nil || time.Since(begin) < 2*time.Minute {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

// A list tells every key once, wherever it broke off; what the caller says ends it.
func TestList(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	var want []string
	for i := range 10 {
		want = append(want, fmt.Sprintf("k/%d", i))
		if err := objecttest.Put(t.Context(), inner, want[i], nil); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Test(t, func(t *testing.T) {
		sh := newShaky(inner, func(string, int) error { return nil })
		sh.until = 4
		s := retried.New(sh, retried.Options{})
		var got []string
		err := s.List(t.Context(), "k/", "k/0", func(i object.Info) error {
			got = append(got, i.Key)
			return nil
		})
		if err != nil || !slices.Equal(got, want[1:]) || len(sh.calls) != 2 {
			t.Errorf("%v in %d lists, %v", got, len(sh.calls), err)
		}
		sh.calls = nil
		if err := s.List(t.Context(), "", "", func(object.Info) error { return errAway }); !errors.Is(err, errAway) || len(sh.calls) != 1 {
			t.Errorf("the caller's own error: %v after %d lists", err, len(sh.calls))
		}
	})
}

// The answer to a deletion may be lost: what is not there the second time is gone.
func TestDeleteLostAnswer(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	if err := objecttest.Put(t.Context(), inner, "a", nil); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		sh := newShaky(inner, nil)
		sh.fail = func(_ string, n int) error {
			if n > 0 {
				return nil
			}
			return errors.Join(inner.Delete(t.Context(), "a"), errAway)
		}
		s := retried.New(sh, retried.Options{})
		if err := s.Delete(t.Context(), "a"); err != nil {
			t.Error(err)
		}
		if err := s.Delete(t.Context(), "a"); !errors.Is(err, object.ErrNotFound) {
			t.Error(err)
		}
	})
}

// A read that broke off goes on where it stopped.
func TestReadGoesOn(t *testing.T) {
	t.Parallel()
	inner := objecttest.Disk(t)
	content := bytes.Repeat([]byte("abcdefghij"), 10_000)
	if err := objecttest.Put(t.Context(), inner, "a", content); err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		failures := 3
		s := retried.New(newShaky(inner, func(method string, _ int) error {
			if method != "read" || failures == 0 {
				return nil
			}
			failures--
			return errAway
		}), retried.Options{})
		o, err := s.Open(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		defer o.Close()
		got := make([]byte, len(content)+5)
		n, err := o.ReadAt(got, 0)
		if n != len(content) || !errors.Is(err, io.EOF) || !bytes.Equal(got[:n], content) {
			t.Errorf("%d bytes, %v", n, err)
		}
	})
}

// BenchmarkStore shows what it costs where nothing is asked again.
func BenchmarkStore(b *testing.B) {
	objecttest.Benchmark(b, func(b *testing.B) object.Store { return retried.New(objecttest.Disk(b), retried.Options{}) })
}
