package api_test

import (
	"strings"
	"testing"
)

// A second look: chosen by rule, written by another reader of the panel, shown to
// the first reader without a name, its numbers for the reader and the coordinator
// and nobody else.
func TestSecondLook(t *testing.T) { onEach(t, testSecondLook) }

func testSecondLook(t *testing.T, h *house) {
	t.Helper()
	coord, sato, suzuki, kondo, hospital := h.as(t, "coord"), h.as(t, "sato"), h.as(t, "suzuki"), h.as(t, "kondo"), h.as(t, "kaifu")
	coord.do("PUT", "/api/v1/quality/rules", map[string]any{"rules": []any{map[string]any{"panel": "npo", "modality": "", "words": []string{"出血"}, "percent": 100}}}).want(204, "")
	coord.do("PUT", "/api/v1/quality/rules", map[string]any{"rules": []any{map[string]any{"percent": 101}}}).want(422, "bad_score")
	sato.do("PUT", "/api/v1/quality/rules", map[string]any{"rules": []any{}}).want(403, "forbidden")

	sent := h.SendStudy(t, "kaifu", "kaifu-1", 1)
	report := h.signed(t, sent, "sato")
	if open := at(sato.do("GET", "/api/v1/quality", nil).want(200, ""), "open", 0); open != nil {
		t.Errorf("the reader is to review their own report: %v", open)
	}
	if open := at(kondo.do("GET", "/api/v1/quality", nil).want(200, ""), "open", 0); open != nil {
		t.Errorf("a reader of another panel is asked: %v", open)
	}
	asked := suzuki.do("GET", "/api/v1/quality", nil).want(200, "")
	id, _ := at(asked, "open", 0, "id").(string)
	if id == "" || at(asked, "open", 0, "why") != "rule" || at(asked, "open", 0, "reader") != nil {
		t.Fatalf("%v", at(asked, "open", 0))
	}
	sato.do("POST", "/api/v1/reviews", map[string]any{"id": id, "score": "1"}).want(404, "not_found")
	kondo.do("POST", "/api/v1/reviews", map[string]any{"id": id, "score": "1"}).want(404, "not_found")
	suzuki.do("POST", "/api/v1/reviews", map[string]any{"id": id, "score": "3b"}).want(422, "bad_score")
	suzuki.do("POST", "/api/v1/reviews", map[string]any{"id": id, "score": "3b", "note": "左側頭葉にも出血があります。"}).want(204, "")
	suzuki.do("POST", "/api/v1/reviews", map[string]any{"id": id, "score": "1"}).want(409, "review_done")

	own := sato.do("GET", "/api/v1/quality", nil)
	view := own.want(200, "")
	if at(view, "about", 0, "score") != "3b" || at(view, "about", 0, "reviewer") != nil || strings.Contains(string(own.Body), "鈴木") {
		t.Errorf("the first reader sees %s", own.Body)
	}
	if at(view, "figures", 0, "scores", "3b") != 1.0 || at(view, "figures", 1) != nil {
		t.Errorf("own numbers %v", at(view, "figures"))
	}
	suzuki.do("POST", "/api/v1/reviews/seen", map[string]any{"id": id, "reply": "x"}).want(404, "not_found")
	sato.do("POST", "/api/v1/reviews/seen", map[string]any{"id": id, "reply": "確認し、訂正します。"}).want(204, "")
	if other := suzuki.do("GET", "/api/v1/quality", nil).want(200, ""); at(other, "figures", 0, "scores", "3b") != nil {
		t.Errorf("another reader sees the numbers: %v", at(other, "figures"))
	}
	all := coord.do("GET", "/api/v1/quality", nil).want(200, "")
	if at(all, "discrepancies", 0, "reviewer", "name") != "鈴木 一郎" || at(all, "discrepancies", 0, "reply") != "確認し、訂正します。" {
		t.Errorf("the coordinator sees %v", at(all, "discrepancies", 0))
	}
	h.as(t, "admin").do("GET", "/api/v1/quality", nil).want(403, "forbidden")
	if f := at(all, "figures", 0); at(f, "reader", "name") != "佐藤 花子" || at(f, "scores", "3b") != 1.0 || at(f, "chosen") != 1.0 || at(f, "reports") != 1.0 {
		t.Errorf("the coordinator's numbers %v", at(all, "figures"))
	}
	if none := kondo.do("GET", "/api/v1/quality", nil); strings.Contains(string(none.Body), "佐藤") || at(none.want(200, ""), "figures", 0) != nil || at(none.want(200, ""), "rules", 0) != nil {
		t.Errorf("a reader of another panel sees %s", none.Body)
	}

	// Drawn by lot: a rule that asks for nothing else, of every panel.
	coord.do("PUT", "/api/v1/quality/rules", map[string]any{"rules": []any{map[string]any{"panel": "", "modality": "", "words": []string{}, "percent": 100}}}).want(204, "")
	h.signed(t, h.SendStudy(t, "kaifu", "kaifu-2", 1), "suzuki")
	if drawn := sato.do("GET", "/api/v1/quality", nil).want(200, ""); at(drawn, "open", 0, "why") != "random" || at(drawn, "open", 1) != nil {
		t.Errorf("drawn by lot: %v", at(drawn, "open"))
	}
	coord.do("PUT", "/api/v1/quality/rules", map[string]any{"rules": []any{}}).want(204, "")
	h.signed(t, h.SendStudy(t, "kaifu", "kaifu-3", 1), "suzuki")
	if drawn := sato.do("GET", "/api/v1/quality", nil).want(200, ""); at(drawn, "open", 1) != nil {
		t.Errorf("chosen without a rule: %v", at(drawn, "open"))
	}
	hospital.do("GET", "/api/v1/quality", nil).want(403, "forbidden")

	// What became of the patient, told by the hospital, goes to who signed.
	path := "/api/v1/reports/" + report + "/outcomes"
	h.as(t, "mima").do("POST", path, map[string]any{"agrees": "confirmed", "text": ""}).want(404, "not_found")
	hospital.do("POST", path, map[string]any{"agrees": "differs"}).want(422, "bad_score")
	hospital.do("POST", path, map[string]any{"agrees": "confirmed", "text": "血腫除去術を施行。"}).want(204, "")
	if at(sato.do("GET", "/api/v1/quality", nil).want(200, ""), "outcomes", 0, "text") != "血腫除去術を施行。" {
		t.Error("the reader is not told")
	}
	if n := len(suzuki.list(path)); n != 0 {
		t.Errorf("another reader sees %d outcomes", n)
	}
	if n := len(hospital.list(path)); n != 1 {
		t.Errorf("the hospital sees %d outcomes", n)
	}

	// What the ordering doctor writes with a step: the hospital, who signed and the
	// coordinator have it, another reader does not.
	study := at(sato.do("GET", "/api/v1/reports/"+report, nil).want(200, ""), "studyId").(string)
	steps := "/api/v1/reports/" + report + "/receipts"
	me, _ := at(hospital.do("GET", steps, nil).want(200, ""), "staff", 0, "id").(string)
	hospital.do("POST", "/api/v1/studies/"+study+"/orderer", map[string]any{"userId": me}).want(204, "")
	hospital.do("POST", steps, map[string]any{"step": "acted", "note": strings.Repeat("字", 2001)}).want(400, "weak_input")
	hospital.do("POST", steps, map[string]any{"step": "acted", "note": "=脳外科へ転院。"}).want(200, "")
	note := func(who *visitor) (out string) {
		t.Helper()
		list, _ := at(who.do("GET", steps, nil).want(200, ""), "receipts").([]any)
		for _, r := range list {
			text, _ := at(r, "note").(string)
			out += text
		}
		return out
	}
	for who, want := range map[*visitor]string{sato: "=脳外科へ転院。", coord: "=脳外科へ転院。", hospital: "=脳外科へ転院。", suzuki: ""} {
		if got := note(who); got != want {
			t.Errorf("a note is shown as %q, want %q", got, want)
		}
	}
	for who, want := range map[*visitor]any{sato: "=脳外科へ転院。", coord: "=脳外科へ転院。", suzuki: nil, kondo: nil} {
		if got := at(who.do("GET", "/api/v1/quality", nil).want(200, ""), "answers", 0, "text"); got != want {
			t.Errorf("the answers begin with %v, want %v", got, want)
		}
	}
	table := coord.do("GET", "/api/v1/quality?format=csv", nil)
	if s := string(table.Body); !strings.Contains(s, ",confirmed,血腫除去術を施行。") || !strings.Contains(s, ",acted,'=脳外科へ転院。") {
		t.Errorf("as a table: %s", s)
	}
	suzukis := suzuki.do("GET", "/api/v1/quality?format=csv", nil)
	if s := string(suzukis.Body); strings.Contains(s, "血腫") || strings.Contains(s, "転院") {
		t.Errorf("another reader has %s", s)
	}
	trail := h.as(t, "admin").do("POST", "/api/v1/audit/search", map[string]any{})
	if s := string(trail.Body); strings.Contains(s, "転院") || !strings.Contains(s, "with a note of 8 characters") || !strings.Contains(s, "quality.exported") {
		t.Errorf("the audit trail has %.2000s", s)
	}
}
