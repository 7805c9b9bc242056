package runner

import (
	"context"
	"log/slog"
	"time"
)

// Loop looks at the database again and again: when it is woken, and when the time comes
// that the last look has named. Before it is woken lies a pause: what arrives a thousand
// times a second is looked at a few times. Make one with NewLoop.
type Loop struct {
	name  string
	pause time.Duration
	log   *slog.Logger
	wake  chan struct{}
}

// mostPause is the longest wait after looks that failed.
const mostPause = 5 * time.Second

// NewLoop makes a Loop; name is for the log, nil logs nothing.
func NewLoop(name string, pause time.Duration, log *slog.Logger) *Loop {
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Loop{name, pause, log, make(chan struct{}, 1)}
}

// Wake makes Run look. It never blocks.
func (l *Loop) Wake() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// Run looks until ctx ends. look does what is due and says how long nothing more will
// be. When it fails it is tried again after pauses that grow, and nothing wakes it
// meanwhile: what was to be done is still in the rows.
func (l *Loop) Run(ctx context.Context, look func(context.Context) (time.Duration, error)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	failures := 0
	for {
		wake := l.wake
		sleep, err := look(ctx)
		switch {
		case ctx.Err() != nil:
			return
		case err != nil:
			failures++
			wake, sleep = nil, min(l.pause<<min(failures, 10), mostPause)
			l.log.ErrorContext(ctx, l.name+": look failed", "err", err, "again_in", sleep)
		default:
			failures = 0
		}
		pause := min(l.pause, sleep)
		if !rest(ctx, timer, pause, nil) || !rest(ctx, timer, sleep-pause, wake) {
			return
		}
	}
}

// rest waits, or until it is woken; false when ctx has ended.
func rest(ctx context.Context, timer *time.Timer, wait time.Duration, wake <-chan struct{}) bool {
	timer.Reset(wait)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
	case <-wake:
	}
	return true
}
