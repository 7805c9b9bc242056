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

		r := prometheus.NewRegistry()
		r.MustRegister(newGauges(d, nil))
		families, err := r.Gather()
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]float64{}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				name := strings.TrimPrefix(f.GetName(), "dokuei_workitems_")
				for _, l := range m.GetLabel() {
					name += " " + l.GetValue()
				}
				got[name] = m.GetGauge().GetValue()
			}
		}
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
