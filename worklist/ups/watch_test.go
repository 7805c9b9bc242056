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
	heard, door := make(chan service.NormalizedRequest, 100), ultest.Listen()
	failures := 1
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{uid.UPSEvent: {PeerSCP: true, Serve: func(_ context.Context, q service.NormalizedRequest) service.NormalizedResponse {
			if failures > 0 { // the first is not taken, and so told again
				failures--
				return service.NormalizedResponse{Status: dimse.ProcessingFailure}
			}
			heard <- q
			return service.NormalizedResponse{}
		}}},
		Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: aeTitle}, Grace: time.Second},
	})
	if err != nil {
		r.t.Fatal(err)
	}
	herald := &ups.Herald{DB: r.db, Log: slog.New(slog.DiscardHandler), Look: 5 * time.Millisecond, Shortest: time.Millisecond, Dialer: door}
	for _, f := range []func(context.Context) error{herald.Run, func(ctx context.Context) error { return scp.Serve(ctx, door) }} {
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() { ended <- f(ctx) }()
		r.t.Cleanup(func() {
			cancel()
			if err := <-ended; err != nil {
				r.t.Error(err)
			}
		})
	}
	return heard
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
	next(w.SOPInstanceUID, worklist.InProgress)

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
	next(fresh.SOPInstanceUID, worklist.InProgress)
	if got := ask(kaifu, 4, uid.UPSGlobalSubscription, "KAIFU_RIS"); got != dimse.Success {
		t.Fatal(got)
	}
	var left int
	if err := d.Read(t.Context()).QueryRowContext(t.Context(), `SELECT COUNT(*) FROM step_watchers`).Scan(&left); err != nil || left != 0 {
		t.Errorf("%d watchers left, %v", left, err)
	}
}
