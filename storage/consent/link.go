package consent

import (
	"context"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
)

var (
	// ErrNotFound: there is no such patient or link, or it is over.
	ErrNotFound = errors.New("consent: not found")
	// ErrOwnProposal: nobody confirms what they have said themselves.
	ErrOwnProposal = errors.New("consent: a link is confirmed by somebody else than who proposed it")
	// ErrLinked: the two are linked, or a proposal waits.
	ErrLinked = errors.New("consent: the two patients are linked already, or it has been proposed")
)

// States of a link.
const (
	Proposed  = "proposed"
	Confirmed = "confirmed"
	Rejected  = "rejected"
	Ended     = "ended"
)

// Patient is one side of a link.
type Patient struct {
	ID, FacilityID, PatientID, Name, BirthDate, Sex string
}

// Link says that two patients are one person.
type Link struct {
	ID         string
	Patients   [2]Patient
	State      string
	Reason     string
	ProposedBy string
	ProposedAt time.Time
	ReviewedBy string
	ReviewedAt time.Time // zero: not yet
	EndedBy    string
	EndedAt    time.Time
	EndReason  string
}

// minReason is the least somebody says, in characters.
const minReason = 5

func checkReason(text string) error {
	if n := utf8.RuneCountInString(text); n < minReason || n > maxText {
		return &Error{fmt.Sprintf("a reason has %d to %d characters", minReason, maxText)}
	}
	return nil
}

// Propose says that two patients of different hospitals are one person, and why.
func Propose(ctx context.Context, tx db.Tx, by, one, other, reason string) (id string, err error) {
	if err := checkReason(reason); err != nil {
		return "", err
	}
	if one > other {
		one, other = other, one
	}
	a, err := patientRow(ctx, tx, one)
	if err != nil {
		return "", err
	}
	b, err := patientRow(ctx, tx, other)
	if err != nil {
		return "", err
	}
	if a.FacilityID == b.FacilityID {
		return "", &Error{"a link is between patients of two hospitals"}
	}
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM patient_links WHERE patient_a = $1 AND patient_b = $2 AND state IN ('proposed', 'confirmed')`, one, other).Scan(&n); err != nil {
		return "", fmt.Errorf("consent: propose: %w", err)
	}
	if n > 0 {
		return "", ErrLinked
	}
	id = db.NewID()
	if _, err := tx.ExecContext(ctx, `INSERT INTO patient_links (id, patient_a, patient_b, state, reason, proposed_by, proposed_at) VALUES ($1, $2, $3, 'proposed', $4, $5, $6)`,
		id, one, other, reason, by, db.Micros(db.Now())); err != nil {
		return "", fmt.Errorf("consent: propose: %w", err)
	}
	return id, trail(ctx, tx, by, "link.proposed", id, a, b)
}

// trail writes a change of a link once for each of its hospitals.
func trail(ctx context.Context, tx db.Tx, by, action, id string, patients ...Patient) error {
	for _, p := range patients {
		if err := audit.Append(ctx, tx, audit.Record{Actor: by, Action: action, Object: p.ID, FacilityID: p.FacilityID, Detail: "link " + id}); err != nil {
			return err
		}
	}
	return nil
}

// Review confirms a proposal, or rejects it. Who proposed may only take it back, by
// rejecting.
func Review(ctx context.Context, tx db.Tx, by, id string, confirm bool) error {
	l, err := ByID(ctx, tx, id)
	if err != nil {
		return err
	}
	if l.State != Proposed {
		return ErrNotFound
	}
	if confirm && l.ProposedBy == by {
		return ErrOwnProposal
	}
	state := Rejected
	if confirm {
		state = Confirmed
	}
	res, err := tx.ExecContext(ctx, `UPDATE patient_links SET state = $1, reviewed_by = $2, reviewed_at = $3 WHERE id = $4 AND state = 'proposed'`,
		state, by, db.Micros(db.Now()), id)
	if err := one(res, err); err != nil {
		return err
	}
	if confirm {
		for i := range 2 {
			if _, err := tx.ExecContext(ctx, `INSERT INTO linked_patients (patient_ref, other_ref, link_id) VALUES ($1, $2, $3)`,
				l.Patients[i].ID, l.Patients[1-i].ID, id); err != nil {
				return fmt.Errorf("consent: confirm: %w", err)
			}
		}
	}
	return trail(ctx, tx, by, "link."+state, id, l.Patients[:]...)
}

// End takes a confirmed link back.
func End(ctx context.Context, tx db.Tx, by, id, reason string) error {
	if err := checkReason(reason); err != nil {
		return err
	}
	l, err := ByID(ctx, tx, id)
	if err != nil {
		return err
	}
	res, err := tx.ExecContext(ctx, `UPDATE patient_links SET state = 'ended', ended_by = $1, ended_at = $2, end_reason = $3 WHERE id = $4 AND state = 'confirmed'`,
		by, db.Micros(db.Now()), reason, id)
	if err := one(res, err); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM linked_patients WHERE link_id = $1`, id); err != nil {
		return fmt.Errorf("consent: end: %w", err)
	}
	return trail(ctx, tx, by, "link.ended", id, l.Patients[:]...)
}

type result interface{ RowsAffected() (int64, error) }

// one makes of a change that met no row ErrNotFound.
func one(res result, err error) error {
	if err != nil {
		return fmt.Errorf("consent: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(ErrNotFound, err)
	}
	return nil
}

const links = `SELECT l.id, l.state, l.reason, l.proposed_by, l.proposed_at, l.reviewed_by, l.reviewed_at, l.ended_by, l.ended_at, l.end_reason,
	a.id, a.facility_id, a.patient_id, a.name, a.birth_date, a.sex, b.id, b.facility_id, b.patient_id, b.name, b.birth_date, b.sex
	FROM patient_links l JOIN patients a ON a.id = l.patient_a JOIN patients b ON b.id = l.patient_b `

// ByID reads a link.
func ByID(ctx context.Context, tx db.Tx, id string) (Link, error) {
	list, err := query(ctx, tx, links+`WHERE l.id = $1`, id)
	if err != nil {
		return Link{}, err
	}
	if len(list) == 0 {
		return Link{}, ErrNotFound
	}
	return list[0], nil
}

// Links lists them: those that wait first, then those in force, then the newest.
func Links(ctx context.Context, tx db.Tx, limit int) ([]Link, error) {
	return query(ctx, tx, links+`ORDER BY CASE l.state WHEN 'proposed' THEN 0 WHEN 'confirmed' THEN 1 ELSE 2 END, l.proposed_at DESC, l.id LIMIT $1`, limit)
}

// LinksOf lists those of a patient, newest first.
func LinksOf(ctx context.Context, tx db.Tx, patientRef string) ([]Link, error) {
	return query(ctx, tx, links+`WHERE l.patient_a = $1 OR l.patient_b = $1 ORDER BY l.proposed_at DESC, l.id`, patientRef)
}

func query(ctx context.Context, tx db.Tx, q string, args ...any) ([]Link, error) {
	rows, err := tx.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, fmt.Errorf("consent: links: %w", err)
	}
	defer rows.Close()
	var out []Link
	for rows.Next() {
		var l Link
		var proposed, reviewed, ended int64
		a, b := &l.Patients[0], &l.Patients[1]
		if err := rows.Scan(&l.ID, &l.State, &l.Reason, &l.ProposedBy, &proposed, &l.ReviewedBy, &reviewed, &l.EndedBy, &ended, &l.EndReason,
			&a.ID, &a.FacilityID, &a.PatientID, &a.Name, &a.BirthDate, &a.Sex, &b.ID, &b.FacilityID, &b.PatientID, &b.Name, &b.BirthDate, &b.Sex); err != nil {
			return nil, fmt.Errorf("consent: links: %w", err)
		}
		l.ProposedAt, l.ReviewedAt, l.EndedAt = db.FromMicros(proposed), db.FromMicros(reviewed), db.FromMicros(ended)
		out = append(out, l)
	}
	return out, rows.Err()
}

// maxCandidates bounds what Candidates finds.
const maxCandidates = 20

// Candidates are patients of other hospitals with the birth date and sex of one, for
// somebody to compare: it is a question, never an answer.
func Candidates(ctx context.Context, tx db.Tx, patientRef string) ([]Patient, error) {
	p, err := patientRow(ctx, tx, patientRef)
	if err != nil || p.BirthDate == "" {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT c.id, c.facility_id, c.patient_id, c.name, c.birth_date, c.sex FROM patients c
		WHERE c.birth_date = $1 AND c.facility_id <> $2 AND (c.sex = $3 OR c.sex = '' OR $3 = '')
		AND NOT EXISTS (SELECT 1 FROM patient_links l WHERE l.state IN ('proposed', 'confirmed')
			AND (l.patient_a = c.id AND l.patient_b = $4 OR l.patient_b = c.id AND l.patient_a = $4))
		ORDER BY CASE WHEN c.name = $5 THEN 0 ELSE 1 END, c.name, c.id LIMIT $6`, p.BirthDate, p.FacilityID, p.Sex, p.ID, p.Name, maxCandidates)
	if err != nil {
		return nil, fmt.Errorf("consent: candidates: %w", err)
	}
	defer rows.Close()
	var out []Patient
	for rows.Next() {
		var c Patient
		if err := rows.Scan(&c.ID, &c.FacilityID, &c.PatientID, &c.Name, &c.BirthDate, &c.Sex); err != nil {
			return nil, fmt.Errorf("consent: candidates: %w", err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}
