package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/performed"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// EnqueueStep writes down, in the transaction that keeps what a modality says of a
// step, who is to be told. After the commit the caller calls [Notifier.Wake].
func EnqueueStep(ctx context.Context, tx db.Tx, facilityID, stepID string) error {
	destinations, err := worklist.DestinationsOf(ctx, tx, facilityID)
	if err != nil {
		return fmt.Errorf("notify: enqueue: %w", err)
	}
	for _, to := range destinations {
		if !to.Performed {
			continue
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO performed_forwards (id, destination_id, step_id, state, next_at, created_at, updated_at)
 VALUES ($1, $2, $3, 'pending', $4, $4, $4)
 ON CONFLICT (destination_id, step_id) DO UPDATE SET state = 'pending', version = performed_forwards.version + 1, updated_at = excluded.updated_at,
  next_at = CASE WHEN performed_forwards.state = 'pending' THEN performed_forwards.next_at ELSE excluded.next_at END`,
			db.NewID(), to.ID, stepID, db.Micros(db.Now()))
		if err != nil {
			return fmt.Errorf("notify: enqueue: %w", err)
		}
	}
	return nil
}

// performances are what modalities say of their work. What is told is the step as it
// is then: several changes are one N-SET.
type performances struct {
	rows
	db *db.DB
}

func (*performances) class() string { return uid.ModalityPerformedProcedureStep }

var performing = rows{"performed_forwards", `t.performed = 1`}

func (*performances) due(ctx context.Context, tx db.Tx, destinationID string, now time.Time) (list []notification, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT n.id, n.destination_id, n.step_id, n.created, n.version, n.attempts, n.created_at`+performing.waiting()+`
 AND n.destination_id = $1 AND n.next_at <= $2 ORDER BY n.attempts, n.next_at, n.id LIMIT 64`, destinationID, db.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("notify: due: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n notification
		var made int
		var created int64
		if err := rows.Scan(&n.ID, &n.DestinationID, &n.StepID, &made, &n.Version, &n.Attempts, &created); err != nil {
			return nil, fmt.Errorf("notify: due: %w", err)
		}
		n.Made, n.CreatedAt = made == 1, db.FromMicros(created)
		list = append(list, n)
	}
	return list, rows.Err()
}

// tell makes the step at the receiver, if it has not got it, and sets what it says
// now (PS3.4 F.7.2). One that has ended there is not changed any more, which is as
// good as told.
func (p *performances) tell(ctx context.Context, c *service.Client, one notification) (bool, dimse.Status, error) {
	const class = uid.ModalityPerformedProcedureStep
	step, err := performed.Load(ctx, p.db.Read(ctx), one.StepID)
	if err != nil {
		return false, 0, &localError{err}
	}
	if !one.Made {
		a, err := c.Create(ctx, class, class, step.SOPInstanceUID, step.Begun())
		if err != nil || !a.Status.Stored() && a.Status != dimse.DuplicateSOPInstance {
			return false, a.Status, err
		}
		err = p.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE performed_forwards SET created = 1 WHERE id = $1`, one.ID)
			return err
		})
		if err != nil {
			return false, 0, &localError{err}
		}
		if a.Status != dimse.DuplicateSOPInstance && !step.Status.Final() {
			return true, a.Status, nil // all of it was in the N-CREATE
		}
	}
	a, err := c.Set(ctx, class, class, step.SOPInstanceUID, step.Changes())
	switch {
	case err != nil:
		return false, 0, err
	case a.Status == dimse.NoSuchSOPInstance: // it has lost it: made again next time
		err = p.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, `UPDATE performed_forwards SET created = 0 WHERE id = $1`, one.ID)
			return err
		})
		if err != nil {
			return false, 0, &localError{err}
		}
	}
	return a.Status.Stored() || a.ErrorID == performed.ErrorIDFinal, a.Status, nil
}

func (*performances) settle(ctx context.Context, tx db.Tx, n notification, state, reason string) error {
	_, err := tx.ExecContext(ctx, `UPDATE performed_forwards SET state = $1, attempts = 0, last_error = $2, updated_at = $3
 WHERE id = $4 AND version = $5 AND state = 'pending'`, state, reason, db.Micros(db.Now()), n.ID, n.Version)
	if err != nil {
		return fmt.Errorf("notify: settle: %w", err)
	}
	return nil
}
