package orders_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// A STAT order that comes after its study was routed: what nobody has begun goes where
// the rules send it now, what is being read or was put somewhere stays and is raised,
// and those concerned are told.
func TestRaised(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) { testRaised(t, open(t)) })
}

func testRaised(t *testing.T, d *db.DB) {
	hospital(t, d)
	h := line(t, d)
	day := worklisttest.Panel(t, d, "day", "sato", "suzuki")
	worklisttest.Panel(t, d, "oncall", "kondo")
	worklisttest.Panel(t, d, "other", "suzuki")
	worklisttest.Exec(t, d, `UPDATE users SET email = login`)
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		return rule.Save(ctx, tx, rule.Set{
			Rules:    []rule.Rule{{Name: "stat", When: rule.Condition{Priority: []worklist.Priority{worklist.STAT}}, PanelID: "oncall", Within: 30 * time.Minute}},
			Fallback: rule.Rule{PanelID: "day", Within: 24 * time.Hour},
		}, "test")
	})
	arrive := func(accession string) worklist.Workitem {
		t.Helper()
		id := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", Accession: accession, PatientID: "P" + accession, Date: "20261128", Modality: "CT"}).StudyID
		worklisttest.Exec(t, d, `UPDATE studies SET release_at = 0 WHERE id = $1`, id)
		var res assign.Result
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			s, _, err := catalog.CompleteStudy(ctx, tx, id, db.Now())
			if err != nil {
				return err
			}
			res, err = assign.Study(ctx, tx, s)
			return err
		})
		if res.Workitem.PanelID != "day" || res.Workitem.Priority != worklist.Routine {
			t.Fatalf("%+v", res)
		}
		return res.Workitem
	}
	stat := func(accession string) {
		t.Helper()
		text := strings.ReplaceAll(message("ORM^O01", "R"+accession, "NW", accession), "P001", "P"+accession)
		if code, reason := h.send(text, hl7.UTF8); code != hl7.Accept {
			t.Fatalf("%s %s", code, reason)
		}
	}
	now := func(study string) worklist.Workitem {
		t.Helper()
		w, err := worklist.OpenOfStudy(t.Context(), d.Read(t.Context()), study)
		if err != nil || w == nil {
			t.Fatalf("no open item: %v", err)
		}
		last := w.Reasons[len(w.Reasons)-1]
		if w.Priority != worklist.STAT || last.Rule != "order" || last.Text["ja"] == "" || !strings.Contains(last.Text["en"], "STAT instead of ROUTINE") {
			t.Errorf("not raised, or without its reason: %+v", w)
		}
		if left := w.Deadline.Sub(db.Now()); left > 30*time.Minute || left < 29*time.Minute {
			t.Errorf("to be signed within %s", left)
		}
		return *w
	}
	told := func(w worklist.Workitem) string {
		t.Helper()
		if _, err := clock.New(d, clock.Options{Email: true}).Look(t.Context()); err != nil {
			t.Fatal(err)
		}
		var who []string
		_, notices, err := clock.History(t.Context(), d.Read(t.Context()), w.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range notices {
			who = append(who, string(n.Kind)+" "+n.Recipient)
		}
		return strings.Join(who, ", ")
	}

	waiting := arrive("W1")
	if _, err := clock.New(d, clock.Options{}).Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	stat("W1")
	if w := now(waiting.StudyID); w.PanelID != "oncall" || w.Replaces != waiting.ID || w.ClaimDue.IsZero() || told(w) != "offer.made kondo" {
		t.Errorf("waiting: %+v, told %q", w, told(w))
	}

	held := arrive("W2")
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, held.ID, day[0])
		return err
	})
	stat("W2")
	if w := now(held.StudyID); w.ID != held.ID || w.ClaimedBy != day[0] || told(w) != "priority.raised sato" {
		t.Errorf("being read: %+v, told %q", w, told(w))
	}
	stat("W2") // said again: nothing more
	if w := now(held.StudyID); len(w.Reasons) != len(held.Reasons)+1 || told(w) != "priority.raised sato" {
		t.Errorf("said twice: %+v, told %q", w, told(w))
	}
	if kinds := strings.Join(worklisttest.Kinds(t, d, held.StudyID), " "); strings.Count(kinds, worklist.EventRaised) != 1 {
		t.Error(kinds)
	}

	put := arrive("W3")
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
		put, err = assign.Hand(ctx, tx, put.ID, "coord", "", worklist.Reassignment{PanelID: "other", Reason: "there today"})
		return err
	})
	stat("W3")
	w := now(put.StudyID)
	if w.ID != put.ID || w.PanelID != "other" || w.ClaimDue.IsZero() || told(w) != "priority.raised suzuki" {
		t.Errorf("put by the coordinator: %+v, told %q", w, told(w))
	}
	// Its clock is that of a STAT now: not taken, it is escalated.
	late := clock.New(d, clock.Options{Now: func() time.Time { return db.Now().Add(11 * time.Minute) }})
	if _, err := late.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if entry, err := worklist.Get(t.Context(), d.Read(t.Context()), identity.Everything(), w.ID); err != nil || entry.Escalated != 1 {
		t.Errorf("escalated %d, %v", entry.Escalated, err)
	}

	signed := arrive("W4")
	worklisttest.Exec(t, d, `UPDATE workitems SET state = 'COMPLETED', completed_at = 1, claimed_by = $1 WHERE id = $2`, day[0], signed.ID)
	stat("W4")
	if w, err := worklist.OpenOfStudy(t.Context(), d.Read(t.Context()), signed.StudyID); err != nil || w != nil {
		t.Errorf("what was signed is open again: %+v %v", w, err)
	}
}
