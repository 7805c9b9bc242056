package worklist

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Release gives an item up: the holder's becomes CANCELED and a replacement
// SCHEDULED on the same panel with the same deadline.
func Release(ctx context.Context, tx db.Tx, id, readerID, reason string) (released, replacement Workitem, err error) {
	w, err := load(ctx, tx, id)
	if err != nil {
		return Workitem{}, Workitem{}, err
	}
	req := ToCanceledNotHeld
	if w.ClaimedBy == readerID || w.State == Scheduled {
		req = ToCanceledHeld
	}
	if err := refusal(Transition(w.State, req).Status); err != nil {
		return w, Workitem{}, err
	}
	return replace(ctx, tx, w, change{panel: w.PanelID, priority: w.Priority, deadline: w.Deadline, reason: reason, actor: readerID, event: EventReleased})
}

// Reassignment is where a coordinator sends an item.
type Reassignment struct {
	PanelID  string    // zero: the panel it is on
	Priority Priority  // zero: as it was
	Deadline time.Time // zero: as it was
	Reason   string
}

// Reassign cancels an open item, held or not, and schedules its replacement
// where the coordinator says. A panel that has nothing left to do with the
// study may no longer see it.
func Reassign(ctx context.Context, tx db.Tx, id, coordinatorID string, to Reassignment) (canceled, replacement Workitem, err error) {
	w, err := load(ctx, tx, id)
	if err != nil {
		return Workitem{}, Workitem{}, err
	}
	if err := refusal(Transition(w.State, RequestCancel).Status); err != nil {
		return w, Workitem{}, err
	}
	c := change{panel: to.PanelID, priority: to.Priority, deadline: to.Deadline, reason: to.Reason, actor: coordinatorID, event: EventReassigned}
	if c.panel == "" {
		c.panel = w.PanelID
	}
	if c.priority == "" {
		c.priority = w.Priority
	}
	if !c.priority.Valid() {
		return w, Workitem{}, fmt.Errorf("worklist: priority %q is none of STAT, URGENT, ROUTINE", c.priority)
	}
	if c.deadline.IsZero() {
		c.deadline = w.Deadline
	}
	return replace(ctx, tx, w, c)
}

// Recall is a hospital that takes back its wish for a reading nobody has begun. The
// item is canceled; what becomes of the study is for the coordinator to say, on whose
// list its replacement stands.
func Recall(ctx context.Context, tx db.Tx, id, actor, reason string) (canceled, replacement Workitem, err error) {
	w, err := load(ctx, tx, id)
	if err != nil {
		return Workitem{}, Workitem{}, err
	}
	if w.State != Scheduled {
		return w, Workitem{}, refusal(Transition(w.State, ToInProgress).Status)
	}
	return replace(ctx, tx, w, change{panel: PanelUnassigned, priority: w.Priority, deadline: w.Deadline, reason: reason, actor: actor, event: EventRecalled})
}

// Withdraw cancels an item nobody has begun and leaves the study without one: the
// caller makes another in the same transaction, which names it in New.Replaces.
func Withdraw(ctx context.Context, tx db.Tx, id, actor, reason string) (Workitem, error) {
	w, err := load(ctx, tx, id)
	if err != nil {
		return Workitem{}, err
	}
	if err := refusal(Transition(w.State, ToInProgress).Status); err != nil {
		return w, err
	}
	if w, err = cancel(ctx, tx, w, reason); err != nil {
		return w, err
	}
	if err := revoke(ctx, tx, w); err != nil {
		return w, err
	}
	return w, record(ctx, tx, w, EventReassigned, actor, reason)
}

// cancel makes an open item CANCELED.
func cancel(ctx context.Context, tx db.Tx, w Workitem, reason string) (Workitem, error) {
	before := w.State
	w.CanceledAt, w.CancelReason = db.NowIn(ctx), reason
	res, err := tx.ExecContext(ctx, `UPDATE workitems SET state = 'CANCELED', canceled_at = $1, cancel_reason = $2, version = version + 1
 WHERE id = $3 AND state = $4 AND version = $5`, db.Micros(w.CanceledAt), reason, w.ID, before, w.Version)
	if err := changedOne(res, err); err != nil {
		return w, err
	}
	w.State, w.Version = Canceled, w.Version+1
	return w, nil
}

// replaced is what a replacement's reasons say of why there is one.
var replaced = map[string]struct{ rule, ja, en string }{
	EventReassigned: {"reassign", "コーディネーターが割り当て直しました。", "Reassigned by the coordinator. "},
	EventRecalled:   {"recall", "病院が読影依頼を取り下げました。", "The hospital has taken back its request. "},
}

type change struct {
	panel    string
	priority Priority
	deadline time.Time
	reason   string
	actor    string
	event    string
}

// requiredOn is what an item asks of its reader on another panel: the same, unless
// nobody there could read it at all. A person has sent it there; that it is read
// without the subspecialty is kept with it.
func requiredOn(ctx context.Context, tx db.Tx, w Workitem, panelID string) ([]string, *Reason, error) {
	if len(w.Requires) == 0 || panelID == w.PanelID || panelID == PanelUnassigned {
		return w.Requires, nil, nil
	}
	p, err := PanelByID(ctx, tx, panelID)
	if err != nil {
		return nil, nil, err
	}
	profiles, err := ReaderProfiles(ctx, tx)
	if err != nil {
		return nil, nil, err
	}
	for _, id := range p.Readers {
		if len(profiles[id].Lacks(w.Requires)) == 0 {
			return w.Requires, nil, nil
		}
	}
	names := strings.Join(w.Requires, ", ")
	return nil, &Reason{Rule: "requires", Matched: true, Chosen: true, Text: map[string]string{
		"ja": "移した先の班に専門領域（" + names + "）の読影医がいないため、条件を外した",
		"en": "nobody on the panel it was moved to has the subspecialty " + names + ": it is no longer asked for",
	}}, nil
}

func replace(ctx context.Context, tx db.Tx, w Workitem, c change) (canceled, replacement Workitem, err error) {
	if err := requirePanel(ctx, tx, c.panel); err != nil {
		return w, Workitem{}, err
	}
	if w, err = cancel(ctx, tx, w, c.reason); err != nil {
		return w, Workitem{}, err
	}
	reasons := w.Reasons
	if text, ok := replaced[c.event]; ok {
		reasons = append(append([]Reason(nil), w.Reasons...), Reason{
			Rule: text.rule, Matched: true, Chosen: true,
			Text: map[string]string{"ja": text.ja + c.reason, "en": text.en + c.reason},
		})
	}
	var claimDue time.Time // as long as the first had
	if !w.ClaimDue.IsZero() {
		claimDue = db.NowIn(ctx).Add(w.ClaimDue.Sub(w.CreatedAt))
	}
	requires, lost, err := requiredOn(ctx, tx, w, c.panel)
	if err != nil {
		return w, Workitem{}, err
	}
	if lost != nil {
		reasons = append(append([]Reason(nil), reasons...), *lost)
	}
	next, err := Create(ctx, tx, New{
		Requires: requires,
		ClaimDue: claimDue, Replaces: w.ID,
		StudyID: w.StudyID, FacilityID: w.FacilityID, Kind: w.Kind, Purpose: w.Purpose, NotFor: w.NotFor, PanelID: c.panel, Priority: c.priority,
		Deadline: c.deadline, Readiness: w.Readiness, Reasons: reasons, RuleID: w.RuleID, Actor: c.actor,
	})
	if err != nil {
		return w, Workitem{}, err
	}
	w.ReplacedBy = next.ID
	if err := revoke(ctx, tx, w); err != nil {
		return w, Workitem{}, err
	}
	return w, next, record(ctx, tx, w, c.event, c.actor, "replaced by "+next.ID)
}
