package order

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// How is how it is known that a study is that of an order.
type How string

// The ways, the surest first.
const (
	ByUID         How = "uid"       // (0020,000D)
	ByAccession   How = "accession" // (0008,0050)
	ByPatient     How = "patient"   // one order only of this patient, modality and day
	ByHand        How = "hand"      // somebody has decided
	ByReplacement How = "replaced"  // its order was replaced by this one
)

// Why a study and an order are not joined without somebody's word.
const (
	PatientDiffers = "patient"  // they share a number and are of different patients
	SeveralOrders  = "several"  // more than one would fit
	OrderCanceled  = "canceled" // they are joined, and the order was canceled before the study was reported
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
			if !samePatient(o, s) {
				continue
			}
			if err := join(ctx, tx, s, o, by.how, actorRouter); err != nil || o.CanceledAt.IsZero() {
				return o, true, err
			}
			return o, true, ask(ctx, tx, s, []Order{o}, OrderCanceled)
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
		if samePatient(o, s) && (len(s.Modalities) == 0 || slices.Contains(s.Modalities, o.Step.Modality)) {
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

// Onsets are when strokes began, or their patients were last known well, by the orders of
// studies: by study.
func Onsets(ctx context.Context, tx db.Tx, studyIDs ...string) (map[string]time.Time, error) {
	in, args := db.In(studyIDs)
	rows, err := tx.QueryContext(ctx, `SELECT x.study_id, o.onset FROM order_studies x JOIN orders o ON o.id = x.order_id WHERE o.onset <> 0 AND x.study_id IN `+in, args...)
	if err != nil {
		return nil, fmt.Errorf("order: onsets: %w", err)
	}
	defer rows.Close()
	at := map[string]time.Time{}
	for rows.Next() {
		var id string
		var onset int64
		if err := rows.Scan(&id, &onset); err != nil {
			return nil, fmt.Errorf("order: onsets: %w", err)
		}
		at[id] = instant(onset)
	}
	return at, rows.Err()
}

func join(ctx context.Context, tx db.Tx, s catalog.Study, o Order, how How, actor string) error {
	if _, err := tx.ExecContext(ctx, `INSERT INTO order_studies (study_id, order_id, how, at, actor) VALUES ($1, $2, $3, $4, $5)
 ON CONFLICT (study_id) DO UPDATE SET order_id = excluded.order_id, how = excluded.how, at = excluded.at, actor = excluded.actor`,
		s.ID, o.ID, how, db.Micros(db.Now()), actor); err != nil {
		return fmt.Errorf("order: join: %w", err)
	}
	if err := audit.Append(ctx, tx, audit.Record{Actor: actor, Action: "order.joined", Object: o.ID, FacilityID: o.FacilityID, Detail: "study " + s.ID + " by " + string(how)}); err != nil {
		return fmt.Errorf("order: audit: %w", err)
	}
	s.FacilityID = o.FacilityID
	return tell(ctx, tx, s)
}

// EventOrder is that a study's order has changed: another one, none, or canceled.
const EventOrder = "study.order"

func tell(ctx context.Context, tx db.Tx, s catalog.Study) error {
	return catalog.AppendEvent(ctx, tx, catalog.Event{Kind: EventOrder, FacilityID: s.FacilityID, StudyID: s.ID, Ref: s.ID})
}

// Joined is a study of an order.
type Joined struct {
	StudyID string
	How     How
}

// Joins lists the studies of an order, at most 64.
func Joins(ctx context.Context, tx db.Tx, orderID string) ([]Joined, error) {
	rows, err := tx.QueryContext(ctx, `SELECT study_id, how FROM order_studies WHERE order_id = $1 ORDER BY at, study_id LIMIT $2`, orderID, maxStudies)
	if err != nil {
		return nil, fmt.Errorf("order: joins: %w", err)
	}
	defer rows.Close()
	var list []Joined
	for rows.Next() {
		var j Joined
		if err := rows.Scan(&j.StudyID, &j.How); err != nil {
			return nil, fmt.Errorf("order: joins: %w", err)
		}
		list = append(list, j)
	}
	return list, rows.Err()
}
