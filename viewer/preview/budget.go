package preview

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/semaphore"
)

// budget is the number of bytes that may be decoded at one time. Whoever waits
// is served in turn, so that a large frame is not starved by small ones.
type budget struct {
	total int64
	sem   *semaphore.Weighted
	used  atomic.Int64
}

func newBudget(total int64) *budget {
	return &budget{total: total, sem: semaphore.NewWeighted(total)}
}

// take waits for n bytes and gives the function that returns them. A wish
// larger than the budget gets all of it: it runs alone.
func (b *budget) take(ctx context.Context, n int64) (release func(), err error) {
	n = min(max(n, 1), b.total)
	if err := b.sem.Acquire(ctx, n); err != nil {
		return nil, err
	}
	b.used.Add(n)
	return func() { b.give(n) }, nil
}

// try takes n bytes if they are there now. They go back with give.
func (b *budget) try(n int64) bool {
	if !b.sem.TryAcquire(n) {
		return false
	}
	b.used.Add(n)
	return true
}

func (b *budget) give(n int64) {
	b.used.Add(-n)
	b.sem.Release(n)
}
