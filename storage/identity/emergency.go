package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

// EmergencyLife is how long a patient stays open.
const EmergencyLife = time.Hour

// Lengths of the reason somebody gives, in characters.
const (
	minReason = 10
	maxReason = 1000
)

// ErrReason: the reason says too little or too much.
var ErrReason = fmt.Errorf("identity: a reason has %d to %d characters", minReason, maxReason)

// CheckReason tells whether a reason says something: ErrReason when not.
func CheckReason(reason string) error {
	if n := utf8.RuneCountInString(strings.TrimSpace(reason)); n < minReason || n > maxReason {
		return ErrReason
	}
	return nil
}

// Emergency is access to a patient outside one's scope, for a stated reason, for a
// time, reviewed afterwards.
type Emergency struct {
	ID         string
	UserID     string
	PatientRef string // patients.id of the catalog
	FacilityID string
	Reason     string
	OpenedAt   time.Time
	ExpiresAt  time.Time
	ReviewedAt time.Time // zero: not yet
	ReviewedBy string
	Verdict    string // Justified or Unjustified
}

// Verdicts of a review.
const (
	Justified   = "justified"
	Unjustified = "unjustified"
)

// OpenEmergency opens a patient of a facility to p. Who asks must know the patient:
// Patient ID and birth date as the images have them. ErrNotFound when they do not
// fit, with the same trace and the same answer whether the facility exists or not.
func OpenEmergency(ctx context.Context, tx db.Tx, p Principal, facility, patientID, birthDate, reason string) ([]Emergency, error) {
	if err := CheckReason(reason); err != nil {
		return nil, err
	}
	if patientID == "" || birthDate == "" {
		return nil, ErrNotFound
	}
	now := db.Now()
	patients, err := column(ctx, tx, `SELECT id FROM patients WHERE facility_id = $1 AND patient_id = $2 AND birth_date = $3 ORDER BY id`, facility, patientID, birthDate)
	if err != nil {
		return nil, err
	}
	if len(patients) == 0 {
		return nil, ErrNotFound
	}
	var out []Emergency
	for _, patient := range patients {
		e := Emergency{
			ID: db.NewID(), UserID: p.UserID, PatientRef: patient, FacilityID: facility, Reason: reason, OpenedAt: now, ExpiresAt: now.Add(EmergencyLife),
		}
		if _, err := tx.ExecContext(ctx, `INSERT INTO emergencies (id, user_id, patient_ref, facility_id, reason, opened_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			e.ID, e.UserID, e.PatientRef, e.FacilityID, e.Reason, db.Micros(e.OpenedAt), db.Micros(e.ExpiresAt)); err != nil {
			return nil, fmt.Errorf("identity: open emergency: %w", err)
		}
		if err := audit.Append(ctx, tx, audit.Record{At: now, Actor: p.UserID, Action: "emergency.opened", Object: patient, FacilityID: facility, Detail: "emergency " + e.ID}); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, nil
}

// emergenciesOf lists the patients open to a user now.
func emergenciesOf(ctx context.Context, tx db.Tx, userID string, now time.Time) ([]string, error) {
	return column(ctx, tx, `SELECT DISTINCT patient_ref FROM emergencies WHERE user_id = $1 AND expires_at > $2 ORDER BY patient_ref`, userID, db.Micros(now))
}

// Emergencies lists them, those not reviewed first, then the newest.
func Emergencies(ctx context.Context, tx db.Tx, limit int) ([]Emergency, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, user_id, patient_ref, facility_id, reason, opened_at, expires_at, reviewed_at, reviewed_by, verdict
		FROM emergencies ORDER BY CASE WHEN reviewed_at = 0 THEN 0 ELSE 1 END, opened_at DESC, id LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("identity: emergencies: %w", err)
	}
	defer rows.Close()
	var out []Emergency
	for rows.Next() {
		var e Emergency
		var opened, expires, reviewed int64
		if err := rows.Scan(&e.ID, &e.UserID, &e.PatientRef, &e.FacilityID, &e.Reason, &opened, &expires, &reviewed, &e.ReviewedBy, &e.Verdict); err != nil {
			return nil, fmt.Errorf("identity: emergencies: %w", err)
		}
		e.OpenedAt, e.ExpiresAt, e.ReviewedAt = db.FromMicros(opened), db.FromMicros(expires), db.FromMicros(reviewed)
		out = append(out, e)
	}
	return out, rows.Err()
}

// ErrOwnEmergency: nobody reviews their own.
var ErrOwnEmergency = errors.New("identity: an emergency is reviewed by somebody else")

// JudgeEmergency closes an emergency with a verdict; one that is judged
// unjustified ends at once.
func JudgeEmergency(ctx context.Context, tx db.Tx, p Principal, id, verdict string) error {
	if verdict != Justified && verdict != Unjustified {
		return fmt.Errorf("identity: verdict %q", verdict)
	}
	now := db.Micros(db.Now())
	var owner string
	found, err := column(ctx, tx, `SELECT user_id FROM emergencies WHERE id = $1`, id)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		return ErrNotFound
	}
	if owner = found[0]; owner == p.UserID {
		return ErrOwnEmergency
	}
	res, err := tx.ExecContext(ctx, `UPDATE emergencies SET reviewed_at = $1, reviewed_by = $2, verdict = $3,
		expires_at = CASE WHEN $3 = 'unjustified' AND expires_at > $1 THEN $1 ELSE expires_at END WHERE id = $4`, now, p.UserID, verdict, id)
	if err := changed(res, err, "review emergency"); err != nil {
		return err
	}
	return audit.Append(ctx, tx, audit.Record{Actor: p.UserID, Action: "emergency.reviewed", Object: owner, Detail: verdict + " " + id})
}
