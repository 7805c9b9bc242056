package catalog

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Arrival is one new instance with what its header says of patient, study and
// series. IDs are given by Arrive.
type Arrival struct {
	Study    Study // Study.Patient included
	Series   Series
	Instance Instance
	Quiet    time.Duration // the study is released after this without an instance
	Now      time.Time
}

// Arrived is what Arrive did.
type Arrived struct {
	InstanceID     string
	StudyID        string
	SeriesID       string
	Reopened       bool // the study was complete
	Restored       bool // the study was in the trash
	PatientDiffers bool // the study belongs to a patient with another ID
}

// Known is an instance that is in the catalog already.
type Known struct {
	InstanceID string
	StudyID    string
	ObjectKey  string
	SHA256     string
	Trashed    bool // its study is in the trash
}

// Lookup finds what is known under a SOP Instance UID of a facility. It is for the
// door that the facility itself sends through and takes no scope.
func Lookup(ctx context.Context, tx db.Tx, facilityID, sopInstanceUID string) (k Known, ok bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT i.id, i.study_id, i.object_key, i.sha256, studies.trashed_at <> 0 FROM instances i JOIN studies ON studies.id = i.study_id
		WHERE i.facility_id = $1 AND i.sop_instance_uid = $2`, facilityID, sopInstanceUID).Scan(&k.InstanceID, &k.StudyID, &k.ObjectKey, &k.SHA256, &k.Trashed)
	if errors.Is(err, sql.ErrNoRows) {
		return Known{}, false, nil
	}
	if err != nil {
		return Known{}, false, fmt.Errorf("catalog: look up instance: %w", err)
	}
	return k, true, nil
}

// HasVersion reports whether content of that hash is kept beside the instance.
func HasVersion(ctx context.Context, tx db.Tx, instanceID, sha256 string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM instance_versions WHERE instance_id = $1 AND sha256 = $2`, instanceID, sha256).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("catalog: look up version: %w", err)
	}
	return n > 0, nil
}

// ErrKnown is Arrive's for an instance that is in the catalog.
var ErrKnown = errors.New("catalog: instance is known")

// Arrive adds the rows of an instance that Lookup does not know, and moves the
// ledger. The caller writes event and audit record, or, after an error such as
// ErrKnown, ends the transaction.
func Arrive(ctx context.Context, tx db.Tx, a Arrival) (Arrived, error) {
	own := a.Instance.Origin == Dokuei
	st, isNew, err := studyForArrival(ctx, tx, &a)
	if err != nil {
		return Arrived{}, err
	}
	restored := !st.TrashedAt.IsZero()
	if restored {
		if err := Untrash(ctx, tx, st.ID, "", a.Now); err != nil {
			return Arrived{}, err
		}
	}
	patientRef := st.PatientRef
	// An object without Patient ID claims no other patient than its study's; ours
	// are about the study as it is.
	if isNew || (a.Study.Patient.PatientID != "" && !own) {
		if patientRef, err = putPatient(ctx, tx, &a); err != nil {
			return Arrived{}, err
		}
	}
	if isNew {
		st.PatientRef = patientRef
	}
	done := Arrived{StudyID: st.ID, InstanceID: db.NewID(), Restored: restored}
	done.PatientDiffers = st.PatientRef != patientRef
	seriesNew := false
	if done.SeriesID, seriesNew, err = putSeries(ctx, tx, &a, st.ID); err != nil {
		return Arrived{}, err
	}
	learned := merge(&st, &a)
	if done.PatientDiffers {
		st.Conflicts++
	}
	if own {
		st.Own++
	} else {
		st.Instances++
		if seriesNew {
			st.Series++
		}
		done.Reopened = st.arrived(a.Now, a.Quiet, true)
	}
	switch {
	case isNew, learned:
		err = saveStudy(ctx, tx, st, isNew)
	default: // nearly always: only the ledger has moved
		err = saveLedger(ctx, tx, st)
	}
	if err != nil {
		return Arrived{}, err
	}
	if isNew || learned {
		if err := makeFindable(ctx, tx, &st, isNew); err != nil {
			return Arrived{}, err
		}
	}
	if seriesNew {
		if err := insertSeries(ctx, tx, done.SeriesID, st.ID, a.Series); err != nil {
			return Arrived{}, err
		}
	} else if _, err := tx.ExecContext(ctx, `UPDATE series SET instance_count = instance_count + 1 WHERE id = $1`, done.SeriesID); err != nil {
		return Arrived{}, fmt.Errorf("catalog: count series: %w", err)
	}
	return done, insertInstance(ctx, tx, done, a.Instance)
}

// arrived moves the ledger for a received instance; fresh is false for content
// that is known already, which extends the wait but never reopens.
func (s *Study) arrived(now time.Time, quiet time.Duration, fresh bool) (reopened bool) {
	if s.State == Complete {
		if !fresh {
			return false
		}
		s.State, reopened = Receiving, true
		s.Reopened++
	}
	// A clock set back must not move the last arrival before the first.
	if now.After(s.LastArrival) {
		s.LastArrival = now
	}
	s.ReleaseAt = now.Add(quiet)
	if s.DeclaredInstances > 0 && s.Instances >= s.DeclaredInstances {
		s.ReleaseAt = now
	}
	return reopened
}

// Repeat records that known content of a study came again while the study is
// receiving: its sender is still at work, so the wait starts over.
func Repeat(ctx context.Context, tx db.Tx, studyID string, now time.Time, quiet time.Duration) error {
	_, err := tx.ExecContext(ctx, `UPDATE studies SET last_arrival = $1, release_at = $2 WHERE id = $3 AND state = 'receiving'
		AND release_at < $2 AND (declared_instances = 0 OR instance_count < declared_instances)`,
		db.Micros(now), db.Micros(now.Add(quiet)), studyID)
	if err != nil {
		return fmt.Errorf("catalog: repeat: %w", err)
	}
	return nil
}

// KeepBeside adds v beside the instance whose UID it claims and flags instance and
// study.
func KeepBeside(ctx context.Context, tx db.Tx, k Known, v Version) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO instance_versions (id, instance_id, sop_class_uid, transfer_syntax_uid, study_instance_uid,
		series_instance_uid, object_key, sha256, size, received_at, source_ae) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`,
		db.NewID(), k.InstanceID, v.SOPClassUID, v.TransferSyntaxUID, v.StudyInstanceUID, v.SeriesInstanceUID,
		v.ObjectKey, v.SHA256, v.Size, db.Micros(v.ReceivedAt), v.SourceAE)
	if err != nil {
		return fmt.Errorf("catalog: keep beside: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE instances SET conflicts = conflicts + 1 WHERE id = $1`, k.InstanceID); err != nil {
		return fmt.Errorf("catalog: flag instance: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE studies SET conflicts = conflicts + 1 WHERE id = $1`, k.StudyID); err != nil {
		return fmt.Errorf("catalog: flag study: %w", err)
	}
	return nil
}

// Referenced reports whether a row points at an object.
func Referenced(ctx context.Context, tx db.Tx, objectKey string) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT (SELECT COUNT(*) FROM instances WHERE object_key = $1)
		+ (SELECT COUNT(*) FROM instance_versions WHERE object_key = $1)
		+ (SELECT COUNT(*) FROM room_messages WHERE object_key <> '' AND object_key = $1)`, objectKey).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("catalog: referenced: %w", err)
	}
	return n > 0, nil
}

// Named is Referenced for many objects: those that a row points at.
func Named(ctx context.Context, tx db.Tx, keys []string) (map[string]bool, error) {
	named := make(map[string]bool, len(keys))
	if len(keys) == 0 {
		return named, nil
	}
	in, args := make([]string, len(keys)), make([]any, len(keys))
	for k, key := range keys {
		in[k], args[k] = "$"+strconv.Itoa(k+1), key
	}
	list := " IN (" + strings.Join(in, ", ") + ")"
	rows, err := tx.QueryContext(ctx, `SELECT object_key FROM instances WHERE object_key`+list+` UNION ALL SELECT object_key FROM instance_versions WHERE object_key`+list+`
		UNION ALL SELECT object_key FROM room_messages WHERE object_key <> '' AND object_key`+list, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: named: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var key string
		if err := rows.Scan(&key); err != nil {
			return nil, fmt.Errorf("catalog: named: %w", err)
		}
		named[key] = true
	}
	return named, rows.Err()
}

// modalitiesMax bounds what a hostile sender can make of one row.
const modalitiesMax = 32

// merge fills what the study does not know yet from the header of one more
// instance, and adds the modality. It tells whether there was anything.
func merge(st *Study, a *Arrival) (learned bool) {
	in := &a.Study
	for _, f := range []struct{ to, from *string }{
		{&st.AccessionNumber, &in.AccessionNumber},
		{&st.StudyID, &in.StudyID},
		{&st.Description, &in.Description},
		{&st.StudyDate, &in.StudyDate},
		{&st.StudyTime, &in.StudyTime},
		{&st.BodyPart, &in.BodyPart},
		{&st.ReferringPhysician, &in.ReferringPhysician},
		{&st.Institution, &in.Institution},
		{&st.RequestText, &in.RequestText},
		{&st.Patient.Name, &in.Patient.Name},
		{&st.Patient.BirthDate, &in.Patient.BirthDate},
		{&st.Patient.Sex, &in.Patient.Sex},
		{&st.Patient.Age, &in.Patient.Age},
	} {
		if *f.to == "" && *f.from != "" {
			*f.to, learned = *f.from, true
		}
	}
	if in.DeclaredInstances > st.DeclaredInstances {
		st.DeclaredInstances, learned = in.DeclaredInstances, true
	}
	if m := a.Series.Modality; m != "" && a.Instance.Origin != Dokuei && len(st.Modalities) < modalitiesMax && !slices.Contains(st.Modalities, m) {
		st.Modalities, learned = append(st.Modalities, m), true
	}
	return learned
}

// search is the folded text that StudyQuery.Text looks in.
func (s Study) search() string {
	return Fold(strings.Join([]string{
		s.Patient.Name, s.Patient.PatientID, s.AccessionNumber, s.Description, s.BodyPart, strings.Join(s.Modalities, " "), s.RequestText,
	}, " "))
}

func insertInstance(ctx context.Context, tx db.Tx, d Arrived, i Instance) error {
	header, err := json.Marshal(i.Header)
	if err != nil {
		return fmt.Errorf("catalog: header: %w", err)
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO instances (id, facility_id, study_id, series_id, sop_class_uid, sop_instance_uid,
		transfer_syntax_uid, instance_number, pixel_rows, pixel_columns, frames, object_key, sha256, size, origin, header, conflicts,
		received_at, source_ae) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, 0, $17, $18)
		ON CONFLICT (facility_id, sop_instance_uid) DO NOTHING`,
		d.InstanceID, i.FacilityID, d.StudyID, d.SeriesID, i.SOPClassUID, i.SOPInstanceUID,
		i.TransferSyntaxUID, i.InstanceNumber, i.Rows, i.Columns, i.Frames, i.ObjectKey, i.SHA256, i.Size, string(i.Origin), string(header),
		db.Micros(i.ReceivedAt), i.SourceAE)
	if err != nil {
		return fmt.Errorf("catalog: insert instance: %w", err)
	}
	switch n, err := res.RowsAffected(); {
	case err != nil:
		return fmt.Errorf("catalog: insert instance: %w", err)
	case n == 0:
		return ErrKnown
	}
	return nil
}
