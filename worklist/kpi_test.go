package worklist_test

import (
	"context"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
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
