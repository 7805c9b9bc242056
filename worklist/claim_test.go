package worklist_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// do runs one change and returns its error.
func do(d *db.DB, fn func(ctx context.Context, tx db.Tx) error) error {
	return d.Write(context.Background(), fn)
}

func claim(d *db.DB, id, reader string) error {
	return do(d, func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, id, reader)
		return err
	})
}

// TestClaimRace lets two readers claim each item at the same time, a thousand
// times through one process and a hundred through two processes (fewer under
// the race detector).
func TestClaimRace(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/dokuei.db"
	first := worklisttest.OpenAt(t, path)
	second := worklisttest.OpenAt(t, path)
	worklisttest.Facility(t, first, "kaifu", "KAIFU_CT")
	readers := worklisttest.Panel(t, first, "npo", "sato", "suzuki")
	for _, c := range []struct {
		name  string
		doors [2]*db.DB
		n     int
	}{{"one process", [2]*db.DB{first, first}, 1000 / slow}, {"two processes", [2]*db.DB{first, second}, 100 / slow}} {
		items := worklisttest.Items(t, first, c.n, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo"})
		wins := [2]int{}
		for _, item := range items {
			var wait sync.WaitGroup
			var errs [2]error
			gate := make(chan struct{})
			for i := range 2 {
				wait.Go(func() {
					<-gate
					errs[i] = claim(c.doors[i], item.ID, readers[i])
				})
			}
			close(gate)
			wait.Wait()
			winner := slices.Index(errs[:], nil)
			if winner < 0 || !errors.Is(errs[1-winner], worklist.ErrAlreadyClaimed) {
				t.Fatalf("%s: %v, %v: exactly one must win and the other be told", c.name, errs[0], errs[1])
			}
			wins[winner]++
			got, err := worklist.Get(t.Context(), first.Read(t.Context()), identity.Everything(), item.ID)
			if err != nil || got.ClaimedBy != readers[winner] || got.State != worklist.InProgress || got.TransactionUID == "" {
				t.Fatalf("%s: after the race: %+v, %v", c.name, got.Workitem, err)
			}
		}
		t.Logf("%s: %d races, won %d to %d", c.name, c.n, wins[0], wins[1])
	}
}

func testLifeOfAnItem(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	readers := worklisttest.Panel(t, d, "npo", "sato", "suzuki")
	sato, suzuki := readers[0], readers[1]
	outsider := worklisttest.Panel(t, d, "other", "tanaka")[0]
	item := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{
		PanelID: "npo", Priority: worklist.STAT, Reasons: []worklist.Reason{{Rule: "stroke", Matched: true, Text: map[string]string{"en": "x"}}},
	})
	ctx := t.Context()
	everything := identity.Everything()
	step := func(name string, want error, fn func(ctx context.Context, tx db.Tx) error) {
		t.Helper()
		if err := do(d, fn); !errors.Is(err, want) {
			t.Fatalf("%s: %v, want %v", name, err, want)
		}
	}
	complete := func(id, reader string) func(context.Context, db.Tx) error {
		return func(ctx context.Context, tx db.Tx) error {
			_, err := worklist.Complete(ctx, tx, id, reader)
			return err
		}
	}
	take := func(id, reader string) func(context.Context, db.Tx) error {
		return func(ctx context.Context, tx db.Tx) error { _, err := worklist.Claim(ctx, tx, id, reader); return err }
	}
	var released, replacement worklist.Workitem
	release := func(id, reader string) func(context.Context, db.Tx) error {
		return func(ctx context.Context, tx db.Tx) (err error) {
			released, replacement, err = worklist.Release(ctx, tx, id, reader, "電話が入った")
			return err
		}
	}
	step("complete before claim", worklist.ErrNotInProgress, complete(item.ID, sato))
	step("release before claim", worklist.ErrNotInProgress, release(item.ID, sato))
	step("claim by an outsider", worklist.ErrNotOnPanel, take(item.ID, outsider))
	step("claim of nothing", worklist.ErrNotFound, take("no-such", sato))
	step("claim", nil, take(item.ID, sato))
	step("claim again by the holder", nil, take(item.ID, sato))
	step("claim by another", worklist.ErrAlreadyClaimed, take(item.ID, suzuki))
	step("complete by another", worklist.ErrNotHolder, complete(item.ID, suzuki))
	step("release by another", worklist.ErrNotHolder, release(item.ID, suzuki))
	step("release", nil, release(item.ID, sato))
	if released.State != worklist.Canceled || released.ReplacedBy != replacement.ID || released.CancelReason != "電話が入った" {
		t.Errorf("released: %+v", released)
	}
	if replacement.State != worklist.Scheduled || replacement.Replaces != item.ID || replacement.ClaimedBy != "" ||
		!replacement.Deadline.Equal(item.Deadline) || replacement.Priority != worklist.STAT || replacement.SOPInstanceUID == item.SOPInstanceUID {
		t.Errorf("replacement: %+v", replacement)
	}
	step("claim of the canceled", worklist.ErrFinal, take(item.ID, suzuki))
	step("claim of the replacement", nil, take(replacement.ID, suzuki))

	var moved worklist.Workitem
	step("reassign away from its holder", nil, func(ctx context.Context, tx db.Tx) (err error) {
		_, moved, err = worklist.Reassign(ctx, tx, replacement.ID, "coord", worklist.Reassignment{PanelID: "other", Priority: worklist.Routine, Reason: "専門"})
		return err
	})
	if moved.PanelID != "other" || moved.Priority != worklist.Routine || len(moved.Reasons) != 2 {
		t.Errorf("moved: %+v", moved)
	}
	step("complete after it was taken away", worklist.ErrFinal, complete(replacement.ID, suzuki))
	step("reassign nowhere", worklist.ErrUnknownPanel, func(ctx context.Context, tx db.Tx) error {
		_, _, err := worklist.Reassign(ctx, tx, moved.ID, "coord", worklist.Reassignment{PanelID: "nowhere"})
		return err
	})
	for who, visible := range map[string]bool{"npo": false, "other": true} {
		got, err := catalog.Visible(ctx, d.Read(ctx), identity.Scope{PanelIDs: []string{who}}, item.StudyID)
		if err != nil || got != visible {
			t.Errorf("panel %s sees the study: %v, %v; want %v", who, got, err, visible)
		}
	}
	step("claim on the new panel", nil, take(moved.ID, outsider))
	step("complete", nil, complete(moved.ID, outsider))
	step("complete twice", worklist.ErrFinal, complete(moved.ID, outsider))
	step("reassign the completed", worklist.ErrFinal, func(ctx context.Context, tx db.Tx) error {
		_, _, err := worklist.Reassign(ctx, tx, moved.ID, "coord", worklist.Reassignment{PanelID: "npo"})
		return err
	})

	history, err := worklist.OfStudy(ctx, d.Read(ctx), everything, item.StudyID)
	if err != nil || len(history) != 3 {
		t.Fatalf("history: %d items, %v", len(history), err)
	}
	want := []string{
		catalog.EventInstanceStored, worklist.EventCreated, worklist.EventClaimed, worklist.EventCreated, worklist.EventReleased,
		worklist.EventClaimed, worklist.EventCreated, worklist.EventReassigned, worklist.EventClaimed, worklist.EventCompleted,
	}
	if got := worklisttest.Kinds(t, d, item.StudyID); !slices.Equal(got, want) {
		t.Errorf("events\n%v, want\n%v", got, want)
	}
	if _, err := audit.Verify(ctx, d.Read(ctx)); err != nil {
		t.Errorf("audit: %v", err)
	}
	var records int
	if err := d.Read(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM audit WHERE action LIKE 'workitem.%'`).Scan(&records); err != nil || records != 9 {
		t.Errorf("%d audit records, %v", records, err)
	}
}

func TestOneOpenItem(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	worklisttest.Panel(t, d, "npo")
	item := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo"})
	err := do(d, func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Create(ctx, tx, worklist.New{StudyID: item.StudyID, FacilityID: "kaifu", PanelID: "npo", Deadline: time.Now()})
		return err
	})
	if !errors.Is(err, worklist.ErrOpenExists) {
		t.Errorf("second item: %v", err)
	}
	// The index holds against code that does not look first.
	err = do(d, func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO workitems (id, study_id, facility_id, sop_instance_uid, state, kind, panel_id, priority, priority_rank, deadline, readiness, created_at)
 SELECT 'x', study_id, facility_id, '2.25.1', 'SCHEDULED', kind, panel_id, priority, priority_rank, deadline, readiness, created_at FROM workitems`)
		return err
	})
	if err == nil {
		t.Error("the database let a second open item in")
	}
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	sato := worklisttest.Panel(t, d, "npo", "sato")[0]
	item := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo"})
	if err := claim(d, item.ID, sato); err != nil {
		t.Fatal(err)
	}
	set := func(r worklist.Readiness) (changed bool) {
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
			_, changed, err = worklist.SetReadiness(ctx, tx, item.StudyID, r)
			return err
		})
		return changed
	}
	if !set(worklist.Incomplete) || set(worklist.Incomplete) || !set(worklist.Ready) {
		t.Error("readiness must change once for each change")
	}
	got, err := worklist.Get(t.Context(), d.Read(t.Context()), identity.Everything(), item.ID)
	if err != nil || got.State != worklist.InProgress || got.ClaimedBy != sato {
		t.Errorf("the holder lost the item: %+v, %v", got.Workitem, err)
	}
}

func TestFacilityByAE(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	for ae, want := range map[string]bool{"KAIFU_CT": true, " KAIFU_CT  ": true, "KAIFU_CT\x00": true, "kaifu_ct": false, "": false, "KAIFU": false} {
		f, ok, err := worklist.FacilityByAE(t.Context(), d.Read(t.Context()), ae)
		if err != nil || ok != want || ok && (f.ID != "kaifu" || f.Quiet != 3*time.Second) {
			t.Errorf("%q: %+v, %v, %v", ae, f, ok, err)
		}
	}
}

// A report is expected by the deadline of what waits on its study, and by none when
// nothing waits.
func TestExpected(t *testing.T) {
	t.Parallel()
	d := worklisttest.OpenAt(t, t.TempDir()+"/dokuei.db")
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	reader := worklisttest.Panel(t, d, "npo", "sato")[0]
	due := time.Date(2026, 11, 30, 9, 0, 0, 0, time.UTC)
	items := worklisttest.Items(t, d, 3, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo", Deadline: due})
	if err := claim(d, items[1].ID, reader); err != nil {
		t.Fatal(err)
	}
	worklisttest.Exec(t, d, `UPDATE workitems SET state = 'CANCELED' WHERE id = $1`, items[2].ID)
	ids := []string{items[0].StudyID, items[1].StudyID, items[2].StudyID, "unknown"}
	got, err := worklist.Expected(t.Context(), d.Read(t.Context()), ids)
	if err != nil || len(got) != 2 || !got[ids[0]].Equal(due) || !got[ids[1]].Equal(due) {
		t.Errorf("%v, %v", got, err)
	}
	if got, err := worklist.Expected(t.Context(), d.Read(t.Context()), nil); err != nil || len(got) != 0 {
		t.Errorf("of nothing: %v, %v", got, err)
	}
}
