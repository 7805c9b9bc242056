package worklist

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// New is what a Workitem is made from.
type New struct {
	StudyID    string
	FacilityID string
	Kind       Kind // zero: interpretation
	Purpose    Purpose
	NotFor     string   // user who may not claim it
	Requires   []string // subspecialties of which the reader must have every one
	PanelID    string
	Priority   Priority // zero: ROUTINE
	Deadline   time.Time
	Readiness  Readiness // zero: READY
	Reasons    []Reason
	RuleID     string
	Offer      OfferTo
	ClaimDue   time.Time // zero: not watched
	Actor      string    // who asked, for the audit; zero: the router
	// SOPInstanceUID is that of the step a hospital has asked for; zero: a new one.
	SOPInstanceUID string
	// Replaces is a canceled item this one is made for.
	Replaces string
}

// ActorRouter is the actor of what no person did.
const ActorRouter = "dokuei"

// Create makes a SCHEDULED item, gives its panel the right to see the study,
// and records both. An item it replaces is told of it. [ErrOpenExists] when the study has an open item.
func Create(ctx context.Context, tx db.Tx, n New) (Workitem, error) {
	w := Workitem{
		ID: db.NewID(), SOPInstanceUID: n.SOPInstanceUID, StudyID: n.StudyID, FacilityID: n.FacilityID,
		State: Scheduled, Kind: n.Kind, Purpose: n.Purpose, NotFor: n.NotFor, Requires: n.Requires, PanelID: n.PanelID, Priority: n.Priority, Deadline: n.Deadline,
		Readiness: n.Readiness, Replaces: n.Replaces, Reasons: n.Reasons, RuleID: n.RuleID, Offer: n.Offer, ClaimDue: n.ClaimDue, CreatedAt: db.NowIn(ctx), Version: 1,
	}
	if w.SOPInstanceUID == "" {
		w.SOPInstanceUID = uid.New()
	}
	if w.Kind == "" {
		w.Kind = Interpretation
	}
	if !w.Priority.Valid() {
		w.Priority = Routine
	}
	if w.Readiness == "" {
		w.Readiness = Ready
	}
	if w.Reasons == nil {
		w.Reasons = []Reason{}
	}
	w.Offer = w.bounded(w.CreatedAt)
	if err := requirePanel(ctx, tx, w.PanelID); err != nil {
		return Workitem{}, err
	}
	open, err := OpenOfStudy(ctx, tx, w.StudyID)
	if err != nil {
		return Workitem{}, err
	}
	if open != nil {
		return Workitem{}, fmt.Errorf("%w: item %s", ErrOpenExists, open.ID)
	}
	reasons, err := json.Marshal(w.Reasons)
	if err != nil {
		return Workitem{}, fmt.Errorf("worklist: reasons: %w", err)
	}
	patient, err := catalog.PatientKey(ctx, tx, w.StudyID)
	if err != nil {
		return Workitem{}, err
	}
	purpose, task := w.Purpose, Purpose("") // a column each: one of the two is empty
	if purpose.First() {
		purpose, task = "", purpose
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO workitems
 (id, sop_instance_uid, study_id, facility_id, state, kind, panel_id, priority, priority_rank, deadline, readiness, replaces, reasons, rule_id, created_at, purpose, not_for, assign, main_reader, deputy, offer_state, claim_due, task, requires, patient_key, alone_until, version)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, 1)`,
		w.ID, w.SOPInstanceUID, w.StudyID, w.FacilityID, w.State, w.Kind, w.PanelID, w.Priority, w.Priority.Rank(),
		db.Micros(w.Deadline), w.Readiness, nullable(w.Replaces), string(reasons), w.RuleID, db.Micros(w.CreatedAt), purpose, w.NotFor,
		w.Offer.Mode, w.Offer.Main, w.Offer.Deputy, w.Offer.Reached, db.Micros(w.ClaimDue), task, strings.Join(w.Requires, ","), patient, db.Micros(w.Offer.Until))
	if err != nil {
		return Workitem{}, fmt.Errorf("worklist: create item: %w", err)
	}
	if w.Replaces != "" {
		if _, err := tx.ExecContext(ctx, `UPDATE workitems SET replaced_by = $1 WHERE id = $2`, w.ID, w.Replaces); err != nil {
			return Workitem{}, fmt.Errorf("worklist: link replacement: %w", err)
		}
		if err := inheritDeclines(ctx, tx, w); err != nil {
			return Workitem{}, err
		}
	}
	if err := catalog.Grant(ctx, tx, w.StudyID, catalog.GranteePanel, w.PanelID); err != nil {
		return Workitem{}, err
	}
	if err := ShowPriors(ctx, tx, w.StudyID); err != nil {
		return Workitem{}, err
	}
	actor := n.Actor
	if actor == "" {
		actor = ActorRouter
	}
	return w, record(ctx, tx, w, EventCreated, actor, fmt.Sprintf("study %s, %s, %s, panel %s", w.StudyID, w.Kind, w.Priority, w.PanelID))
}

// OpenOfStudy returns the one open item of a study, nil when there is none.
func OpenOfStudy(ctx context.Context, tx db.Tx, studyID string) (*Workitem, error) {
	return orNil(one(ctx, tx, `w.study_id = $1 AND w.state IN ('SCHEDULED', 'IN PROGRESS')`, studyID))
}

// OpenOf returns the open items of studies, by study.
func OpenOf(ctx context.Context, tx db.Tx, studyIDs []string) (map[string]Workitem, error) {
	in, args := db.In(studyIDs)
	list, err := several(ctx, tx, `w.state IN ('SCHEDULED', 'IN PROGRESS') AND w.study_id IN `+in, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: open items: %w", err)
	}
	open := map[string]Workitem{}
	for _, w := range list {
		open[w.StudyID] = w
	}
	return open, nil
}

// Expected says until when the open interpretations of studies are to be signed: of two
// readings the later one. A study on which nothing waits is not among them.
func Expected(ctx context.Context, tx db.Tx, studyIDs []string) (map[string]time.Time, error) {
	until := map[string]time.Time{}
	in, args := db.In(studyIDs)
	rows, err := tx.QueryContext(ctx, `SELECT study_id, MAX(deadline) FROM workitems
 WHERE state IN ('SCHEDULED', 'IN PROGRESS') AND kind = 'interpretation' AND study_id IN `+in+` GROUP BY study_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: expected: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		var deadline int64
		if err := rows.Scan(&id, &deadline); err != nil {
			return nil, fmt.Errorf("worklist: expected: %w", err)
		}
		until[id] = db.FromMicros(deadline)
	}
	return until, rows.Err()
}

// LatestCompleted returns the item of a study that was completed last, nil
// when none was.
func LatestCompleted(ctx context.Context, tx db.Tx, studyID string) (*Workitem, error) {
	return orNil(one(ctx, tx, `w.study_id = $1 AND w.state = 'COMPLETED' ORDER BY w.completed_at DESC, w.id DESC LIMIT 1`, studyID))
}

func requirePanel(ctx context.Context, tx db.Tx, panelID string) error {
	var one int
	err := tx.QueryRowContext(ctx, `SELECT 1 FROM panels WHERE id = $1 AND active = 1`, panelID).Scan(&one)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: %q", ErrUnknownPanel, panelID)
	}
	if err != nil {
		return fmt.Errorf("worklist: panel: %w", err)
	}
	return nil
}

func nullable(s string) sql.NullString { return sql.NullString{String: s, Valid: s != ""} }
