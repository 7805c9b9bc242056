package worklist

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// itemTables joins each item with its study; both are scoped.
const itemTables = `workitems w JOIN studies ON studies.id = w.study_id JOIN patients ON patients.id = studies.patient_ref`

// scoped starts a query on itemTables with what the caller may see: the study
// must be within scope, and of its items the caller sees those of scopeItems.
func scoped(scope identity.Scope) *catalog.Where {
	cond, args := scope.StudyFilter(1)
	w := &catalog.Where{Conds: []string{cond}, Args: args}
	scopeItems(w, scope)
	return w
}

// scopeItems adds which items the caller sees: those of the own facility, of
// the own panels, and those held or completed oneself.
func scopeItems(w *catalog.Where, scope identity.Scope) {
	if scope.All {
		return
	}
	var parts []string
	var values []any
	if scope.FacilityID != "" {
		parts, values = append(parts, `w.facility_id = ?`), append(values, scope.FacilityID)
	}
	if len(scope.PanelIDs) > 0 {
		parts = append(parts, `w.panel_id IN (?`+strings.Repeat(`, ?`, len(scope.PanelIDs)-1)+`)`)
		for _, p := range scope.PanelIDs {
			values = append(values, p)
		}
	}
	if scope.UserID != "" {
		parts, values = append(parts, `(w.claimed_by = ? AND w.state <> 'CANCELED')`), append(values, scope.UserID)
	}
	if len(parts) == 0 {
		parts = []string{`1 = 0`}
	}
	w.Add(`(`+strings.Join(parts, ` OR `)+`)`, values...)
}

// narrow adds the conditions of a filter and names the order of its list.
func narrow(w *catalog.Where, scope identity.Scope, f Filter) (order, error) {
	o := byUrgency
	switch f.Tab {
	case TabOpen, "":
		w.Add(`w.state IN ('SCHEDULED', 'IN PROGRESS')`)
	case TabMine:
		w.Add(`w.state = 'IN PROGRESS' AND w.claimed_by = ?`, scope.UserID)
	case TabDone:
		w.Add(`w.state = 'COMPLETED'`)
		o = byCompletion
	case TabAll:
		o = byCreation
	default:
		return order{}, fmt.Errorf("worklist: no list %q", f.Tab)
	}
	for _, c := range []struct{ cond, value string }{
		{`w.facility_id = ?`, f.FacilityID},
		{`w.panel_id = ?`, f.PanelID},
		{`w.priority = ?`, string(f.Priority)},
		{`w.kind = ?`, string(f.Kind)},
	} {
		if c.value != "" {
			w.Add(c.cond, c.value)
		}
	}
	return o, nil
}

// order is a total order of the items and the key that continues a page.
type order struct {
	name string
	by   string
	past string // condition on the key, a ? for each of its parts
	key  func(Workitem) []any
}

var (
	byUrgency = order{
		name: "u", by: `w.priority_rank, w.deadline, w.id`,
		past: `(w.priority_rank, w.deadline, w.id) > (?, ?, ?)`,
		key:  func(w Workitem) []any { return []any{int64(w.Priority.Rank()), db.Micros(w.Deadline), w.ID} },
	}
	byCompletion = order{
		name: "c", by: `w.completed_at DESC, w.id DESC`,
		past: `(w.completed_at, w.id) < (?, ?)`,
		key:  func(w Workitem) []any { return []any{db.Micros(w.CompletedAt), w.ID} },
	}
	byCreation = order{
		name: "n", by: `w.created_at DESC, w.id DESC`,
		past: `(w.created_at, w.id) < (?, ?)`,
		key:  func(w Workitem) []any { return []any{db.Micros(w.CreatedAt), w.ID} },
	}
)

// cursor is the key of the last item of a page; it holds nothing of a patient.
func (o order) cursor(w Workitem) string {
	b, err := json.Marshal(append([]any{o.name}, o.key(w)...))
	if err != nil { // numbers and strings only: cannot fail
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

const maxCursor = 256

// after adds the condition that continues a list behind a cursor.
func (o order) after(w *catalog.Where, cursor string) error {
	if len(cursor) > maxCursor {
		return ErrBadCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return ErrBadCursor
	}
	var parts []json.RawMessage
	var name string
	want := len(o.key(Workitem{}))
	if json.Unmarshal(b, &parts) != nil || len(parts) != want+1 || json.Unmarshal(parts[0], &name) != nil || name != o.name {
		return ErrBadCursor
	}
	values := make([]any, want)
	for i, part := range parts[1:] {
		if i == want-1 { // the ID comes last
			var id string
			if json.Unmarshal(part, &id) != nil || !db.ValidID(id) {
				return ErrBadCursor
			}
			values[i] = id
			continue
		}
		var n int64
		if json.Unmarshal(part, &n) != nil {
			return ErrBadCursor
		}
		values[i] = n
	}
	w.Add(o.past, values...)
	return nil
}
