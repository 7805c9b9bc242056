package prior_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/prior"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ct = "1.2.840.10008.5.1.4.1.1.2"

// TestOnEachEngine holds everything against every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		for name, test := range map[string]func(*testing.T, *hospital){
			"fetched": testFetched, "stranger": testStranger, "got": testGot, "nobody there": testNobodyThere, "not to be asked": testNotAsked,
		} {
			t.Run(name, func(t *testing.T) { test(t, newHospital(t, open(t))) })
		}
	})
}

// hospital is one with an archive, which sends what it has to our receiver.
type hospital struct {
	*db.DB
	t       *testing.T
	archive *ultest.Listener
	has     []*dataset.Dataset // what it answers a C-FIND with, whatever the keys
	asked   []service.Query
	keep    func(ctx context.Context, facilityID, archive string, r service.StoreRequest) dimse.Status
	mute    bool // offers no C-MOVE
}

func newHospital(t *testing.T, d *db.DB) *hospital {
	h := &hospital{DB: d, t: t, archive: ultest.Listen()}
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	worklisttest.Panel(t, d, "npo", "sato")
	worklisttest.Destination(t, d, "kaifu", "PACS", "PACS", "10.0.0.1", 104, "")
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		return rule.Save(ctx, tx, rule.Set{Fallback: rule.Rule{PanelID: "npo", Within: time.Hour, Priors: rule.Priors{From: "PACS", Most: 3, Months: 24}}}, "test")
	})
	return h
}

// Find implements service.Finder.
func (h *hospital) Find(_ context.Context, q service.Query, match func(*dataset.Dataset) error) error {
	h.asked = append(h.asked, q)
	for _, d := range h.has {
		if err := match(d); err != nil {
			return err
		}
	}
	return nil
}

// Select implements service.Retriever: a study is two images.
func (h *hospital) Select(_ context.Context, q service.Query) ([]service.Selected, error) {
	study := q.Identifier.String(tag.StudyInstanceUID)
	return []service.Selected{{SOPClassUID: ct, SOPInstanceUID: study + ".1", TransferSyntaxUID: uid.ExplicitVRLittleEndian}, {SOPClassUID: ct, SOPInstanceUID: study + ".2", TransferSyntaxUID: uid.ExplicitVRLittleEndian}}, nil
}

// Open implements service.Retriever.
func (h *hospital) Open(_ context.Context, one service.Selected) (io.ReadCloser, string, error) {
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", one.SOPClassUID)
	d.SetString(tag.SOPInstanceUID, "UI", one.SOPInstanceUID)
	var b bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(one.TransferSyntaxUID)
	err := d.Encode(&b, ts)
	return io.NopCloser(&b), one.TransferSyntaxUID, err
}

// serve opens the archive, which knows our receiver by an AE title.
func (h *hospital) serve(knows string) {
	receiver := ultest.Listen()
	h.scp(receiver, service.SCPConfig{Store: h.arrive}, "DOKUEI")
	cfg := service.SCPConfig{Find: h, Retrieve: h}
	if !h.mute {
		cfg.Destinations = func(_ context.Context, _ service.Query, ae string) (service.Destination, bool, error) {
			return service.Destination{AETitle: "DOKUEI", Address: "10.0.0.2:1", Dialer: receiver}, ae == knows, nil
		}
	}
	h.scp(h.archive, cfg, "PACS")
}

// arrive is our own receiver.
func (h *hospital) arrive(_ context.Context, r service.StoreRequest) dimse.Status {
	if _, err := io.Copy(io.Discard, r.Data); err != nil {
		return dimse.ProcessingFailure
	}
	study := r.SOPInstanceUID[:strings.LastIndex(r.SOPInstanceUID, ".")]
	worklisttest.Arrive(h.t, h.DB, worklisttest.Study{Facility: "kaifu", StudyUID: study, SOPUID: r.SOPInstanceUID, Date: "20250401", Quiet: time.Millisecond})
	return dimse.Success
}

func (h *hospital) scp(l net.Listener, cfg service.SCPConfig, ae string) {
	cfg.Acceptor = ul.AcceptorConfig{Config: ul.Config{AETitle: ae}, Grace: time.Second}
	s, err := service.NewSCP(cfg)
	if err != nil {
		h.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	h.t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			h.t.Error(err)
		}
	})
}

// earlier is a study the archive has.
func earlier(study, date, patient string) *dataset.Dataset {
	d := dataset.New()
	d.SetString(tag.StudyInstanceUID, "UI", study)
	d.SetString(tag.StudyDate, "DA", date)
	d.SetString(tag.PatientID, "LO", patient)
	d.SetString(tag.ModalitiesInStudy, "CS", "CT")
	return d
}

// read makes a study arrive and be released.
func (h *hospital) read(s worklisttest.Study) (assign.Result, string) {
	h.t.Helper()
	s.Facility = "kaifu"
	id := worklisttest.Arrive(h.t, h.DB, s).StudyID
	var res assign.Result
	worklisttest.Write(h.t, h.DB, func(ctx context.Context, tx db.Tx) (err error) {
		var ok bool
		later := db.WithNow(ctx, func() time.Time { return time.Now().Add(time.Hour) })
		if res, ok, err = completeness.Release(later, tx, id); err == nil && !ok {
			h.t.Errorf("study %s not released", id)
		}
		return err
	})
	return res, id
}

// fetch runs a Fetcher until nothing waits.
func (h *hospital) fetch() {
	h.t.Helper()
	f := prior.New(h.DB, prior.Options{AETitle: "DOKUEI", Dialer: h.archive, Keep: h.keep, Shortest: time.Millisecond, Longest: time.Millisecond, Attempts: 3, Answer: 20 * time.Second})
	ctx, cancel := context.WithCancel(h.t.Context())
	done := make(chan error, 1)
	go func() { done <- f.Run(ctx) }()
	deadline := time.Now().Add(60 * time.Second)
	for waiting := 1; waiting > 0; {
		if err := h.Read(ctx).QueryRowContext(ctx, `SELECT COUNT(*) FROM prior_fetches WHERE state = 'waiting'`).Scan(&waiting); err != nil {
			h.t.Fatal(err)
		}
		select {
		case <-time.After(5 * time.Millisecond):
		case <-ctx.Done():
		}
		if time.Now().After(deadline) {
			h.t.Error("still waiting")
			break
		}
	}
	cancel()
	if err := <-done; err != nil {
		h.t.Error(err)
	}
}

func (h *hospital) fetched(studyID string) prior.Fetched {
	h.t.Helper()
	f, ok, err := prior.OfStudy(h.t.Context(), h.Read(h.t.Context()), studyID)
	if err != nil || !ok {
		h.t.Fatal(ok, err)
	}
	states, err := prior.Unsettled(h.t.Context(), h.Read(h.t.Context()), []string{studyID, "nobody"})
	if err != nil || len(states) > 1 || states[studyID] != f.State && f.State != prior.Done || len(states) == 1 && f.State == prior.Done {
		h.t.Errorf("unsettled: %v, %v; it is %s", states, err, f.State)
	}
	return f
}

func testFetched(t *testing.T, h *hospital) {
	h.serve("DOKUEI")
	h.has = []*dataset.Dataset{
		earlier("1.2.1", "20250401", "P1"), earlier("1.2.2", "20250301", "P1"), earlier("1.2.3", "20250201", "P1"), earlier("1.2.4", "20250101", "P1"),
		earlier("1.2.5", "20250501", "P2"), earlier("1.2.6", "20260401", "P1"), earlier("1.2.7", "20100101", "P1"),
	}
	worklisttest.Arrive(t, h.DB, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.2", Date: "20250301"})
	res, id := h.read(worklisttest.Study{Quiet: time.Millisecond})
	if last := res.Workitem.Reasons[len(res.Workitem.Reasons)-1].Text["en"]; last != "earlier studies are fetched from PACS" {
		t.Errorf("the reasons end with %q", last)
	}
	h.fetch()
	if f := h.fetched(id); f.State != prior.Done || f.Found != 3 || f.Here != 1 || f.Arrived != 2 || f.Lacking != 0 || f.Reason != "" {
		t.Errorf("%+v", f)
	}
	if len(h.asked) != 1 || h.asked[0].Identifier.String(tag.PatientID) != "P1" || h.asked[0].Identifier.String(tag.StudyDate) != "20240401-20260331" {
		t.Errorf("%d questions", len(h.asked))
	}
	ctx, read := t.Context(), h.Read(t.Context())
	for study, want := range map[string]int{"1.2.1": 2, "1.2.2": 1, "1.2.3": 2, "1.2.4": 0, "1.2.5": 0, "1.2.6": 0, "1.2.7": 0} {
		s, err := catalog.StudyByUID(ctx, read, identity.Everything(), "kaifu", study)
		if s.Instances != want || err != nil && want > 0 {
			t.Errorf("study %s has %d instances, want %d: %v", study, s.Instances, want, err)
		}
		if want == 0 {
			continue
		}
		if seen, err := catalog.Visible(ctx, read, identity.Scope{UserID: "u", PanelIDs: []string{"npo"}}, s.ID); !seen || err != nil {
			t.Errorf("the panel does not see %s: %v", study, err)
		}
	}
	// Those that were asked for are whole and nobody's task, at a start too; what was here is.
	later := db.WithNow(ctx, func() time.Time { return time.Now().Add(time.Hour) })
	l := completeness.New(h.DB, completeness.Options{})
	if _, err := l.Look(later); err != nil {
		t.Fatal(err)
	}
	items := func(study string) int {
		s, err := catalog.StudyByUID(ctx, read, identity.Everything(), "kaifu", study)
		if err != nil {
			t.Fatal(err)
		}
		list, err := worklist.OfStudy(ctx, read, identity.Everything(), s.ID)
		if err != nil || s.State != catalog.Complete {
			t.Error(s.State, err)
		}
		return len(list)
	}
	if a, b, c := items("1.2.1"), items("1.2.2"), items("1.2.3"); a != 0 || b != 1 || c != 0 {
		t.Errorf("items of what was asked for: %d, %d; of what was here: %d", a, c, b)
	}
	running, stop := context.WithCancel(ctx)
	stopped := make(chan error, 1)
	go func() { stopped <- l.Run(running) }() // adopts what has no item
	stop()
	if err := <-stopped; err != nil || items("1.2.1") != 0 {
		t.Error("a start made a task of it", err)
	}
	found, err := audit.Find(ctx, read, audit.Search{Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]int{}
	for _, r := range found {
		told[r.Action]++
	}
	if told["study.queried"] != 1 || told["instance.retrieved"] != 2 {
		t.Errorf("audited: %v", told)
	}
	// An image that nobody has asked for makes it a task.
	worklisttest.Exec(t, h.DB, `UPDATE prior_studies SET settled_at = 1 WHERE study_instance_uid = '1.2.1'`)
	if res, _ := h.read(worklisttest.Study{StudyUID: "1.2.1", Date: "20250401", Quiet: time.Millisecond}); res.Workitem.ID == "" || items("1.2.1") != 1 {
		t.Error("an unasked image did not make a task")
	}
}

func testStranger(t *testing.T, h *hospital) {
	h.serve("SOMEBODY")
	h.has = []*dataset.Dataset{earlier("1.2.1", "20250401", "P1")}
	_, id := h.read(worklisttest.Study{Quiet: time.Millisecond})
	h.fetch()
	if f := h.fetched(id); f.State != prior.Failed || f.Reason != prior.Stranger || f.Arrived != 0 || f.Found != 1 || len(h.asked) != 1 {
		t.Errorf("%+v after %d attempts", f, len(h.asked))
	}
}

// An archive that has no C-MOVE, or does not know us, sends on the association that asks.
func testGot(t *testing.T, h *hospital) {
	var from []string
	h.keep = func(ctx context.Context, facilityID, archive string, r service.StoreRequest) dimse.Status {
		from = append(from, facilityID+" "+archive)
		return h.arrive(ctx, r)
	}
	for name, mute := range map[string]bool{"stranger": false, "no C-MOVE": true} {
		h.mute, from = mute, nil
		h.archive = ultest.Listen()
		h.serve("SOMEBODY")
		h.has = []*dataset.Dataset{earlier("1.3."+map[bool]string{false: "1", true: "2"}[mute], "20250401", "P1")}
		_, id := h.read(worklisttest.Study{StudyUID: "1.9." + map[bool]string{false: "1", true: "2"}[mute], Quiet: time.Millisecond})
		h.fetch()
		if f := h.fetched(id); f.State != prior.Done || f.Reason != "" || f.Arrived != 1 || f.Lacking != 0 {
			t.Errorf("%s: %+v", name, f)
		}
		if len(from) != 2 || from[0] != "kaifu PACS" {
			t.Errorf("%s: kept %q", name, from)
		}
	}
}

func testNobodyThere(t *testing.T, h *hospital) {
	_ = h.archive.Close()
	_, id := h.read(worklisttest.Study{Quiet: time.Millisecond})
	h.fetch()
	if f := h.fetched(id); f.State != prior.Failed || f.Reason != prior.Unreachable {
		t.Errorf("%+v", f)
	}
}

func testNotAsked(t *testing.T, h *hospital) {
	_, id := h.read(worklisttest.Study{Quiet: time.Millisecond, PatientID: "P*"})
	if f := h.fetched(id); f.State != prior.Failed || f.Reason != prior.NoPatient {
		t.Errorf("%+v", f)
	}
	worklisttest.Exec(t, h.DB, `UPDATE destinations SET active = 0`)
	res, id := h.read(worklisttest.Study{Quiet: time.Millisecond})
	if f := h.fetched(id); f.State != prior.Failed || f.Reason != prior.NoSource || res.Workitem.ID == "" {
		t.Errorf("%+v", f)
	}
}
