package simulate

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Figures of the field: of the region's service, of the contracts that are usual and
// of what societies of radiology say of a reader's speed.
const (
	shareCT        = 0.65
	shareSTAT      = 0.05
	shareUrgent    = 0.10
	shareChildren  = 0.03
	sharePriors    = 0.55
	medianRead     = 13.0 // minutes
	medianReadSTAT = 9.0
	sigmaRead      = 0.5
	zipf           = 0.8 // of the sizes of hospitals
	weekend        = 0.25
	monday         = 1.2
)

// hourly is the shape of a day: peaks before noon and in the afternoon.
var hourly = [24]float64{
	0.3, 0.2, 0.2, 0.2, 0.2, 0.3, 0.5, 0.8, 1.8, 2.6, 3.2, 3.0, 1.8, 2.0, 2.4, 2.8, 2.6, 1.8, 1.0, 0.8, 0.7, 0.6, 0.5, 0.4,
}

// patient is one study before anything was decided about it.
type patient struct {
	at       time.Time
	hospital int
	number   int // of the patient in the hospital
	born     string
	modality string
	part     string
	request  string
	wants    worklist.Priority
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
			perDay *= weekend
		case d.Weekday() == time.Monday:
			perDay *= monday
		}
		return perDay * hourly[t.In(calendar.Tokyo).Hour()] / sum
	}
	most := c.PerDay * c.Scale * monday * peak / sum
	known := make([]int, c.Hospitals) // patients seen
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
		p := draw(r)
		p.at = t
		for x := r.Float64() * weight; p.hospital < c.Hospitals-1 && x >= weights[p.hospital]; p.hospital++ {
			x -= weights[p.hospital]
		}
		if seen := known[p.hospital]; seen > 0 && r.Float64() < sharePriors {
			p.number = r.IntN(seen)
		} else {
			p.number = seen
			known[p.hospital]++
		}
		list = append(list, p)
	}
}

// draw is one study as a hospital asks for it.
func draw(r *rand.Rand) patient {
	p := patient{modality: "MR", part: "ABDOMEN", request: "精査", wants: worklist.Routine}
	if r.Float64() < shareCT {
		p.modality = "CT"
	}
	switch x := r.Float64(); {
	case x < 0.35:
		p.part = "HEAD"
	case x < 0.6:
		p.part = "CHEST"
	}
	median := medianRead
	switch x := r.Float64(); {
	case x < shareSTAT:
		p.wants, median, p.request = worklist.STAT, medianReadSTAT, "至急 外傷"
		if p.part == "HEAD" {
			p.request = "至急 脳卒中疑い"
		}
	case x < shareSTAT+shareUrgent:
		p.wants, p.request = worklist.Urgent, "お急ぎ"
	}
	p.minutes = median * math.Exp(sigmaRead*r.NormFloat64())
	year := 1930 + r.IntN(70)
	if r.Float64() < shareChildren {
		year = 2012 + r.IntN(10)
	}
	p.born = fmt.Sprintf("%d0704", year)
	return p
}
