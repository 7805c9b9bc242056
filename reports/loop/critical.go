package loop

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// within is the time in which somebody must have been told, by level.
var within = map[string]time.Duration{"red": time.Hour, "orange": 12 * time.Hour, "yellow": 72 * time.Hour}

// Critical is a critical finding until somebody has been told. Zero times mean
// "not yet".
type Critical struct {
	ID, ReportID, StudyID, FacilityID string
	Level, Finding                    string
	FlaggedBy                         string
	FlaggedAt, Deadline               time.Time
	ClosedAt, EscalatedAt             time.Time
	ClosedBy                          string
	PatientName, PatientID            string
	Contacts                          []Contact
}

// Contact is one time that somebody was told, or was tried to be.
type Contact struct {
	Told     string // who
	How      string // phone, in person, message, portal
	Reached  bool
	ReadBack bool
	Note     string
	By       string
	At       time.Time
}

// flag begins a critical finding, unless the same waits already, of a version before.
func flag(ctx context.Context, tx db.Tx, v Version) error {
	d, ok := within[v.Level]
	if !ok {
		return fmt.Errorf("%w: level %q", ErrStep, v.Level)
	}
	same := 0
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM criticals WHERE study_id = $1 AND level = $2 AND finding = $3 AND closed_at IS NULL`, v.StudyID, v.Level, v.Finding).Scan(&same)
	if err != nil {
		return fmt.Errorf("loop: critical: %w", err)
	}
	if same > 0 {
		return nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO criticals (id, report_id, study_id, facility_id, level, finding, flagged_by, flagged_at, deadline)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		db.NewID(), v.ReportID, v.StudyID, v.FacilityID, v.Level, v.Finding, v.AuthorID, db.Micros(v.SignedAt), db.Micros(v.SignedAt.Add(d)))
	if err != nil {
		return fmt.Errorf("loop: critical: %w", err)
	}
	return nil
}

// Criticals lists critical findings in scope: the open ones, the next deadline
// first, or all, the newest first; at most 500.
func Criticals(ctx context.Context, tx db.Tx, scope identity.Scope, all bool) ([]Critical, error) {
	cond, args := scope.StudyFilter(1)
	if all {
		return criticals(ctx, tx, cond+` ORDER BY c.flagged_at DESC, c.id LIMIT 500`, args...)
	}
	return criticals(ctx, tx, `c.closed_at IS NULL AND `+cond+` ORDER BY c.deadline, c.id LIMIT 500`, args...)
}

// CriticalByID reads one finding in scope with its contacts.
func CriticalByID(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Critical, error) {
	cond, args := scope.StudyFilter(2)
	list, err := criticals(ctx, tx, `c.id = $1 AND `+cond, append([]any{id}, args...)...)
	if err != nil {
		return Critical{}, err
	}
	if len(list) == 0 {
		return Critical{}, ErrNotFound
	}
	return list[0], nil
}

func criticals(ctx context.Context, tx db.Tx, where string, args ...any) ([]Critical, error) {
	rows, err := tx.QueryContext(ctx, `SELECT c.id, c.report_id, c.study_id, c.facility_id, c.level, c.finding, c.flagged_by, c.flagged_at, c.deadline,
 c.closed_at, c.closed_by, c.escalated_at, studies.patient_name, studies.patient_id FROM criticals c JOIN studies ON studies.id = c.study_id WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("loop: criticals: %w", err)
	}
	defer rows.Close()
	var list []Critical
	for rows.Next() {
		var c Critical
		var flagged, deadline int64
		var closed, escalated sql.NullInt64
		if err := rows.Scan(&c.ID, &c.ReportID, &c.StudyID, &c.FacilityID, &c.Level, &c.Finding, &c.FlaggedBy, &flagged, &deadline,
			&closed, &c.ClosedBy, &escalated, &c.PatientName, &c.PatientID); err != nil {
			return nil, fmt.Errorf("loop: criticals: %w", err)
		}
		c.FlaggedAt, c.Deadline, c.ClosedAt, c.EscalatedAt = db.FromMicros(flagged), db.FromMicros(deadline), moment(closed), moment(escalated)
		list = append(list, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("loop: criticals: %w", err)
	}
	for i := range list {
		if list[i].Contacts, err = contacts(ctx, tx, list[i].ID); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func contacts(ctx context.Context, tx db.Tx, criticalID string) ([]Contact, error) {
	rows, err := tx.QueryContext(ctx, `SELECT told, how, reached, read_back, note, by_user, at FROM critical_contacts WHERE critical_id = $1 ORDER BY at, id LIMIT 100`, criticalID)
	if err != nil {
		return nil, fmt.Errorf("loop: contacts: %w", err)
	}
	defer rows.Close()
	var list []Contact
	for rows.Next() {
		var c Contact
		var reached, readBack int
		var at int64
		if err := rows.Scan(&c.Told, &c.How, &reached, &readBack, &c.Note, &c.By, &at); err != nil {
			return nil, fmt.Errorf("loop: contacts: %w", err)
		}
		c.Reached, c.ReadBack, c.At = reached == 1, readBack == 1, db.FromMicros(at)
		list = append(list, c)
	}
	return list, rows.Err()
}

// Tell writes down that somebody was told of a finding, or could not be reached.
// A contact that was read back closes the finding.
func Tell(ctx context.Context, tx db.Tx, p identity.Principal, id string, c Contact) error {
	c.Told = strings.TrimSpace(c.Told)
	known := c.How == "phone" || c.How == "in person" || c.How == "message" || c.How == "portal"
	if c.Told == "" || !known || c.ReadBack && !c.Reached || utf8.RuneCountInString(c.Told) > 200 || utf8.RuneCountInString(c.Note) > 2000 {
		return fmt.Errorf("%w: who was told, how (phone, in person, message, portal), and read back only by one who was reached", ErrStep)
	}
	x, err := CriticalByID(ctx, tx, p.Scope(), id)
	if err != nil {
		return err
	}
	if !x.ClosedAt.IsZero() {
		return ErrClosed
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO critical_contacts (id, critical_id, told, how, reached, read_back, note, by_user, at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		db.NewID(), id, c.Told, c.How, flagOf(c.Reached), flagOf(c.ReadBack), c.Note, p.UserID, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("loop: contact: %w", err)
	}
	v := Item{ReportID: x.ReportID, StudyID: x.StudyID, FacilityID: x.FacilityID}
	if err := tell(ctx, tx, v, EventContact, p.UserID, fmt.Sprintf("%s reached=%t readback=%t", c.How, c.Reached, c.ReadBack)); err != nil {
		return err
	}
	if !c.ReadBack {
		return nil
	}
	return end(ctx, tx, x, p.UserID)
}

func flagOf(b bool) int {
	if b {
		return 1
	}
	return 0
}

// closeBy closes the open findings of a version, and those of the versions whose place it
// has taken. An addendum stands beside them: who has read it alone has not been told.
func closeBy(ctx context.Context, tx db.Tx, v Item, userID string) error {
	from := 1
	if v.Kind == "addendum" {
		from = v.Version
	}
	open, err := criticals(ctx, tx, `c.study_id = $1 AND c.closed_at IS NULL
 AND c.report_id IN (SELECT l.report_id FROM loop_versions l WHERE l.study_id = $1 AND l.version BETWEEN $2 AND $3) ORDER BY c.flagged_at, c.id`, v.StudyID, from, v.Version)
	if err != nil {
		return err
	}
	for _, c := range open {
		if err := end(ctx, tx, c, userID); err != nil {
			return err
		}
	}
	return nil
}

// end closes a finding.
func end(ctx context.Context, tx db.Tx, c Critical, userID string) error {
	res, err := tx.ExecContext(ctx, `UPDATE criticals SET closed_at = $1, closed_by = $2 WHERE id = $3 AND closed_at IS NULL`, db.Micros(db.Now()), userID, c.ID)
	if err != nil {
		return fmt.Errorf("loop: close: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return tell(ctx, tx, Item{ReportID: c.ReportID, StudyID: c.StudyID, FacilityID: c.FacilityID}, EventClosed, userID, "")
}

// TellOf is Tell for the critical finding of a report, or for the one of a version before
// that it speaks of again.
func TellOf(ctx context.Context, tx db.Tx, p identity.Principal, reportID string, c Contact) error {
	var id string
	if err := tx.QueryRowContext(ctx, `SELECT c.id FROM criticals c JOIN loop_versions l ON l.study_id = c.study_id
 WHERE l.report_id = $1 AND (c.report_id = $1 OR c.closed_at IS NULL) ORDER BY CASE WHEN c.report_id = $1 THEN 0 ELSE 1 END, c.flagged_at DESC LIMIT 1`, reportID).Scan(&id); err != nil {
		return fmt.Errorf("loop: finding of the report: %w", err)
	}
	return Tell(ctx, tx, p, id, c)
}

// CriticalsOfStudy lists the findings of a study in scope, the oldest first.
func CriticalsOfStudy(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Critical, error) {
	cond, args := scope.StudyFilter(2)
	return criticals(ctx, tx, `c.study_id = $1 AND `+cond+` ORDER BY c.flagged_at, c.id`, append([]any{studyID}, args...)...)
}
