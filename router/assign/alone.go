package assign

import (
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
)

// alone is how long the reader who is chosen for an item, and their deputy, have it
// before the panel, from a moment on; zero: the first who claims it has it. What is offered
// to the panel is one reader's first only where the rule says so, and a STAT never.
func alone(r rule.Rule, w worklist.Workitem, at time.Time) time.Duration {
	offered := r.Assign != worklist.Direct && r.Assign != worklist.Deputy
	switch {
	case offered && w.Priority == worklist.STAT:
		return 0
	case !offered && r.Alone == 0:
		return w.Alone(at)
	case !w.ClaimDue.IsZero(): // by then somebody is to have it
		return min(r.Alone, max(w.ClaimDue.Sub(at), 0))
	}
	return r.Alone
}
