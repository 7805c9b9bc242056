package worklist_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// A study counts once: what was given back, and what was added, do not count.
func TestFigures(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	sato := worklisttest.Panel(t, d, "npo", "sato")[0]
	read := func(tx db.Tx, ctx context.Context, id string) error {
		if _, err := worklist.Claim(ctx, tx, id, sato); err != nil {
			return err
		}
		_, err := worklist.Complete(ctx, tx, id, sato)
		return err
	}
	for n, p := range []worklist.Priority{worklist.STAT, worklist.Routine, worklist.Routine} {
		w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo", Priority: p})
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			if n == 1 { // given back once
				if _, err := worklist.Claim(ctx, tx, w.ID, sato); err != nil {
					return err
				}
				_, next, err := worklist.Release(ctx, tx, w.ID, sato, "")
				if err != nil {
					return err
				}
				w = next
			}
			if err := read(tx, ctx, w.ID); err != nil || n != 0 {
				return err
			}
			add, err := worklist.Create(ctx, tx, worklist.New{StudyID: w.StudyID, FacilityID: "kaifu", Kind: worklist.Addendum, PanelID: "npo", Deadline: db.Now().Add(time.Hour)})
			if err != nil {
				return err
			}
			return read(tx, ctx, add.ID)
		})
	}
	worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo"}) // never read
	f, err := worklist.Figures(t.Context(), d.Read(t.Context()), db.Now().Add(-time.Hour), db.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	reads := 0
	for _, r := range f.Reads {
		reads += r.Studies
		if r.FacilityID != "kaifu" || r.Modality != "CT" {
			t.Errorf("%+v", r)
		}
	}
	if reads != 3 || len(f.Readers) != 1 || f.Readers[0].Studies != 3 {
		t.Errorf("%d reads, %+v", reads, f.Readers)
	}
	if s := f.Speeds; s[0].Studies != 1 || s[2].Studies != 2 || s[2].InTime != 2 || s[2].ByClinicalDay != 2 {
		t.Errorf("%+v", s)
	}
}

// The table of the region's service comes out of its rows: reads by fiscal year, their
// growth, and the share of the target. Every tenth study has an addendum, every
// twentieth was given back once, every thirtieth was corrected; none counts twice.
func TestTokushima(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	sato := worklisttest.Panel(t, d, "npo", "sato")[0]
	template := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo"})
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, template.ID, sato)
		if err == nil {
			_, err = worklist.Complete(ctx, tx, template.ID, sato)
		}
		return err
	})
	// copied gives count rows of a table that are those of the template but for some columns.
	copied := func(table, from string, count int, filter string, other map[string]string) {
		var names, values []string
		rows, err := d.Read(t.Context()).QueryContext(t.Context(), `SELECT name FROM pragma_table_info('`+table+`')`)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var name string
			if err := rows.Scan(&name); err != nil {
				t.Fatal(err)
			}
			value := name
			if v, ok := other[name]; ok {
				value = v
			}
			names, values = append(names, name), append(values, value)
		}
		if err := rows.Close(); err != nil {
			t.Fatal(err)
		}
		worklisttest.Exec(t, d, fmt.Sprintf(`WITH RECURSIVE c(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM c WHERE n < %d)
 INSERT INTO %s (%s) SELECT %s FROM %s, c WHERE id = '%s' AND %s`, count-1, table, strings.Join(names, ", "), strings.Join(values, ", "), table, from, filter))
	}
	years := []struct{ year, reads, target int }{{2020, 10_848, 0}, {2021, 11_488, 9_750}, {2022, 16_183, 10_000}, {2023, 18_224, 10_250}}
	want := map[int]int{}
	for _, y := range years {
		want[y.year] = y.reads
		begin := time.Date(y.year, 4, 1, 0, 0, 0, 0, calendar.Tokyo)
		step := begin.AddDate(1, 0, 0).Sub(begin) / time.Duration(y.reads)
		at := func(later time.Duration) string {
			return fmt.Sprintf("%d + n * %d", db.Micros(begin.Add(later)), step.Microseconds())
		}
		study := fmt.Sprintf("'s%d-' || n", y.year)
		copied("studies", template.StudyID, y.reads, "1 = 1", map[string]string{"id": study, "study_instance_uid": fmt.Sprintf("'1.2.%d.' || n", y.year)})
		item := func(kind, filter string, later time.Duration, more map[string]string) {
			all := map[string]string{
				"id": fmt.Sprintf("'%s%d-' || n", kind, y.year), "sop_instance_uid": fmt.Sprintf("'1.%d.%d.' || n", len(kind), y.year), "study_id": study,
				"created_at": at(later), "claimed_at": at(later + time.Second), "completed_at": at(later + 2*time.Second), "deadline": at(time.Hour),
			}
			maps.Copy(all, more)
			copied("workitems", template.ID, y.reads, filter, all)
		}
		item("w", "1 = 1", 0, nil)
		item("ad", "n % 10 = 3", time.Minute, map[string]string{"kind": "'addendum'"})
		item("can", "n % 20 = 5", 0, map[string]string{"state": "'CANCELED'", "completed_at": "NULL"})
		item("corr", "n % 30 = 7", time.Minute, map[string]string{"purpose": "'correction'"})
	}
	f, err := worklist.Figures(t.Context(), d.Read(t.Context()), time.Date(2020, 4, 1, 0, 0, 0, 0, calendar.Tokyo), time.Date(2024, 4, 1, 0, 0, 0, 0, calendar.Tokyo))
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]int{}
	for _, r := range f.Reads {
		month, err := time.Parse("2006-01", r.Month)
		if err != nil {
			t.Fatal(err)
		}
		got[month.AddDate(0, -3, 0).Year()] += r.Studies
	}
	if !maps.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	growth := func(y int) float64 { return math.Round(1000*(float64(got[y])/float64(got[y-1])-1)) / 10 }
	if growth(2021) != 5.9 || growth(2022) != 40.9 || growth(2023) != 12.6 || math.Round(100*float64(got[2023])/float64(years[3].target)) != 178 {
		t.Errorf("growth %v %v %v", growth(2021), growth(2022), growth(2023))
	}
	// The table as it is published: of the year that is still to come there is a target alone.
	var table []string
	for _, y := range f.Years(map[string]int{"2021": 9_750, "2022": 10_000, "2023": 10_250, "2024": 10_500}) {
		line := fmt.Sprintf("%d: %d of %d", y.Year, y.Reads, y.Target)
		if y.Growth != 0 {
			line += fmt.Sprintf(", %+.1f %%", 100*y.Growth)
		}
		if share, ok := y.Share(); ok {
			line += fmt.Sprintf(", %.0f %%", 100*share)
		}
		if y.Seen != y.Whole || y.Seen != (y.Year < 2024) {
			t.Errorf("%+v", y)
		}
		table = append(table, line)
	}
	if got := strings.Join(table, "; "); got != "2020: 10848 of 0; 2021: 11488 of 9750, +5.9 %, 118 %; 2022: 16183 of 10000, +40.9 %, 162 %; 2023: 18224 of 10250, +12.6 %, 178 %; 2024: 0 of 10500" {
		t.Error(got)
	}
	if s := f.Speeds[2]; s.InTime != s.Studies || s.ByClinicalDay != s.Studies {
		t.Errorf("%+v", s)
	}
}

// What is on the desks is counted apart from what was done, on each engine.
func TestLoads(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		t.Helper()
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		ids := worklisttest.Panel(t, d, "npo", "sato", "ito")
		for n, w := range worklisttest.Items(t, d, 6, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo"}) {
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
				if n == 5 {
					return nil // nobody's
				}
				_, err := worklist.Claim(ctx, tx, w.ID, ids[n%2])
				if err == nil && n < 3 {
					_, err = worklist.Complete(ctx, tx, w.ID, ids[n%2])
				}
				return err
			})
		}
		got, err := worklist.Loads(t.Context(), d.Read(t.Context()), db.Now().Add(-time.Hour))
		if err != nil || !maps.Equal(got, map[string]worklist.Load{ids[0]: {Open: 1, Done: 2}, ids[1]: {Open: 1, Done: 1}}) {
			t.Errorf("%+v %v", got, err)
		}
		if later, err := worklist.Loads(t.Context(), d.Read(t.Context()), db.Now().Add(time.Hour)); err != nil || later[ids[0]] != (worklist.Load{Open: 1}) {
			t.Errorf("%+v %v", later, err)
		}
	})
}
