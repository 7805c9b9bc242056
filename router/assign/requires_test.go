package assign_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// A rule asks for a subspecialty: who lacks it is not chosen, with the reason kept, and
// takes the study by no way, not by a claim, a take-over or the hand of a coordinator.
func TestRequires(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) { testRequires(t, open(t)) })
}

func testRequires(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	ids := worklisttest.Panel(t, d, "npo", "general", "special")
	worklisttest.Panel(t, d, "heart", "general")
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		if err := worklist.SetReaderProfile(ctx, tx, ids[1], worklist.ReaderProfile{Subspecialties: []string{"neuro"}}); err != nil {
			return err
		}
		return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "npo", Within: time.Hour, Assign: worklist.Deputy, Requires: []string{"neuro"}}}, "test")
	})
	w := give(t, d, worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID).Workitem
	if w.Offer.Main != ids[1] || w.Offer.Deputy != "" || !slices.Equal(w.Requires, []string{"neuro"}) {
		t.Fatalf("%+v", w)
	}
	refused := func(what string, do func(ctx context.Context, tx db.Tx) error) {
		t.Helper()
		if err := d.Write(t.Context(), do); !errors.Is(err, worklist.ErrUnfit) {
			t.Errorf("%s: %v", what, err)
		}
	}
	check := func(want worklist.Assign) {
		t.Helper()
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			c, ok, err := assign.ChoiceOf(ctx, tx, w.ID)
			if err != nil || !ok || c.Mode != want || len(c.Candidates) != 2 {
				t.Errorf("%+v %v", c, err)
				return err
			}
			if no := c.Candidates[1]; no.Reader != ids[0] || no.Reason["en"] != "lacks the subspecialty neuro" || no.Reason["ja"] == "" {
				t.Errorf("%+v", no)
			}
			return nil
		})
	}
	check(worklist.Deputy)
	refused("take over", func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.TakeOver(ctx, tx, w.ID, ids[0], "urgent")
		return err
	})
	refused("by hand", func(ctx context.Context, tx db.Tx) error {
		_, err := assign.Hand(ctx, tx, w.ID, ids[1], ids[0], worklist.Reassignment{Reason: "night"})
		return err
	})
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, _, err := worklist.Widen(ctx, tx, w.ID, worklist.ToPanel)
		return err
	})
	refused("claim", func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, w.ID, ids[0])
		return err
	})
	// Released by who may, it asks for the same.
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
		if _, err := worklist.Claim(ctx, tx, w.ID, ids[1]); err != nil {
			return err
		}
		_, w, err = worklist.Release(ctx, tx, w.ID, ids[1], "called away")
		return err
	})
	refused("claim of what was released", func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, w.ID, ids[0])
		return err
	})
	// A coordinator moves it where nobody has it: that is kept, and it can be read.
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		next, err := assign.Hand(ctx, tx, w.ID, ids[1], "", worklist.Reassignment{PanelID: "heart", Reason: "nobody is there"})
		if err != nil {
			return err
		}
		last := next.Reasons[len(next.Reasons)-1]
		if next.Requires != nil || last.Rule != "requires" || last.Text["ja"] == "" || last.Text["en"] == "" {
			t.Errorf("%+v", next)
		}
		w, err = worklist.Claim(ctx, tx, next.ID, ids[0])
		return err
	})
	// The tester and the replay say it.
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		set, err := rule.Load(ctx, tx)
		if err != nil {
			return err
		}
		entry, err := worklist.Get(ctx, tx, identity.Everything(), w.ID)
		if err != nil {
			return err
		}
		said, err := assign.Try(ctx, tx, entry.Study, set)
		if err != nil || !slices.Equal(said.Rule.Requires, []string{"neuro"}) {
			t.Errorf("%+v %v", said, err)
		}
		other := set
		other.Fallback.Requires = nil
		replayed, err := assign.Replay(ctx, tx, time.Time{}, set, other)
		if err != nil || replayed.Changed != 1 || replayed.Differences[0].Before.Requires != "neuro" || replayed.Differences[0].After.Requires != "" {
			t.Errorf("%+v %v", replayed, err)
		}
		return nil
	})
}
