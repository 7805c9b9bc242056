package dispatch_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/internal/mllp"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/dispatch"
	"github.com/dokuei/dokuei/reports/fhir"
	"github.com/dokuei/dokuei/reports/oru"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// ledger is what a receiver has taken: once a message, in the order of arrival.
type ledger struct {
	mu    sync.Mutex
	turns int
	seen  map[string]bool
	list  []*reports.Report
}

func (l *ledger) take(key string, r *reports.Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	if !l.seen[key] {
		l.seen[key] = true
		l.list = append(l.list, r)
	}
}

func (l *ledger) turn() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turns++
	return l.turns
}

func (l *ledger) taken() []*reports.Report {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

// badMLLP answers each connection in another way; every seventh as it should.
func badMLLP(t *testing.T, l *ledger) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	serve := func(c net.Conn) {
		defer c.Close()
		turn := l.turn() % 7
		if turn == 1 {
			return // refuses
		}
		raw, err := mllp.Read(bufio.NewReader(c), 8<<20)
		if err != nil {
			return
		}
		m, err := hl7.Parse(raw)
		if err != nil {
			t.Error(err)
			return
		}
		r, _, err := oru.Parse(m)
		if err != nil {
			t.Error(err)
			return
		}
		ack := func(code, id string) {
			a, _ := hl7.Ack(m, code, "", "A"+id, time.Now()).Encode()
			if id != m.ControlID() {
				a = bytes.ReplaceAll(a, []byte(m.ControlID()), []byte(id))
			}
			_ = mllp.Write(c, a)
		}
		switch turn {
		case 2: // hangs until the sender gives up
			_, _ = c.Read(make([]byte, 1))
		case 3:
			_, _ = c.Write([]byte("\x0bHTTP/1.0 400\r\x1c\r"))
		case 4: // takes it, and dies before it can say so
			l.take(m.ControlID(), r)
		case 5:
			ack("AE", m.ControlID())
		case 6: // an acknowledgement of something else first, then twice the right one
			ack("AA", "OTHER")
			l.take(m.ControlID(), r)
			ack("AA", m.ControlID())
			ack("AA", m.ControlID())
		default:
			l.take(m.ControlID(), r)
			ack("AA", m.ControlID())
		}
	}
	go func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return listener.Addr().String()
}

// badHTTP likewise.
func badHTTP(t *testing.T, l *ledger, notices *ledger) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		switch l.turn() % 5 {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case 2:
			http.Redirect(w, req, "http://127.0.0.1:1/elsewhere", http.StatusTooManyRequests)
			return
		case 3:
			panic(http.ErrAbortHandler) // the connection ends in the middle
		}
		if req.URL.Path == "/notice" {
			var n struct{ Report, Hospital string }
			if err := json.Unmarshal(body, &n); err != nil {
				t.Error(err)
			}
			for _, secret := range []string{"YAMADA", "山田", "KF-", "被殻"} {
				if strings.Contains(string(body), secret) {
					t.Errorf("a notice holds %q", secret)
				}
			}
			notices.take(n.Report, &reports.Report{ID: n.Report})
			return
		}
		r, _, err := fhir.Parse(body)
		if err != nil {
			t.Error(err)
			return
		}
		l.take(r.ContentHash, r)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// number of studies: a thousand reports when REPORTS asks for them.
func number(t *testing.T) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("REPORTS")); err == nil {
		return n / 2
	}
	return 6
}

// Every route of every report is delivered, once in effect, in order, whatever
// the receivers do; nothing goes to another hospital.
func TestFaults(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	var hl7s, bundles, notices, strangers ledger
	folder := t.TempDir()
	web := badHTTP(t, &bundles, &notices)
	file, err := site.Parse(strings.NewReader(`
facilities:
  - id: kaifu
    name: 海部病院
    ae_titles: [KAIFU_CT]
    quiet: 1s
    destinations:
      - {name: HIS, to: "mllp://` + badMLLP(t, &hl7s) + `"}
      - {name: FHIR, to: "` + web + `/fhir", objects: [fhir]}
      - {name: notice, to: "` + web + `/notice", objects: [notice]}
      - {name: folder, to: "file://` + filepath.ToSlash(folder) + `", objects: [pdf, text]}
  - id: mima
    name: 美馬病院
    ae_titles: [MIMA_CT]
    destinations:
      - {name: HIS, to: "mllp://` + badMLLP(t, &strangers) + `"}
prune: false
`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Apply(t.Context(), h.DB, file, "test"); err != nil {
		t.Fatal(err)
	}
	h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { //nolint:errcheck // the PACS of the house is not of this test
		_, err := tx.ExecContext(ctx, `UPDATE destinations SET active = 0 WHERE name = 'PACS'`)
		return err
	})

	n := number(t)
	signAll(t, h, n)
	courier := deliver.New(h.DB, nil, deliver.Options{
		Routes:   &dispatch.Dispatcher{DB: h.DB, Objects: h.Objects, Sender: "DOKUEI", Local: true},
		Shortest: time.Millisecond, Longest: 4 * time.Millisecond, FailedAfter: 1 << 20, Timeout: 400 * time.Millisecond, Rescan: 50 * time.Millisecond,
	})
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- courier.Run(ctx) }()
	await(t, h, n*2*5)
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}

	for name, l := range map[string]*ledger{"HL7": &hl7s, "FHIR": &bundles} {
		got := l.taken()
		if len(got) != 2*n {
			t.Errorf("%s: %d in effect of %d", name, len(got), 2*n)
		}
		last := map[string]int{}
		for _, r := range got {
			key := r.Patient.PatientID + r.Study.StudyInstanceUID
			if name == "FHIR" {
				continue // versions of one report are one resource: the order is the queue's, as of HL7
			}
			if r.Version != last[key]+1 {
				t.Errorf("%s: version %d of %s after %d", name, r.Version, key, last[key])
			}
			last[key] = r.Version
		}
	}
	if got := len(notices.taken()); got != 2*n {
		t.Errorf("%d notices of %d", got, 2*n)
	}
	if len(strangers.taken()) != 0 {
		t.Error("another hospital got reports")
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) != 2*2*n {
		t.Errorf("%d files of %d, %v", len(files), 2*2*n, err)
	}
	for _, f := range files {
		if strings.HasPrefix(f.Name(), ".") {
			t.Errorf("left behind: %s", f.Name())
		}
	}
}

// signAll signs a report and an addendum for each of n studies.
func signAll(t *testing.T, h *reportstest.House, n int) {
	t.Helper()
	reader := h.Principal(t, "sato")
	desk := reports.NewDesk(reports.Deps{DB: h.DB, Objects: h.Objects, Ingest: h.Ingest, Writers: []reports.Writer{sr.Writer{}, pdf.Writer{}}})
	sign := func(id string, s reports.Sections) {
		t.Helper()
		d := h.Draft(t, id, reader, s)
		if _, err := desk.Sign(t.Context(), reader, id, d.Revision); err != nil {
			t.Fatal(err)
		}
	}
	for i := range n {
		s := h.SendStudy(t, "kaifu", "KF-"+strconv.Itoa(i), 1)
		h.Claim(t, s.WorkitemID, reader)
		sign(s.WorkitemID, reports.Sections{Findings: "右被殻に高吸収域 | ^ & \\ 𠮷", Impression: "右被殻出血。"})
		var id string
		err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
			w, err := worklist.Create(ctx, tx, worklist.New{StudyID: s.StudyID, FacilityID: "kaifu", Kind: worklist.Addendum, PanelID: "npo", Deadline: db.Now()})
			if err != nil {
				return err
			}
			id = w.ID
			_, err = worklist.Claim(ctx, tx, id, reader.UserID)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		sign(id, reports.Sections{Addendum: "追記。"})
	}
}

// await waits until a number of deliveries has been taken, each with a receipt.
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
		if delivered == want {
			if receipts != want {
				t.Errorf("%d receipts of %d", receipts, want)
			}
			return
		}
		if delivered > last {
			deadline, last = time.Now().Add(still), delivered
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d delivered, and no more for %s", delivered, want, still)
		}
		<-time.After(20 * time.Millisecond)
	}
}

// Nothing is sent to this machine itself or to a link-local address, and no
// report to another hospital than its own.
func TestForbidden(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	signAll(t, h, 1)
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
