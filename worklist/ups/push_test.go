package ups_test

import (
	"context"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// assign is what router/assign does, with one rule.
func (r *room) assign(ctx context.Context, tx db.Tx, s catalog.Study, actor string) error {
	rq, err := worklist.WaitingRequest(ctx, tx, s.FacilityID, s.StudyInstanceUID, s.AccessionNumber)
	if err != nil {
		return err
	}
	n := worklist.New{StudyID: s.ID, FacilityID: s.FacilityID, PanelID: "npo", Priority: rq.Priority, SOPInstanceUID: rq.SOPInstanceUID}
	open, err := worklist.OpenOfStudy(ctx, tx, s.ID)
	if err != nil {
		return err
	}
	if open != nil {
		if _, err := worklist.Withdraw(ctx, tx, open.ID, actor, "asked for"); err != nil {
			return err
		}
		n.Replaces = open.ID
	}
	if _, err := worklist.Create(ctx, tx, n); err != nil {
		return err
	}
	return worklist.MeetStepRequest(ctx, tx, rq.SOPInstanceUID)
}

func ordered(study string) *dataset.Dataset {
	d, code := dataset.New(), dataset.New()
	code.SetString(tag.CodeValue, "SH", "110005")
	code.SetString(tag.CodingSchemeDesignator, "SH", "DCM")
	code.SetString(tag.CodeMeaning, "LO", "Interpretation")
	d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
	d.SetString(tag.TransactionUID, "UI")
	d.SetString(tag.ProcedureStepState, "CS", "SCHEDULED")
	d.SetString(tag.ScheduledProcedureStepPriority, "CS", "MEDIUM")
	d.SetString(tag.ProcedureStepLabel, "LO", "頭部CTの読影")
	d.SetItems(tag.ScheduledWorkitemCodeSequence, code)
	d.SetString(tag.PatientName, "PN", "YAMADA^TARO=山田^太郎")
	d.SetString(tag.PatientID, "LO", "K-7")
	d.SetString(tag.StudyInstanceUID, "UI", study)
	return d
}

func (s station) create(step string, d *dataset.Dataset) service.NormalizedAnswer {
	s.t.Helper()
	a, err := s.Create(s.t.Context(), uid.UPSPull, uid.UPSPush, step, d)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func (s station) set(step string, change func(*dataset.Dataset)) dimse.Status {
	s.t.Helper()
	d := dataset.New()
	change(d)
	a, err := s.Set(s.t.Context(), uid.UPSPull, uid.UPSPush, step, d)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Status
}

func (s station) cancel(step string) dimse.Status {
	s.t.Helper()
	d := dataset.New()
	d.SetString(tag.ReasonForCancellation, "LT", "ordered twice")
	a, err := s.Action(s.t.Context(), uid.UPSPull, uid.UPSPush, step, 2, d)
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Status
}

// A hospital asks for a reading of what is still to come.
func testPush(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	kaifu, minami, sato := r.as("KAIFU"), r.as("MINAMI"), r.as("SATO")
	with := func(change func(*dataset.Dataset)) *dataset.Dataset {
		d := ordered("1.2.3")
		change(d)
		return d
	}
	item := func(study string) *dataset.Dataset {
		d := dataset.New()
		d.SetString(tag.StudyInstanceUID, "UI", study)
		return d
	}
	for name, x := range map[string]struct {
		who  station
		d    *dataset.Dataset
		want dimse.Status
	}{
		"nothing":         {kaifu, nil, dimse.MissingAttribute},
		"by a reader":     {sato, ordered("1.2.3"), dimse.NotAuthorized},
		"not scheduled":   {kaifu, with(func(d *dataset.Dataset) { d.SetString(tag.ProcedureStepState, "CS", "IN PROGRESS") }), 0xC309},
		"without a state": {kaifu, with(func(d *dataset.Dataset) { d.Delete(tag.ProcedureStepState) }), 0xC309},
		"locked":          {kaifu, with(func(d *dataset.Dataset) { d.SetString(tag.TransactionUID, "UI", "1.2") }), dimse.InvalidAttributeValue},
		"no priority":     {kaifu, with(func(d *dataset.Dataset) { d.Delete(tag.ScheduledProcedureStepPriority) }), dimse.MissingAttributeValue},
		"such a priority": {kaifu, with(func(d *dataset.Dataset) { d.SetString(tag.ScheduledProcedureStepPriority, "CS", "SOON") }), dimse.InvalidAttributeValue},
		"about nothing":   {kaifu, with(func(d *dataset.Dataset) { d.Delete(tag.StudyInstanceUID) }), dimse.MissingAttributeValue},
		"not a UID":       {kaifu, ordered("study 1"), dimse.InvalidAttributeValue},
		"about two":       {kaifu, with(func(d *dataset.Dataset) { d.SetItems(tag.InputInformationSequence, item("1.2.4")) }), dimse.InvalidAttributeValue},
		"far too much": {kaifu, with(func(d *dataset.Dataset) {
			d.SetBytes(tag.Tag(0x00420011), "OB", make([]byte, 200<<10))
			d.SetBytes(tag.Tag(0x00420013), "OB", make([]byte, 200<<10))
		}), dimse.ResourceLimitation},
	} {
		if a := x.who.create("1.9", x.d); a.Status != x.want {
			t.Errorf("%s: %s, want %s", name, a.Status, x.want)
		}
	}
	if a := kaifu.create("1.9", ordered("1.2.3")); a.Status != dimse.Success || a.SOPInstanceUID != "1.9" {
		t.Fatal(a)
	}
	if a := kaifu.create("1.9", ordered("1.2.4")); a.Status != dimse.DuplicateSOPInstance {
		t.Error("the same UID from the hospital itself:", a.Status)
	}
	if a := kaifu.create("1.10", ordered("1.2.3")); a.Status != dimse.ProcessingFailure {
		t.Error("the same study twice:", a.Status)
	}
	named := minami.create("", ordered("1.2.3"))
	if named.Status != dimse.Success || !uid.Valid(named.SOPInstanceUID) {
		t.Error("without a SOP Instance UID:", named)
	}

	// It is there, and says that it waits.
	status, got := kaifu.get("1.9")
	if status != dimse.Success {
		t.Fatal(status)
	}
	for tg, want := range map[tag.Tag]string{
		tag.ProcedureStepState: "SCHEDULED", tag.InputReadinessState: "INCOMPLETE", tag.ScheduledProcedureStepPriority: "MEDIUM",
		tag.ProcedureStepLabel: "頭部CTの読影", tag.PatientName: "YAMADA^TARO=山田^太郎", tag.PatientID: "K-7", tag.StudyInstanceUID: "1.2.3",
	} {
		if value := got.String(tg); value != want {
			t.Errorf("%s: %q, want %q", tg, value, want)
		}
	}
	scheduled := func(k *dataset.Dataset) { k.SetString(tag.ProcedureStepState, "CS", "SCHEDULED") }
	if list := kaifu.find(scheduled); len(list) != 1 || list[0] != "1.9" {
		t.Error("found:", list)
	}
	if list := sato.find(scheduled); len(list) != 0 {
		t.Error("a reader finds what cannot be read yet:", list)
	}
	if status, _ := minami.get("1.9"); status != 0xC307 {
		t.Error("another hospital's:", status)
	}
	if got := sato.change("1.9", worklist.InProgress, uid.New()); got != 0xC307 {
		t.Error("claimed before it can be read:", got)
	}

	// It is met by its study.
	a := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.3"})
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		s, err := catalog.StudyByID(ctx, tx, identity.Everything(), a.StudyID)
		if err != nil {
			return err
		}
		return r.assign(ctx, tx, s, "test")
	})
	if list := sato.find(scheduled); len(list) != 1 || list[0] != "1.9" {
		t.Error("found:", list)
	}
	if _, got = sato.get("1.9"); got.String(tag.InputReadinessState) != "READY" || got.String(tag.PatientID) != "P1" || got.String(tag.ProcedureStepLabel) != "頭部CTの読影" {
		t.Error(got.String(tag.InputReadinessState), got.String(tag.PatientID), got.String(tag.ProcedureStepLabel))
	}
	if got := sato.change("1.9", worklist.InProgress, uid.New()); got != dimse.Success {
		t.Error("claimed:", got)
	}
	if list := kaifu.find(func(*dataset.Dataset) {}); len(list) != 1 {
		t.Error("the step and the request it came from:", list)
	}
}

// A hospital asks for a reading of what is here: in place of one that nobody has
// begun, and not of one that is being read.
func testPushHere(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	made := worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.3"}, worklist.New{PanelID: "npo"})
	kaifu, sato := r.as("KAIFU"), r.as("SATO")
	if a := kaifu.create("1.9", ordered("1.2.3")); a.Status != dimse.Success {
		t.Fatal(a.Status)
	}
	_, was := kaifu.get(made.SOPInstanceUID)
	_, is := kaifu.get("1.9")
	if was.String(tag.ProcedureStepState) != "CANCELED" || is.String(tag.ProcedureStepState) != "SCHEDULED" ||
		is.Item(tag.ReplacedProcedureStepSequence).String(tag.ReferencedSOPInstanceUID) != made.SOPInstanceUID {
		t.Error(was.String(tag.ProcedureStepState), is.String(tag.ProcedureStepState))
	}
	if a := kaifu.create("1.10", ordered("1.2.3")); a.Status != dimse.ProcessingFailure {
		t.Error("asked for twice:", a.Status)
	}
	worklisttest.Item(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.4"}, worklist.New{PanelID: "npo"})
	second := sato.find(func(k *dataset.Dataset) { k.SetString(tag.StudyInstanceUID, "UI", "1.2.4") })
	if got := sato.change(second[0], worklist.InProgress, uid.New()); got != dimse.Success {
		t.Fatal(got)
	}
	if a := kaifu.create("1.11", ordered("1.2.4")); a.Status != dimse.ProcessingFailure {
		t.Error("while it is being read:", a.Status)
	}
	if status, _ := kaifu.get("1.11"); status != 0xC307 {
		t.Error("something is left of the refused:", status)
	}
}

// Who may set what, and when.
func testSet(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	step := r.item("kaifu").SOPInstanceUID
	kaifu, minami, sato, ito := r.as("KAIFU"), r.as("MINAMI"), r.as("SATO"), r.as("ITO")
	key := uid.New()
	comment := func(d *dataset.Dataset) {
		d.SetString(tag.SpecificCharacterSet, "CS", "ISO_IR 192")
		d.SetString(tag.CommentsOnTheScheduledProcedureStep, "LT", "造影剤アレルギー")
	}
	progress := func(transaction string) func(*dataset.Dataset) {
		return func(d *dataset.Dataset) {
			p := dataset.New()
			p.SetString(tag.ProcedureStepProgress, "DS", "40")
			d.SetItems(tag.ProcedureStepProgressInformationSequence, p)
			if transaction != "" {
				d.SetString(tag.TransactionUID, "UI", transaction)
			}
		}
	}
	want := func(name string, got, want dimse.Status) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %04X", name, got, uint16(want))
		}
	}
	want("no such step", kaifu.set("1.2.3.4", comment), 0xC307)
	want("another hospital", minami.set(step, comment), 0xC307)
	want("by the hospital", kaifu.set(step, comment), dimse.Success)
	want("what is not theirs to set", kaifu.set(step, func(d *dataset.Dataset) { d.SetString(tag.PatientID, "LO", "X") }), 0x0001)
	want("by a reader who has not begun", sato.set(step, progress(key)), 0xC310)
	want("begun", sato.change(step, worklist.InProgress, key), dimse.Success)
	want("by the hospital of what is begun", kaifu.set(step, comment), 0xC301)
	want("without the Transaction UID", sato.set(step, progress("")), 0xC301)
	want("by another reader", ito.set(step, progress(key)), 0xC301)
	want("by its performer", sato.set(step, progress(key)), dimse.Success)
	_, got := kaifu.get(step)
	if got.String(tag.PatientID) != "P1" || got.String(tag.CommentsOnTheScheduledProcedureStep) != "造影剤アレルギー" ||
		got.Item(tag.ProcedureStepProgressInformationSequence).String(tag.ProcedureStepProgress) != "40" || got.Has(tag.TransactionUID) {
		t.Error("kept:", got.Tags())
	}
	want("given back", sato.change(step, worklist.Canceled, key), dimse.Success)
	want("of what has ended", sato.set(step, progress(key)), 0xC300)
	if _, got = kaifu.get(step); got.Item(tag.ProcedureStepProgressInformationSequence).String(tag.ProcedureStepCancellationDateTime) == "" {
		t.Error("its cancellation is not told")
	}
}

// Requests to cancel: of what waits, of what nobody has begun, of what is being read.
func testRequestCancel(t *testing.T, d *db.DB) {
	r := newRoom(t, d)
	worklisttest.Exec(t, d, `UPDATE panels SET active = 1 WHERE id = 'unassigned'`)
	kaifu, minami, sato := r.as("KAIFU"), r.as("MINAMI"), r.as("SATO")
	want := func(name string, got, want dimse.Status) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %s, want %04X", name, got, uint16(want))
		}
	}
	if a := kaifu.create("1.9", ordered("1.2.3")); a.Status != dimse.Success {
		t.Fatal(a.Status)
	}
	want("another hospital's", minami.cancel("1.9"), 0xC307)
	want("of what waits", kaifu.cancel("1.9"), dimse.Success)
	want("twice", kaifu.cancel("1.9"), 0xB304)
	if _, got := kaifu.get("1.9"); got.String(tag.ProcedureStepState) != "CANCELED" || got.Item(tag.ProcedureStepProgressInformationSequence).String(tag.ReasonForCancellation) != "ordered twice" {
		t.Error("it does not say so")
	}

	step := r.item("kaifu")
	want("by a reader", sato.cancel(step.SOPInstanceUID), dimse.NotAuthorized)
	want("of what nobody has begun", kaifu.cancel(step.SOPInstanceUID), dimse.Success)
	w, err := worklist.OpenOfStudy(t.Context(), d.Read(t.Context()), step.StudyID)
	if err != nil || w == nil || w.PanelID != worklist.PanelUnassigned || w.Replaces != step.ID {
		t.Fatalf("the study is on nobody's list: %+v, %v", w, err)
	}

	step = r.item("kaifu")
	want("begun", sato.change(step.SOPInstanceUID, worklist.InProgress, uid.New()), dimse.Success)
	want("of what is being read", kaifu.cancel(step.SOPInstanceUID), 0xC313)
	held, err := worklist.GetByUID(t.Context(), d.Read(t.Context()), identity.Everything(), step.SOPInstanceUID)
	if err != nil || held.State != worklist.InProgress || held.Escalated != 1 {
		t.Errorf("%+v, %v", held.Workitem, err)
	}
	worklisttest.Exec(t, d, `UPDATE workitems SET state = 'COMPLETED', completed_at = 1 WHERE id = $1`, step.ID)
	want("of what has been read", kaifu.cancel(step.SOPInstanceUID), 0xC311)
}
