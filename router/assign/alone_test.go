package assign_test

import (
	"context"
	"errors"
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

// What is offered to a panel is one reader's first where the rule says so: nobody else
// claims it before the time is over, then everybody may, and nobody is told of it. Who
// declines leaves the rest of the time to the next. A STAT is nobody's first.
func TestAlone(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) { testAlone(t, open(t)) })
}

func testAlone(t *testing.T, d *db.DB) {
	x := decliners(t, d)
	const first = 20 * time.Minute
	give := func(p worklist.Priority) worklist.Workitem {
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "npo", Priority: p, Within: 24 * time.Hour, Alone: first}}, "test")
		})
		return give(t, d, worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID).Workitem
	}
	claim := func(w worklist.Workitem, reader string) error {
		_, err := x.try(func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
			return worklist.Claim(ctx, tx, w.ID, reader)
		})
		return err
	}
	if w := give(worklist.STAT); w.Offer.Main != "" || claim(w, x.ids[2]) != nil {
		t.Errorf("a STAT: %+v", w.Offer)
	}

	w := give(worklist.Routine)
	main := w.Offer.Main
	if main == "" || w.Offer.Mode != worklist.Offer || w.Offer.Deputy != "" || w.Offer.Until.Sub(w.CreatedAt).Round(time.Second) != first {
		t.Fatalf("%+v", w.Offer)
	}
	if c, ok, err := assign.ChoiceOf(t.Context(), d.Read(t.Context()), w.ID); err != nil || !ok || c.Main != main || c.Mode != worklist.Offer || len(c.Candidates) != 3 {
		t.Errorf("%+v %v", c, err)
	}
	for _, id := range x.ids {
		if id != main && !errors.Is(claim(w, id), worklist.ErrOffered) {
			t.Errorf("%s may claim what is another's first", x.login(id))
		}
	}
	until := w.Offer.Until
	w = x.decline(w, main, "at lunch")
	next := w.Offer.Main
	if next == "" || next == main || w.Offer.Mode != worklist.Offer || !w.Offer.Until.Equal(until) {
		t.Fatalf("%+v, and first it was %s", w.Offer, main)
	}
	if got := x.told(); got != "" {
		t.Errorf("told %q", got)
	}
	third := x.ids[0]
	for _, id := range x.ids {
		if id != main && id != next {
			third = id
		}
	}
	x.mail, x.now = nil, w.Offer.Until
	if _, err := x.keep.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(x.mail) > 0 {
		t.Errorf("told %q that the list shows it", x.mail)
	}
	if got, err := worklist.Get(t.Context(), d.Read(t.Context()), identity.Everything(), w.ID); err != nil || got.Offer.Reached != worklist.ToPanel {
		t.Errorf("%+v %v", got.Offer, err)
	}
	if err := claim(w, third); err != nil {
		t.Error(err)
	}
}

// Whoever is chosen has an item for as long as the rule says, and no longer than until
// somebody is to have claimed it.
func TestAloneByRule(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	worklisttest.Panel(t, d, "npo", "ann", "bob")
	for _, c := range []struct {
		mode     worklist.Assign
		priority worklist.Priority
		alone    time.Duration
		want     time.Duration // zero: it is the panel's
	}{
		{worklist.Offer, worklist.Routine, 0, 0},
		{worklist.Offer, worklist.Routine, time.Hour, time.Hour},
		{worklist.Offer, worklist.Urgent, 3 * time.Hour, worklist.DefaultClaim(worklist.Urgent)},
		{worklist.Direct, worklist.Routine, 0, 2 * time.Hour},
		{worklist.Direct, worklist.Routine, 5 * time.Minute, 5 * time.Minute},
		{worklist.Deputy, worklist.STAT, 2 * time.Minute, 2 * time.Minute},
		{worklist.Deputy, worklist.STAT, 0, worklist.DefaultClaim(worklist.STAT) / 2},
	} {
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "npo", Priority: c.priority, Within: 24 * time.Hour, Assign: c.mode, Alone: c.alone}}, "test")
		})
		w := give(t, d, worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID).Workitem
		got := time.Duration(0)
		if w.Offer.Main != "" {
			got = w.Offer.Until.Sub(w.CreatedAt)
		}
		if got.Round(time.Second) != c.want {
			t.Errorf("%s, %s, %s in the rule: %s, want %s", c.mode, c.priority, c.alone, got, c.want)
		}
	}
}
