package notify

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// notification is a row of a queue.
type notification struct {
	ID             string
	DestinationID  string
	StudyID        string // of an announcement
	StepID         string // of a performance
	SOPInstanceUID string // of an announcement
	Made           bool   // of a performance: the receiver has the step
	Version        int    // of a performance
	Attempts       int
	CreatedAt      time.Time
}

func (n notification) about() string { return n.StudyID + n.StepID }

// announcements are of complete studies: Instance Availability Notifications.
type announcements struct {
	rows
	db      *db.DB
	aeTitle string
}

func (*announcements) class() string { return uid.InstanceAvailabilityNotification }

func (a *announcements) tell(ctx context.Context, c *service.Client, one notification) (bool, dimse.Status, error) {
	d, err := content(ctx, a.db.Read(ctx), one.StudyID, a.aeTitle)
	if err != nil {
		return false, 0, &localError{err}
	}
	answer, err := c.Create(ctx, uid.InstanceAvailabilityNotification, uid.InstanceAvailabilityNotification, one.SOPInstanceUID, d)
	// 0111: it has it from an attempt whose answer was lost.
	return answer.Status.Stored() || answer.Status == dimse.DuplicateSOPInstance, answer.Status, err
}

// Enqueue writes down, in the transaction that completes a study, who is to be
// told. After the commit the caller calls [Notifier.Wake].
func Enqueue(ctx context.Context, tx db.Tx, facilityID, studyID string) error {
	destinations, err := worklist.DestinationsOf(ctx, tx, facilityID)
	if err != nil {
		return fmt.Errorf("notify: enqueue: %w", err)
	}
	for _, to := range destinations {
		if to.Notify != worklist.NotifyIAN {
			continue
		}
		// One that waits or is being sent becomes another: what it says has changed.
		_, err := tx.ExecContext(ctx, `INSERT INTO notifications (id, destination_id, study_id, sop_instance_uid, state, next_at, created_at, updated_at)
 VALUES ($1, $2, $3, $4, 'pending', $5, $5, $5)
 ON CONFLICT (destination_id, study_id) WHERE state = 'pending' DO UPDATE SET sop_instance_uid = excluded.sop_instance_uid, updated_at = excluded.updated_at`,
			db.NewID(), to.ID, studyID, uid.New(), db.Micros(db.Now()))
		if err != nil {
			return fmt.Errorf("notify: enqueue: %w", err)
		}
	}
	return nil
}

var announcing = rows{"notifications", `t.notify = 'ian'`}

func (*announcements) due(ctx context.Context, tx db.Tx, destinationID string, now time.Time) (list []notification, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT n.id, n.destination_id, n.study_id, n.sop_instance_uid, n.attempts, n.created_at`+announcing.waiting()+`
 AND n.destination_id = $1 AND n.next_at <= $2 ORDER BY n.attempts, n.next_at, n.id LIMIT 64`, destinationID, db.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("notify: due: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var n notification
		var created int64
		if err := rows.Scan(&n.ID, &n.DestinationID, &n.StudyID, &n.SOPInstanceUID, &n.Attempts, &created); err != nil {
			return nil, fmt.Errorf("notify: due: %w", err)
		}
		n.CreatedAt = db.FromMicros(created)
		list = append(list, n)
	}
	return list, rows.Err()
}

func (*announcements) settle(ctx context.Context, tx db.Tx, n notification, state, reason string) error {
	_, err := tx.ExecContext(ctx, `UPDATE notifications SET state = $1, attempts = attempts + 1, last_error = $2, updated_at = $3
 WHERE id = $4 AND sop_instance_uid = $5 AND state = 'pending'`, state, reason, db.Micros(db.Now()), n.ID, n.SOPInstanceUID)
	if err != nil {
		return fmt.Errorf("notify: settle: %w", err)
	}
	return nil
}
