package assign

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// Ordered asks the rules again about the studies of an order that came, or was changed,
// after they were routed. A study that is more urgent by it is raised: one that nobody
// has begun goes where the rules send it now; one that waits where a person has put it,
// or is being read, stays, with the priority, the limits and the reason. Nothing
// becomes less urgent.
func Ordered(ctx context.Context, tx db.Tx, orderID, actor string) error {
	joined, err := order.Joins(ctx, tx, orderID)
	if err != nil {
		return fmt.Errorf("assign: %w", err)
	}
	for _, j := range joined {
		s, err := catalog.StudyByID(ctx, tx, identity.Everything(), j.StudyID)
		if err != nil {
			return fmt.Errorf("assign: %w", err)
		}
		if err := raise(ctx, tx, s, actor); err != nil {
			return err
		}
	}
	return nil
}

func raise(ctx context.Context, tx db.Tx, s catalog.Study, actor string) error {
	open, err := worklist.OpenOfStudy(ctx, tx, s.ID)
	if err != nil || open == nil || open.Kind != worklist.Interpretation {
		return err
	}
	set, err := rule.Load(ctx, tx)
	if err != nil {
		return fmt.Errorf("assign: %w", err)
	}
	now := db.NowIn(ctx)
	subject, err := subjectOf(ctx, tx, s, now)
	if err != nil {
		return err
	}
	d := set.Evaluate(subject)
	if d.Priority.Rank() >= open.Priority.Rank() {
		return nil
	}
	why := worklist.Reason{Rule: "order", Matched: true, Chosen: true, Text: map[string]string{
		"ja": "後から届いたオーダーにより " + string(open.Priority) + " から " + string(d.Priority) + " に変更",
		"en": "an order that came later makes it " + string(d.Priority) + " instead of " + string(open.Priority),
	}}
	if open.State == worklist.Scheduled && open.Purpose.First() && open.Replaces == "" && (d.Rule.PanelID != open.PanelID || d.Rule.Task != open.Purpose) {
		d.Reasons = append(d.Reasons, why)
		if _, err := worklist.Withdraw(ctx, tx, open.ID, actor, "an order that came later sends it elsewhere"); err != nil {
			return fmt.Errorf("assign: %w", err)
		}
		res := Result{Decision: d}
		if res.Workitem, res.Outcome, err = create(ctx, tx, s, &res.Decision, *open); err != nil {
			return err
		}
		return record(ctx, tx, res)
	}
	profile, err := worklist.ProfileOfFacility(ctx, tx, s.FacilityID)
	if err != nil {
		return fmt.Errorf("assign: %w", err)
	}
	cal, err := worklist.Calendar(ctx, tx)
	if err != nil {
		return fmt.Errorf("assign: %w", err)
	}
	limits, err := LimitsOf(d, profile, cal, now)
	if err != nil {
		return err
	}
	w, ok, err := worklist.Raise(ctx, tx, open.ID, d.Priority, limits.Claim, limits.Final, why, actor)
	if err != nil || !ok {
		return err
	}
	return clock.Raised(ctx, tx, w, now)
}
