package clock

import (
	"time"

	"github.com/dokuei/dokuei/worklist"
)

// Kind is what a timer is for.
type Kind string

// The kinds.
const (
	Offered     Kind = "offer.made"      // a STAT is there: who may take it is told at once
	Raise       Kind = "priority.raised" // it has become more urgent: its reader, or who may take it, is told
	OfferDeputy Kind = "offer.deputy"    // nobody has taken it: the deputy may too
	OfferPanel  Kind = "offer.panel"     // and then everybody
	ClaimSoon   Kind = "claim.soon"      // half the time to claim has passed
	ClaimLate   Kind = "claim.late"      // it should be claimed: escalated
	FinalSoon   Kind = "final.soon"      // three quarters of the time to sign have passed
	FinalLate   Kind = "final.late"      // it should be signed: escalated
	Declined    Kind = "offer.declined"  // all who might read it have said no: escalated
)

// Waiting reports whether a timer means nothing any more once the item is claimed.
func (k Kind) Waiting() bool { return k != FinalSoon && k != FinalLate && k != Raise }

// Escalates reports whether the coordinator is told.
func (k Kind) Escalates() bool { return k == ClaimLate || k == FinalLate || k == Declined }

// Timer is one moment in the life of an item.
type Timer struct {
	Kind Kind
	Due  time.Time
}

// Plan is the timers of an item, in order. It is a function of the item alone.
func Plan(w worklist.Workitem) []Timer {
	var list []Timer
	part := func(to time.Time, n, of int64) time.Time {
		return w.CreatedAt.Add(time.Duration(int64(to.Sub(w.CreatedAt)) / of * n))
	}
	if w.Priority == worklist.STAT {
		list = append(list, Timer{Offered, w.CreatedAt})
	}
	if w.Offer.Main != "" {
		if w.Offer.Deputy != "" {
			list = append(list, Timer{OfferDeputy, part(w.Offer.Until, 1, 2)})
		}
		list = append(list, Timer{OfferPanel, w.Offer.Until})
	}
	if !w.ClaimDue.IsZero() {
		list = append(list, Timer{ClaimSoon, part(w.ClaimDue, 1, 2)}, Timer{ClaimLate, w.ClaimDue})
	}
	return append(list, Timer{FinalSoon, part(w.Deadline, 3, 4)}, Timer{FinalLate, w.Deadline})
}
