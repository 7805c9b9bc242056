package runner_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/router/runner"
)

// Of one key one thing is done at a time, of all keys so many at once; what ends lets
// the next begin; Run waits for what it has begun.
func TestOneOfAKey(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		waiting := map[string]int{"a": 2, "b": 1, "c": 1}
		running, most, done := map[string]int{}, 0, 0
		var mu sync.Mutex // of these four
		list := func(context.Context, time.Time) (list []runner.Work, next time.Time, err error) {
			mu.Lock()
			defer mu.Unlock()
			for _, key := range []string{"a", "a", "b", "c"} {
				if waiting[key] == 0 {
					continue
				}
				list = append(list, runner.Work{Key: key, Do: func(ctx context.Context) error {
					mu.Lock()
					waiting[key]--
					running[key]++
					most = max(most, len(running))
					if running[key] > 1 {
						t.Error("two of a key")
					}
					mu.Unlock()
					time.Sleep(time.Second) // its time is virtual
					mu.Lock()
					defer mu.Unlock()
					if running[key]--; running[key] == 0 {
						delete(running, key)
					}
					done++
					return nil
				}})
			}
			return list, time.Time{}, nil
		}
		r := runner.New(runner.Options{Due: list, Concurrent: 2})
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		time.Sleep(10 * time.Second)
		synctest.Wait()
		mu.Lock()
		if done != 4 || most != 2 {
			t.Errorf("%d done, %d at once", done, most)
		}
		waiting["a"] = 1
		mu.Unlock()
		r.Wake()
		synctest.Wait()
		cancel()
		if err := <-ended; err != nil || done != 5 {
			t.Errorf("%v, %d done: something was left under way", err, done)
		}
	})
}

// It sleeps until something is due, not longer than a rescan, and after a failure of the
// queue the shortest wait: it never goes in a circle.
func TestSleep(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		next time.Duration
		err  error
		work error
		want string // seconds at which it looks
	}{
		"nothing waits":      {want: "0 60 120"},
		"due soon":           {next: 50 * time.Second, want: "0 50 100"},
		"due late":           {next: time.Hour, want: "0 60 120"},
		"cannot be read":     {err: errors.New("locked"), want: "0 40 80 120"},
		"cannot be written":  {work: errors.New("full"), want: "0 40 80 120"},
		"is due and is done": {next: 50 * time.Second, want: "0 50 100"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begin := time.Now()
				var looked string
				last := ""
				due := func(_ context.Context, now time.Time) (list []runner.Work, next time.Time, err error) {
					at := fmt.Sprint(int(time.Since(begin).Seconds()))
					if at != last {
						looked += " " + at
					}
					last = at
					if c.work != nil {
						list = []runner.Work{{Key: "k", Do: func(context.Context) error { return c.work }}}
					}
					if c.next > 0 {
						next = now.Add(c.next)
					}
					return list, next, c.err
				}
				ctx, cancel := context.WithTimeout(t.Context(), 125*time.Second)
				defer cancel()
				if err := runner.New(runner.Options{Due: due, Shortest: 40 * time.Second}).Run(ctx); err != nil {
					t.Error(err)
				}
				if looked != " "+c.want {
					t.Errorf("looked at%s, want %s", looked, c.want)
				}
			})
		})
	}
}

func TestBackoff(t *testing.T) {
	t.Parallel()
	for attempts, want := range map[int]time.Duration{0: 5, 1: 5, 2: 10, 3: 20, 8: 600, 1 << 20: 600} {
		if got := runner.Backoff(5*time.Second, 10*time.Minute, attempts, 0.5); got != want*time.Second {
			t.Errorf("%d: %s", attempts, got)
		}
	}
	if low, high := runner.Backoff(10*time.Second, time.Minute, 1, 0), runner.Backoff(10*time.Second, time.Minute, 1, 1); low != 8*time.Second || high != 12*time.Second {
		t.Error(low, high)
	}
}
