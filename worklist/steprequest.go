package worklist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// StepRequest is a step that a hospital has asked for before there is anything to
// read (PS3.4 CC.2.5). When its study is complete, the Workitem has its UID and is
// at least as urgent.
type StepRequest struct {
	SOPInstanceUID   string // of the step in the whole service
	FacilityID       string
	StudyInstanceUID string // or empty
	AccessionNumber  string // or empty, not both
	Priority         Priority
	State            State // SCHEDULED while it waits, CANCELED
	CancelReason     string
	CreatedAt        time.Time
	CanceledAt       time.Time
}

// ErrStepExists says that a step of the hospital has this UID already.
var ErrStepExists = errors.New("worklist: there is a step of this UID")

// ErrRequested says that the hospital has asked for a reading of the study already.
var ErrRequested = errors.New("worklist: a reading of the study was asked for already")

// AddStepRequest keeps a request and gives the UID of its step in the service: the one
// asked for, or one of ours where a step of another hospital has that. The hospital is
// not to learn of it, so to the hospital its step goes by the UID it has given (see
// [StepName]). [ErrStepExists], [ErrRequested].
func AddStepRequest(ctx context.Context, tx db.Tx, r StepRequest, actor string) (step string, err error) {
	asked := r.SOPInstanceUID
	var own, others int
	err = tx.QueryRowContext(ctx, `SELECT COALESCE(SUM(CASE WHEN facility_id = $2 THEN 1 ELSE 0 END), 0), COALESCE(SUM(CASE WHEN facility_id = $2 THEN 0 ELSE 1 END), 0)
 FROM (SELECT facility_id FROM step_requests WHERE sop_instance_uid = $1 UNION ALL SELECT facility_id FROM workitems WHERE sop_instance_uid = $1
 UNION ALL SELECT facility_id FROM step_requests WHERE facility_id = $2 AND asked_as = $1) taken`, asked, r.FacilityID).Scan(&own, &others)
	switch {
	case err != nil:
		return "", fmt.Errorf("worklist: step request: %w", err)
	case own > 0:
		return "", ErrStepExists
	}
	if other, err := WaitingRequest(ctx, tx, r.FacilityID, r.StudyInstanceUID, r.AccessionNumber); err != nil || other != nil {
		return "", errors.Join(err, ErrRequested)
	}
	step, name := asked, ""
	if others > 0 {
		step, name = uid.New(), asked
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO step_requests (sop_instance_uid, asked_as, facility_id, study_instance_uid, accession_number, priority, state, created_at)
 VALUES ($1, $2, $3, $4, $5, $6, 'WAITING', $7)`, step, name, r.FacilityID, r.StudyInstanceUID, r.AccessionNumber, r.Priority, db.Micros(db.Now()))
	if err != nil {
		return "", fmt.Errorf("worklist: step request: %w", err)
	}
	return step, recordStep(ctx, tx, r, "step.requested", actor, "study "+r.StudyInstanceUID+", "+string(r.Priority))
}

// StepName is the UID by which a caller knows a step: its own, but to a hospital that
// has given it another, that one.
func StepName(ctx context.Context, tx db.Tx, scope identity.Scope, step string) (string, error) {
	return otherwise(ctx, tx, `SELECT asked_as FROM step_requests WHERE facility_id = $1 AND sop_instance_uid = $2 AND asked_as <> ''`, scope, step)
}

// StepNamed is the step that a caller knows by a UID: [StepName] turned round.
func StepNamed(ctx context.Context, tx db.Tx, scope identity.Scope, name string) (string, error) {
	return otherwise(ctx, tx, `SELECT sop_instance_uid FROM step_requests WHERE facility_id = $1 AND asked_as = $2 AND asked_as <> ''`, scope, name)
}

// otherwise is what a query says of a UID of the hospital whose scope it is, or that
// UID.
func otherwise(ctx context.Context, tx db.Tx, query string, scope identity.Scope, as string) (string, error) {
	if scope.FacilityID == "" {
		return as, nil
	}
	var other string
	switch err := tx.QueryRowContext(ctx, query, scope.FacilityID, as).Scan(&other); {
	case errors.Is(err, sql.ErrNoRows):
		return as, nil
	case err != nil:
		return "", fmt.Errorf("worklist: name of a step: %w", err)
	}
	return other, nil
}

// CancelStepRequest withdraws a request that still waits; [ErrFinal] when it does
// not.
func CancelStepRequest(ctx context.Context, tx db.Tx, r StepRequest, reason, actor string) error {
	res, err := tx.ExecContext(ctx, `UPDATE step_requests SET state = 'CANCELED', cancel_reason = $1, canceled_at = $2 WHERE sop_instance_uid = $3 AND state = 'WAITING'`,
		reason, db.Micros(db.Now()), r.SOPInstanceUID)
	if err = changedOne(res, err); errors.Is(err, ErrAlreadyClaimed) {
		return ErrFinal
	}
	if err != nil {
		return err
	}
	if r.SOPInstanceUID, err = StepName(ctx, tx, identity.Scope{FacilityID: r.FacilityID}, r.SOPInstanceUID); err != nil {
		return err
	}
	return recordStep(ctx, tx, r, "step.withdrawn", actor, "")
}

// recordStep writes to the trail of the hospital, under the UID it knows.
func recordStep(ctx context.Context, tx db.Tx, r StepRequest, action, actor, detail string) error {
	err := audit.Append(ctx, tx, audit.Record{Actor: actor, Action: action, Object: r.SOPInstanceUID, FacilityID: r.FacilityID, Detail: detail})
	if err != nil {
		return fmt.Errorf("worklist: audit: %w", err)
	}
	return nil
}

const stepRequestColumns = `sop_instance_uid, facility_id, study_instance_uid, accession_number, priority, state, cancel_reason, created_at, canceled_at`

func scanStepRequest(scan func(...any) error) (r StepRequest, err error) {
	var state string
	var created, canceled int64
	err = scan(&r.SOPInstanceUID, &r.FacilityID, &r.StudyInstanceUID, &r.AccessionNumber, &r.Priority, &state, &r.CancelReason, &created, &canceled)
	r.State = Scheduled
	if state == "CANCELED" {
		r.State, r.CanceledAt = Canceled, db.FromMicros(canceled)
	}
	r.CreatedAt = db.FromMicros(created)
	return r, err
}

// WaitingRequest is the oldest request of a hospital that waits for a study, nil
// when there is none. A request that names another study does not wait for this one,
// whatever accession number the two share.
func WaitingRequest(ctx context.Context, tx db.Tx, facilityID, studyInstanceUID, accession string) (*StepRequest, error) {
	r, err := scanStepRequest(tx.QueryRowContext(ctx, `SELECT `+stepRequestColumns+` FROM step_requests WHERE facility_id = $1 AND state = 'WAITING'
 AND (study_instance_uid <> '' AND study_instance_uid = $2 OR study_instance_uid = '' AND accession_number <> '' AND accession_number = $3)
 ORDER BY created_at, sop_instance_uid LIMIT 1`, facilityID, studyInstanceUID, accession).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("worklist: step request: %w", err)
	}
	return &r, nil
}

// MeetStepRequest says that a request has become a Workitem.
func MeetStepRequest(ctx context.Context, tx db.Tx, sopInstanceUID string) error {
	if _, err := tx.ExecContext(ctx, `UPDATE step_requests SET state = 'MET' WHERE sop_instance_uid = $1`, sopInstanceUID); err != nil {
		return fmt.Errorf("worklist: step request: %w", err)
	}
	return nil
}

// StepRequests lists those that wait or were withdrawn before they were met, within
// scope, by their age, behind the one named. A reader is nobody's hospital and sees
// none: there is nothing to read yet.
func StepRequests(ctx context.Context, tx db.Tx, scope identity.Scope, behind StepRequest, limit int) ([]StepRequest, error) {
	cond, args := `1 = 1`, []any{db.Micros(behind.CreatedAt), behind.SOPInstanceUID, limit}
	if behind.CreatedAt.IsZero() {
		args[0] = int64(-1)
	}
	if !scope.All {
		cond, args = `facility_id = $4`, append(args, scope.FacilityID)
	}
	rows, err := tx.QueryContext(ctx, `SELECT `+stepRequestColumns+` FROM step_requests WHERE state <> 'MET' AND (created_at, sop_instance_uid) > ($1, $2) AND `+cond+`
 ORDER BY created_at, sop_instance_uid LIMIT $3`, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: step requests: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (StepRequest, error) { return scanStepRequest(rows.Scan) })
}

// StepRequestByUID reads a request that has not been met; [ErrNotFound] for what is
// outside scope.
func StepRequestByUID(ctx context.Context, tx db.Tx, scope identity.Scope, sopInstanceUID string) (StepRequest, error) {
	r, err := scanStepRequest(tx.QueryRowContext(ctx, `SELECT `+stepRequestColumns+` FROM step_requests WHERE sop_instance_uid = $1 AND state <> 'MET'`, sopInstanceUID).Scan)
	if errors.Is(err, sql.ErrNoRows) || err == nil && !scope.All && (scope.FacilityID == "" || r.FacilityID != scope.FacilityID) {
		return StepRequest{}, ErrNotFound
	}
	if err != nil {
		return StepRequest{}, fmt.Errorf("worklist: step request: %w", err)
	}
	return r, nil
}

// Requested reports whether a step was asked for by its hospital.
func Requested(ctx context.Context, tx db.Tx, sopInstanceUID string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM step_requests WHERE sop_instance_uid = $1`, sopInstanceUID).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("worklist: step request: %w", err)
	}
	return n > 0, nil
}

// StepAttributes are what is kept of a step beyond its rows, as text; empty when
// nothing is.
func StepAttributes(ctx context.Context, tx db.Tx, sopInstanceUID string) (text string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT attributes FROM step_attributes WHERE sop_instance_uid = $1`, sopInstanceUID).Scan(&text)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("worklist: step attributes: %w", err)
	}
	return text, nil
}

// SetStepAttributes keeps them.
func SetStepAttributes(ctx context.Context, tx db.Tx, sopInstanceUID, text string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO step_attributes (sop_instance_uid, attributes, updated_at) VALUES ($1, $2, $3)
 ON CONFLICT (sop_instance_uid) DO UPDATE SET attributes = excluded.attributes, updated_at = excluded.updated_at`, sopInstanceUID, text, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("worklist: step attributes: %w", err)
	}
	return nil
}
