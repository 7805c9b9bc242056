package consent

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Kinds of entry.
const (
	Given     = "given"
	Withdrawn = "withdrawn"
)

// maxText bounds a reference to a document and a reason, in characters.
const maxText = 500

// Entry is one line of the register.
type Entry struct {
	ID         string
	PatientRef string // patients.id of the hospital that has the images
	Number     int    // 1, 2, 3 … of the patient
	Kind       string
	identity.Consent
	Document   string // where the signed paper is
	RecordedBy string // user ID
	RecordedAt time.Time
}

// Error is an entry that cannot be made, in words for who tried.
type Error struct{ Text string }

func (e *Error) Error() string { return "consent: " + e.Text }

// check finds what is missing of an entry.
func (e Entry) check(now time.Time) error {
	switch {
	case e.Kind != Given && e.Kind != Withdrawn:
		return &Error{"kind is given or withdrawn"}
	case utf8.RuneCountInString(e.Document) > maxText:
		return &Error{fmt.Sprintf("the reference to the document has at most %d characters", maxText)}
	case e.Kind == Withdrawn:
		return nil
	case !e.Images && !e.Reports && !e.Research:
		return &Error{"say what may be seen: images, reports or both; or that reports may serve research"}
	case !e.Images && !e.Reports && (e.Everywhere || len(e.Facilities) > 0):
		return &Error{"nothing may be seen by these hospitals: say images or reports, or name none"}
	case (e.Images || e.Reports) && e.Everywhere == (len(e.Facilities) > 0):
		return &Error{"say which hospitals may see it: some, or every one"}
	case !e.Until.IsZero() && !e.Until.After(now):
		return &Error{"the consent would be over already"}
	case e.Document == "":
		return &Error{"say where the signed document is"}
	}
	return nil
}

// Record writes what a patient has said, which replaces what was said before. by is
// who writes it down, facility the hospital that has the patient.
func Record(ctx context.Context, tx db.Tx, by, facility string, e Entry) (Entry, error) {
	now := db.Now()
	if err := e.check(now); err != nil {
		return Entry{}, err
	}
	if e.Kind == Withdrawn {
		e.Consent = identity.Consent{}
	}
	slices.Sort(e.Facilities)
	e.Facilities = slices.Compact(e.Facilities)
	for _, id := range e.Facilities {
		if id == facility {
			return Entry{}, &Error{"the own hospital needs no consent"}
		}
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM facilities WHERE id = $1 AND active = 1`, id).Scan(&n); err != nil {
			return Entry{}, fmt.Errorf("consent: %w", err)
		}
		if n == 0 {
			return Entry{}, &Error{"there is no hospital of one of the names"}
		}
	}
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(number), 0) + 1 FROM consents WHERE patient_ref = $1`, e.PatientRef).Scan(&e.Number); err != nil {
		return Entry{}, fmt.Errorf("consent: %w", err)
	}
	e.ID, e.RecordedBy, e.RecordedAt, e.Given = db.NewID(), by, now, e.Kind == Given
	until := int64(0)
	if !e.Until.IsZero() {
		until = db.Micros(e.Until)
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO consents (id, patient_ref, number, kind, everywhere, images, reports, research, until, document, recorded_by, recorded_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
		e.ID, e.PatientRef, e.Number, e.Kind, bit(e.Everywhere), bit(e.Images), bit(e.Reports), bit(e.Research), until, e.Document, by, db.Micros(now)); err != nil {
		return Entry{}, fmt.Errorf("consent: record: %w", err)
	}
	for _, id := range e.Facilities {
		if _, err := tx.ExecContext(ctx, `INSERT INTO consent_facilities (consent_id, facility_id) VALUES ($1, $2)`, e.ID, id); err != nil {
			return Entry{}, fmt.Errorf("consent: record: %w", err)
		}
	}
	return e, audit.Append(ctx, tx, audit.Record{
		At: now, Actor: by, Action: "consent." + e.Kind, Object: e.PatientRef, FacilityID: facility, Detail: "entry " + e.ID,
	})
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// History lists what a patient has said, newest first.
func History(ctx context.Context, tx db.Tx, patientRef string) ([]Entry, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, number, kind, everywhere, images, reports, research, until, document, recorded_by, recorded_at
		FROM consents WHERE patient_ref = $1 ORDER BY number DESC`, patientRef)
	if err != nil {
		return nil, fmt.Errorf("consent: history: %w", err)
	}
	defer rows.Close()
	var out []Entry
	at := map[string]int{}
	for rows.Next() {
		e := Entry{PatientRef: patientRef}
		var everywhere, images, reports, research int
		var until, recorded int64
		if err := rows.Scan(&e.ID, &e.Number, &e.Kind, &everywhere, &images, &reports, &research, &until, &e.Document, &e.RecordedBy, &recorded); err != nil {
			return nil, fmt.Errorf("consent: history: %w", err)
		}
		e.Given, e.Everywhere, e.Images, e.Reports = e.Kind == Given, everywhere == 1, images == 1, reports == 1
		e.Research, e.RecordedAt = research == 1, db.FromMicros(recorded)
		if until != 0 {
			e.Until = db.FromMicros(until)
		}
		at[e.ID] = len(out)
		out = append(out, e)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("consent: history: %w", err)
	}
	to, err := tx.QueryContext(ctx, `SELECT cf.consent_id, cf.facility_id FROM consent_facilities cf JOIN consents c ON c.id = cf.consent_id
		WHERE c.patient_ref = $1 ORDER BY cf.facility_id`, patientRef)
	if err != nil {
		return nil, fmt.Errorf("consent: history: %w", err)
	}
	defer to.Close()
	for to.Next() {
		var entry, facility string
		if err := to.Scan(&entry, &facility); err != nil {
			return nil, fmt.Errorf("consent: history: %w", err)
		}
		e := &out[at[entry]]
		e.Facilities = append(e.Facilities, facility)
	}
	return out, to.Err()
}

// ForResearch reports whether reports of a study may be given out for research: the
// newest thing its patient has said allows it and is not over. A withdrawal takes all
// of it back at once.
func ForResearch(ctx context.Context, tx db.Tx, studyID string, now time.Time) (bool, error) {
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM studies s JOIN consents co ON co.patient_ref = s.patient_ref
		WHERE s.id = $1 AND co.kind = 'given' AND co.research = 1 AND (co.until = 0 OR co.until > $2)
		AND co.number = (SELECT MAX(nc.number) FROM consents nc WHERE nc.patient_ref = s.patient_ref)`, studyID, db.Micros(now)).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("consent: research: %w", err)
	}
	return n > 0, nil
}

// patientRow is a patient as both registers name one.
func patientRow(ctx context.Context, tx db.Tx, id string) (p Patient, err error) {
	err = tx.QueryRowContext(ctx, `SELECT id, facility_id, patient_id, name, birth_date, sex FROM patients WHERE id = $1`, id).
		Scan(&p.ID, &p.FacilityID, &p.PatientID, &p.Name, &p.BirthDate, &p.Sex)
	if errors.Is(err, sql.ErrNoRows) {
		return p, ErrNotFound
	}
	if err != nil {
		err = fmt.Errorf("consent: patient: %w", err)
	}
	return p, err
}
