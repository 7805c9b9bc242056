package ups_test

import (
	"context"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// Two hospitals make a step under one UID. Neither can tell: each finds, reads, sets,
// watches and takes back its own by it; a reader of both sees two steps of two UIDs.
func testOneUIDTwoHospitals(t *testing.T, d *db.DB) {
	const shared, spare = "2.25.7001", "2.25.7002"
	r := newRoom(t, d)
	worklisttest.Destination(t, d, "minami", "RIS", "MINAMI_RIS", "127.0.0.1", 104, "sr")
	heard := r.watch("MINAMI_RIS")
	kaifu, minami, sato := r.as("KAIFU"), r.as("MINAMI"), r.as("SATO")
	for _, one := range []string{shared, spare} {
		// Who is first keeps the UID before a reader of both.
		for i, s := range []station{kaifu, minami} {
			if a := s.create(one, ordered(one+".1")); a.Status != dimse.Success || a.SOPInstanceUID != one {
				t.Fatalf("hospital %d made %s: %s %s", i, one, a.Status, a.SOPInstanceUID)
			}
			if a := s.create(one, ordered(one+".2")); a.Status != dimse.DuplicateSOPInstance {
				t.Errorf("hospital %d made %s twice: %s", i, one, a.Status)
			}
		}
	}
	if got := minami.set(shared, func(d *dataset.Dataset) { d.SetString(tag.ProcedureStepLabel, "LO", "minami's") }); got != dimse.Success {
		t.Error("set:", got)
	}
	if got := minami.cancel(spare); got != dimse.Success {
		t.Error("taken back:", got)
	}
	seen := func(s station, step, label string, state worklist.State) {
		t.Helper()
		status, got := s.get(step)
		if status != dimse.Success || got.String(tag.SOPInstanceUID) != step || got.String(tag.ProcedureStepLabel) != label || got.String(tag.ProcedureStepState) != string(state) {
			t.Errorf("%s: %s %v", step, status, got)
		}
		list := s.find(func(k *dataset.Dataset) { k.SetString(tag.SOPInstanceUID, "UI", step) })
		if len(list) != 1 || list[0] != step {
			t.Errorf("%s is found as %v", step, list)
		}
	}
	seen(kaifu, shared, "頭部CTの読影", worklist.Scheduled)
	seen(kaifu, spare, "頭部CTの読影", worklist.Scheduled)
	seen(minami, shared, "minami's", worklist.Scheduled)
	seen(minami, spare, "頭部CTの読影", worklist.Canceled)

	// Their studies arrive, and what was asked for can be read.
	for _, hospital := range []string{"kaifu", "minami"} {
		a := worklisttest.Arrive(t, d, worklisttest.Study{Facility: hospital, StudyUID: shared + ".1"})
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			s, err := catalog.StudyByID(ctx, tx, identity.Everything(), a.StudyID)
			if err != nil {
				return err
			}
			return r.assign(ctx, tx, s, "test")
		})
	}
	all := sato.find(func(*dataset.Dataset) {})
	if len(all) != 2 || all[0] == all[1] {
		t.Fatalf("a reader sees %v", all)
	}
	minamis := all[0]
	if minamis == shared {
		minamis = all[1]
	}
	if _, got := sato.get(shared); got.String(tag.ProcedureStepLabel) != "頭部CTの読影" {
		t.Error("the first hospital's step is", got.String(tag.ProcedureStepLabel))
	}
	if _, got := sato.get(minamis); got.String(tag.ProcedureStepLabel) != "minami's" || got.String(tag.SOPInstanceUID) != minamis {
		t.Error("the second hospital's step is", got.String(tag.ProcedureStepLabel))
	}

	// The second hospital is told of its own, by the UID it has given.
	info := dataset.New()
	info.SetString(tag.ReceivingAE, "AE", "MINAMI_RIS")
	info.SetString(tag.DeletionLock, "LO", "FALSE")
	if a, err := minami.Action(t.Context(), uid.UPSPull, uid.UPSPush, shared, 3, info); err != nil || a.Status != dimse.Success {
		t.Fatal(a.Status, err)
	}
	told := func(state worklist.State) {
		t.Helper()
		if q := <-heard; q.SOPInstanceUID != shared || q.Data.String(tag.ProcedureStepState) != string(state) {
			t.Errorf("told %s %s", q.SOPInstanceUID, q.Data.String(tag.ProcedureStepState))
		}
	}
	told(worklist.Scheduled)
	for _, step := range []string{shared, minamis} {
		if got := sato.change(step, worklist.InProgress, uid.New()); got != dimse.Success {
			t.Fatal(got)
		}
	}
	told(worklist.InProgress)
	seen(minami, shared, "minami's", worklist.InProgress)

	if a, err := minami.Action(t.Context(), uid.UPSPull, uid.UPSPush, shared, 4, info); err != nil || a.Status != dimse.Success {
		t.Error("unsubscribed:", a.Status, err)
	}
	rows, err := d.Read(t.Context()).QueryContext(t.Context(), `SELECT object FROM audit WHERE facility_id = 'minami' AND action LIKE 'step.%'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var object string
		if err := rows.Scan(&object); err != nil || object != shared && object != spare {
			t.Errorf("the hospital's trail names %s, %v", object, err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Error(err)
	}
}
