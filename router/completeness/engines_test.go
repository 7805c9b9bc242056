package completeness_test

import (
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// TestOnEachEngine releases a study, takes a late image and releases it again,
// with every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
		told := make(chan assign.Result, 4)
		l := completeness.New(d, completeness.Options{OnReleased: func(r assign.Result) { told <- r }})
		stop := start(t, l)
		defer stop()
		s := worklisttest.Study{Facility: "kaifu", StudyUID: uid.New(), Quiet: 10 * time.Millisecond}
		for _, want := range []assign.Outcome{assign.Created, assign.Kept} {
			worklisttest.Arrive(t, d, s)
			l.Wake()
			select {
			case r := <-told:
				if r.Outcome != want || r.Workitem.Readiness != worklist.Ready {
					t.Errorf("%+v, want %s", r, want)
				}
			case <-time.After(time.Minute):
				t.Fatal("not released")
			}
		}
	})
}
