package api_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// Templates and macros: of the program, of one reader, shared with others; in and
// out as files of the MRRT profile.
func TestTemplatesAndMacros(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	sato, suzuki := h.as(t, "sato"), h.as(t, "suzuki")

	builtIn := sato.list("/api/v1/templates?lang=ja")
	if n := len(builtIn); n != 9 {
		t.Fatalf("%d templates come with the program", n)
	}
	if text, _ := at(builtIn, 0, "normal", "findings").(string); !strings.Contains(text, "頭蓋内出血を認めません。") {
		t.Errorf("the normal text of the first: %q", text)
	}

	file := sato.do("GET", "/api/v1/templates/mrrt?id=head-ct&lang=en", nil)
	if file.Status != 200 || !strings.Contains(string(file.Body), `data-field-type="SELECTION_LIST"`) || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Fatalf("%d %s", file.Status, file.Header)
	}
	sato.do("GET", "/api/v1/templates/mrrt?id=nothing&lang=en", nil).want(404, "not_found")

	read := sato.do("POST", "/api/v1/templates/mrrt", string(file.Body), "Content-Type", "text/html").want(200, "")
	if at(read, "name") != "Head CT (haemorrhage, stroke, ASPECTS)" || at(read, "items", 9) == nil {
		t.Errorf("what came back: %v", at(read, "name"))
	}
	sato.do("POST", "/api/v1/templates/mrrt", "<p>no template", "Content-Type", "text/html").want(422, "bad_template")

	mine := map[string]any{
		"id": "x", "language": "ja", "name": "副鼻腔CT", "modality": "CT", "bodyPart": []string{"HEAD"}, "order": 0,
		"items":    []any{map[string]any{"id": "a", "label": "上顎洞", "kind": "choice", "normal": "n", "options": []any{map[string]string{"id": "n", "label": "正常", "text": "上顎洞に異常を認めません。"}}}},
		"sections": map[string]string{"findings": "", "impression": "異常なし。", "recommendation": ""},
	}
	kept := sato.do("PUT", "/api/v1/texts", map[string]any{"revision": 0, "template": mine, "shared": true}).want(200, "")
	other := suzuki.list("/api/v1/templates?lang=ja")
	if at(other, 0, "id") != at(kept, "id") || at(other, 0, "own") != false || at(other, 0, "owner", "name") != "佐藤 花子" {
		t.Errorf("another reader sees %v", at(other, 0))
	}
	mine["items"] = []any{map[string]any{"id": "a", "label": "x", "kind": "choice"}}
	sato.do("PUT", "/api/v1/texts", map[string]any{"revision": 0, "template": mine}).want(422, "bad_template")

	macro := map[string]any{"revision": 0, "name": "正常肺", "text": "肺野に異常を認めません。", "language": "ja"}
	sato.do("PUT", "/api/v1/texts", macro).want(200, "")
	if n := len(suzuki.list("/api/v1/texts")); n != 0 {
		t.Errorf("another reader sees %d macros that are not shared", n)
	}
	suzuki.do("PUT", "/api/v1/texts", map[string]any{"id": at(kept, "id"), "revision": 1, "template": mine}).want(422, "bad_template")
	suzuki.do("POST", "/api/v1/texts/remove", map[string]any{"id": at(kept, "id")}).want(204, "")
	if n := len(sato.list("/api/v1/templates?lang=ja")); n != 10 {
		t.Errorf("another reader's removing left %d templates, want 10", n)
	}
	h.as(t, "kaifu").do("GET", "/api/v1/texts", nil).want(403, "forbidden")
}

// The answers in a template's fields come back with the draft and are not part of
// what is signed.
func TestAnswersStayWithTheDraft(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	sato := h.as(t, "sato")
	item := h.SendStudy(t, "kaifu", "kaifu-1", 1).WorkitemID
	sato.do("POST", "/api/v1/workitems/"+item+"/claim", map[string]any{}).want(200, "")
	draft := map[string]any{
		"revision": 0, "template": "head-ct", "language": "ja", "answers": map[string][]string{"bleed": {"ich"}},
		"sections": map[string]string{"findings": "左被殻に 32 mm の出血。", "impression": "左被殻の出血。", "recommendation": ""},
	}
	sato.do("PUT", "/api/v1/workitems/"+item+"/draft", draft).want(200, "")
	got := sato.do("GET", "/api/v1/workitems/"+item+"/draft", nil).want(200, "")
	if at(got, "answers", "bleed", 0) != "ich" {
		t.Errorf("%v", got)
	}
	draft["revision"], draft["answers"] = 1, map[string][]string{"bleed": {strings.Repeat("x", 70000)}}
	sato.do("PUT", "/api/v1/workitems/"+item+"/draft", draft).want(400, "weak_input")
}

// list asks for an answer that is a list.
func (v *visitor) list(path string) (l []any) {
	v.t.Helper()
	a := v.do("GET", path, nil)
	if err := json.Unmarshal(a.Body, &l); err != nil || a.Status != 200 {
		v.t.Fatalf("%s: %d %v: %s", path, a.Status, err, a.Body)
	}
	return l
}
