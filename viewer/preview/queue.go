package preview

import "sync"

// queue holds the instances that have arrived, oldest first, up to a limit.
type queue struct {
	mu      sync.Mutex
	refs    []Ref
	limit   int
	waiting chan struct{} // holds a token while there may be something to take
	missed  chan struct{} // holds a token when something did not fit
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, waiting: make(chan struct{}, 1), missed: make(chan struct{}, 1)}
}

// push never blocks; false means that the queue is full.
func (q *queue) push(r Ref) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.refs) >= q.limit {
		token(q.missed)
		return false
	}
	q.refs = append(q.refs, r)
	token(q.waiting)
	return true
}

// token leaves one in c if there is none.
func token(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// pop takes the oldest. A worker that leaves something behind wakes the next.
func (q *queue) pop() (Ref, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.refs) == 0 {
		return Ref{}, false
	}
	r := q.refs[0]
	q.refs[0] = Ref{}
	q.refs = q.refs[1:]
	if len(q.refs) == 0 {
		q.refs = nil // the array is as long as the longest queue was
	} else {
		token(q.waiting)
	}
	return r, true
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.refs)
}
