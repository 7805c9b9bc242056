package deliver_test

import (
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// TestOnEachEngine sends three reports to two destinations, one of which says
// no at first, with every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		h := house{open(t), t}
		worklisttest.Facility(t, h.DB, "kaifu", "KAIFU_CT")
		for _, name := range []string{"A", "B"} {
			worklisttest.Destination(t, h.DB, "kaifu", name, "PACS", "127.0.0.1", 104, "sr,pdf")
		}
		c := &carrier{answer: func(to worklist.Destination, _ catalog.Instance, nth int) error {
			switch {
			case to.Name == "A" && nth < 4:
				return unreachable
			case to.Name == "A" && nth < 8:
				return deliver.StatusError(0xA700)
			}
			return nil
		}}
		courier, stop := h.run(c, deliver.Options{Shortest: time.Millisecond, Longest: 5 * time.Millisecond, FailedAfter: 2})
		study := uid.New()
		var id string
		for _, v := range []string{"1", "2", "3"} {
			id = h.sign(study, v)
			courier.Wake()
		}
		await(t, "twelve deliveries", func() bool {
			n := 0
			for _, d := range h.of(id) {
				if d.State == deliver.Delivered {
					n++
				}
			}
			return n == 12
		})
		stop()
	})
}
