package assign_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// A rule gives a study its task and sends its images elsewhere, once; what cannot be
// sent is said and keeps nothing from being read.
func TestTaskAndForward(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		t.Helper()
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		worklisttest.Facility(t, d, "univ", "UNIV_CT")
		worklisttest.Panel(t, d, "npo", "sato")
		worklisttest.Exec(t, d, `INSERT INTO destinations (id, facility_id, name, ae_title, host, port, objects, created_at, updated_at) VALUES ('d1', 'univ', 'PACS', 'PACS', '127.0.0.1', 104, '', 0, 0)`)
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "npo", Within: time.Hour, Task: worklist.Opinion, Forward: []string{"univ/PACS", "univ/GONE"}}}, "test")
		})
		study := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID
		assigned := func() (res assign.Result) {
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
				s, err := catalog.StudyByID(ctx, tx, identity.Everything(), study)
				if err != nil {
					return err
				}
				res, err = assign.Study(ctx, tx, s)
				return err
			})
			return res
		}
		queued := func() (n int) {
			if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM deliveries WHERE study_id = $1 AND destination_id = 'd1' AND object = 'image'`, study).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		first := assigned()
		if first.Workitem.Purpose != worklist.Opinion || queued() != 1 {
			t.Errorf("purpose %q, %d images queued", first.Workitem.Purpose, queued())
		}
		var said []string
		for _, r := range first.Workitem.Reasons {
			said = append(said, r.Text["en"])
		}
		if text := strings.Join(said, "\n"); !strings.Contains(text, "go to univ/PACS too") || !strings.Contains(text, "no destination univ/GONE") {
			t.Errorf("the reasons do not say so: %s", text)
		}
		if again := assigned(); again.Outcome != assign.Kept || queued() != 1 {
			t.Errorf("again: %s, %d images queued", again.Outcome, queued())
		}
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			return worklist.SetFacilityProfile(ctx, tx, "kaifu", worklist.FacilityProfile{Pseudonymous: true})
		})
		study = worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu"}).StudyID
		if assigned(); queued() != 0 {
			t.Error("images of a pseudonymous hospital were forwarded to another")
		}
		now, err := rule.Load(t.Context(), d.Read(t.Context()))
		if err != nil || now.Fallback.Task != worklist.Opinion || strings.Join(now.Fallback.Forward, ",") != "univ/PACS,univ/GONE" {
			t.Errorf("kept as %+v, %v", now.Fallback, err)
		}
		other := now
		other.Fallback.Task, other.Fallback.Forward = "", nil
		r, err := assign.Replay(t.Context(), d.Read(t.Context()), time.Unix(0, 0), now, other)
		if err != nil || r.Changed != 2 || r.Differences[0].Before.Task != worklist.Opinion || r.Differences[0].Before.Forward != "univ/PACS,univ/GONE" {
			t.Errorf("replay: %+v, %v", r, err)
		}
	})
}
