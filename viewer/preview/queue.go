package preview

import "sync"

// arrival is an instance that has come.
type arrival struct {
	Ref
	taken *Taken // what was made of its pixels on the way; nil: nothing
}

// queue holds the instances that have arrived, oldest first, up to a limit.
type queue struct {
	mu      sync.Mutex
	list    []arrival
	limit   int
	waiting chan struct{} // holds a token while there may be something to take
	missed  chan struct{} // holds a token when something did not fit
}

func newQueue(limit int) *queue {
	return &queue{limit: limit, waiting: make(chan struct{}, 1), missed: make(chan struct{}, 1)}
}

// push never blocks; false means that the queue is full.
func (q *queue) push(a arrival) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) >= q.limit {
		token(q.missed)
		return false
	}
	q.list = append(q.list, a)
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

// pop takes the oldest, if it is wanted. A worker that leaves something behind wakes
// the next.
func (q *queue) pop(wanted func(arrival) bool) (arrival, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.list) == 0 || !wanted(q.list[0]) {
		return arrival{}, false
	}
	a := q.list[0]
	q.list[0] = arrival{}
	q.list = q.list[1:]
	if len(q.list) == 0 {
		q.list = nil // the array is as long as the longest queue was
	} else {
		token(q.waiting)
	}
	return a, true
}

func (q *queue) len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.list)
}
