package deliver

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// Forward queues the received images of a study for a destination, whosever it is, and
// says how many were not queued before. Images that come later are queued by the next call.
// The courier finds them when it looks again, or is woken.
func Forward(ctx context.Context, tx db.Tx, s catalog.Study, destinationID string) (int64, error) {
	now := db.Micros(db.Now())
	rows, err := tx.QueryContext(ctx, `SELECT i.id FROM instances i JOIN series e ON e.id = i.series_id
 WHERE e.study_id = $1 AND e.origin = 'received' AND NOT EXISTS
 (SELECT 1 FROM deliveries d WHERE d.destination_id = $2 AND d.instance_id = i.id AND d.object = $3) ORDER BY e.id, i.id`, s.ID, destinationID, Image)
	if err != nil {
		return 0, fmt.Errorf("deliver: forward: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return 0, fmt.Errorf("deliver: forward: %w", err)
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return 0, err
	}
	var seq int64
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(MAX(seq), 0) FROM deliveries WHERE destination_id = $1 AND study_id = $2`, destinationID, s.ID).Scan(&seq); err != nil {
		return 0, fmt.Errorf("deliver: forward: %w", err)
	}
	d := Delivery{FacilityID: s.FacilityID, StudyID: s.ID}
	for n, id := range ids {
		d.ID = db.NewID()
		if _, err := tx.ExecContext(ctx, `INSERT INTO deliveries
 (id, destination_id, facility_id, study_id, report_id, instance_id, object, seq, state, next_at, created_at, updated_at)
 VALUES ($1, $2, $3, $4, '', $5, $6, $7, 'pending', $8, $8, $8)`, d.ID, destinationID, s.FacilityID, s.ID, id, Image, seq+int64(n)+1, now); err != nil {
			return 0, fmt.Errorf("deliver: forward: %w", err)
		}
	}
	return int64(len(ids)), event(ctx, tx, d, EventQueued)
}
