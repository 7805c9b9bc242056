package preview

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/pack"
)

// ErrClosed is returned after Close.
var ErrClosed = errors.New("preview: pipeline is closed")

// Objects opens stored originals; object.Store does.
type Objects interface {
	Open(ctx context.Context, key string) (object.Object, error)
}

// Backlog lists all instances in the order of their IDs, for the walk that finds
// those without pictures. after is the last ID seen, "" to begin.
type Backlog interface {
	After(ctx context.Context, after string, limit int) ([]Ref, error)
}

// Options of a Pipeline. Objects and Derived are needed; other zero fields take
// the value said.
type Options struct {
	Objects Objects
	Derived *pack.Store
	Backlog Backlog // nil: Run does not look back

	MaxBytes      int64 // decoded at one time; 192 MiB
	MaxServing    int64 // decoded frames held by callers of Frame; 256 MiB
	MaxLarge      int   // bytes of the latest pictures of size Preview; 32 MiB
	MaxFrameBytes int64 // of one frame; 64 MiB
	MaxTaken      int64 // of what is made of pixels while they come; 32 MiB
	MaxAhead      int   // instances of which that waits for a worker before their sender does; 64
	Workers       int   // of Run; the number of processors
	Queue         int   // instances that wait after Notify; 65536
	Quality       int   // of the JPEG; 75. Scroll previews have two thirds of it

	// Masks are the areas of the images of a facility's device that nobody is shown;
	// nil: all is shown. What was made before a mask was known stays until it is made anew.
	Masks func(ctx context.Context, facilityID string, header *dataset.Dataset) ([]deident.Area, error)

	Log     *slog.Logger
	Metrics prometheus.Registerer // nil: counted for nobody
	// Busy tells that others need the processors, those who receive images above
	// all; nil: never. Meanwhile one worker goes on and the others rest: pictures
	// lag behind rather than hold up what they are made of.
	Busy func() bool
	// OnPlaceholder hears of each instance found to have no picture. detail is
	// for people and holds no patient data.
	OnPlaceholder func(ctx context.Context, r Ref, p Placeholder, detail string)
}

// Pipeline makes and serves pictures.
type Pipeline struct {
	opt     Options
	budget  *budget
	serving *budget
	taking  *budget
	ahead   chan struct{} // a token for each instance that waits with what was taken of it
	queue   *queue
	large   *large
	count   *counters
	places  sync.Pool   // *workplace
	takens  sync.Pool   // *Taken
	full    atomic.Bool // the derived store had no room the last time

	ctx    context.Context
	cancel context.CancelFunc
	flying sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	flights map[want]*flight
}

// want is what a flight makes of one instance: what is kept, the large picture, or
// both from one decoding.
type want struct {
	id          string
	kept, large bool
}

func (w want) size(s Size) bool {
	if s < kept {
		return w.kept
	}
	return w.large
}

// flight is the making of one instance's pictures, however many wait for it.
type flight struct {
	done chan struct{}
	made made
	err  error
}

// New makes a pipeline. It does nothing until Get or Run is called.
func New(o Options) *Pipeline {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 192 << 20
	}
	if o.MaxServing <= 0 {
		o.MaxServing = 256 << 20
	}
	if o.MaxLarge <= 0 {
		o.MaxLarge = 32 << 20
	}
	if o.MaxFrameBytes <= 0 {
		o.MaxFrameBytes = 64 << 20
	}
	if o.MaxTaken <= 0 {
		o.MaxTaken = 32 << 20
	}
	if o.MaxAhead <= 0 {
		o.MaxAhead = 64
	}
	if o.Workers <= 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Queue <= 0 {
		o.Queue = 1 << 16
	}
	if o.Quality <= 0 {
		o.Quality = 75
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pipeline{
		opt: o, budget: newBudget(o.MaxBytes), serving: newBudget(o.MaxServing), taking: newBudget(o.MaxTaken),
		ahead: make(chan struct{}, o.MaxAhead), queue: newQueue(o.Queue),
		large: newLarge(o.MaxLarge), flights: map[want]*flight{},
		places: sync.Pool{New: func() any { return new(workplace) }},
		takens: sync.Pool{New: func() any { return new(Taken) }},
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.count = newCounters(o.Metrics, p)
	return p
}

// Notify says that an instance has been stored. It never blocks.
func (p *Pipeline) Notify(r Ref) {
	p.push(arrival{Ref: r})
}

func (p *Pipeline) push(a arrival) {
	if !p.queue.push(a) {
		if a.taken != nil {
			p.release(a.taken)
		}
		p.count.missed.Inc()
	}
}

// Close ends the work in hand and waits for it. Run has to be ended by its own
// context.
func (p *Pipeline) Close() {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	p.cancel()
	p.flying.Wait()
}

// make gives the pictures of an instance, joining whoever makes them already.
// The work goes on when ctx ends: others may be waiting, and it is wanted anyway.
func (p *Pipeline) make(ctx context.Context, r Ref, w want) (made, error) {
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return made{}, ErrClosed
	}
	f, joined := p.flights[w]
	if !joined {
		f = &flight{done: make(chan struct{})}
		p.flights[w] = f
		p.flying.Add(1)
		go p.fly(r, w, f)
	}
	p.mu.Unlock()
	select {
	case <-f.done:
		return f.made, f.err
	case <-ctx.Done():
		return made{}, ctx.Err()
	}
}

func (p *Pipeline) fly(r Ref, w want, f *flight) {
	defer p.flying.Done()
	begun := time.Now()
	f.made, f.err = p.produce(p.ctx, r, w)
	p.count.done(f.made.placeholder, f.err, time.Since(begun))
	p.mu.Lock()
	delete(p.flights, w)
	p.mu.Unlock()
	close(f.done)
}
