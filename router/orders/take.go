package orders

import (
	"context"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/order"
)

// Act is what is wanted done with an order. Its values are those of ORC-1.
type Act string

// The acts.
const (
	Place   Act = "NW"
	Amend   Act = "XO" // the order is as it is said now
	Cancel  Act = "CA"
	Replace Act = "RP" // cancel what stands under the number, and place
	Put     Act = "ZP" // amend what stands under the number, else place
	Nothing Act = "SC" // a status; nothing to do
)

// Wish is one thing a hospital wants done with an order, whichever door it came by.
// An order is named by its ID, or else its placer's number, or else its accession
// number. A hospital need not say the accession number, station and start of an order.
type Wish struct {
	Act   Act
	Order order.Order // without hospital
}

// Done is what became of a wish.
type Done struct {
	Orders []order.Order // the one that was placed or amended, or those that were canceled
	Fresh  bool          // it was placed now, not before
}

// Do does what a hospital wants, in the caller's transaction. Placing what stands
// already has no effect; what was canceled stays so. The error may be a
// *order.ValueError, or order.ErrExists (an order of this number says something else),
// order.ErrCanceled or order.ErrNotFound.
func Do(ctx context.Context, tx db.Tx, f worklist.Facility, w Wish, actor string, at time.Time) (Done, error) {
	if w.Act == Nothing {
		return Done{}, nil
	}
	known, err := named(ctx, tx, f.ID, w.Order)
	if err != nil {
		return Done{}, err
	}
	var standing []order.Order
	for _, o := range known {
		if o.CanceledAt.IsZero() {
			standing = append(standing, o)
		}
	}
	if w.Act == Put {
		if w.Act = Place; len(known) > 0 {
			w.Act = Amend
		}
	}
	switch w.Act {
	case Cancel, Amend:
		if len(known) == 0 {
			return Done{}, order.ErrNotFound
		}
		if len(standing) == 0 {
			return Done{}, order.ErrCanceled
		}
		if w.Act == Cancel {
			return Done{Orders: standing}, cancelAll(ctx, tx, standing, actor)
		}
		return amend(ctx, tx, f, standing, w.Order, actor, at)
	case Replace:
		if err := cancelAll(ctx, tx, standing, actor); err != nil {
			return Done{}, err
		}
	default:
		if before := sameStep(known, w.Order); before != nil {
			return repeated(*before, f, w.Order)
		}
	}
	made, err := order.Create(ctx, tx, filled(f, w.Order, at), actor)
	if err != nil {
		return Done{}, err
	}
	if w.Act == Replace {
		if err := order.Inherit(ctx, tx, standing, made, actor); err != nil {
			return Done{}, err
		}
	}
	return Done{Orders: []order.Order{made}, Fresh: true}, adopt(ctx, tx, made, actor)
}

// named are the orders a wish may mean, canceled ones too.
func named(ctx context.Context, tx db.Tx, facilityID string, o order.Order) ([]order.Order, error) {
	if o.ID == "" {
		return order.Known(ctx, tx, facilityID, o.Placer, o.AccessionNumber)
	}
	one, err := order.ByID(ctx, tx, identity.Scope{FacilityID: facilityID}, o.ID)
	return []order.Order{one}, err
}

// sameStep is the order that has the number and the step of another: one that stands
// before one that was canceled.
func sameStep(known []order.Order, o order.Order) (found *order.Order) {
	for i, k := range known {
		if o.Step.ID != "" && k.Step.ID != o.Step.ID || o.Step.ID == "" && o.ProcedureID != "" && k.ProcedureID != o.ProcedureID {
			continue
		}
		if found == nil || k.CanceledAt.IsZero() {
			found = &known[i]
		}
	}
	return found
}

// repeated is a placing of what is known already.
func repeated(before order.Order, f worklist.Facility, again order.Order) (Done, error) {
	if !before.CanceledAt.IsZero() {
		return Done{}, order.ErrCanceled
	}
	if !before.Says(filled(f, keeping(again, before), before.CreatedAt)) {
		return Done{}, order.ErrExists
	}
	return Done{Orders: []order.Order{before}}, nil
}

func amend(ctx context.Context, tx db.Tx, f worklist.Facility, standing []order.Order, o order.Order, actor string, at time.Time) (Done, error) {
	target := standing[0]
	for _, s := range standing {
		if o.Step.ID != "" && s.Step.ID == o.Step.ID {
			target = s
		}
	}
	changed, err := order.Change(ctx, tx, target, filled(f, keeping(o, target), at), actor)
	if err != nil {
		return Done{}, err
	}
	return Done{Orders: []order.Order{changed}}, adopt(ctx, tx, changed, actor)
}

// adopt joins an order with studies that are here already, and raises those that are
// more urgent by it.
func adopt(ctx context.Context, tx db.Tx, o order.Order, actor string) error {
	if err := order.Adopt(ctx, tx, o); err != nil {
		return err
	}
	return assign.Ordered(ctx, tx, o.ID, actor)
}

func cancelAll(ctx context.Context, tx db.Tx, list []order.Order, actor string) error {
	for _, o := range list {
		if err := order.Cancel(ctx, tx, o, actor); err != nil {
			return err
		}
	}
	return nil
}

// keeping is an order with the numbers, station and start of one before it, where it
// says none itself.
func keeping(o, before order.Order) order.Order {
	for _, v := range []struct {
		value  *string
		before string
	}{
		{&o.AccessionNumber, before.AccessionNumber},
		{&o.StudyInstanceUID, before.StudyInstanceUID},
		{&o.ProcedureID, before.ProcedureID},
		{&o.Step.ID, before.Step.ID},
		{&o.Placer, before.Placer},
		{&o.Step.StationAE, before.Step.StationAE},
	} {
		if *v.value == "" {
			*v.value = v.before
		}
	}
	if o.Step.StartDate == "" {
		o.Step.StartDate, o.Step.StartTime = before.Step.StartDate, before.Step.StartTime
	}
	return o
}

// filled is an order of a hospital with what the hospital need not say.
func filled(f worklist.Facility, o order.Order, at time.Time) order.Order {
	o.FacilityID = f.ID
	if o.Step.StationAE == "" && len(f.AETitles) > 0 {
		o.Step.StationAE = f.AETitles[0]
	}
	if o.Step.StartDate == "" {
		begin := at.In(calendar.Tokyo)
		o.Step.StartDate, o.Step.StartTime = begin.Format("20060102"), begin.Format("150405")
	}
	if o.Step.StartTime == "" {
		o.Step.StartTime = "000000"
	}
	if o.AccessionNumber == "" {
		o.AccessionNumber = accession(o.Placer, at)
	}
	return o
}

// accession is a number for an order whose hospital gives none (0008,0050): that of the
// placer where it fits, else one of ours.
func accession(placer string, at time.Time) string {
	if placer != "" && len([]rune(placer)) <= 16 {
		return placer
	}
	id := db.NewID()
	return "D" + at.In(calendar.Tokyo).Format("060102") + id[len(id)-9:]
}
