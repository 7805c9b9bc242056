package worklist

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
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
	w := studiesOf(scope)
	scopeItems(w, scope)
	return w
}

// studiesOf is the first half of scoped.
func studiesOf(scope identity.Scope) *catalog.Where {
	cond, args := scope.StudyFilter(1)
	return &catalog.Where{Conds: []string{cond}, Args: args}
}

// first is the other half for the first items of w in an order. Of items that are seen
// for one of several reasons the first of each reason are looked for apart: an index
// leads to each in its order, and to none that the caller does not see.
func first(w *catalog.Where, scope identity.Scope, o order, limit int) *catalog.Where {
	parts := apart(scope)
	if len(parts) == 1 {
		w.Add(parts[0].cond, parts[0].values...)
		return w
	}
	all := &catalog.Where{Args: w.Args}
	var found []string
	for _, part := range parts {
		seen := &catalog.Where{Args: all.Args}
		seen.Add(part.cond, part.values...)
		all.Args = seen.Args
		found = append(found, fmt.Sprintf(`SELECT id FROM (SELECT w.id FROM %s WHERE %s AND %s ORDER BY %s LIMIT %d) AS p%d`, itemTables, w, seen, o.by(), limit, len(found)))
	}
	all.Add(`w.id IN (` + strings.Join(found, ` UNION `) + `)`)
	return all
}

// scopeItems adds which items the caller sees.
func scopeItems(w *catalog.Where, scope identity.Scope) {
	var parts []string
	var values []any
	for _, p := range itemScopes(scope) {
		parts, values = append(parts, p.cond), append(values, p.values...)
	}
	w.Add(`(`+strings.Join(parts, ` OR `)+`)`, values...)
}

// itemScope is a condition on items with a ? for each value.
type itemScope struct {
	cond   string
	values []any
}

// itemScopes are the items the caller sees, any of these: of the own facility, of the
// own panels, and those held or completed oneself. Each is led to by an index.
func itemScopes(scope identity.Scope) (list []itemScope) {
	if scope.All {
		return []itemScope{{cond: `1 = 1`}}
	}
	if scope.FacilityID != "" {
		list = append(list, itemScope{`w.facility_id = ?`, []any{scope.FacilityID}})
	}
	if len(scope.PanelIDs) > 0 {
		p := itemScope{cond: `w.panel_id IN (?` + strings.Repeat(`, ?`, len(scope.PanelIDs)-1) + `)`}
		for _, id := range scope.PanelIDs {
			p.values = append(p.values, id)
		}
		list = append(list, p)
	}
	if scope.UserID != "" {
		list = append(list, itemScope{`(w.claimed_by = ? AND w.state <> 'CANCELED')`, []any{scope.UserID}})
	}
	if len(list) == 0 {
		list = []itemScope{{cond: `1 = 0`}}
	}
	return list
}

// apart is itemScopes with each panel for itself.
func apart(scope identity.Scope) (list []itemScope) {
	panels := scope.PanelIDs
	scope.PanelIDs = nil
	if scope.All || len(panels) == 0 {
		return itemScopes(scope)
	}
	for _, id := range panels {
		list = append(list, itemScope{`w.panel_id = ?`, []any{id}})
	}
	if scope.FacilityID != "" || scope.UserID != "" {
		list = append(list, itemScopes(scope)...)
	}
	return list
}

// narrow adds the conditions of a filter and names the order of its list.
func narrow(w *catalog.Where, scope identity.Scope, f Filter) (order, error) {
	o := byUrgency
	switch f.Tab {
	case TabOpen, "":
		w.Add(isOpen)
	case TabUnread:
		w.Add(isOpen + ` AND w.state = 'SCHEDULED'`) // the first names the indexes of what is open
	case TabMine:
		w.Add(isOpen+` AND w.state = 'IN PROGRESS' AND w.claimed_by = ?`, scope.UserID)
	case TabToSign:
		w.Add(`w.state = 'IN PROGRESS' AND w.claimed_by = ? AND EXISTS (SELECT 1 FROM drafts d WHERE d.workitem_id = w.id)`, scope.UserID)
	case TabSecond:
		w.Add(isOpen + ` AND w.purpose IN ('second', 'verification', 'consensus')`)
	case TabLate:
		w.Add(isOpen+` AND w.deadline < ?`, db.Micros(f.now()))
		if f.Cursor == "" { // with every rank named, the indexes of what is open lead to the deadlines; a cursor leads itself
			w.Add(`w.priority_rank IN (0, 1, 2)`)
		}
	case TabEscalated:
		w.Add(isOpen + ` AND w.escalated > 0`)
	case TabSTAT:
		w.Add(isOpen + ` AND w.state = 'SCHEDULED' AND w.priority_rank = 0`)
	case TabDone:
		w.Add(`w.state = 'COMPLETED'`)
		o = byCompletion
	case TabAll:
		w.Add(`w.created_at >= 0`) // which names the indexes of all there ever was
		o = byCreation
	default:
		return order{}, fmt.Errorf("worklist: no list %q", f.Tab)
	}
	for _, c := range []struct{ cond, value string }{
		{`w.facility_id = ?`, f.FacilityID},
		{`w.panel_id = ?`, f.PanelID},
		{`w.priority = ?`, string(f.Priority)},
		{`w.kind = ?`, string(f.Kind)},
		{`w.claimed_by = ?`, f.ReaderID},
	} {
		if c.value != "" {
			w.Add(c.cond, c.value)
		}
	}
	if f.Modality != "" { // the modalities of a study stand in one text, apart by a backslash
		w.Add(`'\' || studies.modalities || '\' LIKE ? ESCAPE '~'`, `%\`+likeEscape.Replace(f.Modality)+`\%`)
	}
	if !f.MadeFrom.IsZero() {
		w.Add(`w.created_at >= ?`, db.Micros(f.MadeFrom))
	}
	if !f.MadeTo.IsZero() {
		w.Add(`w.created_at < ?`, db.Micros(f.MadeTo))
	}
	return sorted(o, f.Sort)
}

const isOpen = `w.state IN ('SCHEDULED', 'IN PROGRESS')`

var likeEscape = strings.NewReplacer(`~`, `~~`, `%`, `~%`, `_`, `~_`)

// key is a value by which items are put in order.
type key struct {
	expr string
	down bool
	text bool // else a whole number
	of   func(Entry) any
}

func number(expr string, of func(Entry) int64) key {
	return key{expr: expr, of: func(e Entry) any { return of(e) }}
}

func word(expr string, of func(Entry) string) key {
	return key{expr: expr, text: true, of: func(e Entry) any { return of(e) }}
}

func (k key) descending() key { k.down = true; return k }

// Columns by which a list may be put in order.
var columnKeys = map[Column]key{
	ByPriority:    number(`w.priority_rank`, func(e Entry) int64 { return int64(e.Priority.Rank()) }),
	ByDeadline:    number(`w.deadline`, func(e Entry) int64 { return db.Micros(e.Deadline) }),
	ByMade:        number(`w.created_at`, func(e Entry) int64 { return db.Micros(e.CreatedAt) }),
	ByState:       word(`w.state`, func(e Entry) string { return string(e.State) }),
	ByPatient:     word(`w.patient_key`, func(e Entry) string { return e.patientKey }),
	ByPatientID:   word(`studies.patient_id`, func(e Entry) string { return e.Study.Patient.PatientID }),
	ByBirth:       word(`studies.patient_birth_date`, func(e Entry) string { return e.Study.Patient.BirthDate }),
	ByModality:    word(`studies.modalities`, func(e Entry) string { return strings.Join(e.Study.Modalities, `\`) }),
	ByDescription: word(`studies.description`, func(e Entry) string { return e.Study.Description }),
	ByStudyTime:   word(`studies.study_date || studies.study_time`, func(e Entry) string { return e.Study.StudyDate + e.Study.StudyTime }),
	ByImages:      number(`studies.instance_count`, func(e Entry) int64 { return int64(e.Study.Instances) }),
	ByFacility:    word(`w.facility_id`, func(e Entry) string { return e.FacilityID }),
	ByPanel:       word(`w.panel_id`, func(e Entry) string { return e.PanelID }),
	ByReader:      word(`COALESCE(w.claimed_by, '')`, func(e Entry) string { return e.ClaimedBy }),
	byDone:        number(`w.completed_at`, func(e Entry) int64 { return db.Micros(e.CompletedAt) }),
}

// byDone is the column of the list of what is done; no other list has it.
const byDone Column = "done"

// order is a total order of the items: by its keys, then by the ID in the direction
// of the last.
type order struct {
	name string
	keys []key
}

var (
	byUrgency    = order{"u", []key{columnKeys[ByPriority], columnKeys[ByDeadline]}}
	byCompletion = order{"c", []key{columnKeys[byDone].descending()}}
	byCreation   = order{"n", []key{columnKeys[ByMade].descending()}}
)

// maxSort is by how many columns a list may be put in order.
const maxSort = 4

// sorted is the order of columns, or the list's own when there are none.
func sorted(own order, by []SortKey) (order, error) {
	if len(by) == 0 {
		return own, nil
	}
	if len(by) > maxSort {
		return order{}, ErrBadSort
	}
	var o order
	for _, s := range by {
		k, ok := columnKeys[s.Column]
		if !ok || s.Column == byDone {
			return order{}, ErrBadSort
		}
		k.down = s.Down
		o.keys = append(o.keys, k)
		o.name += string(s.Column)
		if s.Down {
			o.name += "-"
		}
		o.name += ","
	}
	return o, nil
}

// personal are the columns whose order tells of patients.
var personal = map[Column]bool{ByPatient: true, ByPatientID: true, ByBirth: true, ByDescription: true}

// veiled is the order for somebody who is not to know all patients: what would tell of
// them counts for nothing, in the list and in its cursors. PostgreSQL orders by no bare
// constant.
func (o order) veiled(by []SortKey) order {
	for n, s := range by {
		if personal[s.Column] {
			o.keys[n].expr, o.keys[n].of = `CAST('' AS TEXT)`, func(Entry) any { return "" }
		}
	}
	return o
}

// all is the keys with the ID.
func (o order) all() []key {
	last := o.keys[len(o.keys)-1]
	return append(slices.Clone(o.keys), key{`w.id`, last.down, true, func(e Entry) any { return e.ID }})
}

func (o order) by() string {
	var parts []string
	for _, k := range o.all() {
		part := k.expr
		if k.down {
			part += " DESC"
		}
		parts = append(parts, part)
	}
	return strings.Join(parts, ", ")
}

// cursor is the key of the last item of a page. That of a list's own order holds
// nothing of a patient; that of chosen columns may and must not stand in an address.
func (o order) cursor(e Entry) string {
	parts := []any{o.name}
	for _, k := range o.all() {
		parts = append(parts, k.of(e))
	}
	b, err := json.Marshal(parts)
	if err != nil { // numbers and strings only: cannot fail
		panic(err)
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

const maxCursor = 4096

// after adds the condition that continues a list behind a cursor.
func (o order) after(w *catalog.Where, cursor string) error {
	values, err := o.parse(cursor)
	if err != nil {
		return err
	}
	keys := o.all()
	if !slices.ContainsFunc(keys, func(k key) bool { return k.down != keys[0].down }) {
		// One comparison of rows, which an index answers.
		exprs := make([]string, len(keys))
		for i, k := range keys {
			exprs[i] = k.expr
		}
		w.Add(`(`+strings.Join(exprs, `, `)+`) `+past(keys[0])+` (?`+strings.Repeat(`, ?`, len(keys)-1)+`)`, values...)
		return nil
	}
	var either []string
	var args []any
	for i, k := range keys {
		var both []string
		for j, equal := range keys[:i] {
			both, args = append(both, equal.expr+` = ?`), append(args, values[j])
		}
		both, args = append(both, k.expr+` `+past(k)+` ?`), append(args, values[i])
		either = append(either, `(`+strings.Join(both, ` AND `)+`)`)
	}
	w.Add(`(`+strings.Join(either, ` OR `)+`)`, args...)
	return nil
}

func past(k key) string {
	if k.down {
		return `<`
	}
	return `>`
}

func (o order) parse(cursor string) ([]any, error) {
	if len(cursor) > maxCursor {
		return nil, ErrBadCursor
	}
	b, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil {
		return nil, ErrBadCursor
	}
	var parts []json.RawMessage
	var name string
	keys := o.all()
	if json.Unmarshal(b, &parts) != nil || len(parts) != len(keys)+1 || json.Unmarshal(parts[0], &name) != nil || name != o.name {
		return nil, ErrBadCursor
	}
	values := make([]any, len(keys))
	for i, k := range keys {
		var n int64
		var s string
		switch {
		case k.text && json.Unmarshal(parts[i+1], &s) == nil && !strings.ContainsRune(s, 0):
			values[i] = s
		case !k.text && json.Unmarshal(parts[i+1], &n) == nil:
			values[i] = n
		default:
			return nil, ErrBadCursor
		}
	}
	if id, _ := values[len(values)-1].(string); !db.ValidID(id) {
		return nil, ErrBadCursor
	}
	return values, nil
}
