package deliver_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// What receivers refuse is on one shelf, of every study and destination; one is
// given up for a reason, and what comes after it still goes; all of a destination
// are tried again, and what was given up is taken up.
func TestParkedShelf(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		h := house{open(t), t}
		worklisttest.Facility(t, h.DB, "kaifu", "KAIFU_CT")
		worklisttest.Facility(t, h.DB, "mima", "MIMA_CT")
		for _, name := range []string{"A", "B"} {
			worklisttest.Destination(t, h.DB, "kaifu", name, "PACS", "127.0.0.1", 104, "sr,pdf")
		}
		mended := false
		c := &carrier{answer: func(to worklist.Destination, _ catalog.Instance, _ int) error {
			if to.Name == "A" && !mended {
				return deliver.StatusError(0x0122)
			}
			return nil
		}}
		first, second := h.sign(uid.New(), "1"), h.sign(uid.New(), "2")
		_, stop := h.run(c, deliver.Options{Shortest: time.Millisecond, Longest: time.Hour, FailedAfter: 2})
		state := func(study, destination string, want deliver.State) func() bool {
			return func() bool {
				n := 0
				for _, d := range h.of(study) {
					if d.DestinationName == destination && d.State == want {
						n++
					}
				}
				return n == 2
			}
		}
		for _, study := range []string{first, second} {
			await(t, "refusals", state(study, "A", deliver.Failed))
			await(t, "the other destination", state(study, "B", deliver.Delivered))
		}
		stop()

		ctx, all, read := t.Context(), identity.Everything(), h.Read(t.Context())
		page, more, err := deliver.Shelf{Limit: 3}.List(ctx, read, all)
		if err != nil || len(page) != 3 || !more {
			t.Fatalf("%d deliveries, more %t, %v", len(page), more, err)
		}
		rest, more, err := deliver.Shelf{Limit: 3, After: page[2].ID}.List(ctx, read, all)
		if err != nil || len(rest) != 1 || more || rest[0].ID == page[2].ID {
			t.Fatalf("the next page has %d, more %t, %v", len(rest), more, err)
		}
		piles, err := deliver.Shelf{}.Piles(ctx, read, all)
		if err != nil || len(piles) != 1 || piles[0].N != 4 || piles[0].Destination != "A" || piles[0].Way != "dicom" || !piles[0].Active || piles[0].Reason == "" {
			t.Fatalf("piles %+v, %v", piles, err)
		}
		stranger := identity.Principal{UserID: "m", Role: identity.Hospital, FacilityID: "mima", Kind: identity.KindSession}.Scope()
		if got, _, err := (deliver.Shelf{}).List(ctx, read, stranger); err != nil || len(got) != 0 {
			t.Errorf("another hospital sees %d, %v", len(got), err)
		}

		one := page[0]
		give := func(scope identity.Scope, id, why string) error {
			return h.Write(ctx, func(ctx context.Context, tx db.Tx) error {
				_, err := deliver.GiveUp(ctx, tx, scope, id, "coord", why)
				return err
			})
		}
		for want, err := range map[error]error{
			deliver.ErrReason:    give(all, one.ID, " \n"),
			deliver.ErrNotFound:  give(stranger, one.ID, "not ours"),
			deliver.ErrNotParked: give(all, h.delivered(first), "it is there"),
		} {
			if !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		}
		if err := give(all, one.ID, "the PACS takes no SR"); err != nil {
			t.Fatal(err)
		}
		if err := give(all, one.ID, "again"); !errors.Is(err, deliver.ErrNotParked) {
			t.Errorf("given up twice: %v", err)
		}
		gone, _, err := deliver.Shelf{GivenUp: true}.List(ctx, read, all)
		if err != nil || len(gone) != 1 || gone[0].GivenUpBy != "coord" || gone[0].GivenUpWhy != "the PACS takes no SR" {
			t.Fatalf("given up: %+v, %v", gone, err)
		}
		if n, _, err := deliver.Parked(ctx, read); err != nil || n != 3 {
			t.Errorf("%d parked, %v", n, err)
		}
		retry := func(scope identity.Scope, destination string) (n int) {
			worklisttest.Write(t, h.DB, func(ctx context.Context, tx db.Tx) (err error) {
				n, err = deliver.RetryAll(ctx, tx, scope, destination, "coord")
				return err
			})
			return n
		}
		if n := retry(stranger, ""); n != 0 {
			t.Errorf("another hospital retries %d", n)
		}
		if n := retry(all, piles[0].DestinationID); n != 3 {
			t.Errorf("%d tried again of 3", n)
		}
		mended = true
		_, stop = h.run(c, deliver.Options{Shortest: time.Millisecond, Longest: time.Hour, FailedAfter: 2})
		await(t, "the second study", state(second, "A", deliver.Delivered))
		worklisttest.Write(t, h.DB, func(ctx context.Context, tx db.Tx) error {
			_, err := deliver.Retry(ctx, tx, all, one.ID, "coord")
			return err
		})
		stop()
		_, stop = h.run(c, deliver.Options{Shortest: time.Millisecond})
		await(t, "what was given up", state(first, "A", deliver.Delivered))
		stop()
	})
}

// delivered is the ID of a delivery that has arrived.
func (h house) delivered(study string) string {
	for _, d := range h.of(study) {
		if d.State == deliver.Delivered {
			return d.ID
		}
	}
	return ""
}
