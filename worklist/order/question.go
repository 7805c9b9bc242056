package order

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// ask has somebody say whether a study and orders belong together. The same question is
// not asked twice.
func ask(ctx context.Context, tx db.Tx, s catalog.Study, list []Order, reason string) error {
	for _, o := range list {
		if _, err := tx.ExecContext(ctx, `INSERT INTO reconciliations (id, facility_id, study_id, order_id, reason, created_at) VALUES ($1, $2, $3, $4, $5, $6)
 ON CONFLICT (study_id, order_id) DO UPDATE SET reason = excluded.reason, created_at = excluded.created_at, resolved_at = 0, resolution = '', actor = ''
 WHERE reconciliations.reason <> excluded.reason`, db.NewID(), s.FacilityID, s.ID, o.ID, reason, db.Micros(db.Now())); err != nil {
			return fmt.Errorf("order: reconciliation: %w", err)
		}
	}
	return nil
}

// Question is a study and an order of which somebody has to say whether they belong
// together.
type Question struct {
	ID        string
	StudyID   string
	Order     Order
	Reason    string
	CreatedAt time.Time
}

// Open lists the questions of a hospital, or of all to who sees all, the oldest
// first, at most 200.
func Open(ctx context.Context, tx db.Tx, scope identity.Scope) ([]Question, error) {
	cond, args := within(scope, 1)
	rows, err := tx.QueryContext(ctx, `SELECT `+columns+`, r.id, r.study_id, r.reason, r.created_at FROM reconciliations r JOIN orders o ON o.id = r.order_id
 WHERE r.resolved_at = 0 AND `+cond+` ORDER BY r.created_at, r.id LIMIT 200`, args...)
	if err != nil {
		return nil, fmt.Errorf("order: questions: %w", err)
	}
	defer rows.Close()
	var list []Question
	for rows.Next() {
		var q Question
		var at int64
		if q.Order, err = scan(rows, &q.ID, &q.StudyID, &q.Reason, &at); err != nil {
			return nil, fmt.Errorf("order: questions: %w", err)
		}
		q.CreatedAt = db.FromMicros(at)
		list = append(list, q)
	}
	return list, rows.Err()
}

// Resolve answers a question. Joined, the study's other questions are answered with it;
// apart, the study is taken from the order if it was joined with it, and another order
// may be the one. It returns the order of the question.
func Resolve(ctx context.Context, tx db.Tx, scope identity.Scope, id, actor string, joined bool) (o Order, err error) {
	cond, args := within(scope, 2)
	var studyID, orderID string
	err = tx.QueryRowContext(ctx, `SELECT r.study_id, r.order_id FROM reconciliations r JOIN orders o ON o.id = r.order_id WHERE r.id = $1 AND r.resolved_at = 0 AND `+cond,
		append([]any{id}, args...)...).Scan(&studyID, &orderID)
	if errors.Is(err, sql.ErrNoRows) {
		return o, ErrNotFound
	}
	if err != nil {
		return o, fmt.Errorf("order: question: %w", err)
	}
	o, err = ByID(ctx, tx, scope, orderID)
	if err != nil {
		return o, err
	}
	now := db.Micros(db.Now())
	if joined {
		if err := join(ctx, tx, catalog.Study{ID: studyID}, o, ByHand, actor); err != nil {
			return o, err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE reconciliations SET resolved_at = $1, resolution = 'apart', actor = $2 WHERE study_id = $3 AND id <> $4 AND resolved_at = 0`, now, actor, studyID, id); err != nil {
			return o, fmt.Errorf("order: question: %w", err)
		}
	}
	resolution := "joined"
	if !joined {
		resolution = "apart"
		if err := part(ctx, tx, studyID, o, actor); err != nil {
			return o, err
		}
	}
	if _, err := tx.ExecContext(ctx, `UPDATE reconciliations SET resolved_at = $1, resolution = $2, actor = $3 WHERE id = $4`, now, resolution, actor, id); err != nil {
		return o, fmt.Errorf("order: question: %w", err)
	}
	return o, record(ctx, tx, o, actor, "order."+resolution)
}
