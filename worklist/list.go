package worklist

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// MaxPage is the most items one page holds.
const MaxPage = 200

const defaultPage = 50

// Tab is a part of the list.
type Tab string

// The parts of the list.
const (
	TabOpen Tab = "open" // SCHEDULED and IN PROGRESS, most urgent first
	TabMine Tab = "mine" // IN PROGRESS and held by the caller
	TabDone Tab = "done" // COMPLETED, latest first
	TabAll  Tab = "all"  // everything, latest made first
)

// Filter narrows a list. The zero value is the first page of [TabOpen].
type Filter struct {
	Tab        Tab
	Query      string // words looked for in patient, description, accession number
	FacilityID string
	PanelID    string
	Priority   Priority
	Kind       Kind
	Cursor     string // Page.Next of the page before
	Limit      int    // zero: 50; at most MaxPage
}

// Page is a part of a list; Next is empty at its end.
type Page struct {
	Items []Workitem
	Next  string
}

// Counts are the sizes of the lists in the caller's scope.
type Counts struct{ Open, Mine, Done int }

// List returns one page of the items in scope. Items that change place between
// two pages may appear on neither or both; no other item is lost or repeated.
func List(ctx context.Context, tx db.Tx, scope identity.Scope, f Filter) (Page, error) {
	q := newQuery(scope)
	order, err := q.tab(scope, f.Tab)
	if err != nil {
		return Page{}, err
	}
	q.narrow(f)
	if f.Cursor != "" {
		if err := q.after(order, f.Cursor); err != nil {
			return Page{}, err
		}
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, MaxPage)
	items, err := scanAll(tx.QueryContext(ctx, `SELECT `+workitemColumns+` FROM workitems w `+q.where()+
		` ORDER BY `+order.by+fmt.Sprintf(` LIMIT %d`, limit+1), q.args...))
	if err != nil {
		return Page{}, err
	}
	var p Page
	if len(items) > limit {
		items = items[:limit]
		p.Next = order.cursor(items[limit-1])
	}
	p.Items = items
	return p, nil
}

// Count returns the sizes of the lists in scope.
func Count(ctx context.Context, tx db.Tx, scope identity.Scope) (Counts, error) {
	var c Counts
	for _, part := range []struct {
		tab Tab
		n   *int
	}{{TabOpen, &c.Open}, {TabMine, &c.Mine}, {TabDone, &c.Done}} {
		q := newQuery(scope)
		if _, err := q.tab(scope, part.tab); err != nil {
			return Counts{}, err
		}
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM workitems w `+q.where(), q.args...).Scan(part.n); err != nil {
			return Counts{}, fmt.Errorf("worklist: count: %w", err)
		}
	}
	return c, nil
}

// Get reads one item in scope; [ErrNotFound] for what the caller may not see.
func Get(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Workitem, error) {
	q := newQuery(scope)
	q.and(`w.id = ` + q.arg(id))
	return scanWorkitem(tx.QueryRowContext(ctx, `SELECT `+workitemColumns+` FROM workitems w `+q.where(), q.args...))
}

// OfStudy lists the items of a study in scope, oldest first.
func OfStudy(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Workitem, error) {
	q := newQuery(scope)
	q.and(`w.study_id = ` + q.arg(studyID))
	return scanAll(tx.QueryContext(ctx, `SELECT `+workitemColumns+` FROM workitems w `+q.where()+` ORDER BY w.created_at, w.id`, q.args...))
}
