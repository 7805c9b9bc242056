package order_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// A scanner asks for its orders of one day, among the 10,000 of its hospital.
func BenchmarkFind(b *testing.B) {
	d := worklisttest.Open(b)
	worklisttest.Facility(b, d, "kaifu", "KAIFU")
	worklisttest.Write(b, d, func(ctx context.Context, tx db.Tx) error {
		for i := range 10_000 {
			o := head()
			o.AccessionNumber, o.Step.StartDate = fmt.Sprint(i), fmt.Sprintf("2026%02d%02d", i%12+1, i%25+1)
			if _, err := order.Create(ctx, tx, o, "bench"); err != nil {
				return err
			}
		}
		return nil
	})
	w := &order.Worklist{DB: d}
	key, step := dataset.New(), dataset.New()
	key.SetString(tag.PatientName, "PN", "やまだ*")
	step.SetString(tag.ScheduledProcedureStepStartDate, "DA", "20260706")
	step.SetString(tag.Modality, "CS", "CT")
	key.SetItems(tag.ScheduledProcedureStepSequence, step)
	q := service.WorklistQuery{Association: &ul.Association{}, Peer: worklist.Facility{ID: "kaifu"}, Identifier: key}
	b.ReportAllocs()
	for b.Loop() {
		n := 0
		if err := w.Find(b.Context(), q, func(*dataset.Dataset) error { n++; return nil }); err != nil || n == 0 {
			b.Fatal(n, err)
		}
	}
}
