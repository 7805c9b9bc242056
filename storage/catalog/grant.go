package catalog

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// Kinds of grantee.
const (
	GranteePanel = "panel"
	GranteeUser  = "user"
)

// Grant lets a panel or a user see a study.
func Grant(ctx context.Context, tx db.Tx, studyID, kind, grantee string) error {
	if kind != GranteePanel && kind != GranteeUser {
		return fmt.Errorf("catalog: unknown kind of grantee %q", kind)
	}
	_, err := tx.ExecContext(ctx, `INSERT INTO study_grants (study_id, grantee_kind, grantee, granted_at) VALUES ($1, $2, $3, $4)
		ON CONFLICT (study_id, grantee_kind, grantee) DO NOTHING`, studyID, kind, grantee, db.Micros(db.NowIn(ctx)))
	if err != nil {
		return fmt.Errorf("catalog: grant: %w", err)
	}
	return nil
}

// Revoke takes a grant back.
func Revoke(ctx context.Context, tx db.Tx, studyID, kind, grantee string) error {
	_, err := tx.ExecContext(ctx, `DELETE FROM study_grants WHERE study_id = $1 AND grantee_kind = $2 AND grantee = $3`, studyID, kind, grantee)
	if err != nil {
		return fmt.Errorf("catalog: revoke: %w", err)
	}
	return nil
}

// Visible reports whether a study is within scope.
func Visible(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) (bool, error) {
	cond, args := scope.StudyFilter(2)
	var n int
	err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM studies WHERE id = $1 AND `+cond, append([]any{studyID}, args...)...).Scan(&n)
	if err != nil {
		return false, fmt.Errorf("catalog: visible: %w", err)
	}
	return n > 0, nil
}
