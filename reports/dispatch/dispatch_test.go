package dispatch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/dispatch"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// versions of each report that signAll signs.
const versions = 4

// signAll signs a report, an addendum, a correction and a retraction for each of n studies.
func signAll(t *testing.T, h *reportstest.House, facility, login string, n int) {
	t.Helper()
	reader := h.Principal(t, login)
	desk := reports.NewDesk(reports.Deps{DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Writers: []reports.Writer{sr.Writer{}, pdf.Writer{}, sr.EnhancedWriter{}}})
	sign := func(id string, s reports.Sections) {
		t.Helper()
		d := h.Draft(t, id, reader, s)
		if _, err := desk.Sign(t.Context(), reader, id, d.Revision); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		s := h.SendStudy(t, facility, facility+"-"+strconv.Itoa(i), 1)
		h.Claim(t, s.WorkitemID, reader)
		sign(s.WorkitemID, reports.Sections{Findings: "右被殻に高吸収域 | ^ & \\ 𠮷", Impression: "右被殻出血。"})
		for _, next := range []struct {
			worklist.New
			reports.Sections
		}{
			{worklist.New{Kind: worklist.Addendum}, reports.Sections{Addendum: "追記。"}},
			{worklist.New{Purpose: worklist.Correction}, reports.Sections{Reason: "左右の誤り。", Findings: "左被殻に高吸収域。", Impression: "左被殻出血。"}},
			{worklist.New{Purpose: worklist.Retraction}, reports.Sections{Reason: "他の患者の画像でした。"}},
		} {
			var id string
			err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				w := next.New
				w.StudyID, w.FacilityID, w.PanelID, w.Deadline = s.StudyID, facility, reader.PanelIDs[0], db.Now()
				made, err := worklist.Create(ctx, tx, w)
				if err != nil {
					return err
				}
				id = made.ID
				_, err = worklist.Claim(ctx, tx, id, reader.UserID)
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			sign(id, next.Sections)
		}
	}
}

// await waits until a number of deliveries and more have been taken, each with a receipt.
func await(t *testing.T, h *reportstest.House, want int) {
	t.Helper()
	// It ends when nothing moves any more: how long all of it takes is the machine's.
	const still = 2 * time.Minute
	deadline, last := time.Now().Add(still), 0
	for {
		var delivered, receipts int
		err := h.DB.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*), COALESCE(SUM(CASE WHEN receipt <> '' THEN 1 ELSE 0 END), 0)
 FROM deliveries WHERE state = 'delivered'`).Scan(&delivered, &receipts)
		if err != nil {
			t.Fatal(err)
		}
		if delivered >= want {
			if receipts != delivered {
				t.Errorf("%d receipts of %d", receipts, delivered)
			}
			return
		}
		if delivered > last {
			deadline, last = time.Now().Add(still), delivered
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d delivered, and no more for %s: %s", delivered, want, still, left(t, h))
		}
		<-time.After(20 * time.Millisecond)
	}
}

// left tells which deliveries wait, and why.
func left(t *testing.T, h *reportstest.House) string {
	t.Helper()
	rows, err := h.DB.Read(t.Context()).QueryContext(t.Context(), `SELECT x.facility_id, x.name, d.object, d.state, d.last_error, COUNT(*), MAX(d.attempts)
 FROM deliveries d JOIN destinations x ON x.id = d.destination_id WHERE d.state <> 'delivered' AND x.active = 1 GROUP BY 1, 2, 3, 4, 5 ORDER BY 6 DESC LIMIT 20`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var facility, name, object, state, why string
		var n, attempts int
		if err := rows.Scan(&facility, &name, &object, &state, &why, &n, &attempts); err != nil {
			t.Fatal(err)
		}
		out = append(out, fmt.Sprintf("%d %s of %s to %s %s (%d attempts): %s", n, object, facility, name, state, attempts, why))
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return strings.Join(out, "; ")
}

// Nothing is sent to this machine itself or to a link-local address, and no
// report to another hospital than its own.
func TestForbidden(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	signAll(t, h, "kaifu", "sato", 1)
	var id, instance string
	if err := h.DB.Read(t.Context()).QueryRowContext(t.Context(), `SELECT report_id, instance_id FROM report_documents WHERE object = 'sr' LIMIT 1`).Scan(&id, &instance); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("something came") }))
	defer server.Close()
	s := &dispatch.Dispatcher{DB: h.DB, Objects: h.Objects, Sender: "DOKUEI"}
	for route, facility := range map[string]string{
		server.URL: "kaifu", strings.Replace(server.URL, "127.0.0.1", "localhost", 1): "kaifu", "http://169.254.169.254/latest": "kaifu",
		"mllp://[fe80::1]:2575": "kaifu", "http://0.0.0.0:80/": "kaifu", "http://192.0.2.1/": "mima",
	} {
		object := deliver.Notice
		if strings.HasPrefix(route, "mllp") {
			object = deliver.ORU
		}
		_, err := s.Route(t.Context(), worklist.Destination{Route: route, FacilityID: facility}, deliver.Delivery{ReportID: id, Object: object}, catalog.Instance{ID: instance})
		if err == nil {
			t.Errorf("sent to %s", route)
		}
	}
}
