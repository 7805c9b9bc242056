package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/internal/mllp"
)

// said is an order as a test says it, whatever the door.
type said struct{ number, description, question string }

// door is a way for a hospital to order: what it says and whether it was taken.
type door struct {
	name                   string
	place, change, recall  func(t *testing.T, o said) (taken bool)
	placeNobody, elsewhere func(t *testing.T) bool // an order without a patient; one of the other hospital's
}

// One table over the doors: HL7, FHIR and the API place, repeat, change and cancel
// alike, and the scanner reads the same.
func TestOrdersBehaveAlikeAtEveryDoor(t *testing.T) {
	t.Parallel()
	tool(t, "findscu")
	site := strings.ReplaceAll(network, "ae_titles: [MINAMI_CT]", "ae_titles: [MINAMI_CT], hl7_senders: [MINAMI_HIS]")
	data := newData(t, site)
	token := strings.TrimSpace(mustRun(t, "token", "create", "--name", "his", "--role", "service", "--facility", "minami", "--data", data))
	s := serve(t, data, "--hl7-addr", "127.0.0.1:0")
	for _, d := range []door{hl7Door(t, s), fhirDoor(s, token), apiDoor(t, s)} {
		t.Run(d.name, func(t *testing.T) { d.walk(t, s) })
	}
}

func (d door) walk(t *testing.T, s *server) {
	o := said{"N-" + d.name, "頭部単純CT", "左側の脳梗塞か"}
	worklist := func() (questions []string) {
		for _, a := range s.asked(t, "MINAMI_CT", "-W", "-k", "0008,0005=ISO_IR 192", "-k", "AccessionNumber="+o.number, "-k", "PatientName", "-k", "RequestedProcedureDescription", "-k", "RequestedProcedureComments") {
			questions = append(questions, a.String(tag.RequestedProcedureComments))
			if a.String(tag.PatientName) != "YAMADA^TARO=山田^太郎" {
				t.Errorf("the scanner reads the name %q", a.String(tag.PatientName))
			}
		}
		return questions
	}
	other := o
	other.question = "出血の有無"
	for n, step := range []struct {
		what  string
		do    func(*testing.T, said) bool
		said  said
		taken bool
		left  []string // questions on the worklist
	}{
		{"change of what is not known", d.change, o, false, nil},
		{"cancel of what is not known", d.recall, o, false, nil},
		{"place", d.place, o, true, []string{o.question}},
		{"the same again", d.place, o, true, []string{o.question}},
		{"another under its number", d.place, other, false, []string{o.question}},
		{"change", d.change, other, true, []string{other.question}},
		{"cancel", d.recall, o, true, nil},
		{"change of what was canceled", d.change, o, false, nil},
		{"place of what was canceled", d.place, o, false, nil},
	} {
		if got := step.do(t, step.said); got != step.taken {
			t.Errorf("%d %s: taken %v, want %v", n, step.what, got, step.taken)
		}
		if got := worklist(); fmt.Sprint(got) != fmt.Sprint(step.left) {
			t.Errorf("%d %s: the worklist has %q, want %q", n, step.what, got, step.left)
		}
	}
	if d.placeNobody(t) {
		t.Error("an order without a patient was taken")
	}
	if d.elsewhere(t) {
		t.Error("an order of the other hospital was taken")
	}
}

func hl7Door(t *testing.T, s *server) door {
	t.Helper()
	conn, err := mllp.Dial(t.Context(), s.HL7, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	control := 0
	send := func(t *testing.T, act, sender, patient string, o said) bool {
		t.Helper()
		control++
		answer, err := conn.Exchange(t.Context(), []byte(strings.Join([]string{
			`MSH|^~\&|HIS|` + sender + `|DOKUEI|NPO|20261128093000||ORM^O01|` + fmt.Sprint(control) + `|P|2.5||||||UNICODE UTF-8`,
			`PID|1||` + patient + `||YAMADA^TARO^^^^^L^A~山田^太郎^^^^^L^I||19480203|M`,
			`ORC|` + act + `|` + o.number + `|||||^^^20261128103000`,
			`OBR|1|` + o.number + `||1^` + o.description + `^JJ1017||||||||||||||||||||CT|||||||^` + o.question,
		}, "\r")+"\r"))
		if err != nil {
			t.Fatal(err)
		}
		return strings.Contains(string(answer), "MSA|AA")
	}
	act := func(code string) func(*testing.T, said) bool {
		return func(t *testing.T, o said) bool { t.Helper(); return send(t, code, "MINAMI_HIS", "P1", o) }
	}
	return door{
		"hl7", act("NW"), act("XO"), act("CA"),
		func(t *testing.T) bool { t.Helper(); return send(t, "NW", "MINAMI_HIS", "", said{"X", "CT", ""}) },
		func(t *testing.T) bool { t.Helper(); return send(t, "NW", "KITA_HIS", "P1", said{"X", "CT", ""}) },
	}
}

func serviceRequest(o said, status, patient string) map[string]any {
	return map[string]any{
		"resourceType": "ServiceRequest", "status": status, "intent": "order",
		"identifier": []any{map[string]any{"system": "urn:oid:1.2.392.1", "value": o.number}},
		"category":   []any{map[string]any{"coding": []any{map[string]any{"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "CT"}}}},
		"code":       map[string]any{"text": o.description}, "subject": map[string]any{"reference": "#p"}, "occurrenceDateTime": "2026-11-28T10:30:00+09:00",
		"reasonCode": []any{map[string]any{"text": o.question}},
		"contained": []any{map[string]any{
			"resourceType": "Patient", "id": "p", "identifier": []any{map[string]any{"value": patient}}, "birthDate": "1948-02-03", "gender": "male",
			"name": []any{map[string]any{"family": "山田", "given": []any{"太郎"}}, map[string]any{"family": "YAMADA", "given": []any{"TARO"}}},
		}},
	}
}

// fhir asks over FHIR and gives status and answer, which is a resource whatever comes.
func (s *server) fhir(t *testing.T, token, method, path string, body any, head ...string) (int, map[string]any, http.Header) {
	t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), method, s.HTTP+"/fhir"+path, bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/fhir+json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	for i := 0; i+1 < len(head); i += 2 {
		req.Header.Set(head[i], head[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]any
	if json.Unmarshal(text, &out) != nil || out["resourceType"] == nil || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/fhir+json") {
		t.Errorf("%s %s: %d %s is no resource: %.200s", method, path, resp.StatusCode, resp.Header.Get("Content-Type"), text)
	}
	return resp.StatusCode, out, resp.Header
}

func fhirDoor(s *server, token string) door {
	ask := func(method, status string) func(*testing.T, said) bool {
		return func(t *testing.T, o said) bool {
			t.Helper()
			path := "/ServiceRequest"
			if method == http.MethodPut { // the conditional update would create
				_, found, _ := s.fhir(t, token, http.MethodGet, "/ServiceRequest?identifier="+o.number, nil)
				list, _ := found["entry"].([]any)
				if len(list) == 0 {
					return false
				}
				path += "?identifier=urn:oid:1.2.392.1%7C" + o.number
			}
			code, _, _ := s.fhir(t, token, method, path, serviceRequest(o, status, "P1"))
			return code < 300
		}
	}
	return door{
		"fhir", ask("POST", "active"), ask("PUT", "active"), ask("POST", "revoked"),
		func(t *testing.T) bool {
			t.Helper()
			code, out, _ := s.fhir(t, token, "POST", "/ServiceRequest", serviceRequest(said{"X", "CT", ""}, "active", ""))
			if text := fmt.Sprint(out["issue"]); !strings.Contains(text, "Patient.identifier") {
				t.Errorf("the outcome does not name the element: %s", text)
			}
			return code < 300
		},
		func(t *testing.T) bool {
			t.Helper()
			code, _, _ := s.fhir(t, "", "POST", "/ServiceRequest", serviceRequest(said{"X", "CT", ""}, "active", "P1"))
			return code != http.StatusUnauthorized
		},
	}
}

func apiDoor(t *testing.T, s *server) door {
	t.Helper()
	minami := s.signIn(t, "minami", password)
	body := func(o said, patient string) anyOrder {
		return anyOrder{
			"patientId": patient, "patientName": "YAMADA^TARO=山田^太郎", "birthDate": "19480203", "sex": "M", "placer": o.number,
			"procedureDescription": o.description, "comments": o.question, "step": anyOrder{"startDate": "20261128", "startTime": "1030", "modality": "CT"},
		}
	}
	of := func(t *testing.T, number string) string {
		t.Helper()
		var list struct{ Items []struct{ ID, Placer string } }
		minami.must("GET", "/orders?state=all", nil, &list)
		for _, o := range list.Items {
			if o.Placer == number {
				return o.ID
			}
		}
		return "00000000-0000-7000-8000-000000000000"
	}
	return door{
		"api",
		func(t *testing.T, o said) bool {
			t.Helper()
			return minami.call("POST", "/orders", body(o, "P1"), nil) < 300
		},
		func(t *testing.T, o said) bool {
			t.Helper()
			return minami.call("PUT", "/orders/"+of(t, o.number), body(o, "P1"), nil) < 300
		},
		func(t *testing.T, o said) bool {
			t.Helper()
			return minami.call("DELETE", "/orders/"+of(t, o.number), nil, nil) < 300
		},
		func(t *testing.T) bool {
			t.Helper()
			return minami.call("POST", "/orders", body(said{"X", "CT", ""}, ""), nil) < 300
		},
		func(t *testing.T) bool {
			t.Helper()
			o := body(said{"X", "CT", ""}, "P1")
			o["facility"] = "kita"
			return minami.call("POST", "/orders", o, nil) < 300
		},
	}
}

// What FHIR has beyond the other doors: conditions, transactions, and the resource back.
func TestOrdersOverFHIR(t *testing.T) {
	t.Parallel()
	data := newData(t, network)
	token := strings.TrimSpace(mustRun(t, "token", "create", "--name", "his", "--role", "service", "--facility", "minami", "--data", data))
	s := serve(t, data)
	one := serviceRequest(said{"F1", "頭部CT", "出血"}, "active", "P1")
	status, made, head := s.fhir(t, token, "POST", "/ServiceRequest", one, "If-None-Exist", "identifier=urn:oid:1.2.392.1|F1")
	if status != http.StatusCreated || head.Get("Location") != "/fhir/ServiceRequest/"+fmt.Sprint(made["id"]) {
		t.Fatal(status, head, made)
	}
	one["code"] = map[string]any{"text": "another"}
	if status, again, _ := s.fhir(t, token, "POST", "/ServiceRequest", one, "If-None-Exist", "identifier=urn:oid:1.2.392.1|F1"); status != http.StatusOK || again["id"] != made["id"] {
		t.Error("conditional create again:", status, again)
	}
	status, read, _ := s.fhir(t, token, "GET", "/ServiceRequest/"+fmt.Sprint(made["id"]), nil)
	if status != http.StatusOK {
		t.Fatal(status, read)
	}
	if status, same, _ := s.fhir(t, token, "PUT", "/ServiceRequest/"+fmt.Sprint(made["id"]), read); status != http.StatusOK || fmt.Sprint(same) != fmt.Sprint(read) {
		t.Errorf("what is read is not what is written: %d\n%v\n%v", status, read, same)
	}

	bundle := func(kind string, entries ...any) map[string]any {
		return map[string]any{"resourceType": "Bundle", "type": kind, "entry": entries}
	}
	entry := func(url string, resource map[string]any, method, to string) map[string]any {
		return map[string]any{"fullUrl": url, "resource": resource, "request": map[string]any{"method": method, "url": to}}
	}
	patient := map[string]any{"resourceType": "Patient", "identifier": []any{map[string]any{"value": "P9"}}, "name": []any{map[string]any{"text": "山田 花子"}}}
	second := serviceRequest(said{"F2", "胸部CT", "肺炎"}, "active", "P1")
	delete(second, "contained")
	second["subject"] = map[string]any{"reference": "urn:uuid:1"}
	broken := serviceRequest(said{"F3", "胸部CT", "肺炎"}, "active", "")
	for _, c := range []struct {
		kind   string
		with   []any
		status int
		left   int
	}{
		{"transaction", []any{entry("urn:uuid:1", patient, "POST", "Patient"), entry("urn:uuid:2", second, "POST", "ServiceRequest"), entry("urn:uuid:3", broken, "POST", "ServiceRequest")}, 422, 1},
		{"transaction", []any{entry("urn:uuid:1", patient, "POST", "Patient"), entry("urn:uuid:2", second, "PUT", "ServiceRequest?identifier=x|F2")}, 200, 2},
		{"batch", []any{entry("urn:uuid:3", broken, "POST", "ServiceRequest"), entry("urn:uuid:4", serviceRequest(said{"F4", "CT", ""}, "active", "P4"), "POST", "ServiceRequest")}, 200, 3},
		{"collection", nil, 400, 3},
	} {
		status, out, _ := s.fhir(t, token, "POST", "", bundle(c.kind, c.with...))
		if status != c.status {
			t.Errorf("%s: %d, want %d: %v", c.kind, status, c.status, out)
		}
		_, found, _ := s.fhir(t, token, "GET", "/ServiceRequest", nil)
		if list, _ := found["entry"].([]any); len(list) != c.left {
			t.Errorf("%s: %d orders wait, want %d", c.kind, len(list), c.left)
		}
	}
	for name, change := range map[string]func(map[string]any){
		"modifierExtension": func(r map[string]any) { r["modifierExtension"] = []any{map[string]any{"url": "x"}} },
		"intent":            func(r map[string]any) { r["intent"] = "plan" },
		"status":            func(r map[string]any) { r["status"] = "draft" },
		"subject":           func(r map[string]any) { r["subject"] = map[string]any{"reference": "Patient/1"} },
		"category":          func(r map[string]any) { delete(r, "category") },
		"occurrence":        func(r map[string]any) { r["occurrenceDateTime"] = "soon" },
	} {
		r := serviceRequest(said{"F5", "CT", ""}, "active", "P5")
		change(r)
		if status, out, _ := s.fhir(t, token, "POST", "/ServiceRequest", r); status != http.StatusUnprocessableEntity || !strings.Contains(fmt.Sprint(out["issue"]), name) {
			t.Errorf("%s: %d %v", name, status, out)
		}
	}
}
