package worklist

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

const workitemColumns = `w.id, w.sop_instance_uid, w.study_id, w.facility_id, w.state, w.kind, w.panel_id, w.priority,
 w.deadline, w.readiness, w.claimed_by, w.claimed_at, w.transaction_uid, w.replaces, w.replaced_by, w.reasons, w.rule_id,
 w.cancel_reason, w.created_at, w.completed_at, w.canceled_at, w.version`

type scanner interface{ Scan(dest ...any) error }

func scanWorkitem(row scanner) (Workitem, error) {
	var (
		w                                         Workitem
		claimedBy, transaction, replaces, replacd sql.NullString
		deadline, created                         int64
		claimedAt, completedAt, canceledAt        sql.NullInt64
		reasons                                   string
	)
	err := row.Scan(&w.ID, &w.SOPInstanceUID, &w.StudyID, &w.FacilityID, &w.State, &w.Kind, &w.PanelID, &w.Priority,
		&deadline, &w.Readiness, &claimedBy, &claimedAt, &transaction, &replaces, &replacd, &reasons, &w.RuleID,
		&w.CancelReason, &created, &completedAt, &canceledAt, &w.Version)
	if err != nil {
		if errors.Is(err, sql.ErrNoRows) {
			return Workitem{}, ErrNotFound
		}
		return Workitem{}, fmt.Errorf("worklist: read item: %w", err)
	}
	if err := json.Unmarshal([]byte(reasons), &w.Reasons); err != nil {
		return Workitem{}, fmt.Errorf("worklist: reasons of item %s: %w", w.ID, err)
	}
	w.ClaimedBy, w.TransactionUID, w.Replaces, w.ReplacedBy = claimedBy.String, transaction.String, replaces.String, replacd.String
	w.Deadline, w.CreatedAt = db.FromMicros(deadline), db.FromMicros(created)
	w.ClaimedAt, w.CompletedAt, w.CanceledAt = instant(claimedAt), instant(completedAt), instant(canceledAt)
	return w, nil
}

func instant(n sql.NullInt64) time.Time {
	if !n.Valid {
		return time.Time{}
	}
	return db.FromMicros(n.Int64)
}

func scanAll(rows *sql.Rows, err error) ([]Workitem, error) {
	if err != nil {
		return nil, fmt.Errorf("worklist: list: %w", err)
	}
	defer rows.Close()
	var list []Workitem
	for rows.Next() {
		w, err := scanWorkitem(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, w)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("worklist: list: %w", err)
	}
	return list, nil
}

// load reads an item whoever asks; the exported reads are scoped.
func load(ctx context.Context, tx db.Tx, id string) (Workitem, error) {
	return scanWorkitem(tx.QueryRowContext(ctx, `SELECT `+workitemColumns+` FROM workitems w WHERE w.id = $1`, id))
}
