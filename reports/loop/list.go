package loop

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Item is a version in the loop. Zero times mean "not yet".
type Item struct {
	ReportID, StudyID, FacilityID string
	Version                       int
	Kind                          string
	Importance                    int // 0 critical, 1 STAT or a change, 2 URGENT, 3 ROUTINE
	SignedAt                      time.Time
	OpenedAt                      time.Time
	AcknowledgedAt                time.Time
	ActedAt                       time.Time
	Reminders                     int
	// Of the study, for a list.
	PatientName, PatientID, Description, StudyDate, Referrer string
}

// waiting is what nobody has acknowledged and no later version took over.
const waiting = `v.acknowledged_at IS NULL
 AND NOT EXISTS (SELECT 1 FROM loop_versions n WHERE n.study_id = v.study_id AND n.version > v.version AND n.kind <> 'addendum')`

// Unread lists the newest versions in scope that their ordering doctor has not
// acknowledged, the most important and oldest first; at most 500.
func Unread(ctx context.Context, tx db.Tx, scope identity.Scope) ([]Item, error) {
	cond, args := scope.StudyFilter(1)
	return items(ctx, tx, waiting+` AND `+cond, args...)
}

// OfStudy lists the versions of a study in scope, oldest first.
func OfStudy(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Item, error) {
	cond, args := scope.StudyFilter(2)
	return items(ctx, tx, `v.study_id = $1 AND `+cond, append([]any{studyID}, args...)...)
}

func items(ctx context.Context, tx db.Tx, where string, args ...any) ([]Item, error) {
	rows, err := tx.QueryContext(ctx, `SELECT v.report_id, v.study_id, v.facility_id, v.version, v.kind, v.importance, v.signed_at,
 v.opened_at, v.acknowledged_at, v.acted_at, v.reminders,
 studies.patient_name, studies.patient_id, studies.description, studies.study_date, studies.referring_physician
 FROM loop_versions v JOIN studies ON studies.id = v.study_id WHERE `+where+` ORDER BY v.importance, v.signed_at, v.report_id LIMIT 500`, args...)
	if err != nil {
		return nil, fmt.Errorf("loop: list: %w", err)
	}
	defer rows.Close()
	list := make([]Item, 0, 16)
	for rows.Next() {
		var i Item
		var signed int64
		var opened, acknowledged, acted sql.NullInt64
		if err := rows.Scan(&i.ReportID, &i.StudyID, &i.FacilityID, &i.Version, &i.Kind, &i.Importance, &signed, &opened, &acknowledged, &acted, &i.Reminders,
			&i.PatientName, &i.PatientID, &i.Description, &i.StudyDate, &i.Referrer); err != nil {
			return nil, fmt.Errorf("loop: list: %w", err)
		}
		i.SignedAt, i.OpenedAt, i.AcknowledgedAt, i.ActedAt = db.FromMicros(signed), moment(opened), moment(acknowledged), moment(acted)
		list = append(list, i)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("loop: list: %w", err)
	}
	return list, nil
}

// Receipt is one step of one person.
type Receipt struct {
	UserID  string
	Step    Step
	Orderer bool
	Note    string
	At      time.Time
}

// Receipts lists what was done with a version in scope, in order.
func Receipts(ctx context.Context, tx db.Tx, scope identity.Scope, reportID string) ([]Receipt, error) {
	if _, err := byReport(ctx, tx, scope, reportID); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `SELECT user_id, step, orderer, note, at FROM loop_receipts WHERE report_id = $1 ORDER BY at, id LIMIT 500`, reportID)
	if err != nil {
		return nil, fmt.Errorf("loop: receipts: %w", err)
	}
	defer rows.Close()
	var list []Receipt
	for rows.Next() {
		var r Receipt
		var orderer int
		var at int64
		if err := rows.Scan(&r.UserID, &r.Step, &orderer, &r.Note, &at); err != nil {
			return nil, fmt.Errorf("loop: receipts: %w", err)
		}
		r.Orderer, r.At = orderer == 1, db.FromMicros(at)
		list = append(list, r)
	}
	return list, rows.Err()
}

// Answer is what an ordering doctor has written with a step: to who signed.
type Answer struct {
	ReportID, StudyID string
	Step              Step
	Note              string
	By                string
	At                time.Time
}

// Answers lists what ordering doctors have written of the reports of a reader, of
// everybody's for "", the newest first; at most 200.
func Answers(ctx context.Context, tx db.Tx, authorID string) ([]Answer, error) {
	rows, err := tx.QueryContext(ctx, `SELECT l.report_id, reports.study_id, l.step, l.note, l.user_id, l.at
 FROM loop_receipts l JOIN reports ON reports.id = l.report_id
 WHERE l.note <> '' AND l.orderer = 1 AND ($1 = '' OR reports.author_id = $1) ORDER BY l.at DESC, l.id LIMIT 200`, authorID)
	if err != nil {
		return nil, fmt.Errorf("loop: answers: %w", err)
	}
	defer rows.Close()
	var list []Answer
	for rows.Next() {
		var a Answer
		var at int64
		if err := rows.Scan(&a.ReportID, &a.StudyID, &a.Step, &a.Note, &a.By, &at); err != nil {
			return nil, fmt.Errorf("loop: answers: %w", err)
		}
		a.At = db.FromMicros(at)
		list = append(list, a)
	}
	return list, rows.Err()
}
