package worklist_test

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// testListPages makes items of every state and compares each list, read in
// pages of every size, with the same selection made in memory.
func testListPages(t *testing.T, d *db.DB) {
	rnd := rand.New(rand.NewPCG(1, 2))
	facilities := []string{"kaifu", "minami"}
	for _, f := range facilities {
		worklisttest.Facility(t, d, f, f)
	}
	readers := worklisttest.Panel(t, d, "npo", "sato", "suzuki")
	worklisttest.Panel(t, d, "neuro", "sato", "suzuki")
	panels := []string{"npo", "neuro"}
	base := db.Now()
	for i := range 60 {
		item := worklisttest.Item(t, d, worklisttest.Study{Facility: facilities[rnd.IntN(2)], PatientID: fmt.Sprint("P", i)}, worklist.New{
			PanelID: panels[rnd.IntN(2)], Priority: []worklist.Priority{worklist.STAT, worklist.Urgent, worklist.Routine}[rnd.IntN(3)],
			Deadline: base.Add(time.Duration(rnd.IntN(5)) * time.Hour), // equal deadlines happen
		})
		reader := readers[rnd.IntN(2)]
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
			switch n := i % 4; {
			case n == 0:
				return nil
			case n > 0:
				_, err = worklist.Claim(ctx, tx, item.ID, reader)
			}
			switch {
			case err != nil:
			case i%4 == 2:
				_, err = worklist.Complete(ctx, tx, item.ID, reader)
			case i%4 == 3:
				_, _, err = worklist.Release(ctx, tx, item.ID, reader, "")
			}
			return err
		})
	}
	ctx := t.Context()
	all, err := worklist.List(ctx, d.Read(ctx), identity.Everything(), worklist.Filter{Tab: worklist.TabAll, Limit: worklist.MaxPage})
	if err != nil || len(all.Items) != 75 || all.Next != "" {
		t.Fatalf("all: %d items, next %q, %v", len(all.Items), all.Next, err)
	}
	scopes := map[string]struct {
		scope identity.Scope
		sees  func(worklist.Workitem) bool
	}{
		"everything": {identity.Everything(), func(worklist.Workitem) bool { return true }},
		"nobody":     {identity.Scope{}, func(worklist.Workitem) bool { return false }},
		"hospital":   {identity.Scope{FacilityID: "kaifu"}, func(w worklist.Workitem) bool { return w.FacilityID == "kaifu" }},
		"panel":      {identity.Scope{PanelIDs: []string{"npo"}}, func(w worklist.Workitem) bool { return w.PanelID == "npo" }},
		"reader of one panel": {
			identity.Scope{UserID: readers[0], PanelIDs: []string{"npo"}},
			func(w worklist.Workitem) bool {
				return w.PanelID == "npo" || w.ClaimedBy == readers[0] && w.State != worklist.Canceled
			},
		},
		"reader of none": {
			identity.Scope{UserID: readers[1]},
			func(w worklist.Workitem) bool { return w.ClaimedBy == readers[1] && w.State != worklist.Canceled },
		},
	}
	urgency := func(a, b worklist.Entry) int {
		return cmp.Or(cmp.Compare(a.Priority.Rank(), b.Priority.Rank()), a.Deadline.Compare(b.Deadline), cmp.Compare(a.ID, b.ID))
	}
	tabs := []struct {
		tab   worklist.Tab
		in    func(worklist.Workitem, string) bool
		order func(a, b worklist.Entry) int
	}{
		{worklist.TabOpen, func(w worklist.Workitem, _ string) bool { return w.State.Open() }, urgency},
		{worklist.TabMine, func(w worklist.Workitem, u string) bool {
			return w.State == worklist.InProgress && w.ClaimedBy == u && u != ""
		}, urgency},
		{
			worklist.TabDone, func(w worklist.Workitem, _ string) bool { return w.State == worklist.Completed },
			func(a, b worklist.Entry) int {
				return cmp.Or(b.CompletedAt.Compare(a.CompletedAt), cmp.Compare(b.ID, a.ID))
			},
		},
		{
			worklist.TabAll, func(worklist.Workitem, string) bool { return true },
			func(a, b worklist.Entry) int {
				return cmp.Or(b.CreatedAt.Compare(a.CreatedAt), cmp.Compare(b.ID, a.ID))
			},
		},
	}
	for name, s := range scopes {
		sizes := map[worklist.Tab]int{}
		for _, tab := range tabs {
			for _, f := range []worklist.Filter{{}, {PanelID: "neuro"}, {FacilityID: "minami"}, {Priority: worklist.STAT}, {Kind: worklist.Addendum}} {
				var want []worklist.Entry
				for _, e := range all.Items {
					if s.sees(e.Workitem) && tab.in(e.Workitem, s.scope.UserID) && (f.PanelID == "" || e.PanelID == f.PanelID) &&
						(f.FacilityID == "" || e.FacilityID == f.FacilityID) && (f.Priority == "" || e.Priority == f.Priority) &&
						(f.Kind == "" || e.Kind == f.Kind) {
						want = append(want, e)
					}
				}
				slices.SortFunc(want, tab.order)
				limits := []int{7}
				if reflect.DeepEqual(f, worklist.Filter{}) {
					limits, sizes[tab.tab] = []int{4, 0, 1000}, len(want)
				}
				for _, limit := range limits {
					f.Tab, f.Limit = tab.tab, limit
					got := readAll(t, d, s.scope, f)
					if !slices.EqualFunc(got, want, func(a, b worklist.Entry) bool { return a.ID == b.ID && a.Study.ID == b.StudyID }) {
						t.Fatalf("%s, %+v: %d items, want %d, or another order", name, f, len(got), len(want))
					}
				}
			}
		}
		c, err := worklist.Count(ctx, d.Read(ctx), s.scope)
		if err != nil || c[worklist.TabOpen] != sizes[worklist.TabOpen] || c[worklist.TabMine] != sizes[worklist.TabMine] || c[worklist.TabDone] != sizes[worklist.TabDone] {
			t.Errorf("%s: counts %+v, %v; want %v", name, c, err, sizes)
		}
	}
}

// readAll follows the cursors of a list to its end.
func readAll(t *testing.T, d *db.DB, scope identity.Scope, f worklist.Filter) []worklist.Entry {
	t.Helper()
	var got []worklist.Entry
	for {
		p, err := worklist.List(t.Context(), d.Read(t.Context()), scope, f)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, p.Items...)
		if p.Next == "" {
			return got
		}
		f.Cursor = p.Next
	}
}

func testListSearch(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	worklisttest.Panel(t, d, "npo")
	for i, s := range []worklisttest.Study{
		{PatientID: "A100", Name: "YAMADA^TARO=山田^太郎=ヤマダ^タロウ", Description: "Head CT"},
		{PatientID: "B200%", Name: "SUZUKI^HANAKO=鈴木^花子", Description: "ＣＨＥＳＴ"},
	} {
		s.Facility = "kaifu"
		worklisttest.Item(t, d, s, worklist.New{PanelID: "npo", Deadline: time.Unix(int64(i+1), 0)})
	}
	for q, want := range map[string][]string{
		"山田": {"A100"}, "yamada": {"A100"}, "ﾔﾏﾀﾞ": {"A100"}, "chest": {"B200%"}, "b200": {"B200%"}, "山田 chest": nil,
		"b200%": {"B200%"}, "%": nil, "_": nil, "": {"A100", "B200%"}, `\`: {"A100", "B200%"}, "' OR 1=1 --": nil,
	} {
		var got []string
		for _, e := range readAll(t, d, identity.Everything(), worklist.Filter{Query: q}) {
			got = append(got, e.Study.Patient.PatientID)
		}
		if !slices.Equal(got, want) {
			t.Errorf("search %q: %v, want %v", q, got, want)
		}
	}
}

// Any columns, in any directions: pages of any size give everything once, in order.
func testListSort(t *testing.T, d *db.DB) {
	for _, f := range []string{"kaifu", "minami"} {
		worklisttest.Facility(t, d, f, strings.ToUpper(f))
	}
	sato := worklisttest.Panel(t, d, "npo", "sato")[0]
	random := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		w := worklisttest.Item(t, d, worklisttest.Study{
			Facility: []string{"kaifu", "minami"}[random.IntN(2)], PatientID: fmt.Sprint("P", random.IntN(5)), Name: []string{"ABE^TARO", "baba", "ＣＨＩＢＡ"}[random.IntN(3)],
			Description: []string{"", "CT", "MR", "%_~"}[random.IntN(4)],
		}, worklist.New{PanelID: "npo", Priority: []worklist.Priority{worklist.STAT, worklist.Urgent, worklist.Routine}[random.IntN(3)], Deadline: time.Unix(int64(random.IntN(4)), 0)})
		if i%4 == 0 {
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
				_, err := worklist.Claim(ctx, tx, w.ID, sato)
				return err
			})
		}
	}
	columns := map[worklist.Column]func(worklist.Entry) string{
		worklist.ByPriority: func(e worklist.Entry) string { return fmt.Sprint(e.Priority.Rank()) },
		worklist.ByDeadline: func(e worklist.Entry) string { return fmt.Sprint(e.Deadline.Unix()) },
		worklist.ByMade:     func(e worklist.Entry) string { return fmt.Sprint(db.Micros(e.CreatedAt)) },
		worklist.ByState:    func(e worklist.Entry) string { return string(e.State) }, worklist.ByPatient: func(e worklist.Entry) string { return catalog.Fold(e.Study.Patient.Name) },
		worklist.ByPatientID: func(e worklist.Entry) string { return e.Study.Patient.PatientID }, worklist.ByBirth: func(e worklist.Entry) string { return e.Study.Patient.BirthDate },
		worklist.ByModality: func(e worklist.Entry) string { return strings.Join(e.Study.Modalities, `\`) }, worklist.ByDescription: func(e worklist.Entry) string { return e.Study.Description },
		worklist.ByStudyTime: func(e worklist.Entry) string { return e.Study.StudyDate + e.Study.StudyTime }, worklist.ByImages: func(e worklist.Entry) string { return fmt.Sprint(e.Study.Instances) },
		worklist.ByFacility: func(e worklist.Entry) string { return e.FacilityID }, worklist.ByPanel: func(e worklist.Entry) string { return e.PanelID },
		worklist.ByReader: func(e worklist.Entry) string { return e.ClaimedBy },
	}
	names := slices.Sorted(maps.Keys(columns))
	for range 40 {
		var by []worklist.SortKey
		for range 1 + random.IntN(4) {
			by = append(by, worklist.SortKey{Column: names[random.IntN(len(names))], Down: random.IntN(2) == 0})
		}
		got := readAll(t, d, identity.Everything(), worklist.Filter{Sort: by, Limit: 1 + random.IntN(25)})
		seen := map[string]bool{}
		for i, e := range got {
			seen[e.ID] = true
			for _, k := range by {
				if i == 0 {
					break
				}
				order := strings.Compare(columns[k.Column](got[i-1]), columns[k.Column](e))
				if k.Down {
					order = -order
				}
				if order > 0 {
					t.Fatalf("%+v: %d stands after %d", by, i, i-1)
				}
				if order < 0 {
					break
				}
			}
		}
		if len(got) != 60 || len(seen) != 60 {
			t.Fatalf("%+v: %d items, %d of them once", by, len(got), len(seen))
		}
	}
	if _, err := worklist.List(t.Context(), d.Read(t.Context()), identity.Everything(), worklist.Filter{Sort: []worklist.SortKey{{Column: "w.id; --"}}}); !errors.Is(err, worklist.ErrBadSort) {
		t.Errorf("a column nobody has: %v", err)
	}
}

// Who knows the patients of a hospital by pseudonyms learns their names neither from the
// order of a list nor from its cursors.
func testVeiledOrder(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU")
	sato := worklisttest.Panel(t, d, "npo", "sato")[0]
	names := []string{"KONDO", "ABO", "WADA", "IMAI", "SATO"}
	var made []string
	for n, name := range names {
		w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu", PatientID: fmt.Sprint("P", n), Name: name}, worklist.New{PanelID: "npo"})
		made = append(made, w.ID)
	}
	reader := identity.Principal{UserID: sato, Role: identity.Reader, PanelIDs: []string{"npo"}, Veils: identity.Veils{"kaifu": []byte("a key of pseudonyms")}}
	by := worklist.Filter{Sort: []worklist.SortKey{{Column: worklist.ByPatient}}, Limit: 1}
	for n := range names {
		p, err := worklist.List(t.Context(), d.Read(t.Context()), reader.Scope(), by)
		if err != nil || len(p.Items) != 1 || p.Items[0].ID != made[n] {
			t.Fatalf("in place %d: %v, %v; want the item that was made then", n, p.Items, err)
		}
		cursor, err := base64.RawURLEncoding.DecodeString(p.Next)
		if err != nil || strings.Contains(string(cursor), catalog.Fold(names[n])) {
			t.Errorf("the cursor says %s, %v", cursor, err)
		}
		by.Cursor = p.Next
	}
	reader.Veils = nil
	by.Cursor, by.Limit = "", 0
	p, err := worklist.List(t.Context(), d.Read(t.Context()), reader.Scope(), by)
	if err != nil || len(p.Items) != 5 || p.Items[0].ID != made[1] {
		t.Errorf("without the veil: %d items, %v", len(p.Items), err)
	}
}

func TestBadCursor(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	enc := base64.RawURLEncoding.EncodeToString
	for _, c := range []string{
		"!", "x", enc([]byte(`[]`)), enc([]byte(`["u",1,2]`)), enc([]byte(`["c",1,"x"]`)), enc([]byte(`["u","a",2,"x"]`)),
		enc([]byte(`["u",1,2,"no id"]`)), enc([]byte(`["u",1,{},"x"]`)), enc(make([]byte, 5000)), enc([]byte(`["u",1e99,2,"x"]`)),
	} {
		_, err := worklist.List(t.Context(), d.Read(t.Context()), identity.Everything(), worklist.Filter{Cursor: c})
		if !errors.Is(err, worklist.ErrBadCursor) {
			t.Errorf("cursor %q: %v", c, err)
		}
	}
	if _, err := worklist.List(t.Context(), d.Read(t.Context()), identity.Everything(), worklist.Filter{Tab: "elsewhere"}); err == nil {
		t.Error("a list of that name does not exist")
	}
}

// BenchmarkList is one page of a list of ten thousand open items.
func BenchmarkList(b *testing.B) {
	d := worklisttest.Open(b)
	worklisttest.Facility(b, d, "kaifu", "KAIFU_CT")
	sato := worklisttest.Panel(b, d, "npo", "sato")[0]
	worklisttest.Item(b, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo"})
	copies := func(table, columns string) {
		for range 14 { // doubles each time
			worklisttest.Exec(b, d, `INSERT INTO `+table+` SELECT `+columns+` FROM `+table+` WHERE (SELECT COUNT(*) FROM `+table+`) < 16384`)
		}
	}
	copies("studies", `lower(hex(randomblob(16))), facility_id, patient_ref, lower(hex(randomblob(16))), patient_id, patient_name, patient_birth_date, patient_sex, patient_age,
 accession_number, study_id, description, study_date, study_time, modalities, body_part, referring_physician, institution, request_text, search, 'complete', release_at,
 first_arrival + abs(random() % 1000000), last_arrival, completed_at, declared_instances, instance_count, series_count, own_count, reopened, conflicts, received_at, received_by`)
	worklisttest.Exec(b, d, `INSERT INTO workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, created_at, completed_at, claimed_by, transaction_uid)
 SELECT lower(hex(randomblob(16))), studies.id, 'kaifu', studies.study_instance_uid, CASE abs(random() % 2) WHEN 0 THEN 'SCHEDULED' ELSE 'COMPLETED' END, 'interpretation', 'npo', 'ROUTINE', 2,
 first_arrival, 'READY', first_arrival, first_arrival, NULL, NULL FROM studies WHERE NOT EXISTS (SELECT 1 FROM workitems w WHERE w.study_id = studies.id)`)
	worklisttest.Exec(b, d, `INSERT INTO study_grants SELECT id, 'panel', 'npo', 0 FROM studies WHERE true ON CONFLICT DO NOTHING`)
	scope := identity.Scope{UserID: sato, PanelIDs: []string{"npo"}}
	ctx := b.Context()
	for _, tab := range []worklist.Tab{worklist.TabOpen, worklist.TabMine, worklist.TabDone, worklist.TabAll} {
		b.Run(string(tab), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := worklist.List(ctx, d.Read(ctx), scope, worklist.Filter{Tab: tab}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("count", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := worklist.Count(ctx, d.Read(ctx), scope); err != nil {
				b.Fatal(err)
			}
		}
	})
}
