package order

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// ErrCanceled says an order no longer stands.
var ErrCanceled = errors.New("order: canceled")

// Known finds the steps of an order of a hospital, canceled ones too: by the placer's
// number, or else by the accession number. They are in the order they were made.
func Known(ctx context.Context, tx db.Tx, facilityID, placer, accession string) ([]Order, error) {
	by, value := `o.placer`, placer
	if value == "" {
		by, value = `o.accession_number`, accession
	}
	if value == "" {
		return nil, nil
	}
	return orders(ctx, tx, `o.facility_id = $1 AND `+by+` = $2 ORDER BY o.created_at, o.id LIMIT 256`, facilityID, value)
}

// ByID reads one order of a scope.
func ByID(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Order, error) {
	cond, args := within(scope, 2)
	list, err := orders(ctx, tx, `o.id = $1 AND `+cond, append([]any{id}, args...)...)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Order{}, err
	}
	return list[0], nil
}

func orders(ctx context.Context, tx db.Tx, where string, args ...any) ([]Order, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+`, CASE WHEN `+done+` THEN 1 ELSE 0 END FROM orders o WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("order: find: %w", err)
	}
	defer rows.Close()
	var list []Order
	for rows.Next() {
		var finished int
		o, err := scan(rows, &finished)
		if err != nil {
			return nil, fmt.Errorf("order: find: %w", err)
		}
		o.Done = finished == 1
		list = append(list, o)
	}
	return list, rows.Err()
}

// Change gives an order that stands what a hospital says of it now. Its hospital,
// its Study Instance UID and its ID stay. Studies of it that are of another patient
// then are taken from it, and somebody is asked.
func Change(ctx context.Context, tx db.Tx, old, o Order, actor string) (Order, error) {
	o.FacilityID, o.StudyInstanceUID = old.FacilityID, old.StudyInstanceUID
	o = o.filled()
	if err := o.check(); err != nil {
		return Order{}, err
	}
	o.ID, o.CreatedAt, o.Source, o.Done = old.ID, old.CreatedAt, old.Source, old.Done
	var taken int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM orders WHERE facility_id = $1 AND accession_number = $2 AND step_id = $3 AND id <> $4`,
		o.FacilityID, o.AccessionNumber, o.Step.ID, o.ID).Scan(&taken); err != nil {
		return Order{}, fmt.Errorf("order: change: %w", err)
	}
	if taken > 0 {
		return Order{}, ErrExists
	}
	res, err := tx.ExecContext(ctx, `UPDATE orders SET accession_number = $2, patient_id = $3, patient_name = $4, birth_date = $5, sex = $6, procedure_id = $7,
 procedure_description = $8, referring_physician = $9, priority = $10, comments = $11, station_ae = $12, start_date = $13, start_time = $14, modality = $15,
 performing_physician = $16, step_id = $17, step_description = $18, placer = $19, procedure_code = $20, allergies = $21, alerts = $22, contrast = $23, onset = $24,
 history = $25, other_physicians = $26
 WHERE id = $1 AND canceled_at = 0`,
		o.ID, o.AccessionNumber, o.PatientID, o.PatientName, o.BirthDate, o.Sex, o.ProcedureID,
		o.ProcedureDescription, o.ReferringPhysician, o.Priority, o.Comments, o.Step.StationAE, o.Step.StartDate, o.Step.StartTime, o.Step.Modality,
		o.Step.PerformingPhysician, o.Step.ID, o.Step.Description, o.Placer, o.ProcedureCode, o.Allergies, o.Alerts, o.Contrast, micros(o.Onset),
		o.History, o.OtherPhysicians)
	if err := one(res, err); err != nil {
		return Order{}, err
	}
	if err := record(ctx, tx, o, actor, actionChanged); err != nil {
		return Order{}, err
	}
	return o, recheck(ctx, tx, o, actor)
}

// Cancel takes an order off the worklist. The row stays: a study that was made
// nevertheless is still known by it, and somebody is asked about each that is not
// reported yet. Its step gives its ID away, which another may have under the same
// accession number then.
func Cancel(ctx context.Context, tx db.Tx, o Order, actor string) error {
	res, err := tx.ExecContext(ctx, `UPDATE orders SET canceled_at = $2, step_id = step_id || '#' || id WHERE id = $1 AND canceled_at = 0`, o.ID, db.Micros(db.Now()))
	if err := one(res, err); err != nil {
		return err
	}
	studies, err := joined(ctx, tx, o.ID)
	if err != nil {
		return err
	}
	for _, s := range studies {
		if s.CompletedAt.IsZero() || s.reported {
			continue
		}
		if err := ask(ctx, tx, s.Study, []Order{o}, OrderCanceled); err != nil {
			return err
		}
		if err := tell(ctx, tx, s.Study); err != nil {
			return err
		}
	}
	return record(ctx, tx, o, actor, actionCanceled)
}

func one(res sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("order: change: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, ErrCanceled)
	}
	return nil
}
