package catalog

import (
	"context"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/db"
)

// Declare records that its sender has said a study has count instances (by a
// storage commitment request or a performed procedure step). The largest number
// said counts. A study that is receiving and has them all need wait no longer;
// release reports whether that is so now. The caller wakes the ledger.
func Declare(ctx context.Context, tx db.Tx, studyID string, count int, now time.Time) (release bool, err error) {
	_, err = tx.ExecContext(ctx, `UPDATE studies SET declared_instances = $1 WHERE id = $2 AND declared_instances < $1`, count, studyID)
	if err != nil {
		return false, fmt.Errorf("catalog: declare: %w", err)
	}
	res, err := tx.ExecContext(ctx, `UPDATE studies SET release_at = $1 WHERE id = $2 AND state = 'receiving' AND release_at > $1
		AND declared_instances > 0 AND instance_count >= declared_instances`, db.Micros(now), studyID)
	if err != nil {
		return false, fmt.Errorf("catalog: declare: %w", err)
	}
	n, err := res.RowsAffected()
	return n > 0, err
}

// SOPClassOf is the SOP Class UID of an instance, whoever asks.
func SOPClassOf(ctx context.Context, tx db.Tx, instanceID string) (class string, err error) {
	if err := tx.QueryRowContext(ctx, `SELECT sop_class_uid FROM instances WHERE id = $1`, instanceID).Scan(&class); err != nil {
		return "", fmt.Errorf("catalog: class of instance: %w", err)
	}
	return class, nil
}
