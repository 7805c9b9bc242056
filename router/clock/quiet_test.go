package clock_test

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// A night through which a service ends and starts again every half hour: a reader who is
// not to be disturbed hears of a STAT at once and of everything else in the morning, once
// and of each study the last word; of what is over by then, or another has, never.
func TestQuietHours(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "dokuei.db")
	d := worklisttest.OpenAt(t, path)
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	ids := worklisttest.Panel(t, d, "npo", "sato", "owl", "never")
	worklisttest.Exec(t, d, `UPDATE users SET email = login`)
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		if err := worklist.SetReaderProfile(ctx, tx, ids[2], worklist.ReaderProfile{QuietHours: []string{"daily 00:00-24:00"}}); err != nil {
			return err
		}
		return worklist.SetReaderProfile(ctx, tx, ids[0], worklist.ReaderProfile{QuietHours: []string{"daily 22:00-06:30"}})
	})
	evening := time.Date(2026, 6, 1, 22, 0, 0, 0, calendar.Tokyo)
	names := map[string]string{}
	item := func(name string, n worklist.New) worklist.Workitem {
		n.PanelID, n.FacilityID, n.StudyID = "npo", "kaifu", worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID
		var w worklist.Workitem
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
			w, err = worklist.Create(db.WithNow(ctx, func() time.Time { return evening }), tx, n)
			return err
		})
		names[w.ID] = name
		return w
	}
	due := func(claim, final time.Duration) worklist.New {
		return worklist.New{Priority: worklist.Urgent, ClaimDue: evening.Add(claim), Deadline: evening.Add(final)}
	}
	stat := due(time.Hour, 20*time.Hour)
	stat.Priority = worklist.STAT
	item("stat", stat)
	both := due(2*time.Hour, 8*time.Hour)
	both.Offer = worklist.OfferTo{Mode: worklist.Direct, Main: ids[0]}
	item("waits", both)
	taken := item("taken", due(2*time.Hour, 24*time.Hour))
	over := item("over", due(2*time.Hour, 24*time.Hour))
	his := item("his", due(2*time.Hour, 4*time.Hour))
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Claim(ctx, tx, his.ID, ids[0])
		return err
	})

	var sent []string
	for half := range 24 {
		now := evening.Add(time.Duration(half)*30*time.Minute + time.Second)
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
		d = worklisttest.OpenAt(t, path)
		if half == 12 { // four in the morning
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
				_, err := worklist.Claim(ctx, tx, taken.ID, ids[1])
				if err == nil {
					_, err = worklist.Claim(ctx, tx, over.ID, ids[1])
				}
				if err == nil {
					_, err = worklist.Complete(ctx, tx, over.ID, ids[1])
				}
				return err
			})
		}
		for range 2 {
			look(t, clock.New(d, clock.Options{Now: func() time.Time { return now }, Email: true, Send: map[string]clock.Sender{
				"email": func(_ context.Context, n clock.Notice) error {
					if n.Recipient != "owl" {
						sent = append(sent, strings.Join([]string{now.Format("15:04"), n.Recipient, names[n.Workitem], string(n.Kind)}, " "))
					}
					return nil
				},
			}}))
		}
	}
	slices.Sort(sent)
	want := []string{
		"06:30 sato his final.soon",   // since 01:00
		"06:30 sato waits final.soon", // since 04:00; offer.panel and claim.soon of 23:00 are overtaken
		"22:00 never stat offer.made", "22:00 sato stat offer.made",
		"22:30 never stat claim.soon", "22:30 sato stat claim.soon",
	}
	if !slices.Equal(sent, want) {
		t.Errorf("told:\n%s\nwant:\n%s", strings.Join(sent, "\n"), strings.Join(want, "\n"))
	}
	if n := count(t, d, `SELECT COUNT(*) FROM notices WHERE sent_at = 0 AND stopped_at = 0`); n != 0 {
		t.Errorf("%d notices still wait", n)
	}
}
