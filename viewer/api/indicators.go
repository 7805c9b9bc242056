package api

import (
	"maps"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// indicators are the figures of months, as JSON or CSV.
func (s *server) indicators(c *call) error {
	q := c.r.URL.Query()
	now := time.Now().In(calendar.Tokyo)
	to := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, calendar.Tokyo)
	months, err := c.number("months", 12, 60)
	if err != nil {
		return err
	}
	f, err := worklist.Figures(c.r.Context(), s.DB.Read(c.r.Context()), to.AddDate(0, -months, 0), to)
	if err != nil {
		return err
	}
	targets, err := worklist.Targets(c.r.Context(), s.DB.Read(c.r.Context()))
	if err != nil {
		return err
	}
	if q.Get("format") == "csv" {
		return s.indicatorTable(c, f, targets, q.Get("table"))
	}
	type reads struct {
		Month    string `json:"month"`
		Facility string `json:"facility"`
		Modality string `json:"modality"`
		Studies  int    `json:"studies"`
	}
	type speed struct {
		Priority      worklist.Priority `json:"priority"`
		Studies       int               `json:"studies"`
		ClaimSeconds  float64           `json:"claimSeconds"`
		FinalSeconds  float64           `json:"finalSeconds"`
		Final95       float64           `json:"final95Seconds"`
		InTime        int               `json:"inTime"`
		ByClinicalDay int               `json:"byClinicalDay"`
	}
	type load struct {
		Reader  named `json:"reader"`
		Studies int   `json:"studies"`
	}
	type year struct {
		Year    int      `json:"year"`
		Reads   *int     `json:"reads"` // none: the year is not in the time looked at
		Target  int      `json:"target"`
		Growth  *float64 `json:"growth"`
		Partial bool     `json:"partial"`
	}
	out := struct {
		Reads   []reads `json:"reads"`
		Speeds  []speed `json:"speeds"`
		Readers []load  `json:"readers"`
		// Reads aimed at by fiscal year: that of 2026 begins in April 2026.
		Targets map[string]int `json:"targets"`
		Years   []year         `json:"years"`
	}{[]reads{}, []speed{}, []load{}, map[string]int{}, []year{}}
	for _, y := range f.Years(targets) {
		one := year{Year: y.Year, Target: y.Target, Partial: !y.Whole}
		if y.Seen {
			one.Reads = &y.Reads
		}
		if y.Growth != 0 {
			one.Growth = &y.Growth
		}
		out.Years = append(out.Years, one)
	}
	maps.Copy(out.Targets, targets)
	for _, r := range f.Reads {
		out.Reads = append(out.Reads, reads{r.Month, r.FacilityID, r.Modality, r.Studies})
	}
	for _, x := range f.Speeds {
		out.Speeds = append(out.Speeds, speed{x.Priority, x.Studies, x.Claim50.Seconds(), x.Final50.Seconds(), x.Final95.Seconds(), x.InTime, x.ByClinicalDay})
	}
	b := newBook(c.r.Context(), s.DB.Read(c.r.Context()), c)
	for _, r := range f.Readers {
		who, err := b.user(r.Reader)
		if err != nil {
			return err
		}
		out.Readers = append(out.Readers, load{who, r.Studies})
	}
	return c.json(http.StatusOK, out)
}
