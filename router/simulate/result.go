package simulate

import (
	"fmt"
	"io"
	"math"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Result is what became of the studies of a run.
type Result struct {
	Config   Config
	Studies  int
	Unread   int
	Stat     Turnaround
	Routine  Turnaround
	Late     float64 // share signed after their deadline, or never
	ByNext   float64 // share of the routine signed by the end of the next clinical day
	Within48 float64 // share signed within 48 hours

	Loads []Load  // by reader, in the order of the roster
	Gini  float64 // of the minutes read for each hour of the week, among those who came
	CV    float64

	LateSTAT    int // STAT not claimed within the limit
	Unescalated int // of those, how many nobody was told of
}

// Turnaround is in order of duration.
type Turnaround struct{ Claim, Final []time.Duration }

// Load is what a reader has done.
type Load struct {
	Reader  string
	Studies int
	Minutes float64
	Week    int // hours
}

func (l Load) rate() float64 { return l.Minutes / float64(max(l.Week, 1)) }

// Percentile of durations in order; zero when there are none.
func Percentile(list []time.Duration, p float64) time.Duration {
	if len(list) == 0 {
		return 0
	}
	return list[min(int(math.Ceil(p/100*float64(len(list))))-1, len(list)-1)]
}

// result reads what the database says became of the studies, and holds it against
// what the people of the run have seen.
func (w *world) result() (Result, error) {
	out := Result{Config: w.cfg, Studies: len(w.all)}
	for _, x := range w.all {
		kept, err := worklist.Get(w.ctx, w.db.Read(w.ctx), identity.Everything(), x.ID)
		if err != nil {
			return out, err
		}
		if kept.State != x.State || kept.ClaimedBy != x.ClaimedBy || !kept.CompletedAt.Equal(x.CompletedAt) {
			return out, fmt.Errorf("simulate: item %s is %s of %q in the database, its reader thinks %s of %q", x.ID, kept.State, kept.ClaimedBy, x.State, x.ClaimedBy)
		}
		x.Workitem = kept.Workitem
	}
	figures, err := worklist.Figures(w.ctx, w.db.Read(w.ctx), w.cfg.Start, w.now.Add(time.Hour))
	if err != nil {
		return out, err
	}
	loads := map[string]*Load{}
	for _, r := range w.readers {
		if !r.absent {
			out.Loads = append(out.Loads, Load{Reader: r.ID, Week: r.Week})
		}
	}
	for i := range out.Loads {
		loads[out.Loads[i].Reader] = &out.Loads[i]
	}
	late, byNext, within, routine := 0, 0, 0, 0
	for _, x := range w.all {
		if x.Priority == worklist.STAT && (x.ClaimedAt.IsZero() || x.ClaimedAt.After(x.ClaimDue)) {
			out.LateSTAT++
			if x.Escalated == 0 {
				out.Unescalated++
			}
		}
		if x.Priority != worklist.STAT {
			routine++
		}
		if x.State != worklist.Completed {
			out.Unread++
			late++
			continue
		}
		l := loads[x.ClaimedBy]
		l.Studies++
		l.Minutes += x.patient.minutes
		t := &out.Routine
		if x.Priority == worklist.STAT {
			t = &out.Stat
		} else if x.CompletedAt.Before(w.cal.NextClinicalDay(x.CreatedAt).Add(1).Start()) {
			byNext++
		}
		t.Claim = append(t.Claim, x.ClaimedAt.Sub(x.CreatedAt))
		t.Final = append(t.Final, x.CompletedAt.Sub(x.CreatedAt))
		if x.CompletedAt.After(x.Deadline) {
			late++
		}
		if x.CompletedAt.Sub(x.CreatedAt) <= 48*time.Hour {
			within++
		}
	}
	for _, t := range []*Turnaround{&out.Stat, &out.Routine} {
		slices.Sort(t.Claim)
		slices.Sort(t.Final)
	}
	out.Late = share(late, len(w.all))
	out.ByNext, out.Within48 = share(byNext, routine), share(within, len(w.all))
	out.Gini, out.CV = spread(out.Loads)
	read := 0
	for _, r := range figures.Reads {
		read += r.Studies
	}
	if read != out.Studies-out.Unread {
		return out, fmt.Errorf("simulate: %d studies were read, the figures count %d", out.Studies-out.Unread, read)
	}
	return out, w.check()
}

func share(n, of int) float64 {
	if of == 0 {
		return 0
	}
	return float64(n) / float64(of)
}

// spread measures how unequal the work is: the Gini coefficient and the coefficient
// of variation of the minutes read for each hour of a reader's week.
func spread(loads []Load) (gini, cv float64) {
	var sum, differences float64
	for _, a := range loads {
		sum += a.rate()
		for _, b := range loads {
			differences += math.Abs(a.rate() - b.rate())
		}
	}
	n := float64(len(loads))
	if sum == 0 {
		return 0, 0
	}
	mean, square := sum/n, 0.0
	for _, a := range loads {
		square += (a.rate() - mean) * (a.rate() - mean)
	}
	return differences / (2 * n * sum), math.Sqrt(square/n) / mean
}

// WriteTable prints results side by side.
func WriteTable(out io.Writer, results []Result) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "scale\treaders\tno-show\tpolicy\tstudies\tSTAT claim p50\tp95\tSTAT final p50\tp95\troutine final p50\tp95\tby next day\t≤48h\tlate\tGini\tCV\tSTAT late\tnot told\t")
	m := func(d time.Duration) string { return d.Round(time.Minute / 10).String() }
	for _, r := range results {
		fmt.Fprintf(t, "%g\t%d\t%.0f%%\t%s\t%d\t%s\t%s\t%s\t%s\t%s\t%s\t%.1f%%\t%.2f%%\t%.2f%%\t%.3f\t%.3f\t%d\t%d\t\n",
			r.Config.Scale, r.Config.readers(), 100*r.Config.NoShow, r.Config.Policy, r.Studies,
			m(Percentile(r.Stat.Claim, 50)), m(Percentile(r.Stat.Claim, 95)), m(Percentile(r.Stat.Final, 50)), m(Percentile(r.Stat.Final, 95)),
			m(Percentile(r.Routine.Final, 50)), m(Percentile(r.Routine.Final, 95)), 100*r.ByNext, 100*r.Within48, 100*r.Late, r.Gini, r.CV, r.LateSTAT, r.Unescalated)
	}
	return t.Flush()
}

// Holidays of the run, for the reader of a table.
func (r Result) Holidays() (list []string) {
	for d := calendar.DayOf(r.Config.Start); d.Start().Before(r.Config.Start.AddDate(0, 0, r.Config.Days)); d = d.Add(1) {
		if name := calendar.Holiday(d); name != "" {
			list = append(list, d.String()+" "+name)
		}
	}
	return list
}
