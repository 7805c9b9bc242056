package worklist

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// PanelUnassigned is the panel that is always there and has no readers.
const PanelUnassigned = "unassigned"

// Panel is a group of readers who share one list.
type Panel struct {
	ID, Name, NameEn string
	Readers          []string // users
}

// Panels lists every panel by its ID.
func Panels(ctx context.Context, tx db.Tx) ([]Panel, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, name, name_en FROM panels ORDER BY id`)
	if err != nil {
		return nil, fmt.Errorf("worklist: panels: %w", err)
	}
	list, err := collect(rows, func(rows *sql.Rows) (Panel, error) {
		var p Panel
		return p, rows.Scan(&p.ID, &p.Name, &p.NameEn)
	})
	if err != nil {
		return nil, err
	}
	rows, err = tx.QueryContext(ctx, `SELECT panel_id, user_id FROM panel_readers ORDER BY panel_id, user_id`)
	if err != nil {
		return nil, fmt.Errorf("worklist: panel readers: %w", err)
	}
	members, err := collect(rows, func(rows *sql.Rows) ([2]string, error) {
		var m [2]string
		return m, rows.Scan(&m[0], &m[1])
	})
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(list))
	for i, p := range list {
		at[p.ID] = i
	}
	for _, m := range members {
		if i, ok := at[m[0]]; ok {
			list[i].Readers = append(list[i].Readers, m[1])
		}
	}
	return list, nil
}

// PanelsOf lists the IDs of the panels a reader sits on.
func PanelsOf(ctx context.Context, tx db.Tx, userID string) ([]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT panel_id FROM panel_readers WHERE user_id = $1 ORDER BY panel_id`, userID)
	if err != nil {
		return nil, fmt.Errorf("worklist: panels of reader: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (string, error) {
		var s string
		return s, rows.Scan(&s)
	})
}
