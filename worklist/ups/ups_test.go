package ups_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
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
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/ups"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestOnEachEngine holds everything against every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		for name, test := range map[string]func(*testing.T, *db.DB){
			"change of state": testChangeState, "one claim": testClaimExcludes, "get": testGet, "terms": testTerms, "find": testFind, "other actions": testOtherActions, "watch": testWatch, "announced": testAnnounced, "reason": testReason,
			"push": testPush, "push for a study that is here": testPushHere, "one UID, two hospitals": testOneUIDTwoHospitals, "set": testSet, "request to cancel": testRequestCancel,
		} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}

// room is a worklist behind an SCP in memory.
type room struct {
	t    *testing.T
	db   *db.DB
	door *ultest.Listener
	// Readers; kato has no station, other sits on another panel.
	sato, ito, kato, other string
}

func newRoom(t *testing.T, d *db.DB) *room {
	r := &room{t: t, db: d, door: ultest.Listen()}
	worklisttest.Facility(t, r.db, "kaifu", "KAIFU")
	worklisttest.Facility(t, r.db, "minami", "MINAMI")
	npo := worklisttest.Panel(t, r.db, "npo", "sato", "ito", "kato")
	r.sato, r.ito, r.kato = npo[0], npo[1], npo[2]
	r.other = worklisttest.Panel(t, r.db, "far", "suzuki")[0]
	for ae, user := range map[string]string{"SATO": r.sato, "ITO": r.ito, "SUZUKI": r.other} {
		worklisttest.Exec(t, r.db, `INSERT INTO reader_ae_titles (ae_title, user_id, position) VALUES ($1, $2, 0)`, ae, user)
	}
	steps := &ups.Steps{DB: r.db, Log: slog.New(slog.DiscardHandler), Assign: r.assign}
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{uid.UPSPull: {Serve: steps.Serve}},
		Worklists:  map[string]service.WorklistFinder{uid.UPSPull: steps.Find},
		Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "DOKUEI"}, Grace: time.Second, Policy: func(ctx context.Context, rq ul.Request) ul.Decision {
			if f, ok, err := worklist.FacilityByAE(ctx, r.db.Read(ctx), rq.CallingAE); err == nil && ok {
				return ul.Decision{Accept: true, Peer: f}
			}
			w, ok, err := worklist.WorkstationByAE(ctx, r.db.Read(ctx), rq.CallingAE)
			return ul.Decision{Accept: ok && err == nil, Peer: w}
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- scp.Serve(ctx, r.door) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return r
}

func (r *room) item(facility string) worklist.Workitem {
	return worklisttest.Item(r.t, r.db, worklisttest.Study{Facility: facility, Description: "頭部単純CT"}, worklist.New{PanelID: "npo", Priority: worklist.STAT})
}

type station struct {
	*service.Client
	t *testing.T
}

func (r *room) as(ae string) station {
	r.t.Helper()
	c, err := service.Dial(r.t.Context(), "memory", service.DialOptions{
		CallingAE: ae, CalledAE: "DOKUEI", Dialer: r.door,
		Contexts: []service.Context{{AbstractSyntax: uid.UPSPull, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close(context.Background()) })
	return station{c, r.t}
}

func (s station) change(step string, to worklist.State, transaction string) dimse.Status {
	s.t.Helper()
	d := dataset.New()
	d.SetString(tag.ProcedureStepState, "CS", string(to))
	if transaction != "" {
		d.SetString(tag.TransactionUID, "UI", transaction)
	}
	a, err := s.Action(s.t.Context(), uid.UPSPull, uid.UPSPush, step, 1, d)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Status
}

func (s station) get(step string, attributes ...uint32) (dimse.Status, *dataset.Dataset) {
	s.t.Helper()
	a, err := s.GetAttributes(s.t.Context(), uid.UPSPull, uid.UPSPush, step, attributes...)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Status, a.Data
}

func (s station) find(set func(key *dataset.Dataset)) (uids []string) {
	s.t.Helper()
	key := dataset.New()
	key.SetString(tag.SOPInstanceUID, "UI")
	set(key)
	status, err := s.Find(s.t.Context(), uid.UPSPull, key, func(d *dataset.Dataset) error {
		uids = append(uids, d.String(tag.SOPInstanceUID))
		return nil
	})
	if err != nil || status != dimse.Success {
		s.t.Fatal(status, err)
	}
	return uids
}

// The way of a step, with every refusal of the table on it.
func testChangeState(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	w := r.item("kaifu")
	sato, ito, suzuki, kaifu := r.as("SATO"), r.as("ITO"), r.as("SUZUKI"), r.as("KAIFU")
	mine, theirs := uid.New(), uid.New()
	step := w.SOPInstanceUID
	for _, x := range []struct {
		name        string
		who         station
		step        string
		to          worklist.State
		transaction string
		want        dimse.Status
	}{
		{"a hospital performs nothing", kaifu, step, worklist.InProgress, mine, dimse.NotAuthorized},
		{"without a Transaction UID", sato, step, worklist.InProgress, "", 0xC301},
		{"no such step", sato, "1.2.3", worklist.InProgress, mine, 0xC307},
		{"a step of another panel", suzuki, step, worklist.InProgress, mine, 0xC307},
		{"no such state", sato, step, "LOST", mine, dimse.InvalidArgumentValue},
		{"completed before it was claimed", sato, step, worklist.Completed, mine, 0xC310},
		{"claimed", sato, step, worklist.InProgress, mine, dimse.Success},
		{"claimed by a second", ito, step, worklist.InProgress, theirs, 0xC302},
		{"claimed twice", sato, step, worklist.InProgress, mine, 0xC302},
		{"un-claimed", sato, step, worklist.Scheduled, mine, 0xC303},
		{"canceled with another's UID", sato, step, worklist.Canceled, theirs, 0xC301},
		{"canceled by another who has heard the UID", ito, step, worklist.Canceled, mine, 0xC301},
		{"completed without a report", sato, step, worklist.Completed, mine, 0xC304},
		{"given back", sato, step, worklist.Canceled, mine, dimse.Success},
		{"given back twice", sato, step, worklist.Canceled, mine, 0xB304},
		{"claimed after it was canceled", ito, step, worklist.InProgress, theirs, 0xC300},
	} {
		if got := x.who.change(x.step, x.to, x.transaction); got != x.want {
			t.Errorf("%s: %s, want %04X", x.name, got, uint16(x.want))
		}
	}
	open := ito.find(func(key *dataset.Dataset) { key.SetString(tag.ProcedureStepState, "CS", "SCHEDULED") })
	if len(open) != 1 || open[0] == step {
		t.Fatalf("the replacement: %v", open)
	}
	_, attributes := ito.get(open[0])
	if replaced := attributes.Item(tag.ReplacedProcedureStepSequence); replaced == nil || replaced.String(tag.ReferencedSOPInstanceUID) != step {
		t.Error("the replacement does not name the step it replaces")
	}
}

// What a performer has said of why it goes no further stays with the step.
func testReason(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	step, transaction, sato := r.item("kaifu").SOPInstanceUID, uid.New(), r.as("SATO")
	if got := sato.change(step, worklist.InProgress, transaction); got != dimse.Success {
		t.Fatal(got)
	}
	if got := sato.set(step, func(d *dataset.Dataset) {
		p := dataset.New()
		p.SetString(tag.ReasonForCancellation, "LT", "再撮影が必要")
		d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		d.SetItems(tag.ProcedureStepProgressInformationSequence, p)
		d.SetString(tag.TransactionUID, "UI", transaction)
	}); got != dimse.Success {
		t.Fatal(got)
	}
	if got := sato.change(step, worklist.Canceled, transaction); got != dimse.Success {
		t.Fatal(got)
	}
	e, err := worklist.GetByUID(t.Context(), d.Read(t.Context()), identity.Everything(), step)
	if err != nil || e.CancelReason != "再撮影が必要" {
		t.Errorf("canceled for %q, %v", e.CancelReason, err)
	}
	_, attributes := r.as("KAIFU").get(step)
	if got := attributes.Item(tag.ProcedureStepProgressInformationSequence).String(tag.ReasonForCancellation); got != "再撮影が必要" {
		t.Errorf("the step says %q", got)
	}
}

// Pages and workstations claim the same item at once: one of all wins.
func testClaimExcludes(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	for range 5 {
		w := r.item("kaifu")
		stations := []station{r.as("SATO"), r.as("ITO"), r.as("SATO")}
		var wg sync.WaitGroup
		var mu sync.Mutex
		won := 0
		count := func(yes bool) {
			mu.Lock()
			defer mu.Unlock()
			if yes {
				won++
			}
		}
		for _, s := range stations {
			wg.Go(func() {
				status := s.change(w.SOPInstanceUID, worklist.InProgress, uid.New())
				if status != dimse.Success && status != dimse.UPSAlreadyInProgress {
					t.Error(status)
				}
				count(status == dimse.Success)
			})
		}
		pageWon := false
		wg.Go(func() { // the page, for a reader who sits at no station
			err := r.db.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
				_, err := worklist.Claim(ctx, tx, w.ID, r.kato)
				return err
			})
			if err != nil && !errors.Is(err, worklist.ErrAlreadyClaimed) {
				t.Error(err)
			}
			pageWon = err == nil
			count(pageWon)
		})
		wg.Wait()
		if won != 1 {
			t.Errorf("%d have claimed it", won)
		}
		// A claim of the page cannot be undone from a station: its key is unknown.
		if pageWon && r.as("ITO").change(w.SOPInstanceUID, worklist.Canceled, uid.New()) != 0xC301 {
			t.Error("a claim of the page was canceled from a station")
		}
	}
}

// The terms of remote reading: what kind of task it is, for whom, what came of it, why
// it ended (PS3.16 CID 9231 and 9300).
func testTerms(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	sato := r.as("SATO")
	codeOf := func(d *dataset.Dataset, t tag.Tag) string {
		if d = d.Item(t); d == nil {
			return ""
		}
		return d.String(tag.CodeValue) + " " + d.String(tag.CodeMeaning)
	}
	for want, n := range map[string]worklist.New{
		"110005 Interpretation":      {Kind: worklist.Interpretation},
		"128001 Add Addendum":        {Kind: worklist.Addendum},
		"110007 Report Verification": {Kind: worklist.Interpretation, Purpose: worklist.Verification},
	} {
		n.PanelID = "npo"
		w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, n)
		_, got := sato.get(w.SOPInstanceUID)
		if code := codeOf(got, tag.ScheduledWorkitemCodeSequence); code != want || !strings.HasSuffix(want, " "+got.String(tag.ProcedureStepLabel)) {
			t.Errorf("%s %q, want %s", code, got.String(tag.ProcedureStepLabel), want)
		}
	}

	// Whom it is offered to.
	w := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu"}, worklist.New{PanelID: "npo", Offer: worklist.OfferTo{Mode: worklist.Deputy, Main: r.sato, Deputy: r.ito}})
	for _, x := range []struct {
		reached worklist.Reached
		want    int
	}{{worklist.ToMain, 1}, {worklist.ToDeputy, 2}, {worklist.ToPanel, 0}} {
		if x.reached != worklist.ToMain {
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
				_, _, err := worklist.Widen(ctx, tx, w.ID, x.reached)
				return err
			})
		}
		if _, got := sato.get(w.SOPInstanceUID); len(got.Items(tag.ScheduledHumanPerformersSequence)) != x.want {
			t.Errorf("offered to the %q: %d performers, want %d", x.reached, len(got.Items(tag.ScheduledHumanPerformersSequence)), x.want)
		}
	}

	// Given back: another was scheduled for it, and it says so.
	transaction := uid.New()
	for _, to := range []worklist.State{worklist.InProgress, worklist.Canceled} {
		if s := sato.change(w.SOPInstanceUID, to, transaction); s != dimse.Success {
			t.Fatalf("%s: %s", to, s)
		}
	}
	_, got := sato.get(w.SOPInstanceUID)
	progress := got.Item(tag.ProcedureStepProgressInformationSequence)
	if progress == nil || codeOf(progress, tag.ProcedureStepDiscontinuationReasonCodeSequence) != "110528 Discontinued Procedure Step rescheduled" || progress.String(tag.ProcedureStepCancellationDateTime) == "" {
		t.Errorf("%v", progress)
	}

	// Read: who did what, from when to when.
	w = r.item("kaifu")
	sato.change(w.SOPInstanceUID, worklist.InProgress, transaction)
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		_, err := worklist.Complete(ctx, tx, w.ID, r.sato)
		return err
	})
	_, got = sato.get(w.SOPInstanceUID)
	done := got.Item(tag.UnifiedProcedureStepPerformedProcedureSequence)
	if done == nil || len(done.Items(tag.ActualHumanPerformersSequence)) != 1 || codeOf(done, tag.PerformedWorkitemCodeSequence) != "110005 Interpretation" ||
		done.String(tag.PerformedProcedureStepStartDateTime) == "" || done.String(tag.PerformedProcedureStepEndDateTime) == "" || !done.Has(tag.OutputInformationSequence) {
		t.Errorf("%v", done)
	}
}

// What a step says, to whom, and what it never says.
func testGet(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	w := r.item("kaifu")
	sato := r.as("SATO")
	transaction := uid.New()
	if s := sato.change(w.SOPInstanceUID, worklist.InProgress, transaction); s != dimse.Success {
		t.Fatal(s)
	}
	status, got := sato.get(w.SOPInstanceUID)
	if status != dimse.Success {
		t.Fatal(status)
	}
	for tg, want := range map[tag.Tag]string{
		tag.SOPClassUID: uid.UPSPush, tag.SOPInstanceUID: w.SOPInstanceUID, tag.ProcedureStepState: "IN PROGRESS",
		tag.ScheduledProcedureStepPriority: "HIGH", tag.InputReadinessState: "READY", tag.PatientID: "P1", tag.PatientName: "YAMADA^TARO=山田^太郎",
		tag.WorklistLabel: "npo", tag.ProcedureStepLabel: "Interpretation",
	} {
		if value := got.String(tg); value != want {
			t.Errorf("%s: %q, want %q", tg, value, want)
		}
	}
	if c := got.Item(tag.ScheduledWorkitemCodeSequence); c == nil || c.String(tag.CodeValue) != "110005" || c.String(tag.CodingSchemeDesignator) != "DCM" {
		t.Error("Scheduled Workitem Code")
	}
	in := got.Item(tag.InputInformationSequence)
	if in == nil || len(in.Items(tag.ReferencedSOPSequence)) != 1 || in.Item(tag.DICOMRetrievalSequence).String(tag.RetrieveAETitle) != "DOKUEI" {
		t.Error("Input Information")
	}
	var whole bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	if err := got.Encode(&whole, ts); err != nil || bytes.Contains(whole.Bytes(), []byte(transaction)) {
		t.Error("the Transaction UID is in the answer", err)
	}
	status, got = sato.get(w.SOPInstanceUID, uint32(tag.TransactionUID), uint32(tag.ProcedureStepState))
	if status != 0x0001 || got.Has(tag.TransactionUID) || got.String(tag.ProcedureStepState) != "IN PROGRESS" {
		t.Error("asked for the Transaction UID:", status, got.Tags())
	}
	if status, _ := r.as("KAIFU").get(w.SOPInstanceUID); status != dimse.Success {
		t.Error("the hospital of the study:", status)
	}
	if status, _ := r.as("MINAMI").get(w.SOPInstanceUID); status != 0xC307 {
		t.Error("another hospital:", status)
	}
}

func testFind(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	first, second := r.item("kaifu"), r.item("minami")
	sato := r.as("SATO")
	if s := sato.change(second.SOPInstanceUID, worklist.InProgress, uid.New()); s != dimse.Success {
		t.Fatal(s)
	}
	item := func(t tag.Tag, vr, v string) *dataset.Dataset {
		d := dataset.New()
		d.SetString(t, vr, v)
		return d
	}
	for name, x := range map[string]struct {
		who  station
		set  func(key *dataset.Dataset)
		want int
	}{
		"all":              {sato, func(*dataset.Dataset) {}, 2},
		"a hospital's own": {r.as("KAIFU"), func(*dataset.Dataset) {}, 1},
		"another panel's":  {r.as("SUZUKI"), func(*dataset.Dataset) {}, 0},
		"state":            {sato, func(k *dataset.Dataset) { k.SetString(tag.ProcedureStepState, "CS", "SCHEDULED") }, 1},
		"list of UIDs": {sato, func(k *dataset.Dataset) {
			k.SetString(tag.SOPInstanceUID, "UI", first.SOPInstanceUID, second.SOPInstanceUID)
		}, 2},
		"one UID": {sato, func(k *dataset.Dataset) { k.SetString(tag.SOPInstanceUID, "UI", first.SOPInstanceUID) }, 1},
		"name":    {sato, func(k *dataset.Dataset) { k.SetString(tag.PatientName, "PN", "yamada*") }, 2},
		"name in kanji": {sato, func(k *dataset.Dataset) {
			k.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
			k.SetString(tag.PatientName, "PN", "山田*")
		}, 2},
		"another name": {sato, func(k *dataset.Dataset) { k.SetString(tag.PatientName, "PN", "SUZUKI*") }, 0},
		"range of time": {sato, func(k *dataset.Dataset) {
			k.SetString(tag.ScheduledProcedureStepStartDateTime, "DT", "20200101-20991231")
		}, 2},
		"range before": {sato, func(k *dataset.Dataset) { k.SetString(tag.ScheduledProcedureStepStartDateTime, "DT", "-20200101") }, 0},
		"code in a sequence": {sato, func(k *dataset.Dataset) {
			k.SetItems(tag.ScheduledWorkitemCodeSequence, item(tag.CodeValue, "SH", "110005"))
		}, 2},
		"other code": {sato, func(k *dataset.Dataset) {
			k.SetItems(tag.ScheduledWorkitemCodeSequence, item(tag.CodeValue, "SH", "128001"))
		}, 0},
		"empty sequence item": {sato, func(k *dataset.Dataset) { k.SetItems(tag.ScheduledWorkitemCodeSequence, dataset.New()) }, 2},
	} {
		if got := x.who.find(x.set); len(got) != x.want {
			t.Errorf("%s: %d, want %d", name, len(got), x.want)
		}
	}
}

// What is not offered is said.
func testOtherActions(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	w := r.item("kaifu")
	kaifu := r.as("KAIFU")
	for action, want := range map[uint16]dimse.Status{3: 0xC308, 9: dimse.NoSuchActionType} {
		if a, err := kaifu.Action(t.Context(), uid.UPSPull, uid.UPSPush, w.SOPInstanceUID, action, dataset.New()); err != nil || a.Status != want {
			t.Errorf("action %d: %s, %v", action, a.Status, err)
		}
	}
}
