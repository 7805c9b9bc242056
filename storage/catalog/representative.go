package catalog

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Representative is the instance that stands for a study in a list: the middle
// one of its largest series of images. ok is false for a study without images.
func Representative(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) (instanceID string, ok bool, err error) {
	cond, args := scope.InstanceFilter(2)
	var seriesID string
	var images int
	err = tx.QueryRowContext(ctx, `SELECT instances.series_id, COUNT(*) FROM instances JOIN studies ON studies.id = instances.study_id
		WHERE instances.study_id = $1 AND instances.pixel_rows > 0 AND `+cond+`
		GROUP BY instances.series_id ORDER BY COUNT(*) DESC, instances.series_id LIMIT 1`,
		append([]any{studyID}, args...)...).Scan(&seriesID, &images)
	if err == nil {
		err = tx.QueryRowContext(ctx, `SELECT id FROM instances WHERE series_id = $1 AND pixel_rows > 0
			ORDER BY instance_number, id LIMIT 1 OFFSET $2`, seriesID, images/2).Scan(&instanceID)
	}
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("catalog: representative instance: %w", err)
	}
	return instanceID, true, nil
}
