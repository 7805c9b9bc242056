package ups_test

import (
	"context"
	"log/slog"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/ups"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// watch is a hospital's system that is told of steps.
func (r *room) watch(aeTitle string) <-chan service.NormalizedRequest {
	r.t.Helper()
	heard := make(chan service.NormalizedRequest, 100)
	failures := 1
	door := r.listens(aeTitle, func(q service.NormalizedRequest) dimse.Status {
		if q.EventTypeID == 4 { // testAnnounced's
			return dimse.Success
		}
		if failures > 0 { // the first is not taken, and so told again
			failures--
			return dimse.ProcessingFailure
		}
		heard <- q
		return dimse.Success
	})
	r.t.Cleanup(r.herald(door))
	return heard
}

// listens is the AE of a hospital's system.
func (r *room) listens(aeTitle string, take func(service.NormalizedRequest) dimse.Status) *ultest.Listener {
	r.t.Helper()
	door := ultest.Listen()
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{uid.UPSEvent: {PeerSCP: true, Serve: func(_ context.Context, q service.NormalizedRequest) service.NormalizedResponse {
			return service.NormalizedResponse{Status: take(q)}
		}}},
		Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: aeTitle}, Grace: time.Second},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(r.begin(func(ctx context.Context) error { return scp.Serve(ctx, door) }))
	return door
}

// herald tells until it is stopped.
func (r *room) herald(door *ultest.Listener) (stop func()) {
	h := &ups.Herald{DB: r.db, Log: slog.New(slog.DiscardHandler), Look: 5 * time.Millisecond, Shortest: time.Millisecond, Farewell: time.Minute, Dialer: door}
	return r.begin(h.Run)
}

func (r *room) begin(run func(context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	return func() {
		cancel()
		if err := <-ended; err != nil {
			r.t.Error(err)
		}
	}
}

// Who has subscribed hears that the service goes and that it is back.
func testAnnounced(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	worklisttest.Destination(t, d, "kaifu", "RIS", "KAIFU_RIS", "127.0.0.1", 104, "sr")
	heard := make(chan service.NormalizedRequest, 100)
	door := r.listens("KAIFU_RIS", func(q service.NormalizedRequest) dimse.Status {
		heard <- q
		return dimse.Success
	})
	info := dataset.New()
	info.SetString(tag.ReceivingAE, "AE", "KAIFU_RIS")
	info.SetString(tag.DeletionLock, "LO", "FALSE")
	if a, err := r.as("KAIFU").Action(t.Context(), uid.UPSPull, uid.UPSPush, uid.UPSGlobalSubscription, 3, info); err != nil || a.Status != dimse.Success {
		t.Fatal(a.Status, err)
	}
	told := func(status, lists string) {
		t.Helper()
		q := <-heard
		if q.EventTypeID != 4 || q.SOPClassUID != uid.UPSPush || q.SOPInstanceUID != uid.UPSGlobalSubscription || q.Data.String(tag.SCPStatus) != status ||
			q.Data.String(tag.SubscriptionListStatus) != lists || q.Data.String(tag.UnifiedProcedureStepListStatus) != lists {
			t.Errorf("told event %d of %s: %q, want %s", q.EventTypeID, q.SOPInstanceUID, q.Data.String(tag.SCPStatus), status)
		}
	}
	stop := r.herald(door)
	told("RESTARTED", "WARM START")
	stop()
	told("GOING DOWN", "")
}

// A hospital's system subscribes to a step and to all, hears of every change of
// its own hospital's steps, and of no others.
func testWatch(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	worklisttest.Destination(t, d, "kaifu", "RIS", "KAIFU_RIS", "127.0.0.1", 104, "sr")
	heard := r.watch("KAIFU_RIS")
	w, other := r.item("kaifu"), r.item("minami")
	kaifu, sato := r.as("KAIFU"), r.as("SATO")
	ask := func(who station, action uint16, instance, receiver string) dimse.Status {
		t.Helper()
		info := dataset.New()
		info.SetString(tag.ReceivingAE, "AE", receiver)
		info.SetString(tag.DeletionLock, "LO", "TRUE")
		a, err := who.Action(t.Context(), uid.UPSPull, uid.UPSPush, instance, action, info)
		if err != nil {
			t.Fatal(err)
		}
		return a.Status
	}
	next := func(step string, state worklist.State) {
		t.Helper()
		q := <-heard
		if q.Command != dimse.FieldNEventReportRQ || q.SOPClassUID != uid.UPSPush || q.SOPInstanceUID != step || q.EventTypeID != 1 ||
			q.Data.String(tag.ProcedureStepState) != string(state) || q.Data.String(tag.InputReadinessState) != "READY" || q.Data.Has(tag.TransactionUID) {
			t.Errorf("told %s %s, want %s %s", q.SOPInstanceUID, q.Data.String(tag.ProcedureStepState), step, state)
		}
	}
	taken := func(step string) {
		t.Helper()
		next(step, worklist.InProgress)
		q := <-heard
		if who := q.Data.Items(tag.HumanPerformerCodeSequence); q.EventTypeID != 5 || q.SOPInstanceUID != step || len(who) != 1 || who[0].String(tag.CodeValue) != "sato" ||
			q.Data.String(tag.HumanPerformerOrganization) == "" {
			t.Errorf("told event %d of %s, performers %v, want that sato has %s", q.EventTypeID, q.SOPInstanceUID, who, step)
		}
	}
	for name, x := range map[string]struct {
		who                station
		instance, receiver string
		want               dimse.Status
	}{
		"another hospital's step": {kaifu, other.SOPInstanceUID, "KAIFU_RIS", 0xC307},
		"a receiver nobody knows": {kaifu, w.SOPInstanceUID, "SOMEBODY", 0xC308},
		"a reader's workstation":  {sato, w.SOPInstanceUID, "KAIFU_RIS", 0xC308},
		"another hospital's AE":   {r.as("MINAMI"), other.SOPInstanceUID, "KAIFU_RIS", 0xC308},
	} {
		if got := ask(x.who, 3, x.instance, x.receiver); got != x.want {
			t.Errorf("%s: %s, want %04X", name, got, uint16(x.want))
		}
	}
	if got := ask(kaifu, 3, w.SOPInstanceUID, "KAIFU_RIS"); got != dimse.Success {
		t.Fatal(got)
	}
	next(w.SOPInstanceUID, worklist.Scheduled) // as it is now
	transaction := uid.New()
	sato.change(other.SOPInstanceUID, worklist.InProgress, uid.New())
	sato.change(w.SOPInstanceUID, worklist.InProgress, transaction)
	taken(w.SOPInstanceUID)
	if got := sato.set(w.SOPInstanceUID, func(d *dataset.Dataset) {
		p := dataset.New()
		p.SetString(tag.ProcedureStepProgress, "DS", "40")
		d.SetItems(tag.ProcedureStepProgressInformationSequence, p)
		d.SetString(tag.TransactionUID, "UI", transaction)
	}); got != dimse.Success {
		t.Fatal(got)
	}
	if q := <-heard; q.EventTypeID != 3 || q.SOPInstanceUID != w.SOPInstanceUID || q.Data.Item(tag.ProcedureStepProgressInformationSequence).String(tag.ProcedureStepProgress) != "40" || q.Data.Has(tag.TransactionUID) {
		t.Errorf("told event %d of %s, want its progress", q.EventTypeID, q.SOPInstanceUID)
	}

	if got := ask(kaifu, 3, uid.UPSGlobalSubscription, "KAIFU_RIS"); got != dimse.Success {
		t.Fatal(got)
	}
	fresh := r.item("kaifu")
	next(fresh.SOPInstanceUID, worklist.Scheduled)
	if got := ask(kaifu, 5, uid.UPSGlobalSubscription, "KAIFU_RIS"); got != dimse.Success {
		t.Fatal(got)
	}
	r.item("kaifu") // not told: the subscription to what will come is suspended
	sato.change(fresh.SOPInstanceUID, worklist.InProgress, uid.New())
	taken(fresh.SOPInstanceUID)
	if got := ask(kaifu, 4, uid.UPSGlobalSubscription, "KAIFU_RIS"); got != dimse.Success {
		t.Fatal(got)
	}
	// Narrowed to a study: told of its steps, whether they were there or came later, and
	// on when they match no more.
	const kept, coming = "2.25.8801", "2.25.8802"
	about := func(study string) worklist.Workitem {
		return worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: study, Request: "頭部"}, worklist.New{PanelID: "npo", Priority: worklist.STAT})
	}
	before := about(kept)
	narrow := dataset.New()
	narrow.SetString(tag.ReceivingAE, "AE", "KAIFU_RIS")
	narrow.SetString(tag.DeletionLock, "LO", "FALSE")
	narrow.SetString(tag.StudyInstanceUID, "UI", kept, coming)
	narrow.SetString(tag.ProcedureStepState, "CS", string(worklist.Scheduled))
	if a, err := kaifu.Action(t.Context(), uid.UPSPull, uid.UPSPush, uid.UPSFilteredGlobalSubscription, 3, narrow); err != nil || a.Status != dimse.Success {
		t.Fatal(a.Status, err)
	}
	r.item("kaifu") // of another study: not told
	transaction = uid.New()
	sato.change(before.SOPInstanceUID, worklist.InProgress, transaction)
	taken(before.SOPInstanceUID)
	after := about(coming)
	next(after.SOPInstanceUID, worklist.Scheduled)

	// The wish that a reading under way be canceled.
	wish := dataset.New()
	wish.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	wish.SetString(tag.ReasonForCancellation, "LT", "転院")
	if a, err := kaifu.Action(t.Context(), uid.UPSPull, uid.UPSPush, before.SOPInstanceUID, 2, wish); err != nil || a.Status != 0xC313 {
		t.Fatal(a.Status, err)
	}
	if q := <-heard; q.EventTypeID != 2 || q.SOPInstanceUID != before.SOPInstanceUID || q.Data.String(tag.ReasonForCancellation) != "転院" || q.Data.String(tag.RequestingAE) != "KAIFU" {
		t.Errorf("told event %d of %s: %q", q.EventTypeID, q.SOPInstanceUID, q.Data.String(tag.ReasonForCancellation))
	}
	next(before.SOPInstanceUID, worklist.InProgress) // the coordinator has been told
	if got := ask(kaifu, 4, uid.UPSFilteredGlobalSubscription, "KAIFU_RIS"); got != dimse.Success {
		t.Fatal(got)
	}
	var left int
	if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM step_watchers`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d watchers left, %v", left, err)
	}
}
