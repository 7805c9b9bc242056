package clock

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// lease is how long a process may try to send before another may.
const lease = time.Minute

// take leases the notices that are to be sent now.
func take(ctx context.Context, tx db.Tx, now time.Time) ([]Notice, error) {
	if err := stop(ctx, tx, now); err != nil {
		return nil, err
	}
	rows, err := tx.QueryContext(ctx, `UPDATE notices SET lease_until = $1, attempts = attempts + 1 WHERE id IN (
 SELECT id FROM notices WHERE sent_at = 0 AND stopped_at = 0 AND next_at <= $2 AND lease_until <= $2 ORDER BY next_at, id LIMIT 16) RETURNING id, channel, recipient, body`,
		db.Micros(now.Add(lease)), db.Micros(now))
	if err != nil {
		return nil, fmt.Errorf("clock: notices: %w", err)
	}
	defer rows.Close()
	var list []Notice
	for rows.Next() {
		var n Notice
		var id, channel, recipient, body string
		if err := rows.Scan(&id, &channel, &recipient, &body); err != nil {
			return nil, fmt.Errorf("clock: notices: %w", err)
		}
		if err := json.Unmarshal([]byte(body), &n); err != nil {
			return nil, fmt.Errorf("clock: notices: %w", err)
		}
		n.ID, n.Channel, n.Recipient = id, channel, recipient
		list = append(list, n)
	}
	return list, rows.Err()
}

// supersede stops what waits for the end of a reader's quiet hours about an item of
// which there is a newer word.
func supersede(ctx context.Context, tx db.Tx, workitemID, readerID string, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE notices SET stopped_at = $1, reason = 'there is a newer word'
 WHERE workitem_id = $2 AND reader_id = $3 AND sent_at = 0 AND stopped_at = 0 AND attempts = 0 AND next_at > $1`, db.Micros(now), workitemID, readerID)
	if err != nil {
		return fmt.Errorf("clock: notice: %w", err)
	}
	return nil
}

// stop stops what is due and no longer concerns its reader: the item is over, another
// has it, it was theirs to take and they have, it is offered to somebody else now, or
// they have declined it.
func stop(ctx context.Context, tx db.Tx, now time.Time) error {
	_, err := tx.ExecContext(ctx, `UPDATE notices SET stopped_at = $1, reason = 'it no longer concerns the reader'
 WHERE sent_at = 0 AND stopped_at = 0 AND next_at <= $1 AND lease_until <= $1 AND reader_id <> '' AND NOT EXISTS (SELECT 1 FROM workitems w WHERE w.id = notices.workitem_id AND (
  w.state = 'IN PROGRESS' AND w.claimed_by = notices.reader_id AND notices.kind IN ($2, $3)
  OR w.state = 'SCHEDULED' AND NOT EXISTS (SELECT 1 FROM declines d WHERE d.workitem_id = w.id AND d.reader_id = notices.reader_id)
   AND (w.main_reader = '' OR w.offer_state = 'panel' OR w.main_reader = notices.reader_id OR w.offer_state = 'deputy' AND w.deputy = notices.reader_id)))`,
		db.Micros(now), FinalSoon, Raise)
	if err != nil {
		return fmt.Errorf("clock: notice: %w", err)
	}
	return nil
}

// settle writes what became of a notice: sent, or when it is tried again.
func settle(ctx context.Context, tx db.Tx, n Notice, failed error, now time.Time) error {
	var err error
	if failed == nil {
		_, err = tx.ExecContext(ctx, `UPDATE notices SET sent_at = $1, reason = '' WHERE id = $2`, db.Micros(now), n.ID)
	} else {
		_, err = tx.ExecContext(ctx, `UPDATE notices SET next_at = $1 + CASE WHEN attempts > 8 THEN 3600000000 ELSE attempts * attempts * 15000000 END, lease_until = 0, reason = $2 WHERE id = $3`,
			db.Micros(now), clip(failed.Error()), n.ID)
	}
	if err != nil {
		return fmt.Errorf("clock: notice: %w", err)
	}
	return nil
}

func clip(s string) string {
	s = strings.ToValidUTF8(s, "?")
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "")
	}
	return s
}
