package loop

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// Errors of this package.
var (
	// ErrNotFound says there is no such version or finding, or none the caller may see.
	ErrNotFound = errors.New("loop: not found")
	// ErrNotOrderer says that only the ordering doctor's word counts.
	ErrNotOrderer = errors.New("loop: not the ordering doctor")
	// ErrNoSuchDoctor says that the hospital has no such account.
	ErrNoSuchDoctor = errors.New("loop: no such account at the hospital of the study")
	// ErrClosed says that a critical finding was closed before.
	ErrClosed = errors.New("loop: the finding is closed")
	// ErrStep says that a step or a contact is not one of ours.
	ErrStep = errors.New("loop: no such step")
	// ErrReminding says what of a hospital's wishes cannot be kept.
	ErrReminding = errors.New("loop: how to be reminded")
)

// Step is what a recipient does with a version.
type Step string

// The steps in their order.
const (
	Opened       Step = "opened"
	Acknowledged Step = "acknowledged"
	Acted        Step = "acted"
)

// Kinds of the events appended; Event.Ref is the report.
const (
	EventOpened       = "report.opened"
	EventAcknowledged = "report.acknowledged"
	EventActed        = "report.acted"
	EventReminder     = "report.reminder"
	EventContact      = "report.contact"
	EventEscalated    = "report.escalated"
	EventClosed       = "report.criticalclosed"
)

// Version is a signed version that enters the loop.
type Version struct {
	ReportID, StudyID, FacilityID string
	Number                        int
	Kind                          string
	Priority                      worklist.Priority
	Changed                       bool // it changes what was signed before
	AuthorID                      string
	SignedAt                      time.Time
	Level, Finding                string // of a critical finding; "" without one
}

// Importance orders what is unread: 0 is the most important.
func (v Version) importance() int {
	switch {
	case v.Level != "":
		return 0
	case v.Changed || v.Priority == worklist.STAT:
		return 1
	case v.Priority == worklist.Urgent:
		return 2
	}
	return 3
}

// first waits of a reminder, by importance; each further one doubles.
var reminderAfter = [...]time.Duration{time.Hour, 4 * time.Hour, 24 * time.Hour, 72 * time.Hour}

const longestReminder = 7 * 24 * time.Hour

func reminderWait(importance, sent int) time.Duration {
	wait := reminderAfter[min(max(importance, 0), len(reminderAfter)-1)]
	for range min(sent, 10) {
		wait = min(wait*2, longestReminder)
	}
	return wait
}

// Enter puts a version into the loop, in the transaction that signs it. While a critical
// finding of the study is open, every version of it is as important as that.
func Enter(ctx context.Context, tx db.Tx, v Version) error {
	if v.Level != "" {
		if err := flag(ctx, tx, v); err != nil {
			return err
		}
	}
	importance, open := v.importance(), 0
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM criticals WHERE study_id = $1 AND closed_at IS NULL`, v.StudyID).Scan(&open)
	if err != nil {
		return fmt.Errorf("loop: enter: %w", err)
	}
	if open > 0 { // it takes the place of a version that nobody was told of
		importance = 0
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO loop_versions (report_id, study_id, facility_id, version, kind, importance, signed_at, remind_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		v.ReportID, v.StudyID, v.FacilityID, v.Number, v.Kind, importance, db.Micros(v.SignedAt), db.Micros(v.SignedAt.Add(reminderWait(importance, 0))))
	if err != nil {
		return fmt.Errorf("loop: enter: %w", err)
	}
	return nil
}

// Record writes down that a principal did a step with a version. The later
// steps are the ordering doctor's: ErrNotOrderer for others; that others opened
// a version is kept. Doing a step twice changes nothing. The note is what they write
// with it for who signed the version ([Answers]); the audit trail has its length only.
// counts says whether it was the ordering doctor.
func Record(ctx context.Context, tx db.Tx, p identity.Principal, reportID string, step Step, note string) (counts bool, err error) {
	column := map[Step]string{Opened: "opened_at", Acknowledged: "acknowledged_at", Acted: "acted_at"}[step]
	if column == "" {
		return false, ErrStep
	}
	v, err := byReport(ctx, tx, p.Scope(), reportID)
	if err != nil {
		return false, err
	}
	if counts, err = isOrderer(ctx, tx, v.StudyID, p); err != nil {
		return false, err
	}
	if !counts && step != Opened {
		return false, ErrNotOrderer
	}
	now, one := db.Now(), 0
	if counts {
		one = 1
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO loop_receipts (id, report_id, user_id, step, orderer, note, at)
 VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (report_id, user_id, step) DO NOTHING`,
		db.NewID(), reportID, p.UserID, step, one, note, db.Micros(now))
	if err != nil {
		return false, fmt.Errorf("loop: receipt: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 || !counts {
		return counts, err
	}
	// Who acknowledges has opened; who has acted has acknowledged.
	set := `opened_at = COALESCE(opened_at, $1)`
	if step != Opened {
		set += `, acknowledged_at = COALESCE(acknowledged_at, $1)`
	}
	if step == Acted {
		set += `, acted_at = COALESCE(acted_at, $1)`
	}
	if _, err := tx.ExecContext(ctx, `UPDATE loop_versions SET `+set+` WHERE report_id = $2`, db.Micros(now), reportID); err != nil {
		return false, fmt.Errorf("loop: %s: %w", step, err)
	}
	if step != Opened {
		if err := closeBy(ctx, tx, v, p.UserID); err != nil {
			return false, err
		}
	}
	detail := ""
	if note != "" {
		detail = fmt.Sprintf("with a note of %d characters", utf8.RuneCountInString(note))
	}
	return true, tell(ctx, tx, v, "report."+string(step), p.UserID, detail)
}

// tell appends the event and the audit record of a step.
func tell(ctx context.Context, tx db.Tx, v Item, kind, actor, detail string) error {
	err := catalog.AppendEvent(ctx, tx, catalog.Event{Kind: kind, FacilityID: v.FacilityID, StudyID: v.StudyID, Ref: v.ReportID})
	if err != nil {
		return fmt.Errorf("loop: event: %w", err)
	}
	err = audit.Append(ctx, tx, audit.Record{Actor: actor, Action: kind, Object: v.ReportID, FacilityID: v.FacilityID, Detail: detail})
	if err != nil {
		return fmt.Errorf("loop: audit: %w", err)
	}
	return nil
}

func byReport(ctx context.Context, tx db.Tx, scope identity.Scope, reportID string) (Item, error) {
	cond, args := scope.StudyFilter(2)
	list, err := items(ctx, tx, `v.report_id = $1 AND `+cond, append([]any{reportID}, args...)...)
	if err != nil {
		return Item{}, err
	}
	if len(list) == 0 {
		return Item{}, ErrNotFound
	}
	return list[0], nil
}

func moment(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return db.FromMicros(n.Int64)
}
