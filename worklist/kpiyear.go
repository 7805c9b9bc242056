package worklist

import (
	"slices"
	"strconv"
	"time"

	"github.com/dokuei/dokuei/worklist/calendar"
)

// Year is a fiscal year against what was aimed at: that of 2026 begins in April 2026.
type Year struct {
	Year   int
	Seen   bool // some of it is in the time looked at: Reads is of that part
	Reads  int
	Whole  bool    // all of it is
	Target int     // zero: none was set
	Growth float64 // from the year before to this one, 0.409; zero unless both are whole
}

// Share is how much of the target was reached; ok is false where there is nothing to compare.
func (y Year) Share() (share float64, ok bool) {
	if !y.Seen || y.Target == 0 {
		return 0, false
	}
	return float64(y.Reads) / float64(y.Target), true
}

// Years sums the reads by fiscal year, the oldest first, with the years for which
// there is only a target.
func (i Indicators) Years(targets map[string]int) []Year {
	known := map[int]*Year{}
	year := func(n int) *Year {
		if known[n] == nil {
			known[n] = &Year{Year: n}
		}
		return known[n]
	}
	for at := i.From; at.Before(i.To); at = at.AddDate(0, 1, 0) {
		y := year(fiscal(at))
		begin := time.Date(y.Year, 4, 1, 0, 0, 0, 0, calendar.Tokyo)
		y.Seen, y.Whole = true, !begin.Before(i.From) && !begin.AddDate(1, 0, 0).After(i.To)
	}
	for _, r := range i.Reads {
		if at, err := time.ParseInLocation("2006-01", r.Month, calendar.Tokyo); err == nil {
			year(fiscal(at)).Reads += r.Studies
		}
	}
	for name, n := range targets {
		if at, err := strconv.Atoi(name); err == nil {
			year(at).Target = n
		}
	}
	var list []Year
	for _, y := range known {
		if before := known[y.Year-1]; y.Whole && before != nil && before.Whole && before.Reads > 0 {
			y.Growth = float64(y.Reads)/float64(before.Reads) - 1
		}
		list = append(list, *y)
	}
	slices.SortFunc(list, func(a, b Year) int { return a.Year - b.Year })
	return list
}

func fiscal(at time.Time) int {
	at = at.In(calendar.Tokyo)
	if at.Month() < time.April {
		return at.Year() - 1
	}
	return at.Year()
}
