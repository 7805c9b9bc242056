package main

import (
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// The gauges of the worklist are its rows: each priority and state is there, at 0 too.
func TestGaugesOfTheWorklist(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		sato := worklisttest.Panel(t, d, "general", "sato")[0]
		item := func(p worklist.Priority) worklist.Workitem {
			return worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "general", FacilityID: "kaifu", Priority: p, Deadline: db.Now().Add(time.Hour)})
		}
		for _, p := range []worklist.Priority{worklist.STAT, worklist.STAT, worklist.Routine} {
			item(p)
		}
		read, done := item(worklist.Urgent), item(worklist.Urgent)
		worklisttest.Exec(t, d, `UPDATE workitems SET state = 'IN PROGRESS', claimed_by = $1, claimed_at = 1, transaction_uid = '1.2', created_at = created_at - 7200000000 WHERE id = $2`, sato, read.ID)
		worklisttest.Exec(t, d, `UPDATE workitems SET state = 'COMPLETED', claimed_by = $1, claimed_at = 1, completed_at = 2, created_at = 1 WHERE id = $2`, sato, done.ID)

		got := gathered(t, d, "dokuei_workitems_")
		for name, want := range map[string]float64{
			"open": 4, "late": 0,
			"queue STAT SCHEDULED": 2, "queue STAT IN PROGRESS": 0, "queue URGENT SCHEDULED": 0, "queue URGENT IN PROGRESS": 1,
			"queue ROUTINE SCHEDULED": 1, "queue ROUTINE IN PROGRESS": 0,
		} {
			if n, ok := got[name]; !ok || n != want {
				t.Errorf("%s is %v (there: %v), want %v", name, n, ok, want)
			}
		}
		if s := got["oldest_seconds"]; s < 7200 || s > 7300 {
			t.Errorf("the oldest open study is %v s old, want two hours", s)
		}
	})
}

// gathered are the gauges whose names begin so, by the rest of the name and their labels.
func gathered(t *testing.T, d *db.DB, prefix string) map[string]float64 {
	t.Helper()
	r := prometheus.NewRegistry()
	r.MustRegister(newGauges(d, nil))
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		name, ok := strings.CutPrefix(f.GetName(), prefix)
		if !ok {
			continue
		}
		for _, m := range f.GetMetric() {
			full := name
			for _, l := range m.GetLabel() {
				full += " " + l.GetValue()
			}
			got[full] = m.GetGauge().GetValue()
		}
	}
	return got
}

// A queue is as long as what waits in it, as old as the oldest of it, and overdue when
// what was to be tried has not been.
func TestGaugesOfTheQueues(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		d := open(t)
		now := db.Micros(db.Now())
		for i, x := range []struct{ created, next, sent, stopped int64 }{
			{now - 7200e6, now - 3600e6, 0, 0}, // tried before, and due for an hour
			{now - 60e6, now + 60e6, 0, 0},
			{now - 9000e6, now - 9000e6, now, 0},
			{now - 9000e6, now - 9000e6, 0, now},
		} {
			worklisttest.Exec(t, d, `INSERT INTO notices (id, workitem_id, facility_id, kind, channel, recipient, body, created_at, next_at, sent_at, stopped_at)
 VALUES ($1, 'w', 'kaifu', 'claim.late', 'email', 'a', '{}', $2, $3, $4, $5)`, string(rune('a'+i)), x.created, x.next, x.sent, x.stopped)
		}
		got := gathered(t, d, "dokuei_queue_")
		if len(got) != 15 {
			t.Errorf("%v", got)
		}
		for _, q := range []string{"notification", "performed-step", "commitment", "prior"} {
			if got["waiting "+q] != 0 || got["oldest_seconds "+q] != 0 || got["overdue_seconds "+q] != 0 {
				t.Errorf("%s: %v", q, got)
			}
		}
		near := func(name string, want float64) {
			if v := got[name+" notice"]; v < want || v > want+100 {
				t.Errorf("%s is %v, want %v", name, v, want)
			}
		}
		if got["waiting notice"] != 2 {
			t.Errorf("%v wait", got["waiting notice"])
		}
		near("oldest_seconds", 7200)
		near("overdue_seconds", 3600)
	})
}
