package simulate

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// item is a Workitem with what the run must know of it.
type item struct {
	worklist.Workitem
	patient
	left float64 // minutes still to read
}

// reader is a reader at work.
type reader struct {
	assign.Reader
	absent  bool // on the roster, and does not come
	speed   float64
	now     *item
	started time.Time
	turn    int // counts what was begun: an end of something put aside is not one
	aside   *item
	claims  []time.Time // within the hour
	month   time.Month
	done    int
	waking  bool
}

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

// world is one run under way.
type world struct {
	cfg     Config
	cal     calendar.Calendar
	rules   *rule.Compiled
	random  *rand.Rand // of what people do; arrivals have their own, equal for all policies
	readers []*reader
	byID    map[string]*reader
	queue   queue
	seq     int
	now     time.Time
	waiting []*item // SCHEDULED
	all     []*item
	next    int // of the round robin
	profile worklist.FacilityProfile
}

// contract is that of every hospital of the run.
var contract = worklist.FacilityProfile{Contract: map[worklist.Priority]worklist.Terms{
	worklist.STAT:    {Claim: 10 * time.Minute, Final: 30 * time.Minute},
	worklist.Urgent:  {Claim: time.Hour, Final: 4 * time.Hour},
	worklist.Routine: {Final: 24 * time.Hour},
}}

// Run plays a configuration to the end: until every study has been read, or a week
// after the last has come.
func Run(c Config) (Result, error) {
	if err := c.Check(); err != nil {
		return Result{}, err
	}
	c = c.filled()
	w := &world{
		cfg: c, cal: calendar.Calendar{Closures: []calendar.Closure{calendar.YearEnd}}, rules: c.Rules.Compile(),
		random: rand.New(rand.NewPCG(c.Seed, 2)), byID: map[string]*reader{}, profile: contract,
	}
	for i, r := range c.roster() {
		x := &reader{Reader: r, speed: 0.8 + 0.4*w.random.Float64()}
		x.absent = float64(i) < c.NoShow*float64(len(c.roster()))
		w.readers, w.byID[r.ID] = append(w.readers, x), x
	}
	for _, p := range c.arrivals(rand.New(rand.NewPCG(c.Seed, 1)), w.cal) {
		w.at(p.at, func() { w.arrive(p) })
	}
	for d, end := calendar.DayOf(c.Start), c.Start.AddDate(0, 0, c.Days+7); d.Start().Before(end); d = d.Add(1) {
		for half := range 48 { // people look at their lists when their shift begins
			w.at(d.Start().Add(time.Duration(half)*30*time.Minute), w.look)
		}
	}
	heap.Init(&w.queue)
	for w.queue.Len() > 0 {
		e, _ := heap.Pop(&w.queue).(event) //nolint:errcheck // only events are in it
		w.now = e.at
		e.what()
	}
	return w.result(), nil
}

func (w *world) at(t time.Time, what func()) {
	w.seq++
	heap.Push(&w.queue, event{t, w.seq, what})
}

// arrive is the release of a study: rules, limits, choice, timers.
func (w *world) arrive(p patient) {
	s := rule.Subject{
		FacilityID: p.facility, Modalities: []string{p.modality}, Priority: string(p.priority), Images: 350, At: w.now,
		Mode: worklist.ModeBoth, Open: true, Series: []rule.Series{{Modality: p.modality, Images: 350}},
	}
	if p.priority == worklist.Urgent {
		s.Priority = "HIGH"
	}
	d := w.rules.Evaluate(s)
	limits, err := assign.LimitsOf(d, w.profile, w.cal, w.now)
	if err != nil { // the profile is a constant
		panic(err)
	}
	x := &item{patient: p, left: p.minutes, Workitem: worklist.Workitem{
		ID: fmt.Sprintf("w%06d", len(w.all)), State: worklist.Scheduled, PanelID: d.Rule.PanelID, Priority: d.Priority,
		CreatedAt: w.now, Deadline: limits.Final, ClaimDue: limits.Claim,
	}}
	w.all, w.waiting = append(w.all, x), append(w.waiting, x)
	switch w.cfg.Policy {
	case RoundRobin:
		x.Offer = worklist.OfferTo{Mode: worklist.Direct, Main: w.readers[w.next%len(w.readers)].ID}
		w.next++
	case FirstClaim:
	default:
		c := assign.Case{FacilityID: p.facility, Modalities: []string{p.modality}, Panel: x.PanelID, Priority: x.Priority, At: w.now}
		chosen := assign.Pick(d.Rule.Assign, c, w.desks())
		x.Offer = worklist.OfferTo{Mode: chosen.Mode, Main: chosen.Main, Deputy: chosen.Deputy}
	}
	for _, t := range clock.Plan(x.Workitem) {
		if w.cfg.Policy == Ours || t.Kind == clock.ClaimLate || t.Kind == clock.FinalLate {
			w.at(t.Due, func() { w.fire(x, t.Kind) })
		}
	}
	w.alert(x)
}

// desks is the readers as the choice sees them.
func (w *world) desks() []assign.Reader {
	list := make([]assign.Reader, len(w.readers))
	for i, r := range w.readers {
		list[i] = w.desk(r)
	}
	return list
}

func (w *world) desk(r *reader) assign.Reader {
	for len(r.claims) > 0 && w.now.Sub(r.claims[0]) >= time.Hour {
		r.claims = r.claims[1:]
	}
	out := r.Reader
	out.Duty = w.duty(r)
	out.LastHour, out.Month = len(r.claims), r.done
	if r.now != nil {
		out.Open++
	}
	for _, x := range w.waiting {
		if x.Offer.Main == r.ID && x.Offer.Reached != worklist.ToPanel {
			out.Open++
		}
	}
	return out
}

func (w *world) duty(r *reader) worklist.Duty {
	return r.DutyAt(w.cal, w.now, nil, worklist.Presence{})
}

// fire is a timer.
func (w *world) fire(x *item, k clock.Kind) {
	if !x.State.Open() || k.Waiting() && x.State != worklist.Scheduled {
		return
	}
	switch k {
	case clock.OfferDeputy:
		x.Offer.Reached = worklist.ToDeputy
	case clock.OfferPanel:
		x.Offer.Reached = worklist.ToPanel
	case clock.ClaimLate, clock.FinalLate:
		x.Escalated++
		if w.cfg.Policy == Ours { // the coordinator opens it to everybody and calls
			x.Offer.Reached = worklist.ToPanel
			w.call(x)
		}
	}
	w.alert(x)
}

// call is the coordinator on the telephone, to those on duty who are not reading.
func (w *world) call(x *item) {
	for _, r := range w.readers {
		if duty := w.duty(r); !r.absent && r.now == nil && (duty == worklist.Reading || duty == worklist.OnCall) {
			w.at(w.now.Add(w.minutes(10, 0.6)), func() {
				if r.now == nil {
					w.interrupt(r, x)
				}
			})
		}
	}
}

// alert is how people learn of an item. Under our policy those it reaches are told
// of a STAT wherever they are; else one sees it on the list when one looks.
func (w *world) alert(x *item) {
	for _, r := range w.readers {
		if r.absent || x.State != worklist.Scheduled || !x.Offer.Allows(r.ID) {
			continue
		}
		duty := w.duty(r)
		switch {
		case x.Priority == worklist.STAT && w.cfg.Policy == Ours && (duty == worklist.Reading || duty == worklist.OnCall):
			median := 1.5
			if duty == worklist.OnCall {
				median = 3.5
			}
			w.at(w.now.Add(w.minutes(median, 0.5)), func() { w.interrupt(r, x) })
		case duty == worklist.Reading && r.now == nil:
			w.wake(r)
		case x.Priority == worklist.STAT && duty == worklist.OnCall && r.now == nil: // telephoned
			w.at(w.now.Add(w.minutes(10, 0.6)), func() { w.interrupt(r, x) })
		}
	}
}

func (w *world) minutes(median, sigma float64) time.Duration {
	return time.Duration(median * math.Exp(sigma*w.random.NormFloat64()) * float64(time.Minute))
}

// wake lets an idle reader look at the list in a moment.
func (w *world) wake(r *reader) {
	if r.waking {
		return
	}
	r.waking = true
	w.at(w.now.Add(w.minutes(1, 0.5)), func() {
		r.waking = false
		w.take(r)
	})
}

func (w *world) look() {
	for _, r := range w.readers {
		if !r.absent && r.now == nil && w.duty(r) == worklist.Reading {
			w.take(r)
		}
	}
}

// interrupt is a reader who has seen an alert: what is on the screen is put aside,
// unless it is a STAT too.
func (w *world) interrupt(r *reader, x *item) {
	if x.State != worklist.Scheduled || !x.Offer.Allows(r.ID) || r.now != nil && (r.now.Priority == worklist.STAT || r.aside != nil) {
		return
	}
	if r.now != nil {
		r.now.left -= w.now.Sub(r.started).Minutes() / r.speed
		r.aside, r.now = r.now, nil
	}
	w.claim(r, x)
}

// take lets a free reader choose from the list.
func (w *world) take(r *reader) {
	if r.now != nil || r.absent {
		return
	}
	if r.aside != nil {
		x := r.aside
		r.aside = nil
		w.read(r, x)
		return
	}
	if w.duty(r) != worklist.Reading {
		return
	}
	desk := w.desk(r)
	desk.Open = 0
	var best *item
	for _, x := range w.waiting {
		c := assign.Case{FacilityID: x.facility, Modalities: []string{x.modality}, Panel: x.PanelID, Priority: x.Priority, At: w.now}
		if !x.Offer.Allows(r.ID) || !assign.Choose(c, []assign.Reader{desk})[0].Fit() {
			continue
		}
		if best == nil || w.before(r, x, best) {
			best = x
		}
	}
	if best == nil {
		if len(w.waiting) > 0 {
			w.at(w.now.Add(10*time.Minute), func() { w.take(r) })
		}
		return
	}
	w.claim(r, best)
}

// before is the order in which a reader takes studies: by priority and deadline, own
// offers first; where nobody is meant, the easy ones.
func (w *world) before(r *reader, a, b *item) bool {
	if a.Priority != b.Priority {
		return a.Priority.Rank() < b.Priority.Rank()
	}
	if w.cfg.Policy == FirstClaim {
		return a.minutes < b.minutes
	}
	if own, other := a.Offer.Main == r.ID, b.Offer.Main == r.ID; own != other && a.Deadline.Sub(w.now) > time.Hour && b.Deadline.Sub(w.now) > time.Hour {
		return own
	}
	return a.Deadline.Before(b.Deadline)
}

func (w *world) claim(r *reader, x *item) {
	if worklist.Transition(x.State, worklist.ToInProgress).Status != worklist.StatusSuccess {
		panic("simulate: claimed twice")
	}
	x.State, x.ClaimedBy, x.ClaimedAt = worklist.InProgress, r.ID, w.now
	for i, y := range w.waiting {
		if y == x {
			w.waiting = append(w.waiting[:i], w.waiting[i+1:]...)
			break
		}
	}
	r.claims = append(r.claims, w.now)
	w.read(r, x)
}

func (w *world) read(r *reader, x *item) {
	r.turn++
	r.now, r.started = x, w.now
	turn := r.turn
	w.at(w.now.Add(time.Duration(max(x.left, 0.2)*r.speed*float64(time.Minute))), func() {
		if r.turn == turn && r.now == x {
			w.finish(r, x)
		}
	})
}

func (w *world) finish(r *reader, x *item) {
	if worklist.Transition(x.State, worklist.ToCompletedHeld).Status != worklist.StatusSuccess {
		panic("simulate: completed twice")
	}
	x.State, x.CompletedAt = worklist.Completed, w.now
	if m := w.now.In(calendar.Tokyo).Month(); m != r.month {
		r.month, r.done = m, 0
	}
	r.done++
	r.now = nil
	w.take(r)
}
