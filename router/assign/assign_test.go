package assign_test

import (
	"context"
	"testing"
	"time"

	"pgregory.net/rapid"

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

// give assigns a study as it is now.
func give(t testing.TB, d *db.DB, studyID string) assign.Result {
	t.Helper()
	var res assign.Result
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		s, err := catalog.StudyByID(ctx, tx, identity.Everything(), studyID)
		if err != nil {
			return err
		}
		res, err = assign.Study(ctx, tx, s)
		return err
	})
	return res
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) { testOutcomes(t, open(t)) })
}

func testOutcomes(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	sato := worklisttest.Panel(t, d, "neuro", "sato")[0]
	worklisttest.Panel(t, d, "general", "suzuki")
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		return rule.Save(ctx, tx, rule.Set{
			Rules:    []rule.Rule{{Name: "stroke", When: rule.Condition{Words: []string{"麻痺"}}, PanelID: "neuro", Priority: worklist.STAT, Within: 30 * time.Minute}},
			Fallback: rule.Rule{PanelID: "general", Within: 24 * time.Hour},
		}, "test")
	})
	study := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New(), Request: "右片麻痺"}
	a := worklisttest.Arrive(t, d, study)

	before := db.Now()
	first := give(t, d, a.StudyID)
	w := first.Workitem
	if first.Outcome != assign.Created || w.PanelID != "neuro" || w.Priority != worklist.STAT || w.Kind != worklist.Interpretation ||
		w.Deadline.Before(before.Add(30*time.Minute)) || len(w.Reasons) != 2 {
		t.Fatalf("first: %+v", first)
	}
	if ok, err := catalog.Visible(t.Context(), d.Read(t.Context()), identity.Scope{PanelIDs: []string{"neuro"}}, a.StudyID); err != nil || !ok {
		t.Errorf("the panel does not see its study: %v", err)
	}
	if ok, err := catalog.Visible(t.Context(), d.Read(t.Context()), identity.Scope{PanelIDs: []string{"general"}}, a.StudyID); err != nil || ok {
		t.Errorf("another panel sees the study: %v", err)
	}

	// Late images while it is open: the same item.
	worklisttest.Arrive(t, d, study)
	if again := give(t, d, a.StudyID); again.Outcome != assign.Kept || again.Workitem.ID != w.ID {
		t.Errorf("late images, item open: %+v", again)
	}

	// Late images after the report: an addendum on the same panel, though the
	// rules now say otherwise.
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		if _, err := worklist.Claim(ctx, tx, w.ID, sato); err != nil {
			return err
		}
		if _, err := worklist.Complete(ctx, tx, w.ID, sato); err != nil {
			return err
		}
		return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "general", Within: time.Hour}}, "test")
	})
	worklisttest.Arrive(t, d, study)
	add := give(t, d, a.StudyID)
	if add.Outcome != assign.Addendum || add.Workitem.Kind != worklist.Addendum || add.Workitem.PanelID != "neuro" ||
		add.Workitem.Kind.Code() != "128001" {
		t.Errorf("late images after the report: %+v", add)
	}
	var decisions int
	if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM rule_decisions WHERE study_id = $1`, a.StudyID).Scan(&decisions); err != nil || decisions != 3 {
		t.Errorf("%d decisions kept, %v", decisions, err)
	}
	counts, err := rule.Matches(t.Context(), d.Read(t.Context()))
	if err != nil || counts[first.Decision.Rule.ID] != 2 {
		t.Errorf("matches %v, %v", counts, err)
	}
}

// TestNoRulesAtAll: a service that was never configured still lets nothing fall.
func TestNoRulesAtAll(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	a := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", Request: "至急"})
	res := give(t, d, a.StudyID)
	if res.Workitem.PanelID != worklist.PanelUnassigned || res.Workitem.Priority != worklist.STAT {
		t.Errorf("%+v", res.Workitem)
	}
}

// TestSubjectLeavesReportsOut: what was written here does not route a study.
func TestSubjectLeavesReportsOut(t *testing.T) {
	t.Parallel()
	s := assign.SubjectOf(catalog.Study{FacilityID: "kaifu", Modalities: []string{"CT", "SR"}, StudyDate: "bad", FirstArrival: time.Unix(9, 0), Description: "HEAD"},
		[]catalog.Series{
			{Modality: "CT", BodyPart: "HEAD", Description: "HEAD", Protocol: "Routine", Origin: catalog.Received},
			{Modality: "SR", Description: "読影報告 麻痺", Origin: catalog.Dokuei},
		})
	if len(s.Modalities) != 1 || len(s.Texts) != 2 || !s.Date.Equal(time.Unix(9, 0)) {
		t.Errorf("%+v", s)
	}
}

// TestNeverTwoOpen drives a study through random events and holds after each:
// at most one open item, and after an assignment exactly one.
func TestNeverTwoOpen(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	sato := worklisttest.Panel(t, d, "npo", "sato")[0]
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "npo", Within: time.Hour}}, "test")
	})
	rapid.Check(t, func(rt *rapid.T) {
		study := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New()}
		a := worklisttest.Arrive(t, d, study)
		completed := 0
		for range rapid.IntRange(1, 12).Draw(rt, "steps") {
			open, err := worklist.OpenOfStudy(t.Context(), d.Read(t.Context()), a.StudyID)
			if err != nil {
				rt.Fatal(err)
			}
			change := func(fn func(ctx context.Context, tx db.Tx, id string) error) {
				if open != nil { // refusals are part of life here: only the invariant counts
					_ = d.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { return fn(ctx, tx, open.ID) })
				}
			}
			switch rapid.IntRange(0, 4).Draw(rt, "event") {
			case 0:
				res := give(t, d, a.StudyID)
				if (res.Workitem.Kind == worklist.Addendum) != (completed > 0) {
					rt.Fatalf("%d completed, then a %s", completed, res.Workitem.Kind)
				}
				if open, _ = worklist.OpenOfStudy(t.Context(), d.Read(t.Context()), a.StudyID); open == nil {
					rt.Fatal("no open item after an assignment")
				}
			case 1:
				change(func(ctx context.Context, tx db.Tx, id string) error {
					_, err := worklist.Claim(ctx, tx, id, sato)
					return err
				})
			case 2:
				change(func(ctx context.Context, tx db.Tx, id string) error {
					_, err := worklist.Complete(ctx, tx, id, sato)
					if err == nil {
						completed++
					}
					return err
				})
			case 3:
				change(func(ctx context.Context, tx db.Tx, id string) error {
					_, _, err := worklist.Release(ctx, tx, id, sato, "")
					return err
				})
			case 4:
				change(func(ctx context.Context, tx db.Tx, id string) error {
					_, _, err := worklist.Reassign(ctx, tx, id, "coord", worklist.Reassignment{PanelID: "npo"})
					return err
				})
			}
			var n int
			if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM workitems WHERE study_id = $1 AND state IN ('SCHEDULED', 'IN PROGRESS')`, a.StudyID).Scan(&n); err != nil || n > 1 {
				rt.Fatalf("%d open items, %v", n, err)
			}
		}
	})
}
