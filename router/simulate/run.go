package simulate

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// world is one run under way.
type world struct {
	cfg    Config
	site   site.File
	cal    calendar.Calendar
	ctx    context.Context // its time is now
	db     *db.DB
	ledger *completeness.Ledger
	keeper *clock.Keeper
	random *rand.Rand // of what people do; arrivals have their own, equal for all policies

	queue queue
	seq   int
	now   time.Time
	due   time.Time // when the keeper looks next

	readers  []*reader
	byID     map[string]*reader
	waiting  []*item // SCHEDULED
	all      []*item
	byItem   map[string]*item
	arriving *patient
	next     int   // of the round robin
	heard    int64 // event up to which the people have heard
	failed   error
}

// event is something that happens at a time; of one time in the order of being planned.
type event struct {
	at   time.Time
	seq  int
	what func()
}

type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	if !q[i].at.Equal(q[j].at) {
		return q[i].at.Before(q[j].at)
	}
	return q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(event)) } //nolint:errcheck // ours
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

// Run plays a configuration to the end: until every study has been read, or a week
// after the last has come.
func Run(ctx context.Context, c Config) (Result, error) {
	if err := c.Check(); err != nil {
		return Result{}, err
	}
	c = c.filled()
	d, err := db.OpenScratch(ctx)
	if err != nil {
		return Result{}, err
	}
	out, err := run(ctx, c, d)
	return out, errors.Join(err, d.Close())
}

func run(ctx context.Context, c Config, d *db.DB) (Result, error) {
	w := &world{cfg: c, db: d, now: c.Start, random: rand.New(rand.NewPCG(c.Seed, 2)), byID: map[string]*reader{}, byItem: map[string]*item{}}
	w.ctx = db.WithNow(ctx, func() time.Time { return w.now })
	if err := w.open(); err != nil {
		return Result{}, err
	}
	for _, p := range c.arrivals(rand.New(rand.NewPCG(c.Seed, 1)), w.cal) {
		w.at(p.at, func() { w.arrive(p) })
	}
	for at, end := c.Start, c.Start.AddDate(0, 0, c.Days+7); at.Before(end); at = at.Add(30 * time.Minute) {
		w.at(at, w.look) // people look at their lists when their shift begins
	}
	for w.queue.Len() > 0 && w.failed == nil {
		if err := ctx.Err(); err != nil {
			return Result{}, err
		}
		e, _ := heap.Pop(&w.queue).(event) //nolint:errcheck // only events are in it
		w.now = e.at
		e.what()
	}
	if w.failed != nil {
		return Result{}, fmt.Errorf("simulate: at %s: %w", w.now.In(calendar.Tokyo).Format(time.DateTime), w.failed)
	}
	return w.result()
}

// open writes the directory and starts what a server would.
func (w *world) open() error {
	w.site = w.cfg.network()
	if err := settle(w.ctx, w.db, w.site); err != nil {
		return err
	}
	var err error
	if w.cal, err = worklist.Calendar(w.ctx, w.db.Read(w.ctx)); err != nil {
		return err
	}
	list, err := assign.ReadersOf(w.ctx, w.db.Read(w.ctx), "", w.now)
	if err != nil {
		return err
	}
	panels, err := worklist.Panels(w.ctx, w.db.Read(w.ctx))
	if err != nil {
		return err
	}
	for i, r := range list {
		x := &reader{Reader: r, speed: 0.8 + 0.4*w.random.Float64(), absent: float64(i) < w.cfg.NoShow*float64(len(list))}
		for _, p := range panels {
			if slices.Contains(p.Readers, r.ID) {
				x.panels = append(x.panels, p.ID)
			}
		}
		w.readers, w.byID[r.ID] = append(w.readers, x), x
	}
	w.ledger = completeness.New(w.db, completeness.Options{OnReleased: func(r assign.Result) { w.released(r.Workitem) }})
	w.keeper = clock.New(w.db, clock.Options{
		Now: func() time.Time { return w.now }, Longest: math.MaxInt64, Email: true,
		Send: map[string]clock.Sender{"email": func(_ context.Context, n clock.Notice) error { w.mail(n); return nil }},
	})
	return nil
}

func (w *world) at(t time.Time, what func()) {
	w.seq++
	heap.Push(&w.queue, event{t, w.seq, what})
}

func (w *world) fail(err error) {
	if w.failed == nil {
		w.failed = err
	}
}

// write runs fn in a transaction of the run's time.
func (w *world) write(fn func(ctx context.Context, tx db.Tx) error) error {
	return w.db.Write(w.ctx, fn)
}

// arrive lets a study come in whole: the ledger releases it, with its Workitem.
func (w *world) arrive(p patient) {
	err := w.write(func(ctx context.Context, tx db.Tx) error { return p.arrive(ctx, tx, w.site, w.now) })
	if err != nil {
		w.fail(err)
		return
	}
	w.arriving = &p
	if _, err := w.ledger.Look(w.ctx); err != nil {
		w.fail(err)
		return
	}
	if w.arriving != nil {
		w.fail(errors.New("a study that has arrived whole was not released"))
		return
	}
	x := w.all[len(w.all)-1]
	if w.cfg.Policy == RoundRobin {
		w.fail(w.turn(x))
	}
	if w.cfg.Policy == Ours {
		w.tick()
	}
	w.alert(x)
}

// released is the Workitem of the study that is arriving.
func (w *world) released(made worklist.Workitem) {
	x := &item{Workitem: made, patient: *w.arriving, left: w.arriving.minutes}
	w.arriving = nil
	w.all, w.waiting, w.byItem[x.ID] = append(w.all, x), append(w.waiting, x), x
}

// turn gives an item to the next reader of the roster who may have it at all.
func (w *world) turn(x *item) error {
	for range w.readers {
		to := worklist.OfferTo{Mode: worklist.Direct, Main: w.readers[w.next%len(w.readers)].ID}
		w.next++
		err := w.write(func(ctx context.Context, tx db.Tx) (err error) {
			x.Workitem, err = worklist.Redirect(ctx, tx, x.ID, to, "simulate", "next on the roster")
			return err
		})
		if !errors.Is(err, worklist.ErrUnfit) && !errors.Is(err, worklist.ErrNotOnPanel) {
			return err
		}
	}
	return nil // nobody may: it is the panel's
}

// tick lets the keeper of the clocks look, as it does when an item was made or a timer
// is due, and people hear of what it did.
func (w *world) tick() {
	sleep, err := w.keeper.Look(w.ctx)
	if err != nil {
		w.fail(err)
		return
	}
	w.hear()
	if sleep == math.MaxInt64 {
		return
	}
	next := w.now.Add(max(sleep, time.Millisecond))
	if w.due.After(w.now) && !next.Before(w.due) {
		return // it is planned
	}
	w.due = next
	w.at(next, func() {
		if w.now.Equal(w.due) {
			w.tick()
		}
	})
}

// hear follows the events, as the pages do.
func (w *world) hear() {
	for {
		list, err := catalog.EventsAfter(w.ctx, w.db.Read(w.ctx), w.heard, 500)
		if err != nil {
			w.fail(err)
			return
		}
		if len(list) == 0 {
			return
		}
		for _, e := range list {
			w.heard = e.Seq
			x := w.byItem[e.Ref]
			if x == nil || e.Kind != worklist.EventReoffered && e.Kind != worklist.EventEscalated && e.Kind != worklist.EventWarned {
				continue
			}
			now, err := worklist.Get(w.ctx, w.db.Read(w.ctx), identity.Everything(), x.ID)
			if err != nil {
				w.fail(err)
				return
			}
			x.Workitem = now.Workitem
			w.alert(x)
		}
	}
}
