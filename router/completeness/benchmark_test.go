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

// BenchmarkRelease is one study from due to the list of its panel, with ten
// rules, durable.
func BenchmarkRelease(b *testing.B) {
	d := worklisttest.Open(b)
	worklisttest.Facility(b, d, "kaifu", "KAIFU_CT")
	worklisttest.Panel(b, d, "npo")
	worklisttest.Write(b, d, func(ctx context.Context, tx db.Tx) error {
		set := rule.Set{Fallback: rule.Rule{PanelID: "npo", Within: time.Hour}}
		for _, name := range []string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"} {
			set.Rules = append(set.Rules, rule.Rule{Name: name, When: rule.Condition{Modality: []string{"MR"}, Words: []string{"脳卒中"}}, PanelID: "npo", Priority: worklist.STAT, Within: time.Hour})
		}
		return rule.Save(ctx, tx, set)
	})
	ids := make([]string, 0, 1000)
	b.ReportAllocs()
	for b.Loop() {
		if len(ids) == 0 {
			b.StopTimer()
			for range 1000 {
				ids = append(ids, worklisttest.Arrive(b, d, worklisttest.Study{Facility: "kaifu", Quiet: time.Microsecond}).StudyID)
			}
			b.StartTimer()
		}
		id := ids[len(ids)-1]
		ids = ids[:len(ids)-1]
		worklisttest.Write(b, d, func(ctx context.Context, tx db.Tx) error {
			_, ok, err := completeness.Release(ctx, tx, id)
			if err == nil && !ok {
				b.Error("not due")
			}
			return err
		})
	}
}
