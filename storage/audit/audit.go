package audit

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Outcomes of PS3.15 table A.5.2-1 (EventOutcomeIndicator): success, serious failure.
const (
	Success = "success"
	Failure = "failure"
)

// Record is one act.
type Record struct {
	Seq        int64     // set by Append
	At         time.Time // set by Append when zero
	Actor      string    // user ID, token ID, "ae:KAIFU_CT", "dokuei"
	Action     string    // "instance.stored", "report.signed", "session.opened", …
	Object     string    // study, instance, report or user ID
	FacilityID string
	Outcome    string // Success unless set
	Detail     string // codes and UIDs, never names of patients
	Hash       string // set by Append
}

// Append adds r to the trail inside the caller's transaction.
func Append(ctx context.Context, tx db.Tx, r Record) error {
	seq, prev, err := Head(ctx, tx)
	if err != nil {
		return err
	}
	r.Seq = seq + 1
	if r.At.IsZero() {
		r.At = db.NowIn(ctx)
	}
	if r.Outcome == "" {
		r.Outcome = Success
	}
	r.Hash = r.chain(prev)
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (seq, at, actor, action, object, facility_id, outcome, detail, hash)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		r.Seq, db.Micros(r.At), r.Actor, r.Action, r.Object, r.FacilityID, r.Outcome, r.Detail, r.Hash)
	if err != nil {
		return fmt.Errorf("audit: append: %w", err)
	}
	return nil
}

// Head is the number and hash of the newest record; 0 and "" for an empty trail.
func Head(ctx context.Context, tx db.Tx) (seq int64, hash string, err error) {
	err = tx.QueryRowContext(ctx, `SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1`).Scan(&seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, "", nil
	}
	if err != nil {
		return 0, "", fmt.Errorf("audit: head: %w", err)
	}
	return seq, hash, nil
}
