package clock_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// A STAT nobody takes, of a service that ends before each moment and starts again after
// it: every step of its life has its effect, once and in order, and so many words.
func TestClocksSurviveRestarts(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dokuei.db")
	d := worklisttest.OpenAt(t, path)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	ids := worklisttest.Panel(t, d, "npo", "main", "deputy", "other")
	worklisttest.Exec(t, d, `UPDATE users SET email = login`)
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := identity.CreateUser(ctx, tx, identity.User{Login: "coord", Name: "coord", Role: identity.Coordinator, Email: "coord"})
		return err
	})
	made := db.Now()
	w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{
		PanelID: "npo", Priority: worklist.STAT, ClaimDue: made.Add(20 * time.Minute), Deadline: made.Add(40 * time.Minute),
		Offer: worklist.OfferTo{Mode: worklist.Deputy, Main: ids[0], Deputy: ids[1]},
	})
	var sent []string
	for minute := 0; minute <= 45; minute += 5 {
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d = worklisttest.OpenAt(t, path)
		k := clock.New(d, clock.Options{
			Now: func() time.Time { return made.Add(time.Duration(minute)*time.Minute + time.Second) }, Email: true, Webhook: true,
			Send: map[string]clock.Sender{
				"email": func(_ context.Context, n clock.Notice) error {
					sent = append(sent, fmt.Sprint(minute, " ", n.Kind, " ", n.Recipient))
					return nil
				},
				"webhook": func(_ context.Context, n clock.Notice) error {
					sent = append(sent, fmt.Sprint(minute, " ", n.Kind, " hook"))
					return nil
				},
			},
		})
		look(t, k)
		look(t, k)
	}
	want := "0 offer.made main; 5 offer.deputy deputy; 10 offer.panel main; 10 offer.panel deputy; 10 offer.panel other; 10 claim.soon main; 10 claim.soon deputy; 10 claim.soon other; " +
		"20 claim.late hook; 20 claim.late coord; 30 final.soon main; 30 final.soon deputy; 30 final.soon other; 40 final.late hook; 40 final.late coord"
	for _, one := range strings.Split(want, "; ") {
		n := 0
		for _, s := range sent {
			if s == one {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%q was told %d times", one, n)
		}
	}
	if len(sent) != len(strings.Split(want, "; ")) {
		t.Errorf("told: %s", strings.Join(sent, "; "))
	}
	if got := strings.Join(worklisttest.Kinds(t, d, w.StudyID), " "); !strings.HasSuffix(got, "workitem.created workitem.reoffered workitem.reoffered workitem.warned workitem.escalated workitem.warned workitem.escalated") {
		t.Error(got)
	}
}

// A deputy who is not there is passed over: the panel may take the study at once.
func TestDeputyWhoIsAway(t *testing.T) {
	t.Parallel()
	d := worklisttest.Open(t)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	ids := worklisttest.Panel(t, d, "npo", "main", "deputy", "away", "expired")
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		return errors.Join(worklist.SetPresence(ctx, tx, ids[2], worklist.Presence{State: "away", Until: db.Now().Add(10 * time.Hour)}),
			worklist.SetReaderProfile(ctx, tx, ids[3], worklist.ReaderProfile{LicenseExpires: "2020-03-31"}))
	})
	for deputy, want := range map[string]worklist.Reached{ids[1]: worklist.ToDeputy, ids[2]: worklist.ToPanel, ids[3]: worklist.ToPanel} {
		made := db.Now()
		w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{
			PanelID: "npo", Priority: worklist.Urgent, ClaimDue: made.Add(time.Hour), Deadline: made.Add(4 * time.Hour), Offer: worklist.OfferTo{Mode: worklist.Deputy, Main: ids[0], Deputy: deputy},
		})
		look(t, clock.New(d, clock.Options{Now: func() time.Time { return made.Add(16 * time.Minute) }}))
		got, err := worklist.Get(t.Context(), d.Read(t.Context()), identity.Everything(), w.ID)
		if err != nil || got.Offer.Reached != want {
			t.Errorf("deputy %s: reached %q, want %q, %v", deputy, got.Offer.Reached, want, err)
		}
	}
}
