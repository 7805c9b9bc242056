package runner_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/router/runner"
)

// A loop looks at once, when the time it has named comes, and when it is woken, but never
// sooner than its pause; after failures it waits longer each time, and ends with its context.
func TestLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		l := runner.NewLoop("test", 100*time.Millisecond, nil)
		began := time.Now()
		var mu sync.Mutex
		var looks []time.Time
		var broken atomic.Bool
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			l.Run(ctx, func(context.Context) (time.Duration, error) {
				mu.Lock()
				looks = append(looks, time.Now())
				mu.Unlock()
				if broken.Load() {
					return time.Hour, errors.New("the database is gone")
				}
				return time.Minute, nil
			})
		}()
		expect := func(what string, want ...time.Duration) {
			t.Helper()
			synctest.Wait()
			mu.Lock()
			defer mu.Unlock()
			if len(looks) != len(want) {
				t.Fatalf("%s: looked at %v, want %v", what, looks, want)
			}
			for i, at := range want {
				if looks[i].Sub(began) != at {
					t.Errorf("%s: looked at %v, want %v", what, looks, want)
				}
			}
			looks, began = nil, time.Now()
		}
		expect("at first", 0)
		l.Wake()
		l.Wake()
		time.Sleep(99 * time.Millisecond)
		expect("within the pause")
		time.Sleep(time.Millisecond)
		expect("after it", time.Millisecond)
		time.Sleep(time.Second)
		l.Wake()
		expect("woken", time.Second)
		time.Sleep(time.Minute)
		expect("when it is time", time.Minute)
		broken.Store(true)
		time.Sleep(time.Minute + 1900*time.Millisecond)
		l.Wake()
		expect("failing", time.Minute, time.Minute+200*time.Millisecond, time.Minute+600*time.Millisecond, time.Minute+1400*time.Millisecond)
		broken.Store(false)
		time.Sleep(5 * time.Second)
		expect("well again", 1100*time.Millisecond, 1200*time.Millisecond)
		cancel()
		<-ended
	})
}
