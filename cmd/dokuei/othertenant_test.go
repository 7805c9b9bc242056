package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"regexp"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/router/performed"
)

// wire is a connection whose every byte from the server is kept.
type wire struct {
	net.Conn
	mu  sync.Mutex
	got []byte
}

func (w *wire) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.got = append(w.got, p[:n]...)
	return n, err
}

func (w *wire) take() []byte {
	w.mu.Lock()
	defer w.mu.Unlock()
	got := w.got
	w.got = nil
	return got
}

// entity is a calling AE that says what it likes and sees every byte of the answers.
type entity struct {
	t     *testing.T
	name  string
	a     *ul.Association
	conn  *dimse.Conn
	wire  *wire
	asked int
}

// DialContext connects and keeps what comes.
func (e *entity) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	e.wire = &wire{Conn: conn}
	return e.wire, err
}

var askedClasses = []string{
	uid.PatientRootFind, uid.PatientRootMove, uid.PatientRootGet, uid.StudyRootFind, uid.StudyRootMove, uid.StudyRootGet, uid.ModalityWorklistFind,
	uid.UPSPush, uid.UPSPull, uid.UPSWatch, uid.UPSQuery, uid.ModalityPerformedProcedureStep, performed.RetrieveClass, uid.StorageCommitmentPush,
	uid.CTImageStorage,
}

func (s *server) entity(t *testing.T, aet string) *entity {
	t.Helper()
	e := &entity{t: t, name: aet}
	cfg := ul.DialConfig{Config: ul.Config{AETitle: aet}, CalledAE: "DOKUEI", Dialer: e, Roles: []pdu.RoleSelection{{SOPClassUID: uid.CTImageStorage, SCU: true, SCP: true}}}
	for i, class := range askedClasses {
		cfg.Contexts = append(cfg.Contexts, pdu.PresentationContextRQ{ID: byte(2*i + 1), AbstractSyntax: class, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}})
	}
	a, err := ul.Dial(t.Context(), s.DICOM, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = a.Release() })
	e.a, e.conn = a, dimse.NewConn(a)
	e.wire.take()
	return e
}

// ask sends a request and gives all bytes of the answers, those of sub-operations and
// events on this association included, and the last status.
func (e *entity) ask(abstract string, m dimse.Message, d *dataset.Dataset) ([]byte, dimse.Status) {
	e.t.Helper()
	id := byte(0)
	for i, class := range askedClasses {
		if class == abstract {
			id = byte(2*i + 1)
		}
	}
	var body io.Reader
	if d != nil {
		ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
		var b bytes.Buffer
		if err := d.Encode(&b, ts); err != nil {
			e.t.Fatal(err)
		}
		body = &b
	}
	if err := e.conn.Send(id, m, body); err != nil {
		e.t.Fatalf("%s: %T: %v", e.name, m, err)
	}
	e.asked++
	for {
		in, err := e.conn.Receive()
		if err != nil {
			e.t.Fatalf("%s: %T: %v", e.name, m, err)
		}
		if in.Data != nil {
			if err := in.Data.Drain(); err != nil {
				e.t.Fatal(err)
			}
		}
		if rq, is := in.Message.(dimse.Request); is { // a sub-operation, or an event
			if err := e.conn.Send(in.Context.ID, rq.Response(dimse.Success, ""), nil); err != nil {
				e.t.Fatal(err)
			}
			continue
		}
		if s := statusOf(in.Message); s.Class() != dimse.ClassPending {
			return e.wire.take(), s
		}
	}
}

// event waits for an N-EVENT-REPORT and gives its bytes.
func (e *entity) event() []byte {
	e.t.Helper()
	in, err := e.conn.Receive()
	if err != nil {
		e.t.Fatal(err)
	}
	if in.Data != nil {
		if err := in.Data.Drain(); err != nil {
			e.t.Fatal(err)
		}
	}
	if err := e.conn.Send(in.Context.ID, in.Message.(dimse.Request).Response(dimse.Success, ""), nil); err != nil {
		e.t.Fatal(err)
	}
	return e.wire.take()
}

func statusOf(m dimse.Message) dimse.Status {
	switch m := m.(type) {
	case *dimse.CFindRSP:
		return m.Status
	case *dimse.CGetRSP:
		return m.Status
	case *dimse.CMoveRSP:
		return m.Status
	case *dimse.CStoreRSP:
		return m.Status
	case *dimse.NActionRSP:
		return m.Status
	case *dimse.NCreateRSP:
		return m.Status
	case *dimse.NSetRSP:
		return m.Status
	case *dimse.NGetRSP:
		return m.Status
	}
	return dimse.Success
}

// marked are texts that only the other hospital knows.
var marked = regexp.MustCompile(`MARK[A-Z]+`)

// neutral writes the same for every value typed, in bytes of the same length.
func neutral(raw []byte, v values) string {
	text := string(raw)
	all := make([]string, 0, len(v))
	for _, value := range v {
		all = append(all, value)
	}
	sort.Slice(all, func(i, j int) bool { return len(all[i]) > len(all[j]) })
	for _, value := range all {
		text = strings.ReplaceAll(text, value, strings.Repeat("_", len(value)))
	}
	return text
}

// ghosts are values of the same form and length that nobody has.
func (v values) ghosts() values {
	out := values{}
	for what, s := range v {
		if uid.Valid(s) {
			out[what] = s[:5] + strings.Map(func(r rune) rune {
				if r == '.' {
					return r
				}
				return '1' + (r-'0'+3)%9
			}, s[5:])
			continue
		}
		out[what] = strings.NewReplacer("MARK", "NONE", "KITA", "NONE").Replace(s)
	}
	return out
}

// Every DIMSE service, every key, every level: what is known of another hospital, typed
// by a hospital or by a reader's workstation, is answered byte for byte as what does not
// exist is, and not a byte of the other hospital comes back. A reader whose patient has
// consented finds and gets the prior, and after the consent is withdrawn as little as
// before.
func TestNothingOfAnotherTenantByDICOM(t *testing.T) {
	t.Parallel()
	site := strings.NewReplacer(
		"ae_titles: [MINAMI_CT], quiet: 1s", `ae_titles: [MINAMI_CT], quiet: 1s, destinations: [{name: ws, to: "OUR_WS@127.0.0.1:1", retrieve_only: true}]`,
		"ae_titles: [KITA_CT], quiet: 1s", `ae_titles: [KITA_CT], quiet: 1s, destinations: [{name: ws, to: "KITA_WS@127.0.0.1:1", retrieve_only: true}]`,
		"readers: [sato, ito]}", "readers: [sato]}\n  - {id: far, name: 遠隔班, readers: [ito]}",
		"{login: sato,", `{login: sato, ae_titles: ["SATO_WS@127.0.0.1:1"],`, "{login: ito,", "{login: ito, ae_titles: [ITO_WS],",
		"rules:\n", "  - {login: root, name: 管理 太郎, role: administrator, password: a password for tests}\nrules:\n  - {name: kita, when: {facility: [kita]}, then: {panel: far, priority: STAT, within: 30m}}\n",
	).Replace(network)
	s := serve(t, newData(t, site))

	// What the other hospital has: a study, read and signed, an order, a performed step and
	// a reading that was asked for.
	theirs := values{
		"pid": "MARKPID", "name": "MARKNAME^HANAKO", "acc": "MARKACC", "desc": "MARKDESC", "sdesc": "MARKSERIES", "doctor": "MARKDOCTOR^JIRO", "sid": "MARKSID", "ae": "KITA_CT",
		"performed": "2.25.7700000000000001", "asked": "2.25.7700000000000002",
	}
	dir, study := slices(t, 2, func(d *dataset.Dataset, _ int) {
		d.SetString(tag.PatientID, "LO", theirs["pid"])
		d.SetString(tag.PatientName, "PN", theirs["name"])
		d.SetString(tag.AccessionNumber, "SH", theirs["acc"])
		d.SetString(tag.StudyDescription, "LO", theirs["desc"])
		d.SetString(tag.SeriesDescription, "LO", theirs["sdesc"])
		d.SetString(tag.ReferringPhysicianName, "PN", theirs["doctor"])
		d.SetString(tag.StudyID, "SH", theirs["sid"])
	})
	theirs["study"] = study
	s.send(t, "KITA_CT", dir)
	first := readObject(t, files(t, dir)[0])
	theirs["series"], theirs["instance"] = first.String(tag.SeriesInstanceUID), first.String(tag.SOPInstanceUID)
	own, _ := slices(t, 2)
	s.send(t, "MINAMI_CT", own)
	ito, sato, kita, coord, root := s.signIn(t, "ito", password), s.signIn(t, "sato", password), s.signIn(t, "kita", password), s.signIn(t, "coord", password), s.signIn(t, "root", password)
	current, prior := sato.firstTask().Study.ID, ito.firstTask().Study.ID
	kita.must("POST", "/orders", map[string]any{
		"patientId": theirs["pid"], "patientName": theirs["name"], "birthDate": "19500101", "sex": "F", "accession": theirs["acc"], "procedureId": theirs["sid"],
		"procedureDescription": theirs["desc"], "priority": "ROUTINE", "step": map[string]string{"stationAe": "KITA_CT", "startDate": "20260401", "startTime": "1000", "modality": "CT", "performer": theirs["doctor"], "id": theirs["sid"], "description": theirs["desc"]},
	}, nil)
	owner := s.entity(t, "KITA_CT")
	step := dataset.New()
	performedStep(step, theirs)
	if raw, status := owner.ask(uid.ModalityPerformedProcedureStep, &dimse.NCreateRQ{AffectedSOPClassUID: uid.ModalityPerformedProcedureStep, MessageID: 7, AffectedSOPInstanceUID: theirs["performed"]}, step); status != dimse.Success {
		t.Fatalf("%s: %q", status, raw)
	}
	reading := dataset.New()
	reading.SetString(tag.ProcedureStepState, "CS", "SCHEDULED")
	reading.SetString(tag.ScheduledProcedureStepPriority, "CS", "LOW")
	reading.SetString(tag.StudyInstanceUID, "UI", "2.25.7700000000000003")
	reading.SetString(tag.ProcedureStepLabel, "LO", theirs["desc"])
	if raw, status := owner.ask(uid.UPSPush, &dimse.NCreateRQ{AffectedSOPClassUID: uid.UPSPush, MessageID: 7, AffectedSOPInstanceUID: theirs["asked"]}, reading); status != dimse.Success {
		t.Fatalf("%s: %q", status, raw)
	}
	theirs["step"] = s.stepOf(t, "KITA_CT", study)
	ghosts := theirs.ghosts()

	all := questions()
	told := 0
	for _, q := range all { // that the questions are good ones: their owner is answered
		if q.changes || q.name == "" {
			continue
		}
		if raw, _ := owner.ask(q.abstract, q.message(theirs), q.data(theirs)); marked.Match(raw) || bytes.Contains(raw, []byte(theirs.at("study"))) {
			told++
		}
	}
	if len(all) < 600 || told < 200 {
		t.Errorf("%d questions, %d of which tell their owner something", len(all), told)
	}

	compare := func(who string, skip func(question) bool) {
		t.Helper()
		e := s.entity(t, who)
		for i, q := range all {
			if skip != nil && skip(q) || raceEnabled && i%8 != 0 { // the detector needs the ways, not every value on them
				continue
			}
			got, status := e.ask(q.abstract, q.message(theirs), q.data(theirs))
			want, none := e.ask(q.abstract, q.message(ghosts), q.data(ghosts))
			if status != none || neutral(got, theirs) != neutral(want, ghosts) {
				t.Errorf("%s, %s: %s %q, of what does not exist %s %q", who, q.name, status, cut(got), none, cut(want))
			}
			for _, m := range marked.FindAllString(string(got), -1) {
				if d := q.data(theirs); d == nil || !strings.Contains(dumped(d), m) {
					t.Errorf("%s, %s: told %s", who, q.name, m)
				}
			}
		}
		t.Logf("%s: %d requests", who, e.asked)
	}
	asking := func(q question) bool { return q.changes }
	compare("MINAMI_CT", asking)
	compare("SATO_WS", asking)
	// A reader of the current study, with the patient's consent.
	var links struct {
		Patient    struct{ ID string }
		Candidates []struct{ ID, PatientID string }
	}
	coord.must("GET", "/studies/"+current+"/links", nil, &links)
	var other struct{ Patient struct{ ID string } }
	coord.must("GET", "/studies/"+prior+"/links", nil, &other)
	var link struct{ ID string }
	coord.must("POST", "/links", map[string]string{"patient": links.Patient.ID, "other": other.Patient.ID, "reason": "one person with one address"}, &link)
	root.must("POST", "/links/"+link.ID+"/review", map[string]string{"verdict": "confirmed"}, nil)
	finds := func() (told int) {
		e := s.entity(t, "SATO_WS")
		for _, q := range all {
			if q.changes || !strings.HasPrefix(q.name, "C-FIND Study Root") && !strings.HasPrefix(q.name, "Study Root") {
				continue
			}
			if raw, _ := e.ask(q.abstract, q.message(theirs), q.data(theirs)); marked.Match(raw) {
				told++
			}
		}
		return told
	}
	if n := finds(); n != 0 {
		t.Errorf("linked, without consent: %d answers", n)
	}
	// With consent to the images alone: what is told of the prior is the same before and
	// after there is a report of it, to the byte.
	kita.must("POST", "/studies/"+prior+"/consents", map[string]any{"kind": "given", "facilities": []string{"minami"}, "images": true, "reports": false, "document": "binder 2"}, nil)
	told = 0
	answers := func() (out []string) {
		e := s.entity(t, "SATO_WS")
		for _, q := range all {
			if q.changes {
				continue
			}
			raw, status := e.ask(q.abstract, q.message(theirs), q.data(theirs))
			if marked.Match(raw) {
				told++
			}
			out = append(out, q.name+": "+status.String()+" "+string(raw))
		}
		return out
	}
	before := answers()
	if told < 50 {
		t.Errorf("with consent to images: %d answers", told)
	}
	ito.report(t, ito.worklist("open")[0].ID)
	eventually(t, "the report is among the objects of the study", func() bool {
		list := s.asked(t, "KITA_CT", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+study, "-k", "ModalitiesInStudy")
		return len(list) == 1 && strings.Contains(strings.Join(list[0].Strings(tag.ModalitiesInStudy), " "), "SR")
	})
	for i, after := range answers() {
		if after != before[i] {
			t.Errorf("a report that may not be seen changes an answer:\n%q\n%q", cut([]byte(before[i])), cut([]byte(after)))
		}
	}
	kita.must("POST", "/studies/"+prior+"/consents", map[string]any{"kind": "given", "facilities": []string{"minami"}, "images": true, "reports": true, "document": "binder 3"}, nil)
	if n := finds(); n < 50 {
		t.Errorf("with consent: %d answers", n)
	}
	compare("MINAMI_CT", asking) // the hospital's own workstation sees no more
	kita.must("POST", "/studies/"+prior+"/consents", map[string]any{"kind": "withdrawn"}, nil)
	compare("SATO_WS", asking)
	// What makes and changes something, last: what was typed is ours afterwards.
	changing := func(q question) bool { return !q.changes }
	compare("SATO_WS", changing)
	compare("MINAMI_CT", changing)
	lastly(t, s, theirs, ghosts)
	if log := s.log.String(); marked.MatchString(log) {
		t.Errorf("the log has %v", marked.FindAllString(log, -1))
	}
}

// report claims a task and signs a report of it.
func (u *user) report(t *testing.T, task string) {
	t.Helper()
	u.must("POST", "/workitems/"+task+"/claim", map[string]any{}, nil)
	var saved struct{ Revision int64 }
	u.must("PUT", "/workitems/"+task+"/draft", map[string]any{
		"revision": 0, "language": "ja", "template": "", "sections": map[string]string{"findings": "異常なし。", "impression": "異常を認めません。", "recommendation": ""},
	}, &saved)
	u.must("POST", "/workitems/"+task+"/sign", map[string]any{"revision": saved.Revision}, nil)
}

// stepOf is the step of a study that a caller may see.
func (s *server) stepOf(t *testing.T, aet, study string) (step string) {
	t.Helper()
	key := dataset.New()
	key.SetString(tag.SOPInstanceUID, "UI")
	key.SetString(tag.StudyInstanceUID, "UI", study)
	if _, err := s.associate(t, aet, uid.UPSPull).Find(t.Context(), uid.UPSPull, key, func(d *dataset.Dataset) error {
		step = d.String(tag.SOPInstanceUID)
		return nil
	}); err != nil || step == "" {
		t.Fatalf("no step of %s: %v", study, err)
	}
	return step
}

// lastly asks for the commitment of what another hospital has sent, and sends objects
// under its UIDs, which are then our own and nobody else's.
func lastly(t *testing.T, s *server, theirs, ghosts values) {
	t.Helper()
	kept := func() string {
		list := s.asked(t, "KITA_CT", "-S", "-k", "QueryRetrieveLevel=STUDY", "-k", "StudyInstanceUID="+theirs.at("study"), "-k", "NumberOfStudyRelatedInstances")
		if len(list) != 1 {
			return fmt.Sprintf("%d studies", len(list))
		}
		return list[0].String(tag.NumberOfStudyRelatedInstances)
	}
	had := kept()
	committed := func(v values) (string, string) {
		e := s.entity(t, "MINAMI_CT")
		q := commitment.Request{TransactionUID: v.at("asked") + ".9"}
		for _, what := range []string{"instance", "series", "study", "step"} {
			q.Items = append(q.Items, commitment.Item{SOPClassUID: uid.CTImageStorage, SOPInstanceUID: v.at(what)})
		}
		answer, _ := e.ask(uid.StorageCommitmentPush, &dimse.NActionRQ{
			RequestedSOPClassUID: uid.StorageCommitmentPush, MessageID: 7, RequestedSOPInstanceUID: commitment.Instance, ActionTypeID: commitment.RequestAction,
		}, q.Dataset())
		return neutral(answer, v), neutral(e.event(), v)
	}
	answer, event := committed(theirs)
	if a, ev := committed(ghosts); a != answer || ev != event {
		t.Errorf("commitment of another hospital's images:\n%q %q\nof none:\n%q %q", answer, event, a, ev)
	}
	for _, v := range []values{theirs, ghosts} {
		dir, _ := slices(t, 1, func(d *dataset.Dataset, _ int) {
			d.SetString(tag.PatientID, "LO", v.at("pid"))
			d.SetString(tag.StudyInstanceUID, "UI", v.at("study"))
			d.SetString(tag.SeriesInstanceUID, "UI", v.at("series"))
			d.SetString(tag.SOPInstanceUID, "UI", v.at("instance"))
		})
		if out, err := output(t, "storescu", "-v", "-aet", "MINAMI_CT", "-aec", "DOKUEI", "127.0.0.1", s.port(t), files(t, dir)[0]); err != nil || !strings.Contains(out, "Success") {
			t.Errorf("an object under another's UIDs: %v\n%s", err, out)
		}
		answers := s.asked(t, "MINAMI_CT", "-P", "-k", "QueryRetrieveLevel=PATIENT", "-k", "PatientID="+v.at("pid"), "-k", "NumberOfPatientRelatedInstances", "-k", "PatientName", "-k", "NumberOfPatientRelatedStudies")
		if len(answers) != 1 || answers[0].String(tag.NumberOfPatientRelatedInstances) != "1" || answers[0].String(tag.NumberOfPatientRelatedStudies) != "1" {
			t.Errorf("%d answers about what was sent under %s", len(answers), v.at("study"))
		}
	}
	if has := kept(); has != had || had == "" || had == "0" {
		t.Errorf("the hospital whose UIDs were used had %s, has %s", had, has)
	}
}

func cut(raw []byte) []byte { return raw[:min(len(raw), 400)] }

func dumped(d *dataset.Dataset) string {
	var b bytes.Buffer
	ts, _ := uid.LookupTransferSyntax(uid.ExplicitVRLittleEndian)
	_ = d.Encode(&b, ts)
	return b.String()
}
