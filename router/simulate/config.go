package simulate

import (
	"fmt"
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/router/site"
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
	// Site gives rules, panels and what was agreed with hospitals; without a fallback
	// it is that of DefaultSite. Its first hospitals and readers are those of the run.
	Site   site.File
	Policy Policy
}

func (c Config) filled() Config {
	if c.Start.IsZero() {
		c.Start = time.Date(2026, 6, 1, 0, 0, 0, 0, calendar.Tokyo)
	}
	if c.Scale <= 0 {
		c.Scale = 1
	}
	if c.Site.Fallback == nil {
		c.Site = DefaultSite()
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
	case c.NoShow < 0 || c.NoShow >= 1:
		return fmt.Errorf("simulate: of the readers at least some must come: a share of %g stays away", c.NoShow)
	}
	return nil
}

// DefaultSite has one panel, to whose readers every study is given by name.
func DefaultSite() site.File {
	then := func(p worklist.Priority, within time.Duration) site.Action {
		return site.Action{Panel: "npo", Priority: p, Within: site.Duration(within), Assign: worklist.Deputy}
	}
	fallback := then("", 24*time.Hour)
	return site.File{
		Panels: []site.Panel{{ID: "npo", Name: "NPO"}},
		Rules: []site.Rule{
			{Name: "STAT", When: rule.Condition{Priority: []worklist.Priority{worklist.STAT}}, Then: then("", 30*time.Minute)},
			{Name: "urgent", If: `request.priority == "URGENT"`, Then: then("", 4*time.Hour)},
		},
		Fallback: &fallback,
	}
}
