package completeness_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// ward is a hospital with a panel for strokes and one for the rest.
type ward struct {
	*db.DB
	neuro, npo string // a reader of each
}

func newWard(t *testing.T, d *db.DB) ward {
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	w := ward{d, worklisttest.Panel(t, d, "neuro", "sato")[0], worklisttest.Panel(t, d, "npo", "abe")[0]}
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		return rule.Save(ctx, tx, rule.Set{
			Rules: []rule.Rule{
				{Name: "hold", When: rule.Condition{Words: []string{"held"}}, PanelID: "npo", Priority: worklist.STAT, Within: time.Hour, Hold: true},
				{Name: "perfusion", If: `any(series, .modality == "MR")`, PanelID: "neuro", Priority: worklist.STAT, Within: 30 * time.Minute},
				{Name: "stroke", When: rule.Condition{BodyPart: []string{"HEAD"}, Words: []string{"脳卒中"}}, PanelID: "neuro", Priority: worklist.STAT, Within: 30 * time.Minute},
			},
			Fallback: rule.Rule{PanelID: "npo", Within: 24 * time.Hour},
		}, "test")
	})
	return w
}

// look is a look of a ledger that starts anew, some time from now.
func (w ward) look(t *testing.T, later time.Duration) {
	t.Helper()
	ctx := db.WithNow(t.Context(), func() time.Time { return time.Now().Add(later) })
	if _, err := completeness.New(w.DB, completeness.Options{}).Look(ctx); err != nil {
		t.Fatal(err)
	}
}

func (w ward) items(t *testing.T, studyID string) []worklist.Workitem {
	t.Helper()
	list, err := worklist.OfStudy(t.Context(), w.Read(t.Context()), identity.Everything(), studyID)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// one is the only item of a study.
func (w ward) one(t *testing.T, studyID string) worklist.Workitem {
	t.Helper()
	list := w.items(t, studyID)
	if len(list) != 1 {
		t.Fatalf("%d items, want one: %+v", len(list), list)
	}
	return list[0]
}

func (w ward) claim(ctx context.Context, id, reader string) error {
	return w.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, id, reader)
		return err
	})
}

func TestEarly(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		t.Helper()
		w := newWard(t, open(t))
		stroke := func() worklisttest.Study {
			return worklisttest.Study{Facility: "kaifu", StudyUID: uid.New(), PatientID: uid.New(), BodyPart: "HEAD", Request: "脳卒中疑い", Quiet: 30 * time.Second, Declared: 300}
		}
		t.Run("by a rule, taken before it is whole", func(t *testing.T) {
			s := stroke()
			id := worklisttest.Arrive(t, w.DB, s).StudyID
			var both sync.WaitGroup // two nodes look at once
			for range 2 {
				both.Go(func() { w.look(t, 0) })
			}
			both.Wait()
			item := w.one(t, id)
			if item.State != worklist.Scheduled || item.Readiness != worklist.Incomplete || item.PanelID != "neuro" || item.Priority != worklist.STAT || item.ClaimDue.IsZero() {
				t.Fatalf("%+v", item)
			}
			// Who has no right to it sees nothing of it.
			for _, scope := range []identity.Scope{{UserID: w.npo, PanelIDs: []string{"npo"}}, {UserID: "x", FacilityID: "minami"}} {
				if _, err := worklist.Get(t.Context(), w.Read(t.Context()), scope, item.ID); !errors.Is(err, worklist.ErrNotFound) {
					t.Errorf("%+v sees it: %v", scope, err)
				}
			}
			page, err := worklist.List(t.Context(), w.Read(t.Context()), identity.Scope{UserID: w.neuro, PanelIDs: []string{"neuro"}}, worklist.Filter{})
			if err != nil || len(page.Items) != 1 || page.Items[0].Study.Instances != 1 || page.Items[0].Study.DeclaredInstances != 300 {
				t.Fatalf("%+v %v", page, err)
			}
			if err := w.claim(t.Context(), item.ID, w.npo); !errors.Is(err, worklist.ErrNotOnPanel) {
				t.Errorf("claimed from another panel: %v", err)
			}
			if err := w.claim(t.Context(), item.ID, w.neuro); err != nil {
				t.Fatal(err)
			}
			worklisttest.Arrive(t, w.DB, s)
			w.look(t, 0)
			w.look(t, time.Minute) // it has been quiet
			whole := w.one(t, id)
			if whole.ID != item.ID || whole.State != worklist.InProgress || whole.ClaimedBy != w.neuro || whole.Readiness != worklist.Ready {
				t.Errorf("whole: %+v", whole)
			}
			if got := study(t, w.DB, id); got.State != catalog.Complete {
				t.Errorf("the study is %s", got.State)
			}
		})
		t.Run("its clock runs from the first image", func(t *testing.T) {
			id := worklisttest.Arrive(t, w.DB, stroke()).StudyID
			w.look(t, 0)
			item := w.one(t, id)
			k := clock.New(w.DB, clock.Options{Now: func() time.Time { return item.ClaimDue.Add(time.Second) }})
			if _, err := k.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			if item = w.one(t, id); item.Escalated != 1 || item.Readiness != worklist.Incomplete {
				t.Errorf("nobody has taken it in time: %+v", item)
			}
		})
		t.Run("by an order that comes after the first images", func(t *testing.T) {
			s := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New(), PatientID: "P7", Accession: "A7", BodyPart: "CHEST", Quiet: time.Minute}
			id := worklisttest.Arrive(t, w.DB, s).StudyID
			w.look(t, 0)
			if list := w.items(t, id); len(list) != 0 {
				t.Fatalf("%+v", list)
			}
			worklisttest.Write(t, w.DB, func(ctx context.Context, tx db.Tx) error {
				_, err := order.Create(ctx, tx, order.Order{
					FacilityID: "kaifu", PatientID: "P7", PatientName: "YAMADA^TARO", AccessionNumber: "A7", Priority: "STAT",
					Step: order.Step{Modality: "CT", StationAE: "KAIFU_CT", StartDate: "20260401", StartTime: "0900", Description: "CT"},
				}, "test")
				return err
			})
			w.look(t, 10*time.Second)
			if item := w.one(t, id); item.Priority != worklist.STAT || item.PanelID != "npo" || item.Readiness != worklist.Incomplete {
				t.Errorf("%+v", item)
			}
		})
		t.Run("because the hospital has asked for it", func(t *testing.T) {
			s := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New(), Quiet: time.Minute}
			step := uid.New()
			worklisttest.Write(t, w.DB, func(ctx context.Context, tx db.Tx) error {
				_, err := worklist.AddStepRequest(ctx, tx, worklist.StepRequest{SOPInstanceUID: step, FacilityID: "kaifu", StudyInstanceUID: s.StudyUID, Priority: worklist.STAT}, "test")
				return err
			})
			id := worklisttest.Arrive(t, w.DB, s).StudyID
			w.look(t, 0)
			if item := w.one(t, id); item.SOPInstanceUID != step || item.Priority != worklist.STAT || item.Readiness != worklist.Incomplete {
				t.Errorf("%+v", item)
			}
		})
		t.Run("by a series that comes later, elsewhere than by its first", func(t *testing.T) {
			s := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New(), Request: "至急", Quiet: 30 * time.Second}
			id := worklisttest.Arrive(t, w.DB, s).StudyID
			w.look(t, 0)
			if item := w.one(t, id); item.PanelID != "npo" {
				t.Fatalf("%+v", item)
			}
			worklisttest.Exec(t, w.DB, `UPDATE series SET modality = 'MR' WHERE study_id = $1`, id) // it was not known before
			w.look(t, time.Minute)
			list := w.items(t, id)
			if len(list) != 2 || list[0].State != worklist.Canceled || list[1].PanelID != "neuro" || list[1].Replaces != list[0].ID || list[1].Readiness != worklist.Ready {
				t.Errorf("%+v", list)
			}
		})
		t.Run("signed before it was whole", func(t *testing.T) {
			id := worklisttest.Arrive(t, w.DB, stroke()).StudyID
			w.look(t, 0)
			item := w.one(t, id)
			worklisttest.Write(t, w.DB, func(ctx context.Context, tx db.Tx) error {
				if _, err := worklist.Claim(ctx, tx, item.ID, w.neuro); err != nil {
					return err
				}
				_, err := worklist.Complete(ctx, tx, item.ID, w.neuro)
				return err
			})
			w.look(t, 10*time.Second)
			w.look(t, time.Minute)
			list := w.items(t, id)
			if len(list) != 2 || list[1].Kind != worklist.Addendum || list[1].PanelID != "neuro" {
				t.Errorf("what came after the report asks for no addendum: %+v", list)
			}
		})
		t.Run("none", func(t *testing.T) {
			for _, s := range []worklisttest.Study{
				{Facility: "kaifu", StudyUID: uid.New(), Quiet: 30 * time.Second},
				{Facility: "kaifu", StudyUID: uid.New(), Quiet: 30 * time.Second, Request: "held"},
			} {
				id := worklisttest.Arrive(t, w.DB, s).StudyID
				w.look(t, 0)
				w.look(t, 10*time.Second)
				if list := w.items(t, id); len(list) != 0 {
					t.Errorf("a study that is no STAT, or is the coordinator's, was offered early: %+v", list)
				}
				w.look(t, time.Minute)
				if item := w.one(t, id); item.Readiness != worklist.Ready {
					t.Errorf("%+v", item)
				}
			}
		})
	})
}
