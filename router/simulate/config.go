package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Policy is how studies find their readers.
type Policy string

// The policies.
const (
	Ours       Policy = "ours"
	RoundRobin Policy = "round robin"
	FirstClaim Policy = "first claim"
)

// Policies is all of them.
var Policies = []Policy{Ours, RoundRobin, FirstClaim}

// Config is one run.
type Config struct {
	Hospitals int
	PerDay    float64 // on a working day
	Readers   int
	Days      int
	Scale     float64 // of arrivals and readers alike
	NoShow    float64 // share of readers who are on the roster and do not come
	Seed      uint64
	Start     time.Time // zero: 1 June 2026
	Rules     rule.Set  // zero: DefaultRules
	Policy    Policy
}

func (c Config) filled() Config {
	if c.Start.IsZero() {
		c.Start = time.Date(2026, 6, 1, 0, 0, 0, 0, calendar.Tokyo)
	}
	if c.Scale <= 0 {
		c.Scale = 1
	}
	if len(c.Rules.Rules) == 0 && c.Rules.Fallback.PanelID == "" {
		c.Rules = DefaultRules()
	}
	return c
}

// Check reports what is out of bounds.
func (c Config) Check() error {
	switch {
	case c.Hospitals < 1 || c.Hospitals > 1000:
		return fmt.Errorf("simulate: hospitals must be 1 to 1000, not %d", c.Hospitals)
	case c.Readers < 1 || c.Readers > 1000:
		return fmt.Errorf("simulate: readers must be 1 to 1000, not %d", c.Readers)
	case c.Days < 1 || c.Days > 400:
		return fmt.Errorf("simulate: days must be 1 to 400, not %d", c.Days)
	case c.PerDay <= 0 || c.PerDay*max(c.Scale, 1) > 20_000:
		return fmt.Errorf("simulate: studies a day must be above 0 and at most 20000 with the scale, not %g", c.PerDay*max(c.Scale, 1))
	case c.Scale < 0 || c.Scale > 100:
		return fmt.Errorf("simulate: scale must be 0.1 to 100, not %g", c.Scale)
	}
	return nil
}

// DefaultRules are those of the example network.
func DefaultRules() rule.Set {
	return rule.Set{
		Rules: []rule.Rule{
			{Name: "STAT", When: rule.Condition{Priority: []worklist.Priority{worklist.STAT}}, PanelID: "npo", Within: 30 * time.Minute, Assign: worklist.Deputy},
			{Name: "urgent", If: `request.priority == "URGENT"`, PanelID: "npo", Within: 4 * time.Hour, Assign: worklist.Deputy},
		},
		Fallback: rule.Rule{Name: rule.FallbackName, PanelID: "npo", Within: 24 * time.Hour, Assign: worklist.Deputy},
	}
}

// Figures of the field: see docs of the region's service.
const (
	shareCT        = 0.65
	shareSTAT      = 0.05
	shareUrgent    = 0.10
	medianRead     = 13.0 // minutes
	medianReadSTAT = 9.0
	sigmaRead      = 0.5
	zipf           = 0.8
)

// hourly is the shape of a day: peaks before noon and in the afternoon.
var hourly = [24]float64{
	0.3, 0.2, 0.2, 0.2, 0.2, 0.3, 0.5, 0.8, 1.8, 2.6, 3.2, 3.0, 1.8, 2.0, 2.4, 2.8, 2.6, 1.8, 1.0, 0.8, 0.7, 0.6, 0.5, 0.4,
}

// patient is one study before anything was decided about it.
type patient struct {
	at       time.Time
	facility string
	modality string
	priority worklist.Priority
	minutes  float64 // of a reader of mean speed
}

// arrivals draws the studies of a run, by thinning.
func (c Config) arrivals(r *rand.Rand, cal calendar.Calendar) []patient {
	var sum, weight, peak float64
	for _, h := range hourly {
		sum += h
		peak = max(peak, h)
	}
	weights := make([]float64, c.Hospitals)
	for i := range weights {
		weights[i] = 1 / math.Pow(float64(i+1), zipf)
		weight += weights[i]
	}
	rate := func(t time.Time) float64 { // an hour
		d := calendar.DayOf(t)
		perDay := c.PerDay * c.Scale
		switch {
		case !cal.Clinical(d):
			perDay *= 0.25
		case d.Weekday() == time.Monday:
			perDay *= 1.2
		}
		return perDay * hourly[t.In(calendar.Tokyo).Hour()] / sum
	}
	most := c.PerDay * c.Scale * 1.2 * peak / sum
	var list []patient
	end := c.Start.AddDate(0, 0, c.Days)
	for t := c.Start; ; {
		t = t.Add(time.Duration(r.ExpFloat64() / most * float64(time.Hour)))
		if !t.Before(end) {
			return list
		}
		if r.Float64()*most > rate(t) {
			continue
		}
		p := patient{at: t, modality: "MR", priority: worklist.Routine}
		if r.Float64() < shareCT {
			p.modality = "CT"
		}
		median := medianRead
		switch x := r.Float64(); {
		case x < shareSTAT:
			p.priority, median = worklist.STAT, medianReadSTAT
		case x < shareSTAT+shareUrgent:
			p.priority = worklist.Urgent
		}
		p.minutes = median * math.Exp(sigmaRead*r.NormFloat64())
		for x, i := r.Float64()*weight, 0; i < c.Hospitals; i++ {
			if p.facility = fmt.Sprintf("h%02d", i+1); x < weights[i] {
				break
			}
			x -= weights[i]
		}
		list = append(list, p)
	}
}

// roster is the readers with their weeks: three overlapping shifts, weekends in turn,
// nights on call in turn.
func (c Config) roster() []assign.Reader {
	n := max(int(math.Round(float64(c.Readers)*c.Scale)), 1)
	shifts := [][]string{{"mon-fri 08:30-15:30"}, {"mon-fri 12:00-19:00"}, {"mon-fri 15:30-22:30"}}
	weekend := []string{"sat,holiday 09:00-16:00", "sun 09:00-16:00", "sat,holiday 13:00-20:00"}
	nights := []string{"mon,thu,sun 19:00-09:00", "tue,fri 19:00-09:00", "wed,sat,holiday 19:00-09:00"}
	var list []assign.Reader
	for i := range n {
		r := assign.Reader{ID: fmt.Sprintf("r%03d", i+1), Login: fmt.Sprintf("r%03d", i+1)}
		r.Hours = append(slices.Clone(shifts[i%3]), weekend[(i/3+i)%3])
		r.OnCall = []string{nights[i%3], "daily 07:00-22:30"}
		switch i % 4 { // some read beside other work
		case 1:
			r.Hours = []string{"mon-fri 12:00-17:00", weekend[(i/3+i)%3]}
		case 3:
			r.Hours = []string{"mon-fri 08:30-17:30", weekend[(i/3+i)%3]}
		}
		if n < 3 { // too few for shifts
			r.Hours, r.OnCall = []string{"daily 08:00-22:00"}, []string{"daily 00:00-24:00"}
		}
		r.Week = r.ReaderProfile.Week()
		list = append(list, r)
	}
	return list
}
