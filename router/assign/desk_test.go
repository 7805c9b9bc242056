package assign_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// What is on the desks is what a plain count over all items says, whatever states
// they are in and on whichever side of the hour and of the month they lie.
func TestDesksAreAPlainCount(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) { testDesks(t, open(t)) })
}

func testDesks(t *testing.T, d *db.DB) {
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	readers := worklisttest.Panel(t, d, "general", "sato", "suzuki", "tanaka")
	items := worklisttest.Items(t, d, 120, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "general", FacilityID: "kaifu", Deadline: db.Now().Add(time.Hour)})
	at := db.Now()
	day := calendar.DayOf(at)
	day.Day = 1
	hour, month := db.Micros(at.Add(-time.Hour)), db.Micros(day.Start())
	random := rand.New(rand.NewPCG(18, 7))
	near := func() int64 {
		return []int64{hour, month}[random.IntN(2)] + []int64{-1e9, -1, 0, 1, 1e9}[random.IntN(5)]
	}
	type count struct{ hour, open, month int }
	for range 5 {
		want := map[string]count{}
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			clear(want)
			for _, w := range items {
				state := []string{"SCHEDULED", "IN PROGRESS", "COMPLETED", "COMPLETED", "COMPLETED", "CANCELED"}[random.IntN(6)]
				main, offer := append(readers[:3:3], "")[random.IntN(4)], []string{"", "main", "deputy", "panel"}[random.IntN(4)]
				var by, tuid, claimed, completed any
				reader, c, f := readers[random.IntN(3)], near(), near()
				n := want[reader]
				switch state {
				case "SCHEDULED":
					if main != "" && offer != "panel" {
						m := want[main]
						m.open++
						want[main] = m
					}
				case "IN PROGRESS":
					by, tuid, claimed = reader, "1.2.3", c
					n.open++
					want[reader] = n
				default:
					by, tuid, claimed, completed = reader, "1.2.3", c, f
					if state == "COMPLETED" && f >= month {
						n.month++
						if c > hour {
							n.hour++
						}
						want[reader] = n
					}
				}
				if _, err := tx.ExecContext(ctx, `UPDATE workitems SET state = $1, main_reader = $2, offer_state = $3, claimed_by = $4, transaction_uid = $5, claimed_at = $6, completed_at = $7 WHERE id = $8`,
					state, main, offer, by, tuid, claimed, completed, w.ID); err != nil {
					return err
				}
			}
			return nil
		})
		got, err := assign.ReadersOf(t.Context(), d.Read(t.Context()), "general", at)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(readers) {
			t.Fatalf("%d readers, want %d", len(got), len(readers))
		}
		for _, r := range got {
			if n := (count{r.LastHour, r.Open, r.Month}); n != want[r.ID] || n == (count{}) {
				t.Errorf("%s: hour, open, month are %v, a plain count says %v", r.Login, n, want[r.ID])
			}
		}
	}
}
