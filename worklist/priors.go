package worklist

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// ShowPriors lets the panels that have a study to read see the earlier studies that were
// asked for to be compared with it.
func ShowPriors(ctx context.Context, tx db.Tx, studyID string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO study_grants (study_id, grantee_kind, grantee, granted_at)
 SELECT DISTINCT s.id, 'panel', w.panel_id, f.created_at FROM prior_fetches f
 JOIN prior_studies p ON p.fetch_id = f.id
 JOIN studies s ON s.facility_id = p.facility_id AND s.study_instance_uid = p.study_instance_uid
 JOIN workitems w ON w.study_id = f.study_id AND w.state <> 'CANCELED'
 WHERE f.study_id = $1 ON CONFLICT (study_id, grantee_kind, grantee) DO NOTHING`, studyID)
	if err != nil {
		return fmt.Errorf("worklist: show priors: %w", err)
	}
	return nil
}
