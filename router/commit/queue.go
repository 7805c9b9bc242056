package commit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/storage/db"
)

// state of a request.
type state string

const (
	requested state = "requested"
	verified  state = "verified"
)

// request is a row of commitments.
type request struct {
	ID, FacilityID, TransactionUID, AETitle, CalledAE string
	State                                             state
	Duplicate                                         bool
	Attempts                                          int
}

const columns = `id, facility_id, transaction_uid, ae_title, called_ae, state, duplicate, attempts`

func scan(row interface{ Scan(...any) error }) (r request, err error) {
	err = row.Scan(&r.ID, &r.FacilityID, &r.TransactionUID, &r.AETitle, &r.CalledAE, &r.State, &r.Duplicate, &r.Attempts)
	return r, err
}

// accept makes a request a row, and gives its ID: that of the row that is there
// when the same AE asks the same again, whose answer may have been lost.
func accept(ctx context.Context, tx db.Tx, r request, items []commitment.Item) (string, error) {
	now := db.Micros(db.Now())
	old, err := scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM commitments WHERE facility_id = $1 AND transaction_uid = $2 AND duplicate = 0`, r.FacilityID, r.TransactionUID))
	switch {
	case errors.Is(err, sql.ErrNoRows):
	case err != nil:
		return "", fmt.Errorf("commit: look up transaction: %w", err)
	default:
		before, err := itemsOf(ctx, tx, old.ID)
		if err != nil {
			return "", err
		}
		for i := range before {
			before[i].Reason = commitment.Committed
		}
		if old.AETitle == r.AETitle && slices.Equal(before, items) {
			_, err := tx.ExecContext(ctx, `UPDATE commitments SET state = 'requested', attempts = 0, next_at = $1 WHERE id = $2`, now, old.ID)
			return old.ID, err
		}
		r.Duplicate = true
	}
	duplicate := 0
	if r.Duplicate {
		duplicate = 1
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO commitments (id, facility_id, transaction_uid, ae_title, called_ae, state, duplicate, next_at, created_at)
 VALUES ($1, $2, $3, $4, $5, 'requested', $6, $7, $7)`, r.ID, r.FacilityID, r.TransactionUID, r.AETitle, r.CalledAE, duplicate, now)
	if err != nil {
		return "", fmt.Errorf("commit: accept: %w", err)
	}
	for n, i := range items {
		_, err := tx.ExecContext(ctx, `INSERT INTO commitment_items (commitment_id, position, sop_class_uid, sop_instance_uid) VALUES ($1, $2, $3, $4)`,
			r.ID, n, i.SOPClassUID, i.SOPInstanceUID)
		if err != nil {
			return "", fmt.Errorf("commit: accept: %w", err)
		}
	}
	return r.ID, nil
}

// itemsOf reads the list of a request, with the reasons it has so far.
func itemsOf(ctx context.Context, tx db.Tx, id string) ([]commitment.Item, error) {
	rows, err := tx.QueryContext(ctx, `SELECT sop_class_uid, sop_instance_uid, COALESCE(reason, 0) FROM commitment_items WHERE commitment_id = $1 ORDER BY position`, id)
	if err != nil {
		return nil, fmt.Errorf("commit: items: %w", err)
	}
	defer rows.Close()
	var list []commitment.Item
	for rows.Next() {
		var i commitment.Item
		if err := rows.Scan(&i.SOPClassUID, &i.SOPInstanceUID, &i.Reason); err != nil {
			return nil, fmt.Errorf("commit: items: %w", err)
		}
		list = append(list, i)
	}
	return list, rows.Err()
}

// due lists requests whose time has come, longest overdue first.
func due(ctx context.Context, tx db.Tx, now time.Time, limit int) ([]request, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+` FROM commitments WHERE state <> 'reported' AND next_at <= $1 ORDER BY next_at, id LIMIT $2`, db.Micros(now), limit)
	if err != nil {
		return nil, fmt.Errorf("commit: due: %w", err)
	}
	defer rows.Close()
	var list []request
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("commit: due: %w", err)
		}
		list = append(list, r)
	}
	return list, rows.Err()
}

// reload reads a request that is still due.
func reload(ctx context.Context, tx db.Tx, id string, now time.Time) (r request, found bool, err error) {
	r, err = scan(tx.QueryRowContext(ctx, `SELECT `+columns+` FROM commitments WHERE id = $1 AND state <> 'reported' AND next_at <= $2`, id, db.Micros(now)))
	if errors.Is(err, sql.ErrNoRows) {
		return request{}, false, nil
	}
	if err != nil {
		return request{}, false, fmt.Errorf("commit: reload: %w", err)
	}
	return r, true, nil
}

// next is when something that is not due now will be; zero: never.
func next(ctx context.Context, tx db.Tx, now time.Time) (time.Time, error) {
	var us sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT MIN(next_at) FROM commitments WHERE state <> 'reported' AND next_at > $1`, db.Micros(now)).Scan(&us)
	if err != nil || !us.Valid {
		return time.Time{}, err
	}
	return db.FromMicros(us.Int64), nil
}

// settle writes the reasons of a verified request.
func settle(ctx context.Context, tx db.Tx, id string, items []commitment.Item) error {
	for n, i := range items {
		_, err := tx.ExecContext(ctx, `UPDATE commitment_items SET reason = $1 WHERE commitment_id = $2 AND position = $3`, int(i.Reason), id, n)
		if err != nil {
			return fmt.Errorf("commit: settle: %w", err)
		}
	}
	_, err := tx.ExecContext(ctx, `UPDATE commitments SET state = 'verified', verified_at = $1 WHERE id = $2`, db.Micros(db.Now()), id)
	return err
}

// postpone writes down why an attempt failed. What else is to be told to the
// same AE need not find that out one by one.
func postpone(ctx context.Context, tx db.Tx, r request, at time.Time, why error) error {
	_, err := tx.ExecContext(ctx, `UPDATE commitments SET attempts = attempts + 1, next_at = $1, last_error = $2 WHERE id = $3`, db.Micros(at), why.Error(), r.ID)
	if err != nil {
		return fmt.Errorf("commit: postpone: %w", err)
	}
	_, err = tx.ExecContext(ctx, `UPDATE commitments SET next_at = $1 WHERE facility_id = $2 AND ae_title = $3 AND state = 'verified' AND next_at < $1`,
		db.Micros(at), r.FacilityID, r.AETitle)
	return err
}

// finish ends a request, unless it was made again meanwhile.
func finish(ctx context.Context, tx db.Tx, id string) error {
	_, err := tx.ExecContext(ctx, `UPDATE commitments SET state = 'reported', reported_at = $1, last_error = '' WHERE id = $2 AND state = 'verified'`, db.Micros(db.Now()), id)
	if err != nil {
		return fmt.Errorf("commit: finish: %w", err)
	}
	return nil
}

// Hasten lets what an AE has not been told be told now: its address was changed.
func Hasten(ctx context.Context, tx db.Tx, facilityID, aeTitle string) error {
	_, err := tx.ExecContext(ctx, `UPDATE commitments SET next_at = $1 WHERE facility_id = $2 AND ae_title = $3 AND state <> 'reported' AND next_at > $1`,
		db.Micros(db.Now()), facilityID, aeTitle)
	if err != nil {
		return fmt.Errorf("commit: hasten: %w", err)
	}
	return nil
}
