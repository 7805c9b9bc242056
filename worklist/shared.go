package worklist

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// SharedList is a list with a name that others see too.
type SharedList struct {
	ID        string
	Name      string
	PanelID   string // whose readers see it; empty: everybody
	Owner     string // user
	Filter    json.RawMessage
	CreatedAt time.Time
}

// Limits of the shared lists.
const (
	MaxSharedLists = 100 // of a panel, or of everybody
	maxListName    = 60  // characters
	maxListFilter  = 4 << 10
)

// ErrList says a list has no name, is too long, or there are too many.
var ErrList = errors.New("worklist: a shared list has a name of at most 60 characters, and there are at most 100")

// SharedLists lists what a caller sees: what is everybody's and what is of the own
// panels; who sees everything sees all.
func SharedLists(ctx context.Context, tx db.Tx, scope identity.Scope) ([]SharedList, error) {
	where, args := `panel_id = ''`, []any{}
	for _, p := range scope.PanelIDs {
		args = append(args, p)
		where += fmt.Sprintf(` OR panel_id = $%d`, len(args))
	}
	if scope.All {
		where, args = `1 = 1`, nil
	}
	rows, err := tx.QueryContext(ctx, `SELECT id, name, panel_id, owner, filter, created_at FROM shared_lists WHERE `+where+` ORDER BY name, id`, args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: shared lists: %w", err)
	}
	return collect(rows, func(rows *sql.Rows) (SharedList, error) {
		var l SharedList
		var filter string
		var at int64
		err := rows.Scan(&l.ID, &l.Name, &l.PanelID, &l.Owner, &filter, &at)
		l.Filter, l.CreatedAt = json.RawMessage(filter), db.FromMicros(at)
		return l, err
	})
}

// ShareList keeps a list.
func ShareList(ctx context.Context, tx db.Tx, l SharedList) (SharedList, error) {
	l.Name = strings.TrimSpace(l.Name)
	if n := utf8.RuneCountInString(l.Name); n == 0 || n > maxListName || len(l.Filter) > maxListFilter || strings.ContainsFunc(l.Name, unicode.IsControl) {
		return l, ErrList
	}
	if l.PanelID != "" {
		if err := requirePanel(ctx, tx, l.PanelID); err != nil {
			return l, err
		}
	}
	l.ID, l.CreatedAt = db.NewID(), db.Now()
	res, err := tx.ExecContext(ctx, `INSERT INTO shared_lists (id, name, panel_id, owner, filter, created_at)
 SELECT $1, $2, $3, $4, $5, $6 WHERE (SELECT COUNT(*) FROM shared_lists WHERE panel_id = $3) < $7`,
		l.ID, l.Name, l.PanelID, l.Owner, string(l.Filter), db.Micros(l.CreatedAt), MaxSharedLists)
	if err != nil {
		return l, fmt.Errorf("worklist: share list: %w", err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return l, errors.Join(err, ErrList)
	}
	return l, audit.Append(ctx, tx, audit.Record{Actor: l.Owner, Action: "list.shared", Object: l.ID, Detail: strings.TrimSpace("panel " + l.PanelID)})
}

// ErrListOwner says a list is another's to take away.
var ErrListOwner = errors.New("worklist: the list was shared by somebody else")

// DropList takes a shared list away that the caller sees: one's own, or any when
// anybody's may go.
func DropList(ctx context.Context, tx db.Tx, scope identity.Scope, id, actor string, anybodys bool) error {
	all, err := SharedLists(ctx, tx, scope)
	if err != nil {
		return err
	}
	at := slices.IndexFunc(all, func(l SharedList) bool { return l.ID == id })
	switch {
	case at < 0:
		return ErrNotFound
	case all[at].Owner != actor && !anybodys:
		return ErrListOwner
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM shared_lists WHERE id = $1`, id); err != nil {
		return fmt.Errorf("worklist: drop list: %w", err)
	}
	return audit.Append(ctx, tx, audit.Record{Actor: actor, Action: "list.dropped", Object: id})
}
