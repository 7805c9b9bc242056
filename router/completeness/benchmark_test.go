package completeness_test

import (
	"context"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// BenchmarkRelease is one look at 64 studies that are due, with ten rules:
// decided, on the list of their panel, durable.
func BenchmarkRelease(b *testing.B) {
	d := worklisttest.Open(b)
	worklisttest.Facility(b, d, "kaifu", "KAIFU_CT")
	worklisttest.Panel(b, d, "npo")
	worklisttest.Write(b, d, func(ctx context.Context, tx db.Tx) error {
		set := rule.Set{Fallback: rule.Rule{PanelID: "npo", Within: time.Hour}}
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
			set.Rules = append(set.Rules, rule.Rule{
				Name: name, When: rule.Condition{Modality: []string{"MR"}, Words: []string{"脳卒中"}}, PanelID: "npo",
				Priority: worklist.STAT, Within: time.Hour,
			})
		}
		return rule.Save(ctx, tx, set, "test")
	})
	l := completeness.New(d, completeness.Options{})
	const studies = 64
	b.ReportAllocs()
	for b.Loop() {
		b.StopTimer()
		worklisttest.ArriveMany(b, d, studies, worklisttest.Study{Facility: "kaifu", Quiet: time.Microsecond})
		b.StartTimer()
		if _, err := l.Look(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*studies)/b.Elapsed().Seconds(), "studies/s")
	var items int
	if err := d.Read(b.Context()).QueryRowContext(b.Context(), `SELECT COUNT(*) FROM workitems`).Scan(&items); err != nil || items != b.N*studies {
		b.Errorf("%d items, %v", items, err)
	}
}
