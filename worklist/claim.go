package worklist

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Claim moves an item from SCHEDULED to IN PROGRESS for a reader of its panel
// (PS3.4 CC.2.1: the step is locked with a new Transaction UID). Of any number
// of claims at once one succeeds. A reader who holds the item already gets it
// again, unchanged: a lost answer may be asked for twice.
func Claim(ctx context.Context, tx db.Tx, id, readerID string) (Workitem, error) {
	return ClaimAs(ctx, tx, id, readerID, uid.New())
}

// ClaimAs is Claim with a Transaction UID of the performer's own, which is how
// a claim is made over DICOM.
func ClaimAs(ctx context.Context, tx db.Tx, id, readerID, transactionUID string) (Workitem, error) {
	w, err := load(ctx, tx, id)
	if err != nil {
		return Workitem{}, err
	}
	if w.State == InProgress && w.ClaimedBy == readerID {
		return w, nil
	}
	if err := refusal(Transition(w.State, ToInProgress).Status); err != nil {
		return w, err
	}
	if err := requireFit(ctx, tx, w, readerID); err != nil {
		return w, err
	}
	if !w.Offer.Allows(readerID) {
		return w, ErrOffered
	}
	w.TransactionUID, w.ClaimedBy, w.ClaimedAt = transactionUID, readerID, db.NowIn(ctx)
	// The state and version in the condition are what makes the claim exclusive;
	// the reads above only choose the words of a refusal.
	res, err := tx.ExecContext(ctx, `UPDATE workitems
 SET state = 'IN PROGRESS', claimed_by = $1, claimed_at = $2, transaction_uid = $3, version = version + 1
 WHERE id = $4 AND state = 'SCHEDULED' AND version = $5`,
		readerID, db.Micros(w.ClaimedAt), w.TransactionUID, id, w.Version)
	if err := changedOne(res, err); err != nil {
		return w, err
	}
	w.State, w.Version = InProgress, w.Version+1
	if err := catalog.Grant(ctx, tx, w.StudyID, catalog.GranteeUser, readerID); err != nil {
		return w, err
	}
	return w, record(ctx, tx, w, EventClaimed, readerID, "")
}

// Complete moves an item from IN PROGRESS to COMPLETED. Only its holder can
// (C301). reports calls it in the transaction that signs the report, which is
// the Output Information the final state requires (PS3.4 CC.2.1.3, C304).
func Complete(ctx context.Context, tx db.Tx, id, readerID string) (Workitem, error) {
	w, err := load(ctx, tx, id)
	if err != nil {
		return Workitem{}, err
	}
	req := ToCompletedNotHeld
	if w.ClaimedBy == readerID || w.State == Scheduled {
		req = ToCompletedHeld
	}
	if err := refusal(Transition(w.State, req).Status); err != nil {
		return w, err
	}
	w.CompletedAt = db.NowIn(ctx)
	res, err := tx.ExecContext(ctx, `UPDATE workitems SET state = 'COMPLETED', completed_at = $1, version = version + 1
 WHERE id = $2 AND state = 'IN PROGRESS' AND claimed_by = $3 AND version = $4`,
		db.Micros(w.CompletedAt), id, readerID, w.Version)
	if err := changedOne(res, err); err != nil {
		return w, err
	}
	w.State, w.Version = Completed, w.Version+1
	return w, record(ctx, tx, w, EventCompleted, readerID, "")
}

// requireFit says why a reader may not take an item. A trainee takes first
// readings only; nobody verifies, or reads a second time, what they read first, or
// takes what they have declined.
func requireFit(ctx context.Context, tx db.Tx, w Workitem, readerID string) error {
	trainee, err := Trainee(ctx, tx, w.PanelID, readerID)
	switch {
	case err != nil:
		return err
	case w.NotFor == readerID:
		return ErrOwnReading
	case trainee && w.NeedsFull():
		return ErrTrainee
	}
	p, err := ProfileOfReader(ctx, tx, readerID)
	if err != nil {
		return err
	}
	if p.Expired(db.NowIn(ctx)) || p.Barred(w.FacilityID) || len(p.Lacks(w.Requires)) > 0 {
		return ErrUnfit
	}
	var declined int
	if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM declines WHERE workitem_id = $1 AND reader_id = $2`, w.ID, readerID).Scan(&declined); err != nil {
		return fmt.Errorf("worklist: declines: %w", err)
	}
	if declined > 0 {
		return ErrDeclined
	}
	return nil
}

// Trainee reports whether readings of a reader on a panel are preliminary until
// another verifies them: by the role, or by what the panel says of them;
// [ErrNotOnPanel] for one who does not sit there.
func Trainee(ctx context.Context, tx db.Tx, panelID, readerID string) (bool, error) {
	var trainee int
	err := tx.QueryRowContext(ctx, `SELECT CASE WHEN u.role = $3 THEN 1 ELSE m.trainee END FROM panel_members m JOIN users u ON u.id = m.user_id
 WHERE m.panel_id = $1 AND m.user_id = $2`, panelID, readerID, string(identity.Trainee)).Scan(&trainee)
	if errors.Is(err, sql.ErrNoRows) {
		return false, ErrNotOnPanel
	}
	if err != nil {
		return false, fmt.Errorf("worklist: panel of reader: %w", err)
	}
	return trainee == 1, nil
}

// changedOne turns "no row met the condition" into the loss of the race.
func changedOne(res sql.Result, err error) error {
	if err != nil {
		return fmt.Errorf("worklist: change item: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("worklist: change item: %w", err)
	}
	if n != 1 {
		return ErrAlreadyClaimed
	}
	return nil
}
