package deliver

import (
	"time"

	"github.com/dokuei/dokuei/router/runner"
)

// outcome is how one attempt ended.
type outcome struct {
	state       State
	refused     bool // the receiver answered, and said no for good
	unreachable bool // nobody there, or no association: true of every object
	status      uint16
	reason      string
	receipt     string // of a delivery that was taken
	next        time.Time
}

// judge decides what follows from the error of an attempt. attempts counts
// this one.
func (o Options) judge(err error, attempts int, now time.Time) outcome {
	if err == nil {
		return outcome{state: Delivered, next: now}
	}
	f := explain(err)
	out := outcome{state: Pending, refused: f.permanent, unreachable: f.unreachable, status: f.status, reason: f.reason}
	wait := o.backoff(attempts)
	if f.permanent {
		out.state, wait = Failed, o.jittered(o.Longest)
	}
	if attempts >= o.FailedAfter {
		out.state = Failed
	}
	out.next = now.Add(wait)
	return out
}

// backoff is the wait after a number of attempts: it doubles from Shortest to
// Longest, and is spread by a fifth so that many queues do not knock together.
func (o Options) backoff(attempts int) time.Duration {
	return runner.Backoff(o.Shortest, o.Longest, attempts, o.Random())
}

func (o Options) jittered(d time.Duration) time.Duration {
	return time.Duration(float64(d) * (0.8 + 0.4*o.Random()))
}
