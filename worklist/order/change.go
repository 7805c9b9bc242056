package order

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

const (
	actionChanged  = "order.changed"
	actionCanceled = "order.canceled"
)

// ErrCanceled says an order no longer stands.
var ErrCanceled = errors.New("order: canceled")

// Standing finds the steps of an order of a hospital that stand: by the placer's
// number, or else by the accession number. They are in the order they were made.
func Standing(ctx context.Context, tx db.Tx, facilityID, placer, accession string) ([]Order, error) {
	by, value := `o.placer`, placer
	if value == "" {
		by, value = `o.accession_number`, accession
	}
	if value == "" {
		return nil, nil
	}
	return orders(ctx, tx, `o.facility_id = $1 AND `+by+` = $2 AND o.canceled_at = 0 ORDER BY o.created_at, o.id`, facilityID, value)
}

// ByID reads one order, whoever asks.
func ByID(ctx context.Context, tx db.Tx, id string) (Order, error) {
	list, err := orders(ctx, tx, `o.id = $1`, id)
	if err == nil && len(list) == 0 {
		err = ErrNotFound
	}
	if err != nil {
		return Order{}, err
	}
	return list[0], nil
}

func orders(ctx context.Context, tx db.Tx, where string, args ...any) ([]Order, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+` FROM orders o WHERE `+where, args...)
	if err != nil {
		return nil, fmt.Errorf("order: find: %w", err)
	}
	defer rows.Close()
	var list []Order
	for rows.Next() {
		o, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("order: find: %w", err)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// Change gives an order that stands what a hospital says of it now. Its hospital,
// its Study Instance UID and its ID stay.
func Change(ctx context.Context, tx db.Tx, id string, o Order, actor string) (Order, error) {
	old, err := ByID(ctx, tx, id)
	if err != nil {
		return Order{}, err
	}
	o.FacilityID, o.StudyInstanceUID = old.FacilityID, old.StudyInstanceUID
	o = o.filled()
	if err := o.check(); err != nil {
		return Order{}, err
	}
	o.ID, o.CreatedAt = old.ID, old.CreatedAt
	res, err := tx.ExecContext(ctx, `UPDATE orders SET accession_number = $2, patient_id = $3, patient_name = $4, birth_date = $5, sex = $6, procedure_id = $7,
 procedure_description = $8, referring_physician = $9, priority = $10, comments = $11, station_ae = $12, start_date = $13, start_time = $14, modality = $15,
 performing_physician = $16, step_id = $17, step_description = $18, placer = $19, procedure_code = $20, allergies = $21, alerts = $22, contrast = $23, onset = $24
 WHERE id = $1 AND canceled_at = 0`,
		o.ID, o.AccessionNumber, o.PatientID, o.PatientName, o.BirthDate, o.Sex, o.ProcedureID,
		o.ProcedureDescription, o.ReferringPhysician, o.Priority, o.Comments, o.Step.StationAE, o.Step.StartDate, o.Step.StartTime, o.Step.Modality,
		o.Step.PerformingPhysician, o.Step.ID, o.Step.Description, o.Placer, o.ProcedureCode, o.Allergies, o.Alerts, o.Contrast, micros(o.Onset))
	if err := one(res, err); err != nil {
		return Order{}, err
	}
	return o, record(ctx, tx, o, actor, actionChanged)
}

// Cancel takes an order off the worklist. The row stays: a study that was made
// nevertheless is still known by it. Its step gives its ID away, which another may
// have under the same accession number then.
func Cancel(ctx context.Context, tx db.Tx, o Order, actor string) error {
	res, err := tx.ExecContext(ctx, `UPDATE orders SET canceled_at = $2, step_id = step_id || '#' || id WHERE id = $1 AND canceled_at = 0`, o.ID, db.Micros(db.Now()))
	if err := one(res, err); err != nil {
		return err
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
