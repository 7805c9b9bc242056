package assign_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// What a hospital asks for is the task it gets: of the UID it gave, as urgent as it
// said or as the rules say, by the limits of that priority; once.
func TestRequested(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		t.Helper()
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		worklisttest.Facility(t, d, "minami", "MINAMI_CT")
		sato := worklisttest.Panel(t, d, "npo", "sato")[0]
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "npo", Priority: worklist.Urgent, Within: 4 * time.Hour}}, "test")
		})
		ask := func(study, accession string, p worklist.Priority) string {
			r := worklist.StepRequest{SOPInstanceUID: uid.New(), FacilityID: "kaifu", StudyInstanceUID: study, AccessionNumber: accession, Priority: p}
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
				_, err := worklist.AddStepRequest(ctx, tx, r, "test")
				return err
			})
			return r.SOPInstanceUID
		}

		// Before the images: STAT goes before the rule, LOW does not make it less.
		for priority, want := range map[worklist.Priority]worklist.Priority{worklist.STAT: worklist.STAT, worklist.Routine: worklist.Urgent} {
			study := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New()}
			step := ask(study.StudyUID, "", priority)
			got := give(t, d, worklisttest.Arrive(t, d, study).StudyID).Workitem
			if got.SOPInstanceUID != step || got.Priority != want || got.PanelID != "npo" {
				t.Errorf("asked for as %s: %+v", priority, got)
			}
		}
		// Another hospital's study of the same UID is another study.
		theirs := worklisttest.Study{Facility: "minami", StudyUID: uid.New()}
		step := ask(theirs.StudyUID, "", worklist.STAT)
		if got := give(t, d, worklisttest.Arrive(t, d, theirs).StudyID).Workitem; got.SOPInstanceUID == step {
			t.Error("a hospital's request was met by another's study")
		}

		// After them: in place of what the rules have made.
		a := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.77"})
		first := give(t, d, a.StudyID).Workitem
		requested := func() (res assign.Result, err error) {
			err = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				s, err := catalog.StudyByID(ctx, tx, identity.Everything(), a.StudyID)
				if err != nil {
					return err
				}
				res, err = assign.Requested(ctx, tx, s, "test")
				return err
			})
			return res, err
		}
		step = ask("1.2.77", "", worklist.STAT)
		res, err := requested()
		if w := res.Workitem; err != nil || w.SOPInstanceUID != step || w.Priority != worklist.STAT || w.Replaces != first.ID || !w.Deadline.Before(first.Deadline.Add(time.Minute)) {
			t.Errorf("%+v, %v", w, err)
		}
		was, err := worklist.Get(t.Context(), d.Read(t.Context()), identity.Everything(), first.ID)
		if err != nil || was.State != worklist.Canceled || was.ReplacedBy != res.Workitem.ID {
			t.Errorf("%+v, %v", was.Workitem, err)
		}
		// What is being read is left alone.
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			_, err := worklist.Claim(ctx, tx, res.Workitem.ID, sato)
			return err
		})
		if _, err := requested(); !errors.Is(err, worklist.ErrAlreadyClaimed) {
			t.Errorf("while it is read: %v", err)
		}
	})
}
