package ups

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// The events that are told, PS3.4 Table CC.2.4-1.
const (
	stateReport     uint16 = 1
	cancelRequested uint16 = 2
	progressReport  uint16 = 3
	scpStatusChange uint16 = 4
	assigned        uint16 = 5
)

// Values of SCP Status (0074,1242).
const (
	restarted = "RESTARTED"
	goingDown = "GOING DOWN"
)

// Report is an event of a step, as it is told.
type Report struct {
	SOPInstanceUID string
	EventTypeID    uint16
	Information    *dataset.Dataset
}

// topics are what somebody has subscribed to.
type topics struct {
	steps  map[string]bool
	every  bool
	filter *dataset.Dataset // of every; nil: none
}

// add takes a row of a subscription.
func (t *topics) add(step, filter string) (err error) {
	if step != everyStep {
		t.steps[step] = true
		return nil
	}
	t.every = true
	if filter != "" {
		t.filter, err = kept(filter)
	}
	return err
}

// change is an event of the outbox about an item.
type change struct{ kind, item string }

// changedSince lists the changes of items after an event, and the event up to which
// that is all. facility "" is every hospital.
func changedSince(ctx context.Context, tx db.Tx, facility string, seq int64) (list []change, after int64, err error) {
	// Most events are of images and of other hospitals: up to here nobody looks again.
	last, err := catalog.LastEvent(ctx, tx)
	if err != nil || last <= seq {
		return nil, seq, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT seq, kind, ref FROM events WHERE seq > $1 AND seq <= $2 AND ($3 = '' OR facility_id = $3) AND kind LIKE 'workitem.%' ORDER BY seq LIMIT $4`,
		seq, last, facility, eventsAtATime)
	if err != nil {
		return nil, 0, fmt.Errorf("ups: events: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var c change
		if err := rows.Scan(&after, &c.kind, &c.item); err != nil {
			return nil, 0, fmt.Errorf("ups: events: %w", err)
		}
		list = append(list, c)
	}
	if len(list) < eventsAtATime {
		after = last
	}
	return list, after, rows.Err()
}

// gazette gathers reports: of each kind one for each step, in the order of what
// happened.
type gazette struct {
	tx      db.Tx
	scope   identity.Scope
	topics  topics
	told    map[string]bool
	reports []Report
	// adopted are the steps that have come to match the filter. What did once goes on
	// being told of (CC.2.3.3.1).
	adopted []string
}

func newGazette(tx db.Tx, scope identity.Scope, t topics) *gazette {
	return &gazette{tx: tx, scope: scope, topics: t, told: map[string]bool{}}
}

// state adds the state of a step as it is now.
func (g *gazette) state(e worklist.Entry) {
	if _, veiled := g.scope.Veil(e.FacilityID); veiled {
		e.CancelReason = "" // free text is for those who may know the patient
	}
	g.add(e, stateReport, stateOf(e.Workitem))
}

func (g *gazette) add(e worklist.Entry, event uint16, information *dataset.Dataset) {
	key := fmt.Sprint(event, e.SOPInstanceUID)
	if !g.told[key] {
		g.told[key] = true
		g.reports = append(g.reports, Report{e.SOPInstanceUID, event, information})
	}
}

// named are the reports, of steps by the UIDs that who is told knows.
func (g *gazette) named(ctx context.Context) ([]Report, error) {
	list := slices.Clone(g.reports)
	for i := range list {
		var err error
		if list[i].SOPInstanceUID, err = worklist.StepName(ctx, g.tx, g.scope, list[i].SOPInstanceUID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// change adds what is told of a change.
func (g *gazette) change(ctx context.Context, c change) error {
	e, err := worklist.Get(ctx, g.tx, g.scope, c.item)
	if errors.Is(err, worklist.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	if wanted, err := g.wants(ctx, e); err != nil || !wanted {
		return err
	}
	switch c.kind {
	case worklist.EventCancelRequested:
		return g.wish(ctx, e)
	case worklist.EventProgressed:
		return g.progress(ctx, e)
	}
	g.state(e)
	switch c.kind {
	case worklist.EventCreated, worklist.EventReoffered, worklist.EventReassigned, worklist.EventClaimed:
		return g.assigned(ctx, e)
	}
	return nil
}

// wish adds that a reading under way is to be canceled.
func (g *gazette) wish(ctx context.Context, e worklist.Entry) error {
	r, err := worklist.CancelRequestOf(ctx, g.tx, e.ID)
	if _, veiled := g.scope.Veil(e.FacilityID); veiled {
		r.Reason = ""
	}
	if err == nil {
		g.add(e, cancelRequested, wishOf(r))
	}
	return err
}

// progress adds how far the performer says it is.
func (g *gazette) progress(ctx context.Context, e worklist.Entry) error {
	var b builder
	if err := b.look(ctx, g.tx, g.scope, e); err != nil {
		return err
	}
	if p := b.kept.Item(tag.ProcedureStepProgressInformationSequence); p != nil {
		d := dataset.New()
		d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		d.SetItems(tag.ProcedureStepProgressInformationSequence, p)
		g.add(e, progressReport, d)
	}
	return nil
}

// assigned adds who is to perform a step, or does: nobody in particular is not told.
func (g *gazette) assigned(ctx context.Context, e worklist.Entry) error {
	if len(meant(e)) == 0 {
		return nil
	}
	var b builder
	if err := b.look(ctx, g.tx, g.scope, e); err != nil {
		return err
	}
	var who []*dataset.Dataset
	for _, p := range b.performers(e) {
		who = append(who, p.Items(tag.HumanPerformerCodeSequence)...)
	}
	if len(who) == 0 {
		return nil
	}
	d := dataset.New()
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetItems(tag.HumanPerformerCodeSequence, who...)
	if panel := b.panels[e.PanelID].Name; panel != "" {
		d.SetString(tag.HumanPerformerOrganization, "LO", panel)
	}
	g.add(e, assigned, d)
	return nil
}

func (g *gazette) wants(ctx context.Context, e worklist.Entry) (bool, error) {
	switch t := g.topics; {
	case t.steps[e.SOPInstanceUID]:
		return true, nil
	case !t.every:
		return false, nil
	case t.filter == nil:
		return true, nil
	}
	var b builder
	if err := b.look(ctx, g.tx, g.scope, e); err != nil {
		return false, err
	}
	if !matches(g.topics.filter, b.step(e)) {
		return false, nil
	}
	g.topics.steps[e.SOPInstanceUID] = true
	g.adopted = append(g.adopted, e.SOPInstanceUID)
	return true, nil
}

// stateOf is the Event Information of a UPS State Report.
func stateOf(w worklist.Workitem) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.ProcedureStepState, "CS", string(w.State))
	d.SetString(tag.InputReadinessState, "CS", string(w.Readiness))
	if w.State == worklist.Canceled && w.CancelReason != "" {
		d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		d.SetString(tag.ReasonForCancellation, "LT", w.CancelReason)
	}
	return d
}

// statusChange is an SCP Status Change. It is about no step: its instance is that of the
// global subscription. Steps and subscriptions are rows and survive us.
func statusChange(status string) Report {
	d := dataset.New()
	d.SetString(tag.SCPStatus, "CS", status)
	if status == restarted {
		d.SetString(tag.SubscriptionListStatus, "CS", "WARM START")
		d.SetString(tag.UnifiedProcedureStepListStatus, "CS", "WARM START")
	}
	return Report{uid.UPSGlobalSubscription, scpStatusChange, d}
}

// wishOf is the Event Information of UPS Cancel Requested.
func wishOf(r worklist.CancelRequest) *dataset.Dataset {
	d := dataset.New()
	if r.By != "" {
		d.SetString(tag.RequestingAE, "AE", r.By)
	}
	if r.Reason != "" {
		d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		d.SetString(tag.ReasonForCancellation, "LT", r.Reason)
	}
	return d
}
