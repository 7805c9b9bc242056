package worklist

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

const workitemColumns = `w.id, w.sop_instance_uid, w.study_id, w.facility_id, w.state, w.kind, w.panel_id, w.priority,
 w.deadline, w.readiness, w.claimed_by, w.claimed_at, w.transaction_uid, w.replaces, w.replaced_by, w.reasons, w.rule_id,
 w.cancel_reason, w.created_at, w.completed_at, w.canceled_at, w.version, w.purpose || w.task, w.not_for,
 w.assign, w.main_reader, w.deputy, w.offer_state, w.claim_due, w.escalated, w.requires, w.alone_until`

// row is workitemColumns as the database gives them.
type row struct {
	w                                          Workitem
	claimedBy, transaction, replaces, replaced sql.NullString
	deadline, created, claimDue, alone         int64
	claimedAt, completedAt, canceledAt         sql.NullInt64
	reasons, requires                          string
}

func (r *row) dest() []any {
	w := &r.w
	return []any{
		&w.ID, &w.SOPInstanceUID, &w.StudyID, &w.FacilityID, &w.State, &w.Kind, &w.PanelID, &w.Priority,
		&r.deadline, &w.Readiness, &r.claimedBy, &r.claimedAt, &r.transaction, &r.replaces, &r.replaced, &r.reasons, &w.RuleID,
		&w.CancelReason, &r.created, &r.completedAt, &r.canceledAt, &w.Version, &w.Purpose, &w.NotFor,
		&w.Offer.Mode, &w.Offer.Main, &w.Offer.Deputy, &w.Offer.Reached, &r.claimDue, &w.Escalated, &r.requires, &r.alone,
	}
}

func (r *row) workitem() (Workitem, error) {
	w := r.w
	if err := json.Unmarshal([]byte(r.reasons), &w.Reasons); err != nil {
		return Workitem{}, fmt.Errorf("worklist: reasons of item %s: %w", w.ID, err)
	}
	w.ClaimedBy, w.TransactionUID, w.Replaces, w.ReplacedBy = r.claimedBy.String, r.transaction.String, r.replaces.String, r.replaced.String
	if r.requires != "" {
		w.Requires = strings.Split(r.requires, ",")
	}
	w.ClaimDue, w.Offer.Until = db.FromMicros(r.claimDue), db.FromMicros(r.alone)
	w.Deadline, w.CreatedAt = db.FromMicros(r.deadline), db.FromMicros(r.created)
	w.ClaimedAt, w.CompletedAt, w.CanceledAt = instant(r.claimedAt), instant(r.completedAt), instant(r.canceledAt)
	return w, nil
}

func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return db.FromMicros(n.Int64)
}

// one reads an item whoever asks; the reads of list.go are scoped.
func one(ctx context.Context, tx db.Tx, where string, args ...any) (Workitem, error) {
	var r row
	err := tx.QueryRowContext(ctx, `SELECT `+workitemColumns+` FROM workitems w WHERE `+where, args...).Scan(r.dest()...)
	if errors.Is(err, sql.ErrNoRows) {
		return Workitem{}, ErrNotFound
	}
	if err != nil {
		return Workitem{}, fmt.Errorf("worklist: read item: %w", err)
	}
	return r.workitem()
}

// several reads items whoever asks.
func several(ctx context.Context, tx db.Tx, where string, args ...any) ([]Workitem, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+workitemColumns+` FROM workitems w WHERE `+where, args...)
	if err != nil {
		return nil, err
	}
	return collect(rows, func(rows *sql.Rows) (Workitem, error) {
		var r row
		if err := rows.Scan(r.dest()...); err != nil {
			return Workitem{}, err
		}
		return r.workitem()
	})
}

func load(ctx context.Context, tx db.Tx, id string) (Workitem, error) {
	return one(ctx, tx, `w.id = $1`, id)
}
