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

// putPatient finds or adds the patient an arrival names and keeps the newest
// spelling of the attributes.
func putPatient(ctx context.Context, tx db.Tx, a *Arrival) (ref string, err error) {
	p := &a.Study.Patient
	studyKey := ""
	if p.PatientID == "" {
		studyKey = a.Study.StudyInstanceUID
	}
	var name, birth, sex string
	err = tx.QueryRowContext(ctx, `SELECT id, name, birth_date, sex FROM patients
		WHERE facility_id = $1 AND patient_id = $2 AND issuer = $3 AND study_key = $4`,
		a.Study.FacilityID, p.PatientID, p.Issuer, studyKey).Scan(&ref, &name, &birth, &sex)
	now := db.Micros(a.Now)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		ref = db.NewID()
		_, err = tx.ExecContext(ctx, `INSERT INTO patients (id, facility_id, patient_id, issuer, study_key, name, birth_date, sex, created_at, updated_at)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
			ref, a.Study.FacilityID, p.PatientID, p.Issuer, studyKey, p.Name, p.BirthDate, p.Sex, now, now)
	case err == nil && (newer(&name, p.Name) || newer(&birth, p.BirthDate) || newer(&sex, p.Sex)):
		_, err = tx.ExecContext(ctx, `UPDATE patients SET name = $1, birth_date = $2, sex = $3, updated_at = $4 WHERE id = $5`,
			orElse(p.Name, name), orElse(p.BirthDate, birth), orElse(p.Sex, sex), now, ref)
	}
	if err != nil {
		return "", fmt.Errorf("catalog: patient: %w", err)
	}
	return ref, nil
}

func newer(have *string, got string) bool { return got != "" && got != *have }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// studyForArrival reads the study an arrival belongs to, or begins it.
func studyForArrival(ctx context.Context, tx db.Tx, a *Arrival) (st Study, isNew bool, err error) {
	st, err = StudyByUID(ctx, tx, identity.Everything(), a.Study.FacilityID, a.Study.StudyInstanceUID)
	if !errors.Is(err, ErrNotFound) {
		return st, false, err
	}
	if a.Instance.Origin == Dokuei {
		return Study{}, false, ErrNotFound // we only write into studies that came
	}
	st = Study{
		ID: db.NewID(), FacilityID: a.Study.FacilityID, Patient: a.Study.Patient,
		StudyInstanceUID: a.Study.StudyInstanceUID, State: Receiving, FirstArrival: a.Now, LastArrival: a.Now,
	}
	return st, true, nil
}

// saveStudy writes every column that an arrival may change.
func saveStudy(ctx context.Context, tx db.Tx, s Study, isNew bool) error {
	p := &s.Patient
	changing := []any{
		p.Name, p.BirthDate, p.Sex, p.Age, s.AccessionNumber, s.StudyID, s.Description, s.StudyDate, s.StudyTime,
		strings.Join(s.Modalities, `\`), s.BodyPart, s.ReferringPhysician, s.Institution, s.RequestText, s.search(),
		string(s.State), db.Micros(s.ReleaseAt), db.Micros(s.LastArrival), s.DeclaredInstances, s.Instances, s.Series, s.Own,
		s.Reopened, s.Conflicts, s.ID,
	}
	var err error
	if isNew {
		_, err = tx.ExecContext(ctx, `INSERT INTO studies (patient_name, patient_birth_date, patient_sex, patient_age, accession_number,
			study_id, description, study_date, study_time, modalities, body_part, referring_physician, institution, request_text, search,
			state, release_at, last_arrival, declared_instances, instance_count, series_count, own_count, reopened, conflicts, id,
			facility_id, patient_ref, study_instance_uid, patient_id, first_arrival, completed_at, received_at, received_by)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25,
			$26, $27, $28, $29, $30, 0, 0, '')`,
			append(changing, s.FacilityID, s.PatientRef, s.StudyInstanceUID, p.PatientID, db.Micros(s.FirstArrival))...)
	} else {
		_, err = tx.ExecContext(ctx, `UPDATE studies SET patient_name = $1, patient_birth_date = $2, patient_sex = $3, patient_age = $4,
			accession_number = $5, study_id = $6, description = $7, study_date = $8, study_time = $9, modalities = $10, body_part = $11,
			referring_physician = $12, institution = $13, request_text = $14, search = $15, state = $16, release_at = $17,
			last_arrival = $18, declared_instances = $19, instance_count = $20, series_count = $21, own_count = $22, reopened = $23,
			conflicts = $24 WHERE id = $25`, changing...)
	}
	if err != nil {
		return fmt.Errorf("catalog: save study: %w", err)
	}
	return nil
}

// saveLedger writes the columns that every arrival changes.
func saveLedger(ctx context.Context, tx db.Tx, s Study) error {
	_, err := tx.ExecContext(ctx, `UPDATE studies SET state = $1, release_at = $2, last_arrival = $3, instance_count = $4,
		series_count = $5, own_count = $6, reopened = $7, conflicts = $8 WHERE id = $9`,
		string(s.State), db.Micros(s.ReleaseAt), db.Micros(s.LastArrival), s.Instances, s.Series, s.Own, s.Reopened, s.Conflicts, s.ID)
	if err != nil {
		return fmt.Errorf("catalog: save ledger: %w", err)
	}
	return nil
}

// putSeries finds the series of an arrival or chooses its ID.
func putSeries(ctx context.Context, tx db.Tx, a *Arrival, studyID string) (id string, isNew bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT id FROM series WHERE study_id = $1 AND series_instance_uid = $2`,
		studyID, a.Series.SeriesInstanceUID).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return db.NewID(), true, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("catalog: series: %w", err)
	}
	return id, false, nil
}

func insertSeries(ctx context.Context, tx db.Tx, id, studyID string, s Series) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO series (id, study_id, series_instance_uid, number, modality, description, body_part,
		laterality, protocol, station, origin, instance_count) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1)`,
		id, studyID, s.SeriesInstanceUID, s.Number, s.Modality, s.Description, s.BodyPart, s.Laterality, s.Protocol, s.Station, string(s.Origin))
	if err != nil {
		return fmt.Errorf("catalog: insert series: %w", err)
	}
	return nil
}
