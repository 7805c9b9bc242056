package order

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// How is how it is known that a study is that of an order.
type How string

// The ways, the surest first.
const (
	ByUID       How = "uid"       // (0020,000D)
	ByAccession How = "accession" // (0008,0050)
	ByPatient   How = "patient"   // one order only of this patient, modality and day
	ByHand      How = "hand"      // somebody has decided
)

// Why a study and an order are not joined without somebody's word.
const (
	PatientDiffers = "patient" // they share a number and are of different patients
	SeveralOrders  = "several" // more than one would fit
)

// Join finds the order of a study and joins the two: by the Study Instance UID, the
// accession number, or patient, modality and day. Where a number fits and the patient
// does not, or several orders fit, nothing is joined and somebody is asked
// ([Open]). ok is false when there is no order that is sure.
func Join(ctx context.Context, tx db.Tx, s catalog.Study) (o Order, ok bool, err error) {
	if o, ok, err = OfStudy(ctx, tx, s.ID); err != nil || ok {
		return o, ok, err
	}
	for _, by := range []struct {
		how   How
		where string
		value string
	}{{ByUID, `o.study_instance_uid = $2`, s.StudyInstanceUID}, {ByAccession, `o.accession_number = $2`, s.AccessionNumber}} {
		if by.value == "" {
			continue
		}
		list, err := orders(ctx, tx, `o.facility_id = $1 AND `+by.where+` ORDER BY o.canceled_at, o.created_at, o.id LIMIT 16`, s.FacilityID, by.value)
		if err != nil {
			return Order{}, false, err
		}
		for _, o := range list { // steps of one procedure: the first of the patient's
			if samePatient(o, s) {
				return o, true, join(ctx, tx, s, o, by.how, actorRouter)
			}
		}
		if len(list) > 0 {
			return Order{}, false, ask(ctx, tx, s, list[:1], PatientDiffers)
		}
	}
	if s.Patient.PatientID == "" || len(s.StudyDate) != 8 {
		return Order{}, false, nil
	}
	list, err := orders(ctx, tx, `o.facility_id = $1 AND o.patient_id = $2 AND o.start_date = $3 AND o.canceled_at = 0 AND NOT (`+done+`) ORDER BY o.created_at, o.id LIMIT 16`,
		s.FacilityID, s.Patient.PatientID, s.StudyDate)
	if err != nil {
		return Order{}, false, err
	}
	var fit []Order
	for _, o := range list {
		if samePatient(o, s) && (len(s.Modalities) == 0 || contains(s.Modalities, o.Step.Modality)) {
			fit = append(fit, o)
		}
	}
	switch {
	case len(fit) == 0:
		return Order{}, false, nil
	case len(fit) > 1 && !oneProcedure(fit):
		return Order{}, false, ask(ctx, tx, s, fit, SeveralOrders)
	}
	return fit[0], true, join(ctx, tx, s, fit[0], ByPatient, actorRouter)
}

// actorRouter is the actor of what no person did; see worklist.ActorRouter.
const actorRouter = "dokuei"

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// oneProcedure reports whether orders are the steps of one requested procedure.
func oneProcedure(list []Order) bool {
	for _, o := range list {
		if o.AccessionNumber != list[0].AccessionNumber {
			return false
		}
	}
	return true
}

// samePatient compares what identifies a patient. What one side does not say speaks
// against nothing.
func samePatient(o Order, s catalog.Study) bool {
	differ := func(a, b string) bool {
		return a != "" && b != "" && !strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
	}
	return !differ(o.PatientID, s.Patient.PatientID) && !differ(o.BirthDate, s.Patient.BirthDate) && !differ(o.Sex, s.Patient.Sex)
}

// OfStudy is the order a study was joined with.
func OfStudy(ctx context.Context, tx db.Tx, studyID string) (o Order, ok bool, err error) {
	list, err := orders(ctx, tx, `o.id = (SELECT x.order_id FROM order_studies x WHERE x.study_id = $1)`, studyID)
	if err != nil || len(list) == 0 {
		return Order{}, false, err
	}
	return list[0], true, nil
}

func join(ctx context.Context, tx db.Tx, s catalog.Study, o Order, how How, actor string) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO order_studies (study_id, order_id, how, at, actor) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (study_id) DO NOTHING`,
		s.ID, o.ID, how, db.Micros(db.Now()), actor); err != nil {
		return fmt.Errorf("order: join: %w", err)
	}
	if err := audit.Append(ctx, tx, audit.Record{Actor: actor, Action: "order.joined", Object: o.ID, FacilityID: o.FacilityID, Detail: "study " + s.ID + " by " + string(how)}); err != nil {
		return fmt.Errorf("order: audit: %w", err)
	}
	return nil
}

func ask(ctx context.Context, tx db.Tx, s catalog.Study, list []Order, reason string) error {
	for _, o := range list {
		if _, err := tx.ExecContext(ctx, `INSERT INTO reconciliations (id, facility_id, study_id, order_id, reason, created_at) VALUES ($1, $2, $3, $4, $5, $6)
 ON CONFLICT (study_id, order_id) DO NOTHING`, db.NewID(), s.FacilityID, s.ID, o.ID, reason, db.Micros(db.Now())); err != nil {
			return fmt.Errorf("order: reconciliation: %w", err)
		}
	}
	return nil
}

// Question is a study and an order of which somebody has to say whether they belong
// together.
type Question struct {
	ID        string
	StudyID   string
	Order     Order
	Reason    string
	CreatedAt time.Time
}

// Open lists the questions of a hospital, or of all to who sees all, the oldest
// first, at most 200.
func Open(ctx context.Context, tx db.Tx, scope identity.Scope) ([]Question, error) {
	cond, args := within(scope, 1)
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+`, r.id, r.study_id, r.reason, r.created_at FROM reconciliations r JOIN orders o ON o.id = r.order_id
 WHERE r.resolved_at = 0 AND `+cond+` ORDER BY r.created_at, r.id LIMIT 200`, args...)
	if err != nil {
		return nil, fmt.Errorf("order: questions: %w", err)
	}
	defer rows.Close()
	var list []Question
	for rows.Next() {
		var q Question
		var at int64
		if q.Order, err = scan(rows, &q.ID, &q.StudyID, &q.Reason, &at); err != nil {
			return nil, fmt.Errorf("order: questions: %w", err)
		}
		q.CreatedAt = db.FromMicros(at)
		list = append(list, q)
	}
	return list, rows.Err()
}

// Resolve answers a question. Joined, the study's other questions are answered with it.
func Resolve(ctx context.Context, tx db.Tx, scope identity.Scope, id, actor string, joined bool) error {
	cond, args := within(scope, 2)
	var studyID, orderID string
	err := tx.QueryRowContext(ctx, `SELECT r.study_id, r.order_id FROM reconciliations r JOIN orders o ON o.id = r.order_id WHERE r.id = $1 AND r.resolved_at = 0 AND `+cond,
		append([]any{id}, args...)...).Scan(&studyID, &orderID)
	if errors.Is(err, sql.ErrNoRows) {
		return ErrNotFound
	}
	if err != nil {
		return fmt.Errorf("order: question: %w", err)
	}
	o, err := ByID(ctx, tx, orderID)
	if err != nil {
		return err
	}
	now := db.Micros(db.Now())
	if joined {
		if err := join(ctx, tx, catalog.Study{ID: studyID}, o, ByHand, actor); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE reconciliations SET resolved_at = $1, resolution = 'apart', actor = $2 WHERE study_id = $3 AND id <> $4 AND resolved_at = 0`, now, actor, studyID, id); err != nil {
			return fmt.Errorf("order: question: %w", err)
		}
	}
	resolution := "apart"
	if joined {
		resolution = "joined"
	}
	if _, err := tx.ExecContext(ctx, `UPDATE reconciliations SET resolved_at = $1, resolution = $2, actor = $3 WHERE id = $4`, now, resolution, actor, id); err != nil {
		return fmt.Errorf("order: question: %w", err)
	}
	return record(ctx, tx, o, actor, "order."+resolution)
}
