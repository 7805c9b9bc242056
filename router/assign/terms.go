package assign

import (
	"fmt"
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Limits are the moments by which an item must be claimed and signed.
type Limits struct{ Claim, Final time.Time }

// LimitsOf counts the limits of a decision from its moment: what the contract with
// the hospital says of the priority, else the rule. Working time is that of the
// hospital's opening hours.
func LimitsOf(d rule.Decision, p worklist.FacilityProfile, cal calendar.Calendar, at time.Time) (Limits, error) {
	terms := p.Contract[d.Priority]
	claim, final := terms.Claim, terms.Final
	if claim == 0 {
		claim = worklist.DefaultClaim(d.Priority)
	}
	if final == 0 {
		final = d.Rule.Within
	}
	add := func(t time.Duration) time.Time { return at.Add(t) }
	if terms.Working {
		hours, err := calendar.ParseHours(p.Hours)
		if err != nil {
			return Limits{}, fmt.Errorf("assign: hours of the hospital: %w", err)
		}
		add = func(t time.Duration) time.Time { return hours.Add(cal, at, t) }
	}
	l := Limits{Final: add(final)}
	if claim > 0 {
		l.Claim = add(claim)
	}
	return l, nil
}
