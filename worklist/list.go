package worklist

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
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
	TabOpen      Tab = "open"      // SCHEDULED and IN PROGRESS, most urgent first
	TabUnread    Tab = "unread"    // SCHEDULED
	TabMine      Tab = "mine"      // IN PROGRESS and held by the caller
	TabToSign    Tab = "sign"      // of these, with a draft
	TabSecond    Tab = "second"    // open second readings, verifications and consensus
	TabLate      Tab = "late"      // open and past the deadline
	TabEscalated Tab = "escalated" // open, and a limit was passed
	TabSTAT      Tab = "stat"      // SCHEDULED and STAT, also while their images arrive
	TabDone      Tab = "done"      // COMPLETED, latest first
	TabAll       Tab = "all"       // everything, latest made first
)

// Tabs is all of them.
var Tabs = []Tab{TabOpen, TabUnread, TabMine, TabToSign, TabSecond, TabLate, TabEscalated, TabSTAT, TabDone, TabAll}

// Column is what a list may be put in order by.
type Column string

// The columns.
const (
	ByPriority    Column = "priority"
	ByDeadline    Column = "left"
	ByMade        Column = "age"
	ByState       Column = "status"
	ByPatient     Column = "patient" // by [catalog.PatientKey]
	ByPatientID   Column = "id"
	ByBirth       Column = "sexAge"
	ByModality    Column = "modality"
	ByDescription Column = "description"
	ByStudyTime   Column = "study"
	ByImages      Column = "images"
	ByFacility    Column = "hospital"
	ByPanel       Column = "panel"
	ByReader      Column = "reader"
)

// SortKey is a column with its direction.
type SortKey struct {
	Column Column `json:"column"`
	Down   bool   `json:"down,omitempty"`
}

// Filter narrows a list. The zero value is the first page of [TabOpen].
type Filter struct {
	Tab        Tab
	Query      string // words looked for as in catalog.Studies
	FacilityID string
	PanelID    string
	Priority   Priority
	Kind       Kind
	Modality   string    // (0008,0060) of one of the series
	ReaderID   string    // who holds it
	MadeFrom   time.Time // zero: open
	MadeTo     time.Time
	Sort       []SortKey // at most 4; none: the order of the tab
	Cursor     string    // Page.Next of the page before
	Limit      int       // zero: 50; at most MaxPage

	Now time.Time // what late means; zero: now
}

func (f Filter) now() time.Time {
	if f.Now.IsZero() {
		return db.Now()
	}
	return f.Now
}

// Entry is an item of a list with the study it is about.
type Entry struct {
	Workitem
	Study catalog.Study

	patientKey string // [catalog.PatientKey], also where the patient is hidden: for cursors alone
}

// Page is a part of a list; Next is empty at its end.
type Page struct {
	Items []Entry
	Next  string
}

// MaxCount is where counting ends: beyond it a list is "that many or more", and
// counting would take longer the more was ever read.
const MaxCount = 1000

// Counts are the sizes of the lists in the caller's scope, at most [MaxCount].
type Counts map[Tab]int

// List returns one page of the items in scope. Items that change place between
// two pages may appear on neither or both; no other item is lost or repeated.
func List(ctx context.Context, tx db.Tx, scope identity.Scope, f Filter) (Page, error) {
	w := studiesOf(scope)
	o, err := narrow(w, scope, f)
	if err != nil {
		return Page{}, err
	}
	if len(scope.Veiled()) > 0 {
		o = o.veiled(f.Sort)
	}
	if err := w.AddText(ctx, tx, scope, f.Query); err != nil {
		return Page{}, err
	}
	if f.Cursor != "" {
		if err := o.after(w, f.Cursor); err != nil {
			return Page{}, err
		}
	}
	limit := f.Limit
	if limit <= 0 {
		limit = defaultPage
	}
	limit = min(limit, MaxPage)
	items, err := entries(ctx, tx, scope, first(w, scope, o, limit+1), fmt.Sprintf(` ORDER BY %s LIMIT %d`, o.by(), limit+1))
	if err != nil {
		return Page{}, err
	}
	p := Page{Items: items}
	if len(items) > limit {
		p.Items = items[:limit]
		p.Next = o.cursor(items[limit-1])
	}
	return p, nil
}

// Count returns the sizes of the lists in scope, all in one statement. It does not look
// at the studies: whoever sees an item has been granted its study when the item was made.
func Count(ctx context.Context, tx db.Tx, scope identity.Scope) (Counts, error) {
	statement, args, err := countStatement(scope)
	if err != nil {
		return nil, err
	}
	sizes := make([]int, len(counted))
	dest := make([]any, len(counted))
	for n := range sizes {
		dest[n] = &sizes[n]
	}
	if err := tx.QueryRowContext(ctx, statement, args...).Scan(dest...); err != nil {
		return nil, fmt.Errorf("worklist: count: %w", err)
	}
	c := make(Counts, len(counted))
	for n, tab := range counted {
		c[tab] = sizes[n]
	}
	return c, nil
}

// counted is every tab but the one of everything: nobody asks how much there ever was.
var counted = slices.DeleteFunc(slices.Clone(Tabs), func(t Tab) bool { return t == TabAll })

// countStatement has a column for each counted tab. What one sees for several reasons is
// looked up for each by the index that leads to it, and counts once.
func countStatement(scope identity.Scope) (statement string, args []any, err error) {
	var columns []string
	for _, tab := range counted {
		var found []string
		for _, part := range itemScopes(scope) {
			w := &catalog.Where{Args: args}
			w.Add(part.cond, part.values...)
			if _, err := narrow(w, scope, Filter{Tab: tab}); err != nil {
				return "", nil, err
			}
			args = w.Args
			found = append(found, fmt.Sprintf(`SELECT id FROM (SELECT w.id FROM workitems w WHERE %s LIMIT %d) AS p%d`, w, MaxCount, len(found)))
		}
		columns = append(columns, fmt.Sprintf(`(SELECT COUNT(*) FROM (%s LIMIT %d) AS counted)`, strings.Join(found, ` UNION `), MaxCount))
	}
	return `SELECT ` + strings.Join(columns, `, `), args, nil
}

// Get reads one item in scope; [ErrNotFound] for what the caller may not see.
func Get(ctx context.Context, tx db.Tx, scope identity.Scope, id string) (Entry, error) {
	w := scoped(scope)
	w.Add(`w.id = ?`, id)
	list, err := entries(ctx, tx, scope, w, ``)
	if err != nil {
		return Entry{}, err
	}
	if len(list) == 0 {
		return Entry{}, ErrNotFound
	}
	return list[0], nil
}

// GetByUID is Get by the SOP Instance UID of the step.
func GetByUID(ctx context.Context, tx db.Tx, scope identity.Scope, sopInstanceUID string) (Entry, error) {
	w := scoped(scope)
	w.Add(`w.sop_instance_uid = ?`, sopInstanceUID)
	list, err := entries(ctx, tx, scope, w, ``)
	if err != nil {
		return Entry{}, err
	}
	if len(list) == 0 {
		return Entry{}, ErrNotFound
	}
	return list[0], nil
}

// OfStudy lists the items of a study in scope, oldest first.
func OfStudy(ctx context.Context, tx db.Tx, scope identity.Scope, studyID string) ([]Workitem, error) {
	w := scoped(scope)
	w.Add(`w.study_id = ?`, studyID)
	list, err := entries(ctx, tx, scope, w, ` ORDER BY w.created_at, w.id`)
	if err != nil {
		return nil, err
	}
	items := make([]Workitem, len(list))
	for i, e := range list {
		items[i] = e.Workitem
	}
	return items, nil
}

func entries(ctx context.Context, tx db.Tx, scope identity.Scope, w *catalog.Where, tail string) ([]Entry, error) {
	rows, err := tx.QueryContext(ctx, `SELECT `+catalog.StudyColumns+`, `+workitemColumns+`, w.patient_key FROM `+itemTables+` WHERE `+w.String()+tail, w.Args...)
	if err != nil {
		return nil, fmt.Errorf("worklist: list: %w", err)
	}
	defer rows.Close()
	var list []Entry
	for rows.Next() {
		var r row
		var patient string
		study, err := catalog.ScanStudy(rows, append(r.dest(), &patient)...)
		if err != nil {
			return nil, fmt.Errorf("worklist: list: %w", err)
		}
		catalog.Hide(scope, &study)
		item, err := r.workitem()
		if err != nil {
			return nil, err
		}
		list = append(list, Entry{item, study, patient})
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("worklist: list: %w", err)
	}
	return list, nil
}

// orNil turns "there is none" into a nil item.
func orNil(w Workitem, err error) (*Workitem, error) {
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &w, nil
}
