package orders_test

import (
	"context"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/internal/mllp"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/orders"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

// message is an order as a hospital of Japan would write it.
func message(kind, control, act, accession string, more ...string) string {
	return strings.Join(append([]string{
		`MSH|^~\&|HIS|KAIFU_HIS|DOKUEI|NPO|20261128093000||` + kind + `|` + control + `|P|2.5||||||~ISO IR87||ISO 2022-1994`,
		`PID|1||P001^^^KAIFU^PI||山田^太郎^^^^^L^I~ヤマダ^タロウ^^^^^L^P~YAMADA^TARO^^^^^L^A||19480203|M`,
		`AL1|1||^ヨード造影剤||発疹`,
		`ORC|` + act + `|PL-` + accession + `|||||^^^20261128103000||20261128092500|||D01^高橋^二郎`,
		`TQ1|1||||||20261128103000||S`,
		`OBR|1|PL-` + accession + `||11000000000000000000000000000000^頭部単純CT^JJ1017|||||||||右片麻痺、構音障害|||D01^高橋^二郎||` + accession + `||||||CT|||||||^左側の脳梗塞か`,
		`OBX|1|ST|^感染症||HBV(+)||||||F`,
		`OBX|2|TS|^発症時刻||20261128084500||||||F`,
		`NTE|1||至急お願いします`,
	}, more...), "\r") + "\r"
}

// his is a hospital's system on the line.
type his struct {
	t    *testing.T
	conn *mllp.Conn
}

func (h his) send(text string, charset hl7.Charset) (code, reason string) {
	h.t.Helper()
	m, err := hl7.Parse([]byte(strings.Replace(text, "~ISO IR87", "UNICODE UTF-8", 1)))
	if err != nil {
		h.t.Fatal(err)
	}
	m.Charset = charset
	m.Segments[0].Set(18, charset.Names())
	raw, lossless := m.Encode()
	if !lossless {
		h.t.Fatal("the message cannot be written in its character set")
	}
	answer, err := h.conn.Exchange(h.t.Context(), raw)
	if err != nil {
		h.t.Fatal(err)
	}
	ack, err := hl7.Parse(answer)
	if err != nil {
		h.t.Fatal(err)
	}
	msa := ack.Segment("MSA")
	if msa.Text(2) != m.ControlID() {
		h.t.Errorf("the answer is to %q, not %q", msa.Text(2), m.ControlID())
	}
	return msa.Text(1), msa.Text(3)
}

// line opens a receiver on d and calls it.
func line(t *testing.T, d *db.DB) his {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	server := &mllp.Server{Answer: (&orders.Door{DB: d}).Answer}
	go func() { done <- server.Serve(ctx, l) }()
	conn, err := mllp.Dial(t.Context(), l.Addr().String(), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return his{t, conn}
}

func hospital(t *testing.T, d *db.DB) {
	t.Helper()
	worklisttest.Facility(t, d, "kaifu", "KAIFU_CT")
	worklisttest.Facility(t, d, "minami", "MINAMI_CT")
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		return worklist.SetFacilityProfile(ctx, tx, "kaifu", worklist.FacilityProfile{Senders: []string{"KAIFU_HIS"}})
	})
}

func list(t *testing.T, d *db.DB, all bool) []order.Order {
	t.Helper()
	p, err := order.List(t.Context(), d.Read(t.Context()), identity.Scope{FacilityID: "kaifu"}, order.Filter{All: all})
	if err != nil {
		t.Fatal(err)
	}
	return p.Items
}

func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		for name, test := range map[string]func(*testing.T, *db.DB){"life": testLife, "refused": testRefused, "joined": testJoined, "late": testLate} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}

func testLife(t *testing.T, d *db.DB) {
	hospital(t, d)
	h := line(t, d)
	new := message("ORM^O01", "1", "NW", "A1", "ZDS|1.2.3.4")
	for _, again := range []string{"first", "again"} { // the second has no effect of its own
		if code, reason := h.send(new, hl7.JIS); code != hl7.Accept {
			t.Fatalf("%s: %s %s", again, code, reason)
		}
	}
	got := list(t, d, false)
	if len(got) != 1 {
		t.Fatalf("%d orders, want 1", len(got))
	}
	o := got[0]
	if o.PatientName != "YAMADA^TARO=山田^太郎=ヤマダ^タロウ" || o.PatientID != "P001" || o.BirthDate != "19480203" || o.Sex != "M" {
		t.Errorf("patient %q %q %q %q", o.PatientName, o.PatientID, o.BirthDate, o.Sex)
	}
	if o.AccessionNumber != "A1" || o.StudyInstanceUID != "1.2.3.4" || o.Placer != "PL-A1" || o.Priority != "STAT" || o.Step.Modality != "CT" || o.Step.StationAE != "KAIFU_CT" {
		t.Errorf("order %+v", o)
	}
	if o.Step.StartDate != "20261128" || o.Step.StartTime != "103000" || o.ReferringPhysician != "=高橋^二郎" || o.ProcedureDescription != "頭部単純CT" || len(o.ProcedureCode) != 32 {
		t.Errorf("step %+v, by %q, %q %q", o.Step, o.ReferringPhysician, o.ProcedureDescription, o.ProcedureCode)
	}
	if o.Comments != "左側の脳梗塞か\n至急お願いします" || o.History != "右片麻痺、構音障害" || o.Allergies != "ヨード造影剤 発疹" || o.Alerts != "HBV(+)" || !o.Onset.Equal(time.Date(2026, 11, 27, 23, 45, 0, 0, time.UTC)) {
		t.Errorf("question %q, allergies %q, alerts %q, onset %s", o.Comments, o.Allergies, o.Alerts, o.Onset)
	}
	if code, reason := h.send(strings.Replace(message("OMG^O19", "2", "XO", "A1"), "右片麻痺", "右不全麻痺", 1), hl7.UTF8); code != hl7.Accept {
		t.Fatalf("change: %s %s", code, reason)
	}
	if o := list(t, d, false)[0]; !strings.Contains(o.History, "右不全麻痺") || o.StudyInstanceUID != "1.2.3.4" || o.ID != got[0].ID {
		t.Errorf("after the change: %+v", o)
	}
	omi := message("OMI^O23", "3", "NW", "", `IPC|A9|RP9|1.2.9|SPS9|MR|^頭部MRI|||MR1`)
	if code, reason := h.send(omi, hl7.UTF8); code != hl7.Accept {
		t.Fatalf("OMI: %s %s", code, reason)
	}
	if all := list(t, d, false); len(all) != 2 || !hasStep(all, "SPS9", "MR", "MR1", "A9", "1.2.9") {
		t.Errorf("after OMI: %+v", all)
	}
	if code, reason := h.send(message("ORM^O01", "4", "RP", "A1", "ZDS|1.2.3.5"), hl7.UTF8); code != hl7.Accept {
		t.Fatalf("replace: %s %s", code, reason)
	}
	if code, reason := h.send(message("ORM^O01", "5", "CA", "A1"), hl7.JIS); code != hl7.Accept {
		t.Fatalf("cancel: %s %s", code, reason)
	}
	if left := list(t, d, false); len(left) != 1 || left[0].AccessionNumber != "A9" {
		t.Errorf("left on the worklist: %+v", left)
	}
	if all := list(t, d, true); len(all) != 3 {
		t.Errorf("%d orders are known, want 3: what was canceled is kept", len(all))
	}
}

func hasStep(list []order.Order, id, modality, ae, accession, study string) bool {
	for _, o := range list {
		if o.Step.ID == id && o.Step.Modality == modality && o.Step.StationAE == ae && o.AccessionNumber == accession && o.StudyInstanceUID == study {
			return true
		}
	}
	return false
}

func testRefused(t *testing.T, d *db.DB) {
	hospital(t, d)
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		if err := worklist.SetFacilityProfile(ctx, tx, "minami", worklist.FacilityProfile{Senders: []string{"MINAMI_HIS"}}); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `INSERT INTO facility_addresses (facility_id, network, position) VALUES ('minami', '192.0.2.0/24', 0)`)
		return err
	})
	h := line(t, d)
	for n, c := range []struct{ what, message, code, reason string }{
		{"stranger", strings.Replace(message("ORM^O01", "10", "NW", "A1"), "HIS|KAIFU_HIS", "HIS|NOBODY", 1), hl7.Reject, "MSH-4"},
		{"elsewhere", strings.Replace(message("ORM^O01", "11", "NW", "A1"), "KAIFU_HIS", "MINAMI_HIS", 1), hl7.Reject, "address"},
		{"another kind", message("ADT^A08", "12", "NW", "A1"), hl7.Reject, "MSH-9"},
		{"no patient", strings.Replace(message("ORM^O01", "13", "NW", "A1"), "P001^^^KAIFU^PI", "", 1), hl7.Error, "PID-3"},
		{"long accession", message("ORM^O01", "14", "NW", "A2345678901234567"), hl7.Error, "OBR-18"},
		{"unknown act", message("ORM^O01", "15", "ZZ", "A1"), hl7.Error, "ORC-1"},
		{"nothing to cancel", message("ORM^O01", "16", "CA", "A1"), hl7.Error, "no order"},
		{"nothing to change", message("ORM^O01", "17", "XO", "A1"), hl7.Error, "no order"},
		{"no time", strings.Replace(message("ORM^O01", "18", "NW", "A1"), "TQ1|1||||||20261128103000", "TQ1|1||||||soon", 1), hl7.Error, "TQ1-7"},
		{"same again", message("ORM^O01", "16", "CA", "A1"), hl7.Error, "no order"},
		{"control ID of another", message("ORM^O01", "16", "NW", "A1"), hl7.Reject, "MSH-10"},
	} {
		code, reason := h.send(c.message, hl7.UTF8)
		if code != c.code || !strings.Contains(reason, c.reason) {
			t.Errorf("%d %s: %s %q, want %s %q", n, c.what, code, reason, c.code, c.reason)
		}
		if strings.Contains(reason, "P001") || strings.Contains(reason, "山田") {
			t.Errorf("%s: the answer names the patient: %q", c.what, reason)
		}
	}
	if all := list(t, d, true); len(all) != 0 {
		t.Errorf("%d orders were made of refused messages", len(all))
	}
	answer, err := h.conn.Exchange(t.Context(), []byte("hello"))
	if err != nil || !strings.Contains(string(answer), "MSA|AR") {
		t.Errorf("nonsense is answered %q, %v", answer, err)
	}
}

// testJoined releases studies that belong to orders in every way, and one that must not.
func testJoined(t *testing.T, d *db.DB) {
	hospital(t, d)
	h := line(t, d)
	for n, accession := range []string{"A1", "A2", "A3", "A4"} {
		text := strings.ReplaceAll(message("ORM^O01", "2"+accession, "NW", accession, "ZDS|1.2."+accession[1:]), "P001", "P00"+accession[1:])
		if code, reason := h.send(text, hl7.UTF8); code != hl7.Accept {
			t.Fatalf("%d: %s %s", n, code, reason)
		}
	}
	release := func(s worklisttest.Study) (string, assign.Result) {
		t.Helper()
		s.Facility = "kaifu"
		id := worklisttest.Arrive(t, d, s).StudyID
		var res assign.Result
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			study, err := catalog.StudyByID(ctx, tx, identity.Everything(), id)
			if err != nil {
				return err
			}
			res, err = assign.Study(ctx, tx, study)
			return err
		})
		return id, res
	}
	of := func(study string) string {
		t.Helper()
		o, _, err := order.OfStudy(t.Context(), d.Read(t.Context()), study)
		if err != nil {
			t.Fatal(err)
		}
		return o.AccessionNumber
	}
	byUID, res := release(worklisttest.Study{StudyUID: "1.2.1", PatientID: "P001"})
	if got := of(byUID); got != "A1" || res.Workitem.Priority != worklist.STAT {
		t.Errorf("by UID: order %q, priority %s", got, res.Workitem.Priority)
	}
	byNumber, _ := release(worklisttest.Study{Accession: "A2", PatientID: "P002"})
	if got := of(byNumber); got != "A2" {
		t.Errorf("by accession number: order %q", got)
	}
	byPatient, _ := release(worklisttest.Study{PatientID: "P003", Date: "20261128", Modality: "CT"})
	if got := of(byPatient); got != "A3" {
		t.Errorf("by patient and day: order %q", got)
	}
	other, _ := release(worklisttest.Study{Accession: "A4", PatientID: "SOMEBODY"})
	if got := of(other); got != "" {
		t.Errorf("another patient's study was joined with order %q", got)
	}
	open, err := order.Open(t.Context(), d.Read(t.Context()), identity.Scope{FacilityID: "kaifu"})
	if err != nil || len(open) != 1 || open[0].StudyID != other || open[0].Reason != order.PatientDiffers {
		t.Fatalf("questions: %+v, %v", open, err)
	}
	worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
		if _, err := order.Resolve(ctx, tx, identity.Scope{FacilityID: "minami"}, open[0].ID, "x", true); err == nil {
			t.Error("another hospital answered the question")
		}
		_, err := order.Resolve(ctx, tx, identity.Everything(), open[0].ID, "coord", true)
		return err
	})
	if got := of(other); got != "A4" {
		t.Errorf("after somebody has said so: order %q", got)
	}
	if left := list(t, d, false); len(left) != 0 {
		t.Errorf("still on the worklist: %+v", left)
	}
}

// testLate cancels, replaces, changes and places orders whose studies are there already.
func testLate(t *testing.T, d *db.DB) {
	hospital(t, d)
	h := line(t, d)
	control := 0
	send := func(act, accession, patient string, more ...string) {
		t.Helper()
		control++
		text := strings.ReplaceAll(message("ORM^O01", "L"+strconv.Itoa(control), act, accession, more...), "P001", patient)
		if code, reason := h.send(text, hl7.UTF8); code != hl7.Accept {
			t.Fatalf("%s %s: %s %s", act, accession, code, reason)
		}
	}
	complete := func(accession, patient string) string {
		t.Helper()
		id := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", Accession: accession, PatientID: patient, Date: "20261128", Modality: "CT"}).StudyID
		worklisttest.Exec(t, d, `UPDATE studies SET release_at = 0 WHERE id = $1`, id)
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			s, _, err := catalog.CompleteStudy(ctx, tx, id, db.Now())
			if err != nil {
				return err
			}
			_, err = assign.Study(ctx, tx, s)
			return err
		})
		return id
	}
	check := func(what, study, accession, question string) []order.Question {
		t.Helper()
		o, _, err := order.OfStudy(t.Context(), d.Read(t.Context()), study)
		if err != nil || o.AccessionNumber != accession {
			t.Errorf("%s: the study's order is %q, want %q (%v)", what, o.AccessionNumber, accession, err)
		}
		open, err := order.Open(t.Context(), d.Read(t.Context()), identity.Scope{FacilityID: "kaifu"})
		if err != nil {
			t.Fatal(err)
		}
		if got := len(open) == 1 && open[0].Reason == question && open[0].StudyID == study; question != "" && !got || question == "" && len(open) > 0 {
			t.Errorf("%s: questions %+v, want %q of %s", what, open, question, study)
		}
		return open
	}
	answer := func(q order.Question, joined bool) {
		t.Helper()
		worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error {
			_, err := order.Resolve(ctx, tx, identity.Everything(), q.ID, "coord", joined)
			return err
		})
	}
	first := complete("B1", "P1")
	check("before any order", first, "", "")
	send("NW", "B1", "P1")
	check("the order came after its study", first, "B1", "")
	send("RP", "B1", "P1")
	check("replaced", first, "B1", "")
	send("CA", "B1", "P1")
	if q := check("canceled", first, "B1", order.OrderCanceled); len(q) == 1 {
		answer(q[0], false)
	}
	check("parted", first, "", "")

	second := complete("B2", "P2")
	send("NW", "B2", "P2")
	send("XO", "B2", "P3")
	if q := check("of another patient now", second, "", order.PatientDiffers); len(q) == 1 {
		answer(q[0], true)
	}
	check("joined by hand", second, "B2", "")
	send("CA", "B2", "P3")
	if q := check("canceled", second, "B2", order.OrderCanceled); len(q) == 1 {
		answer(q[0], true)
	}
	check("stays", second, "B2", "")

	third := complete("B3", "P4")
	send("NW", "B3", "P4")
	worklisttest.Exec(t, d, `UPDATE workitems SET state = 'COMPLETED' WHERE study_id = $1`, third)
	send("CA", "B3", "P4")
	check("reported before it was canceled", third, "B3", "")
}

func FuzzWishes(f *testing.F) {
	f.Add([]byte(message("ORM^O01", "1", "NW", "A1")))
	f.Add([]byte(message("OMI^O23", "1", "RP", "A1", "IPC|1|2|1.2|4|CT")))
	f.Add([]byte("MSH|^~\\&|||||||ORM^O01|1\rPID|\rORC|NW\rOBR|"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := hl7.Parse(raw)
		if err != nil {
			return
		}
		if _, err := orders.Wishes(m); err != nil && strings.ContainsRune(err.Error(), 0) {
			t.Errorf("%q", err)
		}
	})
}
