package db

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	queueLength = 256                    // waiting functions before Write blocks
	batchMax    = 256                    // functions that share one COMMIT
	batchTime   = 100 * time.Millisecond // a batch takes no new function after this
	attemptsMax = 3                      // runs of one function before its error is final
)

// writer owns the only connection that writes and the goroutine that drains the
// queue of functions.
type writer struct {
	engine engine
	pool   *sql.DB
	queue  chan *request
	ended  chan struct{}

	mu     sync.RWMutex // held for reading while enqueuing
	closed bool

	session *session  // the goroutine's own
	began   time.Time // of its transaction
}

// request is one call of Write. Its function runs in the goroutine that called
// Write, when the writer gives it the turn: a panic or runtime.Goexit in it ends
// the caller and never the writer.
type request struct {
	ctx      context.Context
	fn       func(ctx context.Context, tx Tx) error
	state    atomic.Int32 // reqWaiting → reqTaken or reqGone
	attempts int
	turn     chan *session // the writer lends its session
	ran      chan error    // the function has returned
	done     chan error    // the outcome; buffered: the writer never waits for a caller
}

const (
	reqWaiting int32 = iota
	reqTaken
	reqGone
)

// errLeft is what the writer sees of a function that panicked.
var errLeft = errors.New("db: the function did not return")

func newWriter(e engine, pool *sql.DB) *writer {
	w := &writer{engine: e, pool: pool, queue: make(chan *request, queueLength), ended: make(chan struct{})}
	go w.loop()
	return w
}

func (w *writer) do(ctx context.Context, fn func(context.Context, Tx) error) error {
	r := &request{ctx: ctx, fn: fn, turn: make(chan *session), ran: make(chan error), done: make(chan error, 1)}
	if err := w.enqueue(ctx, r); err != nil {
		return err
	}
	gone := ctx.Done()
	for {
		select {
		case s := <-r.turn:
			r.call(s)
		case err := <-r.done:
			return err
		case <-gone:
			if r.state.CompareAndSwap(reqWaiting, reqGone) {
				return ctx.Err() // never begun
			}
			gone = nil // begun: its outcome is known soon
		}
	}
}

// call runs the function and always gives the turn back.
func (r *request) call(s *session) {
	err := errLeft
	defer func() { r.ran <- err }()
	// Once begun the statements are not interrupted: SQLite answers an interrupt
	// inside a write by rolling back the work of everybody in the batch.
	err = r.fn(context.WithoutCancel(r.ctx), s)
}

func (w *writer) enqueue(ctx context.Context, r *request) error {
	w.mu.RLock()
	defer w.mu.RUnlock()
	if w.closed {
		return ErrClosed
	}
	select {
	case w.queue <- r:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// close refuses new functions, lets the queued ones finish and ends the loop.
func (w *writer) close() {
	w.mu.Lock()
	if !w.closed {
		w.closed = true
		close(w.queue)
	}
	w.mu.Unlock()
	<-w.ended
}

func (w *writer) loop() {
	defer close(w.ended)
	for r := range w.queue {
		w.batch(r)
	}
	w.dropSession()
}

// batch runs first and whatever else is queued in one transaction.
func (w *writer) batch(first *request) {
	started := time.Now()
	again := []*request{first} // to run in this transaction, before the queue
	for len(again) > 0 {
		again = w.transaction(again, started)
	}
}

// transaction runs the given requests and those queued, commits, and reports to
// each. It returns requests that lost their transaction through no fault of
// their own and must run again.
func (w *writer) transaction(todo []*request, started time.Time) (again []*request) {
	ctx := context.Background()
	w.began = time.Now()
	s, err := w.begin(ctx)
	if err != nil {
		return w.lost(todo, fmt.Errorf("db: begin: %w", w.engine.classify(err)), w.engine.transient(err))
	}
	var ran []outcome // waiting for the COMMIT
	changed := false
	for len(ran) < batchMax {
		var r *request
		if len(todo) > 0 {
			r, todo = todo[0], todo[1:]
		} else if r = w.next(started); r == nil {
			break
		}
		if r.attempts == 0 && !r.state.CompareAndSwap(reqWaiting, reqTaken) {
			continue // its caller has gone
		}
		r.attempts++
		if len(ran) == 0 && !w.engine.spoils() {
			// There is nobody's work to keep if it fails: it needs no savepoint, which
			// costs a copy of every page it changes.
			if err := s.lend(r); err != nil {
				w.rollback(ctx)
				return w.failed(r, err, todo)
			}
			ran, changed = append(ran, outcome{r, nil}), true
			continue
		}
		whole, err := s.run(ctx, r)
		if !whole {
			// The engine has given up the transaction: r fails, the others run again.
			w.rollback(ctx)
			r.done <- w.engine.classify(err)
			return w.lost(append(requests(ran), todo...), err, true)
		}
		ran = append(ran, outcome{r, err})
		changed = changed || err == nil
	}
	if !changed {
		w.rollback(ctx)
	} else if err := s.exec(ctx, "COMMIT"); err != nil {
		w.rollback(ctx)
		return append(w.lost(requests(ran), fmt.Errorf("db: commit: %w", w.engine.classify(err)), w.engine.transient(err)), todo...)
	}
	for _, o := range ran {
		o.r.done <- w.engine.classify(o.err)
	}
	return todo
}

// failed reports the error of the first function of a transaction, which is rolled
// back, and returns what is to run then. A database that fell silent under it has kept
// everybody waiting.
func (w *writer) failed(first *request, err error, todo []*request) (again []*request) {
	first.done <- w.engine.classify(err)
	if w.silent() {
		return w.lost(todo, err, false)
	}
	return todo
}

// outcome is how a function ended inside the transaction. An error, too, is told
// only after the COMMIT: it may rest on what others in the batch have written, and
// who looks again must find that.
type outcome struct {
	r   *request
	err error
}

func requests(list []outcome) (rs []*request) {
	for _, o := range list {
		rs = append(rs, o.r)
	}
	return rs
}

// next takes a waiting request without waiting for one.
func (w *writer) next(started time.Time) *request {
	if time.Since(started) > batchTime {
		return nil
	}
	select {
	case r := <-w.queue: // nil once closed
		return r
	default:
		return nil
	}
}

// silent says that what has just failed took as long as the database is waited
// for: to ask again at once would only take as long again.
func (w *writer) silent() bool {
	limit := w.engine.writeLimit()
	return limit > 0 && time.Since(w.began) >= limit
}

// drain takes what is in the queue now.
func (w *writer) drain() (rs []*request) {
	for range len(w.queue) {
		select {
		case r, ok := <-w.queue:
			if !ok {
				return rs
			}
			rs = append(rs, r)
		default:
			return rs
		}
	}
	return rs
}

// lost gives the requests that may run again; the others get err. From a database
// that has gone silent everybody gets it, those in the queue too: they have waited
// as long as the transaction has.
func (w *writer) lost(rs []*request, err error, retry bool) (again []*request) {
	if w.silent() {
		rs, retry, err = append(rs, w.drain()...), false, errors.Join(ErrSilent, err)
	}
	for _, r := range rs {
		if retry && r.attempts < attemptsMax {
			if r.attempts == 0 { // begin failed before it ran: count the try
				if !r.state.CompareAndSwap(reqWaiting, reqTaken) {
					continue
				}
				r.attempts = 1
			}
			again = append(again, r)
			continue
		}
		if r.attempts == 0 && !r.state.CompareAndSwap(reqWaiting, reqTaken) {
			continue
		}
		r.done <- err
	}
	return again
}

// begin starts the writer's transaction on its connection, on a new one when the
// old one is broken.
func (w *writer) begin(ctx context.Context) (*session, error) {
	var err error
	for range 2 {
		if w.session == nil {
			conn, cerr := w.pool.Conn(ctx)
			if cerr != nil {
				return nil, cerr
			}
			w.session = newSession(conn, w.engine.cacheStatements())
		}
		for _, stmt := range w.engine.begin() {
			if err = w.session.exec(ctx, stmt); err != nil {
				break
			}
		}
		if err == nil {
			return w.session, nil
		}
		w.rollback(ctx)
		w.dropSession()
		if w.engine.transient(err) || w.silent() {
			return nil, err
		}
	}
	return nil, err
}

// rollback ends the transaction; a connection that cannot even do that is left.
func (w *writer) rollback(ctx context.Context) {
	if w.session == nil {
		return
	}
	if err := w.session.exec(ctx, "ROLLBACK"); err != nil {
		w.dropSession()
	}
}

func (w *writer) dropSession() {
	if w.session != nil {
		w.session.close()
		w.session = nil
	}
}
