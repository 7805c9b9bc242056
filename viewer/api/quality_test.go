package api_test

import (
	"strings"
	"testing"
)

// A second look: chosen by rule, written by another reader of the panel, shown to
// the first reader without a name, its numbers for the reader and the coordinator
// and nobody else.
func TestSecondLook(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
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
}
