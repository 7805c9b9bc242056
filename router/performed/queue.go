package performed

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

var (
	errExists  = errors.New("performed: the step exists")
	errUnknown = errors.New("performed: no such step")
	errFinal   = errors.New("performed: the step has ended")
)

func insert(ctx context.Context, tx db.Tx, facilityID, ae string, s *step) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	if _, err := load(ctx, tx, facilityID, s.sop); !errors.Is(err, errUnknown) {
		if err == nil {
			err = errExists
		}
		return err
	}
	s.id = db.NewID()
	_, err = tx.ExecContext(ctx, `INSERT INTO performed_steps (id, facility_id, sop_instance_uid, study_instance_uid, status, ae_title, attributes, created_at, updated_at)
 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)`, s.id, facilityID, s.sop, s.study, string(s.status), ae, text, db.Micros(db.Now()))
	if err != nil {
		return fmt.Errorf("performed: insert: %w", err)
	}
	return nil
}

func load(ctx context.Context, tx db.Tx, facilityID, sop string) (step, error) {
	s := step{sop: sop}
	var text string
	err := tx.QueryRowContext(ctx, `SELECT id, study_instance_uid, status, attributes FROM performed_steps WHERE facility_id = $1 AND sop_instance_uid = $2`,
		facilityID, sop).Scan(&s.id, &s.study, &s.status, &text)
	if errors.Is(err, sql.ErrNoRows) {
		return s, errUnknown
	}
	if err != nil {
		return s, fmt.Errorf("performed: load: %w", err)
	}
	return s, s.parse(text)
}

func update(ctx context.Context, tx db.Tx, s step) error {
	text, err := s.text()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE performed_steps SET status = $1, attributes = $2, instances = $3, updated_at = $4 WHERE id = $5`,
		string(s.status), text, s.instances(), db.Micros(db.Now()), s.id)
	if err != nil {
		return fmt.Errorf("performed: update: %w", err)
	}
	return nil
}

// pending lists studies that are here and have not been told what their steps
// list, when all their steps have ended.
func pending(ctx context.Context, tx db.Tx, limit int) (studies []string, err error) {
	rows, err := tx.QueryContext(ctx, `SELECT DISTINCT s.id FROM performed_steps p
 JOIN studies s ON s.facility_id = p.facility_id AND s.study_instance_uid = p.study_instance_uid
 WHERE p.declared = 0 AND p.instances > 0 AND NOT EXISTS (SELECT 1 FROM performed_steps o
  WHERE o.facility_id = p.facility_id AND o.study_instance_uid = p.study_instance_uid AND o.status = 'IN PROGRESS') LIMIT $1`, limit)
	if err != nil {
		return nil, fmt.Errorf("performed: pending: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, fmt.Errorf("performed: pending: %w", err)
		}
		studies = append(studies, id)
	}
	return studies, rows.Err()
}

// declare tells a study what its steps list; release says that it need not wait
// any longer.
func declare(ctx context.Context, tx db.Tx, studyID string) (release bool, err error) {
	const its = `(SELECT p.id FROM performed_steps p JOIN studies s ON s.facility_id = p.facility_id AND s.study_instance_uid = p.study_instance_uid WHERE s.id = $1)`
	var count int
	if err := tx.QueryRowContext(ctx, `SELECT COALESCE(SUM(instances), 0) FROM performed_steps WHERE id IN `+its, studyID).Scan(&count); err != nil {
		return false, fmt.Errorf("performed: declare: %w", err)
	}
	if _, err := tx.ExecContext(ctx, `UPDATE performed_steps SET declared = 1 WHERE id IN `+its, studyID); err != nil {
		return false, fmt.Errorf("performed: declare: %w", err)
	}
	return catalog.Declare(ctx, tx, studyID, count, db.Now())
}
