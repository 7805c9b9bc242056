package prior

import (
	"context"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// One attempt at a time, and the next when its lease has run out; the queue of a hospital
// is bounded; a study is queued once.
func TestLease(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		worklisttest.Destination(t, d, "kaifu", "PACS", "PACS", "10.0.0.1", 104, "")
		enqueue := func(id string) (r Reason) {
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
				s, err := catalog.StudyByID(ctx, tx, identity.Everything(), id)
				if err == nil {
					r, err = Enqueue(ctx, tx, s, rule.Priors{From: "PACS", Most: 3})
				}
				return err
			})
			return r
		}
		study := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID
		for range 2 {
			if r := enqueue(study); r != "" {
				t.Fatal(r)
			}
		}
		now := db.Now()
		list, err := due(t.Context(), d.Read(t.Context()), now, 10)
		if err != nil || len(list) != 1 {
			t.Fatal(len(list), err)
		}
		take := func(at time.Time) (mine bool) {
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) (err error) {
				mine, err = claim(ctx, tx, list[0].ID, at)
				return err
			})
			return mine
		}
		if !take(now) || take(now) || take(now.Add(lease-time.Second)) {
			t.Error("taken twice")
		}
		if at, err := next(t.Context(), d.Read(t.Context()), now); err != nil || at.Sub(now).Round(time.Second) != lease {
			t.Error(at, err)
		}
		if !take(now.Add(lease + time.Second)) {
			t.Error("not taken up when the lease had run out")
		}
		worklisttest.ArriveMany(t, d, maxWaiting, worklisttest.Study{Facility: "kaifu"})
		worklisttest.Exec(t, d, `INSERT INTO prior_fetches (id, study_id, facility_id, source, destination_id, most, months, state, next_at, created_at, updated_at)
 SELECT id, id, facility_id, 'PACS', '', 1, 0, 'waiting', 0, 0, 0 FROM studies WHERE id <> $1`, study)
		if r := enqueue(worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID); r != TooMany {
			t.Errorf("%q", r)
		}
	})
}
