package assign

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// Outcome is what became of a complete study.
type Outcome string

// The outcomes.
const (
	Created  Outcome = "created"
	Addendum Outcome = "addendum"
	Kept     Outcome = "kept"
)

// Result is the task of a study and what the rules said.
type Result struct {
	Outcome  Outcome
	Workitem worklist.Workitem
	Decision rule.Decision
}

// Study assigns a complete study by the rules in force.
func Study(ctx context.Context, tx db.Tx, s catalog.Study) (Result, error) {
	set, err := rule.Load(ctx, tx)
	if err != nil {
		return Result{}, fmt.Errorf("assign: %w", err)
	}
	if _, _, err := order.Join(ctx, tx, s); err != nil {
		return Result{}, fmt.Errorf("assign: %w", err)
	}
	subject, err := subjectOf(ctx, tx, s, db.NowIn(ctx))
	if err != nil {
		return Result{}, err
	}
	res := Result{Decision: set.Evaluate(subject)}
	if err := forward(ctx, tx, s, &res.Decision); err != nil {
		return Result{}, err
	}
	if err := fetchPriors(ctx, tx, s, &res.Decision); err != nil {
		return Result{}, err
	}
	open, err := worklist.OpenOfStudy(ctx, tx, s.ID)
	if err != nil {
		return Result{}, fmt.Errorf("assign: %w", err)
	}
	if open != nil && misplaced(*open, s, res.Decision) {
		if _, err := worklist.Withdraw(ctx, tx, open.ID, worklist.ActorRouter, "the whole study belongs elsewhere"); err != nil {
			return Result{}, fmt.Errorf("assign: %w", err)
		}
		if res.Workitem, res.Outcome, err = create(ctx, tx, s, &res.Decision, worklist.Workitem{ID: open.ID}); err != nil {
			return Result{}, err
		}
		return res, record(ctx, tx, res)
	}
	if open != nil {
		res.Outcome = Kept
		item, _, err := worklist.SetReadiness(ctx, tx, s.ID, worklist.Ready)
		if err != nil {
			return Result{}, fmt.Errorf("assign: %w", err)
		}
		res.Workitem = *item
		return res, record(ctx, tx, res)
	}
	if res.Workitem, res.Outcome, err = create(ctx, tx, s, &res.Decision, worklist.Workitem{}); err != nil {
		return Result{}, err
	}
	return res, record(ctx, tx, res)
}

// Requested gives a complete study the task that its hospital has asked for: in place
// of one that nobody has begun. [worklist.ErrAlreadyClaimed] when one is being read,
// or read a second time.
func Requested(ctx context.Context, tx db.Tx, s catalog.Study, actor string) (Result, error) {
	open, err := worklist.OpenOfStudy(ctx, tx, s.ID)
	if err != nil {
		return Result{}, fmt.Errorf("assign: %w", err)
	}
	if open == nil {
		return Study(ctx, tx, s)
	}
	if !open.Purpose.First() {
		return Result{}, worklist.ErrAlreadyClaimed
	}
	set, err := rule.Load(ctx, tx)
	if err != nil {
		return Result{}, fmt.Errorf("assign: %w", err)
	}
	subject, err := subjectOf(ctx, tx, s, db.NowIn(ctx))
	if err != nil {
		return Result{}, err
	}
	res := Result{Decision: set.Evaluate(subject)}
	if _, err := worklist.Withdraw(ctx, tx, open.ID, actor, "replaced by the hospital's own request"); err != nil {
		return Result{}, fmt.Errorf("assign: %w", err)
	}
	if res.Workitem, res.Outcome, err = create(ctx, tx, s, &res.Decision, *open); err != nil {
		return Result{}, err
	}
	return res, record(ctx, tx, res)
}

// honour makes a decision as urgent as the hospital has asked for.
func honour(d *rule.Decision, r worklist.StepRequest) {
	reason := worklist.Reason{Rule: "request", Matched: true, Text: map[string]string{"ja": "病院の依頼による", "en": "asked for by the hospital"}}
	if r.Priority.Rank() < d.Priority.Rank() {
		d.Priority, reason.Chosen = r.Priority, true
		reason.Text = map[string]string{"ja": "病院の依頼による優先度 " + string(r.Priority), "en": "the hospital has asked for " + string(r.Priority)}
	}
	d.Reasons = append(d.Reasons, reason)
}

func create(ctx context.Context, tx db.Tx, s catalog.Study, d *rule.Decision, replaces worklist.Workitem) (worklist.Workitem, Outcome, error) {
	now := db.NowIn(ctx)
	request, err := worklist.WaitingRequest(ctx, tx, s.FacilityID, s.StudyInstanceUID, s.AccessionNumber)
	if err != nil {
		return worklist.Workitem{}, "", fmt.Errorf("assign: %w", err)
	}
	if request != nil {
		honour(d, *request)
	}
	profile, err := worklist.ProfileOfFacility(ctx, tx, s.FacilityID)
	if err != nil {
		return worklist.Workitem{}, "", fmt.Errorf("assign: %w", err)
	}
	cal, err := worklist.Calendar(ctx, tx)
	if err != nil {
		return worklist.Workitem{}, "", fmt.Errorf("assign: %w", err)
	}
	limits, err := LimitsOf(*d, profile, cal, now)
	if err != nil {
		return worklist.Workitem{}, "", err
	}
	n := worklist.New{
		StudyID: s.ID, FacilityID: s.FacilityID, Kind: worklist.Interpretation, Purpose: d.Rule.Task, PanelID: d.Rule.PanelID,
		Priority: d.Priority, Deadline: limits.Final, ClaimDue: limits.Claim, Reasons: d.Reasons, RuleID: d.Rule.ID, Requires: d.Rule.Requires, Replaces: replaces.ID, Readiness: replaces.Readiness,
	}
	if request != nil {
		n.SOPInstanceUID = request.SOPInstanceUID
	}
	outcome := Created
	last, err := worklist.LatestCompleted(ctx, tx, s.ID)
	if err != nil {
		return worklist.Workitem{}, "", fmt.Errorf("assign: %w", err)
	}
	if last != nil {
		outcome, n.Kind, n.Purpose = Addendum, worklist.Addendum, ""
		// Who wrote the report is best placed to add to it, so the late images go
		// to that panel as long as it is in the directory, whatever the rules say.
		panel, err := worklist.PanelByID(ctx, tx, last.PanelID)
		if err != nil {
			return worklist.Workitem{}, "", fmt.Errorf("assign: %w", err)
		}
		if panel.Active {
			n.PanelID, n.Requires = last.PanelID, last.Requires
		}
		n.Reasons = append(n.Reasons, worklist.Reason{
			Rule: "late images", Matched: true, Chosen: true,
			Text: map[string]string{
				"ja": "報告書の確定後に画像が届いたため、同じ班に追記を依頼",
				"en": "images arrived after the report was signed: an addendum is asked of the same panel",
			},
		})
	}
	theirs := alone(d.Rule, worklist.Workitem{Priority: n.Priority, ClaimDue: n.ClaimDue, Deadline: n.Deadline}, now)
	chosen, err := choose(ctx, tx, s, d.Rule.Assign, theirs > 0, n, n.Replaces, profile, now)
	if err != nil {
		return worklist.Workitem{}, "", err
	}
	n.Offer = chosen.offer(now.Add(theirs))
	w, err := worklist.Create(ctx, tx, n)
	if err != nil {
		return worklist.Workitem{}, "", fmt.Errorf("assign: %w", err)
	}
	if request != nil {
		if err := worklist.MeetStepRequest(ctx, tx, request.SOPInstanceUID); err != nil {
			return worklist.Workitem{}, "", fmt.Errorf("assign: %w", err)
		}
	}
	return w, outcome, KeepChoice(ctx, tx, w.ID, chosen)
}

// choose asks who of the panel should read a study, and, of an offer to all, whether one
// of them has it first. Who has declined an item, the one it is about or that it
// replaces, does not.
func choose(ctx context.Context, tx db.Tx, s catalog.Study, mode worklist.Assign, first bool, n worklist.New, item string, p worklist.FacilityProfile, at time.Time) (Chosen, error) {
	readers, err := ReadersOf(ctx, tx, n.PanelID, at)
	if err != nil {
		return Chosen{}, err
	}
	c := Case{
		FacilityID: s.FacilityID, Modalities: s.Modalities, Panel: n.PanelID, Priority: n.Priority, Requires: n.Requires,
		Language: p.Language, Prefers: p.PreferredReaders, At: at,
		NotFor: n.NotFor, Full: worklist.Workitem{Kind: n.Kind, Purpose: n.Purpose}.NeedsFull(), Declined: map[string]string{}, First: first,
	}
	declines, err := worklist.Declines(ctx, tx, item)
	if err != nil {
		return Chosen{}, fmt.Errorf("assign: %w", err)
	}
	for _, d := range declines {
		c.Declined[d.ReaderID] = d.Reason
	}
	if c.Earlier, err = earlier(ctx, tx, s.PatientRef); err != nil {
		return Chosen{}, err
	}
	return Pick(mode, c, readers), nil
}

// subjectOf gathers what the rules look at. It reads the rows of the series by
// themselves: catalog.SeriesOf would bring thousands of instances into a
// transaction that other writers wait for.
func subjectOf(ctx context.Context, tx db.Tx, s catalog.Study, at time.Time) (rule.Subject, error) {
	series, err := seriesOf(ctx, tx, s)
	if err != nil {
		return rule.Subject{}, err
	}
	subject := SubjectOf(s, series)
	o, ok, err := order.OfStudy(ctx, tx, s.ID)
	if err != nil {
		return rule.Subject{}, fmt.Errorf("assign: %w", err)
	}
	if ok {
		ordered(&subject, o)
	}
	return situate(ctx, tx, subject, at)
}

// ordered adds what the order of a study says.
func ordered(s *rule.Subject, o order.Order) {
	s.Procedure = o.ProcedureCode
	if o.Priority != "ROUTINE" { // which is also said by who says nothing: then words count
		s.Priority = o.Priority
	}
	for _, t := range []string{o.Comments, o.ProcedureDescription} {
		if t != "" && !slices.Contains(s.Texts, t) {
			s.Texts = append(s.Texts, t)
		}
	}
	s.Request = strings.TrimSpace(s.Request + "\n" + o.Comments)
}

func seriesOf(ctx context.Context, tx db.Tx, s catalog.Study) ([]catalog.Series, error) {
	rows, err := tx.QueryContext(ctx, `SELECT modality, body_part, description, protocol, origin, instance_count FROM series WHERE study_id = $1 ORDER BY number, id`, s.ID)
	if err != nil {
		return nil, fmt.Errorf("assign: series: %w", err)
	}
	defer rows.Close()
	var series []catalog.Series
	for rows.Next() {
		var x catalog.Series
		if err := rows.Scan(&x.Modality, &x.BodyPart, &x.Description, &x.Protocol, &x.Origin, &x.InstanceCount); err != nil {
			return nil, fmt.Errorf("assign: series: %w", err)
		}
		series = append(series, x)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("assign: series: %w", err)
	}
	return series, nil
}

// situate adds what is agreed with the hospital, at a moment.
func situate(ctx context.Context, tx db.Tx, out rule.Subject, at time.Time) (rule.Subject, error) {
	out.At = at
	p, err := worklist.ProfileOfFacility(ctx, tx, out.FacilityID)
	if err != nil {
		return rule.Subject{}, fmt.Errorf("assign: %w", err)
	}
	cal, err := worklist.Calendar(ctx, tx)
	if err != nil {
		return rule.Subject{}, fmt.Errorf("assign: %w", err)
	}
	return out.Hospital(p, cal), nil
}

func record(ctx context.Context, tx db.Tx, r Result) error {
	reasons, err := json.Marshal(r.Decision.Reasons)
	if err != nil {
		return fmt.Errorf("assign: reasons: %w", err)
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO rule_decisions
 (id, study_id, workitem_id, at, outcome, rule_id, rule_name, panel_id, priority, within_ms, reasons, rule_set)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		db.NewID(), r.Workitem.StudyID, r.Workitem.ID, db.Micros(db.NowIn(ctx)), r.Outcome, r.Decision.Rule.ID, r.Decision.Rule.Name,
		r.Decision.Rule.PanelID, r.Decision.Priority, r.Decision.Rule.Within.Milliseconds(), string(reasons), r.Decision.Set)
	if err != nil {
		return fmt.Errorf("assign: keep decision: %w", err)
	}
	return nil
}
