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
	Active           bool     // false: taken out of the directory, kept for its items
	Readers          []string // users
	Trainees         []string // of the readers, those whose reports another verifies
	Readings         int      // readers a study is read by: 1 or 2
}

// Panels lists the active panels by their IDs.
func Panels(ctx context.Context, tx db.Tx) ([]Panel, error) {
	return panels(ctx, tx, `WHERE active = 1`)
}

// PanelByID reads one panel, active or not; [ErrNotFound] when there is none.
func PanelByID(ctx context.Context, tx db.Tx, id string) (Panel, error) {
	list, err := panels(ctx, tx, `WHERE id = $1`, id)
	if err != nil {
		return Panel{}, err
	}
	if len(list) == 0 {
		return Panel{}, ErrNotFound
	}
	return list[0], nil
}

func panels(ctx context.Context, tx db.Tx, where string, args ...any) ([]Panel, error) {
	rows, err := tx.QueryContext(ctx, `SELECT id, name, name_en, active, readings FROM panels `+where+` ORDER BY id`, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: panels: %w", err)
	}
	list, err := collect(rows, func(rows *sql.Rows) (Panel, error) {
		var p Panel
		return p, rows.Scan(&p.ID, &p.Name, &p.NameEn, &p.Active, &p.Readings)
	})
	if err != nil {
		return nil, err
	}
	rows, err = tx.QueryContext(ctx, `SELECT panel_id, user_id, trainee FROM panel_members ORDER BY panel_id, user_id`)
	if err != nil {
		return nil, fmt.Errorf("worklist: panel readers: %w", err)
	}
	members, err := collect(rows, func(rows *sql.Rows) (member, error) {
		var m member
		return m, rows.Scan(&m.panel, &m.user, &m.trainee)
	})
	if err != nil {
		return nil, err
	}
	at := make(map[string]int, len(list))
	for i, p := range list {
		at[p.ID] = i
	}
	for _, m := range members {
		i, ok := at[m.panel]
		if !ok {
			continue
		}
		list[i].Readers = append(list[i].Readers, m.user)
		if m.trainee == 1 {
			list[i].Trainees = append(list[i].Trainees, m.user)
		}
	}
	return list, nil
}

type member struct {
	panel, user string
	trainee     int
}
