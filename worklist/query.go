package worklist

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// query gathers conditions and their arguments; values never enter the text.
type query struct {
	conds []string
	args  []any
}

func (q *query) arg(v any) string {
	q.args = append(q.args, v)
	return "$" + strconv.Itoa(len(q.args))
}

func (q *query) and(cond string) { q.conds = append(q.conds, cond) }

func (q *query) where() string {
	if len(q.conds) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(q.conds, " AND ")
}

// newQuery starts with what the caller may see: everything, or the items of
// the own facility, of the own panels, and those once held.
func newQuery(scope identity.Scope) *query {
	q := &query{}
	if scope.All {
		return q
	}
	var any []string
	if scope.FacilityID != "" {
		any = append(any, `w.facility_id = `+q.arg(scope.FacilityID))
	}
	if len(scope.PanelIDs) > 0 {
		marks := make([]string, len(scope.PanelIDs))
		for i, p := range scope.PanelIDs {
			marks[i] = q.arg(p)
		}
		any = append(any, `w.panel_id IN (`+strings.Join(marks, ", ")+`)`)
	}
	if scope.UserID != "" {
		any = append(any, `w.claimed_by = `+q.arg(scope.UserID))
	}
	if len(any) == 0 {
		q.and(`1 = 0`)
		return q
	}
	q.and(`(` + strings.Join(any, ` OR `) + `)`)
	return q
}

// tab adds the condition of a part of the list and names its order.
func (q *query) tab(scope identity.Scope, t Tab) (order, error) {
	switch t {
	case TabOpen, "":
		q.and(`w.state IN ('SCHEDULED', 'IN PROGRESS')`)
		return byUrgency, nil
	case TabMine:
		if scope.UserID == "" {
			q.and(`1 = 0`)
			return byUrgency, nil
		}
		q.and(`w.state = 'IN PROGRESS' AND w.claimed_by = ` + q.arg(scope.UserID))
		return byUrgency, nil
	case TabDone:
		q.and(`w.state = 'COMPLETED'`)
		return byCompletion, nil
	case TabAll:
		return byCreation, nil
	}
	return order{}, fmt.Errorf("worklist: no list %q", t)
}

func (q *query) narrow(f Filter) {
	if f.FacilityID != "" {
		q.and(`w.facility_id = ` + q.arg(f.FacilityID))
	}
	if f.PanelID != "" {
		q.and(`w.panel_id = ` + q.arg(f.PanelID))
	}
	if f.Priority != "" {
		q.and(`w.priority = ` + q.arg(f.Priority))
	}
	if f.Kind != "" {
		q.and(`w.kind = ` + q.arg(f.Kind))
	}
	for _, word := range strings.Fields(f.Query) {
		like := q.arg("%" + escapeLike(strings.ToLower(word)) + "%")
		q.and(`EXISTS (SELECT 1 FROM studies s JOIN patients p ON p.id = s.patient_ref WHERE s.id = w.study_id AND (` +
			`LOWER(p.name) LIKE ` + like + ` ESCAPE '\' OR LOWER(p.patient_id) LIKE ` + like + ` ESCAPE '\' OR ` +
			`LOWER(s.description) LIKE ` + like + ` ESCAPE '\' OR LOWER(s.accession_number) LIKE ` + like + ` ESCAPE '\'))`)
	}
}

func escapeLike(s string) string {
	return strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(s)
}

// order is a total order of the items and the key that continues a page.
type order struct {
	name string
	by   string
	past string // condition on the key, with one %s for each of its parts
	key  func(Workitem) []any
}

var (
	byUrgency = order{
		name: "u", by: `w.priority_rank, w.deadline, w.id`,
		past: `(w.priority_rank, w.deadline, w.id) > (%s, %s, %s)`,
		key:  func(w Workitem) []any { return []any{int64(w.Priority.Rank()), db.Micros(w.Deadline), w.ID} },
	}
	byCompletion = order{
		name: "c", by: `w.completed_at DESC, w.id DESC`,
		past: `(w.completed_at, w.id) < (%s, %s)`,
		key:  func(w Workitem) []any { return []any{db.Micros(w.CompletedAt), w.ID} },
	}
	byCreation = order{
		name: "n", by: `w.created_at DESC, w.id DESC`,
		past: `(w.created_at, w.id) < (%s, %s)`,
		key:  func(w Workitem) []any { return []any{db.Micros(w.CreatedAt), w.ID} },
	}
)

func (o order) cursor(w Workitem) string {
	b, err := json.Marshal(append([]any{o.name}, o.key(w)...))
	if err != nil { // numbers and strings only: cannot fail
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

const maxCursor = 256

// after adds the condition that continues a list behind a cursor.
func (q *query) after(o order, cursor string) error {
	if len(cursor) > maxCursor {
		return ErrBadCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return ErrBadCursor
	}
	var parts []any
	dec := json.NewDecoder(strings.NewReader(string(b)))
	dec.UseNumber()
	want := len(o.key(Workitem{}))
	if err := dec.Decode(&parts); err != nil || len(parts) != want+1 || parts[0] != o.name {
		return ErrBadCursor
	}
	marks := make([]any, want)
	for i, part := range parts[1:] {
		switch v := part.(type) {
		case json.Number:
			n, err := v.Int64()
			if err != nil || i == want-1 {
				return ErrBadCursor
			}
			marks[i] = q.arg(n)
		case string:
			if i != want-1 {
				return ErrBadCursor
			}
			marks[i] = q.arg(v)
		default:
			return ErrBadCursor
		}
	}
	q.and(fmt.Sprintf(o.past, marks...))
	return nil
}
