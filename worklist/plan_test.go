package worklist

import (
	"context"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
)

// plan is how SQLite finds the items of a statement: a line for each step that reads them.
func plan(t *testing.T, d *db.DB, statement string, args []any) (steps []string) {
	t.Helper()
	rows, err := d.Read(t.Context()).QueryContext(t.Context(), `EXPLAIN QUERY PLAN `+statement, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var step string
		if err := rows.Scan(&id, &parent, &unused, &step); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(step, " w ") || strings.HasSuffix(step, " w") || strings.Contains(step, "ORDER BY") {
			steps = append(steps, step)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}

// The sizes of a reader's lists are counted within indexes: nothing walks through all
// that was ever read, and what is rare is not looked for through all that is open.
func TestCountsFollowAnIndex(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, filepath.Join(t.TempDir(), "dokuei.db"))
	statement, args, err := countStatement(identity.Scope{UserID: "sato", PanelIDs: []string{"npo", "neuro"}})
	if err != nil {
		t.Fatal(err)
	}
	found, walks := 0, 0
	for _, step := range plan(t, d, statement, args) {
		if strings.Contains(step, "ORDER BY") { // of a UNION, which has no more than MaxCount
			continue
		}
		found++
		if !strings.HasPrefix(step, "SEARCH w USING") {
			t.Errorf("the plan has: %s", step)
		}
		if strings.Contains(step, " workitems_open_panel") && strings.HasSuffix(step, " (panel_id=?)") {
			walks++
		}
	}
	if found < 2*len(counted) {
		t.Errorf("%d steps", found)
	}
	if walks != 2 { // open and unread, which are full soon where much is open
		t.Errorf("%d of the lists are counted through all that is open", walks)
	}
}

// The last page of a long list costs what its first does: it is begun behind its cursor,
// in the order of an index.
func TestDeepPagesSeek(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, filepath.Join(t.TempDir(), "dokuei.db"))
	last := Entry{Workitem: Workitem{ID: "01900000-0004-7000-8000-000000000001", Priority: Routine, Deadline: db.FromMicros(1), CreatedAt: db.FromMicros(1), CompletedAt: db.FromMicros(1)}}
	scope := identity.Everything()
	for _, c := range []struct {
		filter Filter
		seek   string
	}{
		{Filter{Tab: TabOpen}, "workitems_open ((priority_rank,deadline,id)>(?,?,?))"},
		{Filter{Tab: TabUnread}, "workitems_open ((priority_rank,deadline,id)>(?,?,?))"},
		{Filter{Tab: TabAll}, "workitems_created (created_at>? AND (created_at,id)<(?,?))"},
		{Filter{Tab: TabOpen, Sort: []SortKey{{Column: ByMade}}}, "workitems_created ((created_at,id)>(?,?))"},
		{Filter{Tab: TabOpen, Sort: []SortKey{{Column: ByPatient}}}, "workitems_open_patient ((patient_key,id)>(?,?))"},
		{Filter{Tab: TabDone, Sort: []SortKey{{Column: ByPatient, Down: true}}}, "workitems_done_patient ((patient_key,id)<(?,?))"},
	} {
		w := scoped(scope)
		o, err := narrow(w, scope, c.filter)
		if err != nil {
			t.Fatal(err)
		}
		if err := o.after(w, o.cursor(last)); err != nil {
			t.Fatal(err)
		}
		steps := plan(t, d, `SELECT w.id FROM `+itemTables+` WHERE `+w.String()+` ORDER BY `+o.by()+` LIMIT 101`, w.Args)
		if len(steps) != 1 || !strings.HasSuffix(steps[0], c.seek) {
			t.Errorf("%+v: the plan is %q", c.filter, steps)
		}
	}
}

// The STAT lane is asked by every page of a reader: it looks at what is open alone.
func TestSTATLaneFollowsAnIndex(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, filepath.Join(t.TempDir(), "dokuei.db"))
	w := scoped(identity.Everything())
	if _, err := narrow(w, identity.Everything(), Filter{Tab: TabSTAT}); err != nil {
		t.Fatal(err)
	}
	steps := plan(t, d, `SELECT w.id FROM `+itemTables+` WHERE `+w.String(), w.Args)
	if len(steps) != 1 || !strings.Contains(steps[0], " w USING INDEX workitems_o") {
		t.Errorf("the plan is %q", steps)
	}
}

// What a hospital or the reader of a small panel has is found by indexes that lead to
// nobody else's items, in their order, wherever the list is begun.
func TestListsOfFewFollowTheirIndexes(t *testing.T) {
	t.Parallel()
	d := dbtest.Open(t, filepath.Join(t.TempDir(), "dokuei.db"))
	last := Entry{Workitem: Workitem{ID: "01900000-0004-7000-8000-000000000001", Priority: Routine, Deadline: db.FromMicros(1), CreatedAt: db.FromMicros(1), CompletedAt: db.FromMicros(1)}}
	reader, hospital := identity.Scope{UserID: "sato", PanelIDs: []string{"npo", "neuro"}}, identity.Scope{UserID: "ward", FacilityID: "kaifu"}
	byPatient := []SortKey{{Column: ByPatient}}
	for _, c := range []struct {
		scope identity.Scope
		tab   Tab
		sort  []SortKey
		seeks []string
	}{
		{reader, TabDone, nil, []string{"workitems_done_panel (panel_id=?", "workitems_done_panel (panel_id=?", "workitems_done_by (claimed_by=?"}},
		{reader, TabAll, nil, []string{"workitems_created_panel (panel_id=?", "workitems_created_panel (panel_id=?", "workitems_created_by (claimed_by=?"}},
		{reader, TabOpen, nil, []string{"workitems_open_panel (panel_id=?", "workitems_open_panel (panel_id=?", "workitems_claimed (claimed_by=?"}},
		{reader, TabOpen, byPatient, []string{"workitems_open_panel_patient (panel_id=?", "workitems_open_panel_patient (panel_id=?", "workitems_claimed (claimed_by=?"}},
		{reader, TabDone, byPatient, []string{"workitems_done_panel_patient (panel_id=?", "workitems_done_panel_patient (panel_id=?", "workitems_claimed (claimed_by=?"}},
		{hospital, TabDone, nil, []string{"workitems_done_facility (facility_id=?", "workitems_done_by (claimed_by=?"}},
		{hospital, TabAll, nil, []string{"workitems_created_facility (facility_id=?", "workitems_created_by (claimed_by=?"}},
		{hospital, TabOpen, nil, []string{"workitems_open_facility (facility_id=?", "workitems_claimed (claimed_by=?"}},
	} {
		for _, deep := range []bool{false, true} {
			w := studiesOf(c.scope)
			o, err := narrow(w, c.scope, Filter{Tab: c.tab, Sort: c.sort})
			if err != nil {
				t.Fatal(err)
			}
			if deep {
				if err := o.after(w, o.cursor(last)); err != nil {
					t.Fatal(err)
				}
			}
			w = first(w, c.scope, o, 101)
			var steps []string
			for _, step := range plan(t, d, `SELECT w.id FROM `+itemTables+` WHERE `+w.String()+` ORDER BY `+o.by()+` LIMIT 101`, w.Args) {
				if strings.Contains(step, " w USING") {
					steps = append(steps, step)
				}
			}
			all := strings.Join(steps, "\n")
			ok := len(steps) == len(c.seeks)+1 && strings.Contains(all, "(id=?)")
			for _, seek := range c.seeks {
				ok = ok && strings.Contains(all, seek)
			}
			if !ok {
				t.Errorf("%s by %v of %+v, deep %v: the plan is\n%s", c.tab, c.sort, c.scope, deep, all)
			}
		}
	}
}

// PostgreSQL, too, reads of what many have done only what the few of a small panel have.
func TestDoneOfFewInPostgres(t *testing.T) {
	t.Parallel()
	d := manyInPostgres(t, Completed)
	scope := identity.Scope{UserID: "sato", PanelIDs: []string{"small"}}
	page, err := List(t.Context(), d.Read(t.Context()), scope, Filter{Tab: TabDone, Limit: 15})
	if err != nil || len(page.Items) != 15 || page.Items[14].ID != "w3000" {
		t.Fatalf("%d items, %v", len(page.Items), err)
	}
	plan := postgresPlan(t, d, scope, Filter{Tab: TabDone}, "")
	if !strings.Contains(plan, "workitems_done_panel") || !strings.Contains(plan, "workitems_done_by") || strings.Contains(plan, "Seq Scan on workitems w_") { // the few that are found are put together as w
		t.Errorf("items of others are read:\n%s", plan)
	}
}

// A list that is sorted by patient is read from an index in PostgreSQL, wherever it is begun.
func TestPatientOrderInPostgres(t *testing.T) {
	t.Parallel()
	d := manyInPostgres(t, Scheduled)
	f := Filter{Tab: TabOpen, Sort: []SortKey{{Column: ByPatient}}}
	middle := order{"patient,", []key{columnKeys[ByPatient]}}.cursor(Entry{Workitem: Workitem{ID: "01900000-0004-7000-8000-000000000001"}, patientKey: "patient 5000"})
	for _, c := range []struct {
		scope identity.Scope
		index string
	}{
		{identity.Everything(), "workitems_open_patient"},
		{identity.Scope{UserID: "sato", PanelIDs: []string{"large"}}, "workitems_open_panel_patient"},
	} {
		for _, cursor := range []string{"", middle} {
			plan := postgresPlan(t, d, c.scope, f, cursor)
			if !regexp.MustCompile(c.index + ` on workitems .*actual rows=101\b`).MatchString(plan) {
				t.Errorf("of %+v from %q more than a page is read:\n%s", c.scope, cursor, plan)
			}
		}
	}
}

// manyInPostgres is a database of ten thousand items in a state, twenty of them of the
// panel small and the others of large.
func manyInPostgres(t *testing.T, state State) *db.DB {
	t.Helper()
	d := dbtest.Open(t, dbtest.Postgres(t))
	const (
		texts = `patient_id, patient_name, patient_birth_date, patient_sex, patient_age, accession_number, study_id, description, study_date, study_time, modalities, body_part,
			referring_physician, institution, request_text, search, received_by`
		numbers = `first_arrival, last_arrival, release_at, completed_at, declared_instances, instance_count, series_count, own_count, reopened, conflicts, received_at`
		panel   = `CASE WHEN n % 500 = 0 THEN 'small' ELSE 'large' END`
		each    = ` FROM generate_series(1, 10000) AS n`
	)
	completed, reader := `NULL`, `NULL`
	if state == Completed {
		completed, reader = `n`, `'other'`
	}
	for _, q := range []string{
		`INSERT INTO facilities (id, name, created_at, updated_at) VALUES ('kaifu', '', 0, 0)`,
		`INSERT INTO patients (id, facility_id, patient_id, issuer, study_key, name, birth_date, sex, created_at, updated_at) VALUES ('p', 'kaifu', '', '', '', '', '', '', 0, 0)`,
		`INSERT INTO studies (id, facility_id, patient_ref, study_instance_uid, state, ` + texts + `, ` + numbers + `)
			SELECT 's' || n, 'kaifu', 'p', '1.1.' || n, 'complete'` + strings.Repeat(`, ''`, strings.Count(texts, ",")+1) + strings.Repeat(`, 0`, strings.Count(numbers, ",")+1) + each,
		`INSERT INTO study_grants (study_id, grantee_kind, grantee, granted_at) SELECT 's' || n, 'panel', ` + panel + `, 0` + each,
		`INSERT INTO workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, created_at, completed_at, claimed_by, patient_key)
			SELECT 'w' || n, 's' || n, 'kaifu', '1.2.' || n, '` + string(state) + `', 'interpretation', ` + panel + `, 'ROUTINE', 2, 0, 'READY', n, ` + completed + `, ` + reader + `, 'patient ' || n` + each,
		`ANALYZE`,
	} {
		err := d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			_, err := tx.ExecContext(ctx, q)
			return err
		})
		if err != nil {
			t.Fatal(q, err)
		}
	}
	return d
}

// postgresPlan is how PostgreSQL has read the IDs of a page.
func postgresPlan(t *testing.T, d *db.DB, scope identity.Scope, f Filter, cursor string) string {
	t.Helper()
	w := studiesOf(scope)
	o, err := narrow(w, scope, f)
	if err != nil {
		t.Fatal(err)
	}
	if cursor != "" {
		if err := o.after(w, cursor); err != nil {
			t.Fatal(err)
		}
	}
	w = first(w, scope, o, 101)
	rows, err := d.Read(t.Context()).QueryContext(t.Context(), `EXPLAIN (ANALYZE, TIMING OFF) SELECT w.id FROM `+itemTables+` WHERE `+w.String()+` ORDER BY `+o.by()+` LIMIT 101`, w.Args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var plan []string
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		plan = append(plan, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(plan, "\n")
}
