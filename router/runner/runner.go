package runner

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Rescan is how long Run sleeps at most: another process may have left something.
const Rescan = time.Minute

// Work is something that is due.
type Work struct {
	Key string // of what is worked on: one at a time
	// Do does it, and writes down what became of it. An error is that the queue could
	// not be read or written; what went wrong with the work is none.
	Do func(ctx context.Context) error
}

// Options of a Runner. Due has no default.
type Options struct {
	Name string // of the queue, for the log
	// Due lists what is due now, and when something will be next; zero: nothing waits.
	Due        func(ctx context.Context, now time.Time) (list []Work, next time.Time, err error)
	Concurrent int // things at once; 8
	// Shortest and Longest bound the wait between attempts: 5 s, 10 min.
	Shortest, Longest time.Duration
	Log               *slog.Logger
}

// Runner works on a queue. Make one with New; Run works.
type Runner struct {
	opts Options
	wake chan struct{}

	mu   sync.Mutex
	busy map[string]bool
}

// New makes a Runner.
func New(o Options) *Runner {
	if o.Concurrent <= 0 {
		o.Concurrent = 8
	}
	if o.Shortest <= 0 {
		o.Shortest = 5 * time.Second
	}
	if o.Longest <= 0 {
		o.Longest = 10 * time.Minute
	}
	o.Longest = max(o.Longest, o.Shortest)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return &Runner{opts: o, wake: make(chan struct{}, 1), busy: map[string]bool{}}
}

// Wake makes Run look for work. It never blocks.
func (r *Runner) Wake() {
	select {
	case r.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, and returns nil when what it had begun has been broken off.
func (r *Runner) Run(ctx context.Context) error {
	var running sync.WaitGroup
	defer running.Wait()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		now, wait := db.Now(), Rescan
		list, next, err := r.opts.Due(ctx, now)
		for _, one := range list {
			if r.take(one.Key) {
				running.Go(func() {
					defer r.Wake()
					defer r.give(one.Key)
					r.do(ctx, one)
				})
			}
		}
		switch {
		case err != nil && ctx.Err() == nil:
			wait = r.opts.Shortest
			r.opts.Log.ErrorContext(ctx, "could not look for work", "queue", r.opts.Name, "err", err, "again_in", wait)
		case err == nil && !next.IsZero():
			wait = min(wait, max(next.Sub(now), time.Millisecond))
		}
		timer.Reset(wait)
		select {
		case <-ctx.Done():
			return nil
		case <-timer.C:
		case <-r.wake:
		}
	}
}

func (r *Runner) do(ctx context.Context, one Work) {
	err := one.Do(ctx)
	if err == nil || ctx.Err() != nil {
		return
	}
	r.opts.Log.ErrorContext(ctx, "the queue could not be read or written", "queue", r.opts.Name, "key", one.Key, "err", err)
	t := time.NewTimer(r.opts.Shortest) // the rows are still due: not in a circle
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// take marks a key as being worked on, when there is room for it.
func (r *Runner) take(key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.busy[key] || len(r.busy) >= r.opts.Concurrent {
		return false
	}
	r.busy[key] = true
	return true
}

func (r *Runner) give(key string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.busy, key)
}

// Backoff is how long to wait after so many attempts in vain: it doubles from Shortest
// to Longest, spread by a fifth.
func (r *Runner) Backoff(attempts int) time.Duration {
	return Backoff(r.opts.Shortest, r.opts.Longest, attempts, rand.Float64()) //nolint:gosec // jitter
}

// Backoff doubles from shortest to longest with the attempts; spread, of 0 to 1, moves
// it by a fifth either way.
func Backoff(shortest, longest time.Duration, attempts int, spread float64) time.Duration {
	wait := shortest
	for i := 1; i < attempts && wait < longest; i++ {
		wait *= 2
	}
	return time.Duration(float64(min(wait, longest)) * (0.8 + 0.4*spread))
}
