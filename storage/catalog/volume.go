package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Volume is how much has come from a facility.
type Volume struct {
	Studies     int
	LastArrival time.Time
}

// Volumes counts the studies within scope by facility.
func Volumes(ctx context.Context, tx db.Tx, scope identity.Scope) (map[string]Volume, error) {
	cond, args := scope.StudyFilter(1)
	rows, err := tx.QueryContext(ctx, `SELECT studies.facility_id, COUNT(*), MAX(studies.last_arrival) FROM studies
 WHERE `+cond+` GROUP BY studies.facility_id`, args...)
	if err != nil {
		return nil, fmt.Errorf("catalog: volumes: %w", err)
	}
	defer rows.Close()
	out := map[string]Volume{}
	for rows.Next() {
		var id string
		var v Volume
		var last int64
		if err := rows.Scan(&id, &v.Studies, &last); err != nil {
			return nil, fmt.Errorf("catalog: volumes: %w", err)
		}
		v.LastArrival = db.FromMicros(last)
		out[id] = v
	}
	return out, rows.Err()
}
