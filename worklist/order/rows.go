package order

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Actions of the audit trail.
const (
	actionCreated  = "order.created"
	actionChanged  = "order.changed"
	actionCanceled = "order.canceled"
)

const columns = `o.id, o.facility_id, o.accession_number, o.patient_id, o.patient_name, o.birth_date, o.sex, o.procedure_id,
 o.procedure_description, o.study_instance_uid, o.referring_physician, o.priority, o.comments, o.station_ae, o.start_date, o.start_time,
 o.modality, o.performing_physician, o.step_id, o.step_description, o.created_at,
 o.placer, o.procedure_code, o.allergies, o.alerts, o.contrast, o.onset, o.canceled_at, o.source, o.history, o.other_physicians`

// scan reads columns, and what is asked for behind them.
func scan(rows interface{ Scan(...any) error }, more ...any) (Order, error) {
	var o Order
	var created, onset, canceled int64
	err := rows.Scan(append([]any{
		&o.ID, &o.FacilityID, &o.AccessionNumber, &o.PatientID, &o.PatientName, &o.BirthDate, &o.Sex, &o.ProcedureID,
		&o.ProcedureDescription, &o.StudyInstanceUID, &o.ReferringPhysician, &o.Priority, &o.Comments, &o.Step.StationAE, &o.Step.StartDate, &o.Step.StartTime,
		&o.Step.Modality, &o.Step.PerformingPhysician, &o.Step.ID, &o.Step.Description, &created,
		&o.Placer, &o.ProcedureCode, &o.Allergies, &o.Alerts, &o.Contrast, &onset, &canceled, &o.Source, &o.History, &o.OtherPhysicians,
	}, more...)...)
	o.CreatedAt, o.Onset, o.CanceledAt = db.FromMicros(created), instant(onset), instant(canceled)
	if canceled != 0 { // it gave its step's ID away: see Cancel
		o.Step.ID, _, _ = strings.Cut(o.Step.ID, "#"+o.ID)
	}
	return o, err
}

func instant(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return db.FromMicros(micros)
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return db.Micros(t)
}

// done is whether a study of the order has ever been complete.
const done = `EXISTS (SELECT 1 FROM studies s WHERE s.facility_id = o.facility_id AND s.study_instance_uid = o.study_instance_uid AND s.completed_at IS NOT NULL)
 OR EXISTS (SELECT 1 FROM studies s WHERE s.facility_id = o.facility_id AND s.accession_number = o.accession_number AND s.completed_at IS NOT NULL)
 OR EXISTS (SELECT 1 FROM order_studies x WHERE x.order_id = o.id)`

// Create adds an order of a hospital. Steps of one accession number share their
// Study Instance UID. The error may be a *ValueError or ErrExists.
func Create(ctx context.Context, tx db.Tx, o Order, actor string) (Order, error) {
	o = o.filled()
	if err := o.check(); err != nil {
		return Order{}, err
	}
	if o.StudyInstanceUID == "" {
		err := tx.QueryRowContext(ctx, `SELECT MIN(study_instance_uid) FROM orders WHERE facility_id = $1 AND accession_number = $2
 GROUP BY accession_number`, o.FacilityID, o.AccessionNumber).Scan(&o.StudyInstanceUID)
		if errors.Is(err, sql.ErrNoRows) {
			o.StudyInstanceUID, err = uid.New(), nil
		}
		if err != nil {
			return Order{}, fmt.Errorf("order: create: %w", err)
		}
	}
	o.ID, o.CreatedAt = db.NewID(), db.Now()
	res, err := tx.ExecContext(ctx, `INSERT INTO orders (id, facility_id, accession_number, patient_id, patient_name, birth_date, sex, procedure_id,
 procedure_description, study_instance_uid, referring_physician, priority, comments, station_ae, start_date, start_time,
 modality, performing_physician, step_id, step_description, created_at,
 placer, procedure_code, allergies, alerts, contrast, onset, source, history, other_physicians)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)
 ON CONFLICT (facility_id, accession_number, step_id) DO NOTHING`,
		o.ID, o.FacilityID, o.AccessionNumber, o.PatientID, o.PatientName, o.BirthDate, o.Sex, o.ProcedureID,
		o.ProcedureDescription, o.StudyInstanceUID, o.ReferringPhysician, o.Priority, o.Comments, o.Step.StationAE, o.Step.StartDate, o.Step.StartTime,
		o.Step.Modality, o.Step.PerformingPhysician, o.Step.ID, o.Step.Description, db.Micros(o.CreatedAt),
		o.Placer, o.ProcedureCode, o.Allergies, o.Alerts, o.Contrast, micros(o.Onset), o.Source, o.History, o.OtherPhysicians)
	if err != nil {
		return Order{}, fmt.Errorf("order: create: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return Order{}, errors.Join(err, ErrExists)
	}
	return o, record(ctx, tx, o, actor, actionCreated)
}

func record(ctx context.Context, tx db.Tx, o Order, actor, action string) error {
	if err := audit.Append(ctx, tx, audit.Record{Actor: actor, Action: action, Object: o.ID, FacilityID: o.FacilityID}); err != nil {
		return fmt.Errorf("order: audit: %w", err)
	}
	return nil
}

// Filter chooses orders.
type Filter struct {
	All    bool   // those that are done or canceled too
	Latest bool   // the latest start first
	From   string // first day of the start, DA; empty: open
	To     string // last day
	Cursor string // Page.Next
	Limit  int    // at most MaxPage, which is the default
}

// MaxPage is the most orders of one page.
const MaxPage = 200

// Page is a part of a list.
type Page struct {
	Items []Order
	Next  string // empty: this was the last
}

// List gives orders in the order of their start.
func List(ctx context.Context, tx db.Tx, scope identity.Scope, f Filter) (Page, error) {
	limit := f.Limit
	if limit <= 0 || limit > MaxPage {
		limit = MaxPage
	}
	cond, args := within(scope, 2)
	where := cond
	if !f.All {
		where += ` AND o.canceled_at = 0 AND NOT (` + done + `)`
	}
	args = append([]any{limit + 1}, args...)
	for _, day := range []struct{ is, value string }{{">=", f.From}, {"<=", f.To}} {
		if day.value != "" {
			where += fmt.Sprintf(` AND o.start_date %s $%d`, day.is, len(args)+1)
			args = append(args, day.value)
		}
	}
	after, by := ">", `o.start_date, o.start_time, o.id`
	if f.Latest {
		after, by = "<", `o.start_date DESC, o.start_time DESC, o.id DESC`
	}
	if f.Cursor != "" {
		at := strings.Split(f.Cursor, ".")
		if len(at) != 3 || date(at[0]) != "" || clock(at[1]) != "" || !db.ValidID(at[2]) {
			return Page{}, ErrCursor
		}
		n := len(args)
		where += fmt.Sprintf(` AND (o.start_date, o.start_time, o.id) %s ($%d, $%d, $%d)`, after, n+1, n+2, n+3)
		args = append(args, at[0], at[1], at[2])
	}
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+`, CASE WHEN `+done+` THEN 1 ELSE 0 END FROM orders o WHERE `+where+`
 ORDER BY `+by+` LIMIT $1`, args...)
	if err != nil {
		return Page{}, fmt.Errorf("order: list: %w", err)
	}
	defer rows.Close()
	var p Page
	for rows.Next() {
		var finished int
		o, err := scan(rows, &finished)
		if err != nil {
			return Page{}, fmt.Errorf("order: list: %w", err)
		}
		o.Done = finished == 1
		p.Items = append(p.Items, o)
	}
	if err := rows.Err(); err != nil {
		return Page{}, fmt.Errorf("order: list: %w", err)
	}
	if len(p.Items) > limit {
		p.Items = p.Items[:limit]
		last := p.Items[limit-1]
		p.Next = last.Step.StartDate + "." + last.Step.StartTime + "." + last.ID
	}
	return p, nil
}

// within is the condition for an order to be in a scope: orders are seen by
// the hospital they belong to and by who sees all.
func within(scope identity.Scope, first int) (string, []any) {
	switch {
	case scope.All:
		return `1 = 1`, nil
	case scope.FacilityID != "":
		return fmt.Sprintf(`o.facility_id = $%d`, first), []any{scope.FacilityID}
	}
	return `1 = 0`, nil
}

// recent is how many of the latest orders of a hospital say what it orders.
const recent = 2000

// Codes are the examinations of a hospital's latest orders: modality, code and
// description, the most frequent first, at most 200.
func Codes(ctx context.Context, tx db.Tx, scope identity.Scope) ([]Order, error) {
	cond, args := within(scope, 2)
	rows, err := tx.QueryContext(ctx, `SELECT modality, procedure_code, procedure_description FROM
 (SELECT o.modality, o.procedure_code, o.procedure_description FROM orders o WHERE `+cond+` ORDER BY o.start_date DESC LIMIT $1) latest
 GROUP BY modality, procedure_code, procedure_description ORDER BY COUNT(*) DESC, procedure_description, procedure_code, modality LIMIT 200`, append([]any{recent}, args...)...)
	if err != nil {
		return nil, fmt.Errorf("order: codes: %w", err)
	}
	defer rows.Close()
	var list []Order
	for rows.Next() {
		var o Order
		if err := rows.Scan(&o.Step.Modality, &o.ProcedureCode, &o.ProcedureDescription); err != nil {
			return nil, fmt.Errorf("order: codes: %w", err)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}
