package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// StudyColumns are the columns that ScanStudy reads, for joins made elsewhere. The
// issuer comes from the joined table patients.
const StudyColumns = `studies.id, studies.facility_id, studies.patient_ref, studies.study_instance_uid, studies.patient_id,
	patients.issuer, studies.patient_name, studies.patient_birth_date, studies.patient_sex, studies.patient_age,
	studies.accession_number, studies.study_id, studies.description, studies.study_date, studies.study_time,
	studies.modalities, studies.body_part, studies.referring_physician, studies.institution, studies.request_text,
	studies.state, studies.release_at, studies.first_arrival, studies.last_arrival, studies.completed_at,
	studies.declared_instances, studies.instance_count, studies.series_count, studies.own_count, studies.reopened,
	studies.conflicts, studies.received_at, studies.received_by, studies.trashed_at`

// StudyTables is the FROM clause that goes with StudyColumns.
const StudyTables = `studies JOIN patients ON patients.id = studies.patient_ref`

// Row is *sql.Row or *sql.Rows.
type Row interface{ Scan(dest ...any) error }

// ScanStudy reads StudyColumns, followed by columns of the caller's own.
func ScanStudy(row Row, more ...any) (Study, error) {
	var s Study
	var modalities, state string
	var release, first, last, completed, received, trashed int64
	p := &s.Patient
	err := row.Scan(append([]any{
		&s.ID, &s.FacilityID, &s.PatientRef, &s.StudyInstanceUID, &p.PatientID,
		&p.Issuer, &p.Name, &p.BirthDate, &p.Sex, &p.Age,
		&s.AccessionNumber, &s.StudyID, &s.Description, &s.StudyDate, &s.StudyTime,
		&modalities, &s.BodyPart, &s.ReferringPhysician, &s.Institution, &s.RequestText,
		&state, &release, &first, &last, &completed,
		&s.DeclaredInstances, &s.Instances, &s.Series, &s.Own, &s.Reopened,
		&s.Conflicts, &received, &s.ReceivedBy, &trashed,
	}, more...)...)
	if errors.Is(err, sql.ErrNoRows) {
		return Study{}, ErrNotFound
	}
	if err != nil {
		return Study{}, fmt.Errorf("catalog: read study: %w", err)
	}
	p.ID, p.FacilityID = s.PatientRef, s.FacilityID
	s.State = StudyState(state)
	if modalities != "" {
		s.Modalities = strings.Split(modalities, `\`)
	}
	s.ReleaseAt, s.FirstArrival, s.LastArrival = db.FromMicros(release), db.FromMicros(first), db.FromMicros(last)
	s.CompletedAt, s.ReceivedAt, s.TrashedAt = db.FromMicros(completed), db.FromMicros(received), db.FromMicros(trashed)
	return s, nil
}

// scoped is ScanStudy for somebody who may not be to know the patient.
func scoped(scope identity.Scope, row Row) (Study, error) {
	s, err := ScanStudy(row)
	if err == nil {
		Hide(scope, &s)
	}
	return s, err
}

// StudyByID reads one study.
func StudyByID(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Study, error) {
	cond, args := scope.SharedFilter(identity.SharedStudies, 2)
	return scoped(scope, tx.QueryRowContext(ctx, `SELECT `+StudyColumns+` FROM `+StudyTables+` WHERE studies.id = $1 AND `+cond,
		append([]any{id}, args...)...))
}

// StudiesByUID gives the IDs of the studies with a UID: more than one when several
// facilities have sent it.
func StudiesByUID(ctx context.Context, tx db.Tx, scope identity.Scope, uid string) (ids []string, err error) {
	cond, args := scope.SharedFilter(identity.SharedStudies, 2)
	rows, err := tx.QueryContext(ctx, `SELECT studies.id FROM studies WHERE studies.study_instance_uid = $1 AND `+cond+` ORDER BY studies.id`, append([]any{uid}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("catalog: studies: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("catalog: studies: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// StudyByUID reads a facility's study by its Study Instance UID.
func StudyByUID(ctx context.Context, tx db.Tx, scope identity.Scope, facilityID, uid string) (Study, error) {
	cond, args := scope.SharedFilter(identity.SharedStudies, 3)
	return scoped(scope, tx.QueryRowContext(ctx, `SELECT `+StudyColumns+` FROM `+StudyTables+`
		WHERE studies.facility_id = $1 AND studies.study_instance_uid = $2 AND `+cond, append([]any{facilityID, uid}, args...)...))
}

// StudyByAccession reads a facility's latest study of an accession number.
func StudyByAccession(ctx context.Context, tx db.Tx, scope identity.Scope, facilityID, accession string) (Study, error) {
	cond, args := scope.StudyFilter(3)
	return scoped(scope, tx.QueryRowContext(ctx, `SELECT `+StudyColumns+` FROM `+StudyTables+`
		WHERE studies.facility_id = $1 AND studies.accession_number = $2 AND `+cond+` ORDER BY studies.first_arrival DESC, studies.id LIMIT 1`, append([]any{facilityID, accession}, args...)...))
}

// Acknowledge records that the facility has the report of a study. The first
// confirmation stays. The caller writes the event and the audit record.
func Acknowledge(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) (Study, error) {
	s, err := StudyByID(ctx, tx, scope, studyID)
	if err != nil || !s.ReceivedAt.IsZero() {
		return s, err
	}
	s.ReceivedAt, s.ReceivedBy = db.Now(), scope.UserID
	_, err = tx.ExecContext(ctx, `UPDATE studies SET received_at = $1, received_by = $2 WHERE id = $3`,
		db.Micros(s.ReceivedAt), s.ReceivedBy, studyID)
	if err != nil {
		return Study{}, fmt.Errorf("catalog: acknowledge: %w", err)
	}
	return s, nil
}

// StudiesOfPatient lists the IDs of every study of a patient, oldest first. It
// takes no scope: who may see a patient has been decided before.
func StudiesOfPatient(ctx context.Context, tx db.Tx, patientRef string) (ids []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT id FROM studies WHERE patient_ref = $1 ORDER BY first_arrival, id`, patientRef)
	if err != nil {
		return nil, fmt.Errorf("catalog: studies of patient: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("catalog: studies of patient: %w", err)
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}
