package worklist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// CancelRequest is the wish of a hospital that a reading under way be canceled
// (PS3.4 CC.2.2): its performer decides.
type CancelRequest struct {
	By     string // AE title; empty when it was asked for by HTTP
	Reason string
}

// RequestCancelOf keeps a wish, tells of it, and shows it to coordinators.
func RequestCancelOf(ctx context.Context, tx db.Tx, id string, r CancelRequest, actor string) error {
	w, err := load(ctx, tx, id)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO step_cancel_requests (workitem_id, requested_by, reason, requested_at) VALUES ($1, $2, $3, $4)
 ON CONFLICT (workitem_id) DO UPDATE SET requested_by = excluded.requested_by, reason = excluded.reason, requested_at = excluded.requested_at`,
		id, r.By, r.Reason, db.Micros(db.NowIn(ctx)))
	if err != nil {
		return fmt.Errorf("worklist: cancel request: %w", err)
	}
	if err := record(ctx, tx, w, EventCancelRequested, actor, ""); err != nil {
		return err
	}
	_, _, err = Escalate(ctx, tx, id, "the hospital asks that it be canceled: "+r.Reason)
	return err
}

// CancelRequestOf is the last wish for an item; empty when there was none.
func CancelRequestOf(ctx context.Context, tx db.Tx, id string) (r CancelRequest, err error) {
	err = tx.QueryRowContext(ctx, `SELECT requested_by, reason FROM step_cancel_requests WHERE workitem_id = $1`, id).Scan(&r.By, &r.Reason)
	if errors.Is(err, sql.ErrNoRows) {
		return CancelRequest{}, nil
	}
	if err != nil {
		return r, fmt.Errorf("worklist: cancel request: %w", err)
	}
	return r, nil
}
