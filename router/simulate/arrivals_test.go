package simulate

import (
	"math/rand/v2"
	"slices"
	"time"

	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

type calibration struct {
	studies                                            int
	ct, stat, morning, weekend, largest, known, median float64
}

// calibration is what a year of arrivals looks like.
func (c Config) calibration() (out calibration) {
	cal := calendar.Calendar{Closures: []calendar.Closure{calendar.YearEnd}}
	list := c.arrivals(rand.New(rand.NewPCG(c.Seed, 1)), cal)
	out.studies = len(list)
	n := float64(len(list))
	var first, second, free, working, known float64
	seen := map[[2]int]bool{}
	var minutes []float64
	for _, p := range list {
		if p.modality == "CT" {
			out.ct += 1 / n
		}
		if p.wants == worklist.STAT {
			out.stat += 1 / n
		}
		at := p.at.In(calendar.Tokyo)
		if h := at.Hour(); h == 10 || h == 11 {
			out.morning += 1 / n
		}
		switch {
		case !cal.Clinical(calendar.DayOf(at)):
			free++
		default:
			working++
		}
		switch p.hospital {
		case 0:
			first++
		case 1:
			second++
		}
		if key := [2]int{p.hospital, p.number}; seen[key] {
			known++
		} else {
			seen[key] = true
		}
		minutes = append(minutes, p.minutes)
	}
	var freeDays, workingDays float64
	for d := c.Start; d.Before(c.Start.AddDate(0, 0, c.Days)); d = d.Add(24 * time.Hour) {
		if cal.Clinical(calendar.DayOf(d)) {
			workingDays++
		} else {
			freeDays++
		}
	}
	slices.Sort(minutes)
	out.weekend, out.largest, out.known, out.median = (free/freeDays)/(working/workingDays), first/second, known/n, minutes[len(minutes)/2]
	return out
}
