package dispatch_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports/dispatch"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/db"
)

// patience of the sender with its receivers.
const patience = 400 * time.Millisecond

// number of studies: REPORTS=1000 makes it so many reports, a quarter of them addenda, a
// quarter corrections and a quarter retractions.
func number(t *testing.T) int {
	t.Helper()
	if n, err := strconv.Atoi(os.Getenv("REPORTS")); err == nil {
		return (n + versions - 1) / versions
	}
	return 6
}

// Every route of every report is delivered, once in effect, in order, whatever
// the receivers do and though the sender is restarted; nothing goes to another hospital.
func TestFaults(t *testing.T) {
	t.Parallel()
	h := reportstest.NewHouse(t)
	var hl7s, bundles, notices, objects, others, otherObjects ledger
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
      - {name: archive, to: "PACS2@127.0.0.1:` + strconv.Itoa(badPACS(t, &objects)) + `", objects: [sr]}
      - {name: folder, to: "file://` + filepath.ToSlash(folder) + `", objects: [pdf, text, enhanced]}
  - id: mima
    name: 美馬病院
    ae_titles: [MIMA_CT]
    destinations:
      - {name: HIS, to: "mllp://` + badMLLP(t, &others) + `"}
      - {name: archive, to: "PACS2@127.0.0.1:` + strconv.Itoa(badPACS(t, &otherObjects)) + `", objects: [sr]}
prune: false
`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := site.Apply(t.Context(), h.DB, file, "test"); err != nil {
		t.Fatal(err)
	}
	err = h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error { // the PACS of the house is not of this test
		_, err := tx.ExecContext(ctx, `UPDATE destinations SET active = 0 WHERE name = 'PACS'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	n := number(t)
	signAll(t, h, "kaifu", "sato", n)
	m := (n + 9) / 10 // of another hospital, between them
	signAll(t, h, "mima", "kondo", m)
	all := n*versions*7 + m*versions*2
	for _, until := range []int{all / 3, all * 2 / 3, all} { // the sender is restarted, too
		courier := deliver.New(h.DB, &deliver.StoreSCU{Objects: h.Objects, CallingAE: "DOKUEI", Connect: patience, Response: patience}, deliver.Options{
			Routes:   &dispatch.Dispatcher{DB: h.DB, Objects: h.Objects, Sender: "DOKUEI", Local: true},
			Shortest: time.Millisecond, Longest: 4 * time.Millisecond, FailedAfter: 1 << 20, Timeout: patience, Rescan: 50 * time.Millisecond,
		})
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- courier.Run(ctx) }()
		await(t, h, until)
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	}

	signed := signedReports(t, h)
	t.Logf("%d reports, %d deliveries, %d attempts; calls at the HIS %d, %d, by HTTP %d, at the archives %d, %d",
		len(signed), all, attempts(t, h), hl7s.calls(), others.calls(), bundles.calls(), objects.calls(), otherObjects.calls())
	for name, l := range map[string]*ledger{"HL7": &hl7s, "FHIR": &bundles, "notices": &notices, "DICOM": &objects} {
		inOrder(t, name, l.taken(), signed, "kaifu", versions*n)
	}
	for name, l := range map[string]*ledger{"HL7 of the other": &others, "DICOM of the other": &otherObjects} {
		inOrder(t, name, l.taken(), signed, "mima", versions*m)
	}
	files(t, folder, signed, n)
}

// attempts is how many times something was sent.
func attempts(t *testing.T, h *reportstest.House) (n int) {
	t.Helper()
	if err := h.DB.Read(t.Context()).QueryRowContext(t.Context(), `SELECT SUM(attempts) FROM deliveries WHERE state = 'delivered'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// version is what a report of a test is to others.
type version struct {
	study, hospital string
	number          int
}

func signedReports(t *testing.T, h *reportstest.House) map[string]version {
	t.Helper()
	rows, err := h.DB.Read(t.Context()).QueryContext(t.Context(), `SELECT id, study_id, facility_id, version FROM reports`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]version{}
	for rows.Next() {
		var id string
		var v version
		if err := rows.Scan(&id, &v.study, &v.hospital, &v.number); err != nil {
			t.Fatal(err)
		}
		out[id] = v
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// inOrder finds in what came every version of a hospital's reports once, each after
// the one before it.
func inOrder(t *testing.T, name string, came []string, signed map[string]version, hospital string, want int) {
	t.Helper()
	if len(came) != want {
		t.Errorf("%s: %d in effect of %d", name, len(came), want)
	}
	last := map[string]int{}
	for _, id := range came {
		v := signed[id]
		if v.hospital != hospital {
			t.Errorf("%s: report %q of %q came to %s", name, id, v.hospital, hospital)
		}
		if v.number != last[v.study]+1 {
			t.Errorf("%s: version %d of %s after %d", name, v.number, v.study, last[v.study])
		}
		last[v.study] = v.number
	}
}

// files looks at a watched folder: three files of each version, whole, each kind in
// the order of versions.
func files(t *testing.T, folder string, signed map[string]version, studies int) {
	t.Helper()
	list, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	type file struct {
		id string
		at time.Time
		v  int
	}
	kinds := map[string][]file{}
	for _, f := range list {
		name, ok := strings.CutPrefix(f.Name(), "report-")
		id, kind, _ := strings.Cut(name, "-v")
		info, err := f.Info()
		if !ok || err != nil {
			t.Errorf("left behind: %s, %v", f.Name(), err)
			continue
		}
		_, kind, _ = strings.Cut(kind, ".")
		kinds[kind] = append(kinds[kind], file{id, info.ModTime(), signed[id].number})
		if kind != "enhanced.dcm" {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(folder, f.Name()))
		if err != nil {
			t.Fatal(err)
		}
		_, d, _, err := dataset.ReadFile(bytes.NewReader(raw), stream.Limits{})
		if err != nil || d.String(tag.SOPClassUID) != sr.EnhancedUID {
			t.Errorf("%s is no Enhanced SR: %v", f.Name(), err)
		}
	}
	for _, kind := range []string{"pdf", "txt", "enhanced.dcm"} {
		// The clock of files is coarse: of one moment the lower version was first.
		slices.SortFunc(kinds[kind], func(a, b file) int {
			if c := a.at.Compare(b.at); c != 0 {
				return c
			}
			return a.v - b.v
		})
		var came []string
		for _, f := range kinds[kind] {
			came = append(came, f.id)
		}
		inOrder(t, "folder "+kind, came, signed, "kaifu", versions*studies)
	}
	if len(kinds) != 3 {
		t.Errorf("files of %d kinds: %v", len(kinds), fmt.Sprint(len(list)))
	}
}
