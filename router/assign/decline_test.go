package assign_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// declining is a panel of three readers to whom everything is given by name, a STAT.
type declining struct {
	*testing.T
	d     *db.DB
	ids   []string
	coord string
	now   time.Time
	mail  []string // kind and recipient of what was sent
	keep  *clock.Keeper
}

func decliners(t *testing.T, d *db.DB) *declining {
	t.Helper()
	x := &declining{T: t, d: d, now: db.Now()}
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	x.ids = worklisttest.Panel(t, d, "npo", "ann", "bob", "cat")
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
		if x.coord, err = identity.CreateUser(ctx, tx, identity.User{Login: "coord", Name: "C", Role: identity.Coordinator}); err != nil {
			return err
		}
		return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "npo", Priority: worklist.STAT, Within: time.Hour, Assign: worklist.Deputy}}, "test")
	})
	worklisttest.Exec(t, d, `UPDATE users SET email = login`)
	x.keep = clock.New(d, clock.Options{Now: func() time.Time { return x.now }, Email: true, Send: map[string]clock.Sender{
		"email": func(_ context.Context, n clock.Notice) error {
			x.mail = append(x.mail, string(n.Kind)+" "+n.Recipient)
			return nil
		},
	}})
	return x
}

// told is what was sent since it was asked last.
func (x *declining) told() string {
	x.Helper()
	x.now = db.Now()
	x.mail = nil
	for range 2 {
		if _, err := x.keep.Look(x.Context()); err != nil {
			x.Fatal(err)
		}
	}
	return strings.Join(x.mail, ", ")
}

func (x *declining) do(fn func(ctx context.Context, tx db.Tx) (worklist.Workitem, error)) worklist.Workitem {
	x.Helper()
	w, err := x.try(fn)
	if err != nil {
		x.Fatal(err)
	}
	return w
}

func (x *declining) try(fn func(ctx context.Context, tx db.Tx) (worklist.Workitem, error)) (w worklist.Workitem, err error) {
	err = x.d.Write(x.Context(), func(ctx context.Context, tx db.Tx) error {
		w, err = fn(ctx, tx)
		return err
	})
	return w, err
}

func (x *declining) decline(w worklist.Workitem, reader, reason string) worklist.Workitem {
	x.Helper()
	return x.do(func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
		return assign.Decline(ctx, tx, w.ID, reader, reason)
	})
}

func (x *declining) login(id string) string {
	x.Helper()
	u, err := identity.UserByID(x.Context(), x.d.Read(x.Context()), id)
	if err != nil {
		x.Fatal(err)
	}
	return u.Login
}

// A reader says no: the next is offered the study and told of it, the first is not
// offered it again by any way, and once all have said no the coordinator is called.
func TestDecline(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) { testDecline(t, open(t)) })
}

func testDecline(t *testing.T, d *db.DB) {
	x := decliners(t, d)
	w := give(t, d, worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID).Workitem
	first, second := w.Offer.Main, w.Offer.Deputy
	if first == "" || second == "" {
		t.Fatalf("%+v", w.Offer)
	}
	if got, want := x.told(), "offer.made "+x.login(first); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	if _, err := x.try(func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
		return assign.Decline(ctx, tx, w.ID, second, "too early")
	}); !errors.Is(err, worklist.ErrOffered) {
		t.Errorf("declined before it was offered: %v", err)
	}

	w = x.decline(w, first, "a friend of mine")
	if w.State != worklist.Scheduled || w.Offer.Main != second || w.Offer.Deputy == first || w.Offer.Deputy == "" || w.Offer.Mode != worklist.Deputy {
		t.Fatalf("%+v", w.Offer)
	}
	if got, want := x.told(), "offer.made "+x.login(second); got != want {
		t.Errorf("told %q, want %q", got, want)
	}
	again := x.decline(w, first, "as I said")
	if again.Offer != w.Offer || again.Version != w.Version {
		t.Errorf("asked twice it went on: %+v", again.Offer)
	}
	choice, ok, err := assign.ChoiceOf(t.Context(), d.Read(t.Context()), w.ID)
	if last := choice.Candidates[len(choice.Candidates)-1]; err != nil || !ok || last.Reader != first || last.Reason["en"] != "declined: a friend of mine" || last.Reason["ja"] != "辞退: a friend of mine" {
		t.Errorf("%+v %v", choice, err)
	}
	third := w.Offer.Deputy
	w = x.decline(w, second, "at lunch")
	if w.Offer.Main != third || w.Offer.Deputy != "" {
		t.Fatalf("%+v", w.Offer)
	}
	for what, fn := range map[string]func(ctx context.Context, tx db.Tx) (worklist.Workitem, error){
		"claim": func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
			return worklist.Claim(ctx, tx, w.ID, first)
		},
		"take over": func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
			return worklist.TakeOver(ctx, tx, w.ID, first, "after all")
		},
	} {
		if _, err := x.try(fn); !errors.Is(err, worklist.ErrDeclined) {
			t.Errorf("%s by who has declined: %v", what, err)
		}
	}
	if got := x.told(); got != "offer.made "+x.login(third) {
		t.Errorf("told %q", got)
	}

	w = x.decline(w, third, "so do I")
	if w.Offer.Main != "" || w.State != worklist.Scheduled {
		t.Errorf("%+v", w)
	}
	if got := x.told(); got != "offer.declined coord" { // nobody of the panel is left to be told
		t.Errorf("told %q", got)
	}
	if got, err := worklist.Get(t.Context(), d.Read(t.Context()), identity.Everything(), w.ID); err != nil || got.Escalated != 1 {
		t.Errorf("escalated %d times, %v", got.Escalated, err)
	}

	// What replaces it is not offered to them either; the coordinator may ask one of them.
	w = x.do(func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
		_, w, err := worklist.Reassign(ctx, tx, w.ID, x.coord, worklist.Reassignment{Reason: "again"})
		return w, err
	})
	if declines, err := worklist.Declines(t.Context(), d.Read(t.Context()), w.ID); err != nil || len(declines) != 3 || declines[0].ReaderID != first || declines[0].Reason != "a friend of mine" {
		t.Errorf("%+v %v", declines, err)
	}
	w = x.do(func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
		return assign.Hand(ctx, tx, w.ID, x.coord, second, worklist.Reassignment{Reason: "lunch is over"})
	})
	if got := x.told(); got != "offer.made "+x.login(second) {
		t.Errorf("told %q", got)
	}
	if declines, err := worklist.Declines(t.Context(), d.Read(t.Context()), w.ID); err != nil || slices.ContainsFunc(declines, func(x worklist.Declined) bool { return x.ReaderID == second }) {
		t.Errorf("%+v %v", declines, err)
	}
	x.do(func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
		return worklist.Claim(ctx, tx, w.ID, second)
	})
	if _, err := x.try(func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
		return assign.Decline(ctx, tx, w.ID, second, "no")
	}); !errors.Is(err, worklist.ErrAlreadyClaimed) {
		t.Errorf("declined what is held: %v", err)
	}
}

// An offer to the panel is declined by one: the others may take it, and are those who
// hear of it. One that had reached the deputy goes to the panel.
func TestDeclineOfMany(t *testing.T) {
	t.Parallel()
	x := decliners(t, worklisttest.Open(t))
	w := give(t, x.d, worklisttest.Arrive(t, x.d, worklisttest.Study{Facility: "kaifu"}).StudyID).Workitem
	main, deputy := w.Offer.Main, w.Offer.Deputy
	worklisttest.Write(t, x.d, func(ctx context.Context, tx db.Tx) error {
		_, _, err := worklist.Widen(ctx, tx, w.ID, worklist.ToDeputy)
		return err
	})
	w = x.decline(w, deputy, "no time")
	if w.Offer.Main != "" || w.Offer.Mode != worklist.Offer {
		t.Errorf("%+v", w.Offer)
	}
	if got := x.told(); strings.Count(got, "offer.made") != 2 || strings.Contains(got, x.login(deputy)) {
		t.Errorf("told %q", got)
	}
	w = x.decline(w, main, "no time either")
	if got := x.told(); got != "" {
		t.Errorf("told %q, and one is left", got)
	}
	x.do(func(ctx context.Context, tx db.Tx) (worklist.Workitem, error) {
		for _, id := range x.ids {
			if id != main && id != deputy {
				return worklist.Claim(ctx, tx, w.ID, id)
			}
		}
		return w, nil
	})
}
