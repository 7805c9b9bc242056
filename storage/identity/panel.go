package identity

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// SetPanels replaces the panels a user belongs to. What a panel is lies with
// package worklist; membership is here because it widens a Scope.
func SetPanels(ctx context.Context, tx db.Tx, userID string, panelIDs []string) error {
	if _, err := tx.ExecContext(ctx, `DELETE FROM panel_members WHERE user_id = $1`, userID); err != nil {
		return fmt.Errorf("identity: set panels: %w", err)
	}
	for _, id := range panelIDs {
		if _, err := tx.ExecContext(ctx, `INSERT INTO panel_members (panel_id, user_id) VALUES ($1, $2)
			ON CONFLICT (panel_id, user_id) DO NOTHING`, id, userID); err != nil {
			return fmt.Errorf("identity: set panels: %w", err)
		}
	}
	return nil
}

// PanelsOf lists the panels of a user.
func PanelsOf(ctx context.Context, tx db.Tx, userID string) ([]string, error) {
	return column(ctx, tx, `SELECT panel_id FROM panel_members WHERE user_id = $1 ORDER BY panel_id`, userID)
}

// MembersOf lists the user IDs of a panel.
func MembersOf(ctx context.Context, tx db.Tx, panelID string) ([]string, error) {
	return column(ctx, tx, `SELECT user_id FROM panel_members WHERE panel_id = $1 ORDER BY user_id`, panelID)
}

func column(ctx context.Context, tx db.Tx, query string, args ...any) ([]string, error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("identity: panels: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, fmt.Errorf("identity: panels: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}
