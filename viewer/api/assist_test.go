package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports/assist"
	"github.com/dokuei/dokuei/viewer/api"
)

// Text of an engine comes to its reader, who cannot sign a passage of it unread,
// whatever page they use; the engine is told nothing of who the patient is.
func TestEnginesOfTheHouse(t *testing.T) {
	t.Parallel()
	var heard string
	engine := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		heard = string(body)
		if strings.HasPrefix(r.Header.Get("Content-Type"), "audio/") {
			_, _ = w.Write([]byte(`{"engine":"kotoba 1","text":"左被殻に高吸収域を認めます。"}`))
			return
		}
		_, _ = w.Write([]byte(`{"engine":"model 3","sections":{"findings":"左被殻に出血を認め、脳室穿破を伴います。","impression":"左被殻出血と考えます。"}}`))
	}))
	t.Cleanup(engine.Close)
	e, err := assist.New(engine.URL)
	if err != nil {
		t.Fatal(err)
	}
	h := open(t, pages, func(d *api.Deps) { d.Dictation, d.Drafting = e, e })
	v := h.as(t, "sato")
	if at(v.do("GET", "/api/v1/session", nil).want(200, ""), "helps", 1) != "drafting" {
		t.Error("the pages are not told of the engines")
	}
	sent := h.SendStudy(t, "kaifu", "kaifu-1", 1)
	base := "/api/v1/workitems/" + sent.WorkitemID
	v.do("POST", base+"/proposal", map[string]any{}).want(409, "not_claimed")
	v.do("POST", base+"/claim", map[string]any{}).want(200, "")
	h.as(t, "suzuki").do("POST", base+"/dictation", "x", "Content-Type", "audio/webm").want(409, "not_holder")
	v.do("POST", base+"/dictation", "x", "Content-Type", "text/html").want(400, "weak_input")

	said := v.do("POST", base+"/dictation", "RIFF", "Content-Type", "audio/webm;codecs=opus").want(200, "")
	if at(said, "text") != "左被殻に高吸収域を認めます。" || at(said, "source") != "kotoba 1" || heard != "RIFF" {
		t.Fatalf("%v, heard %q", said, heard)
	}
	proposed := v.do("POST", base+"/proposal", map[string]any{"language": "ja", "sections": map[string]string{"history": "kaifu-1 さんの頭部。"}}).want(200, "")
	if strings.Contains(heard, "kaifu-1") {
		t.Errorf("the engine was told the patient's ID: %s", heard)
	}
	findings, _ := at(proposed, "sections", "findings").(string)

	sign := func(revision int, origins []any, text string) *answer {
		v.do("PUT", base+"/draft", map[string]any{
			"revision": revision, "language": "ja", "sections": map[string]string{"findings": text, "impression": "左の出血。", "recommendation": ""},
			"marks": map[string]any{"origins": origins, "critical": map[string]string{"level": "red", "finding": "出血"}},
		}).want(200, "")
		return v.do("POST", base+"/sign", map[string]any{"revision": revision + 1})
	}
	origin := func(seen bool) []any {
		return []any{map[string]any{"source": "model 3", "kind": "draft", "text": findings, "seen": seen}}
	}
	// A page that says nothing of where the text is from changes nothing.
	refused := sign(0, []any{}, "脳です。 "+findings).want(422, "incomplete_report")
	if at(refused, "unseen", 0) != "model 3" {
		t.Errorf("%v", refused)
	}
	sign(1, origin(false), findings).want(422, "incomplete_report")
	// What another engine said still has to be read.
	refused = sign(2, origin(true), findings+"\n左被殻に高吸収域を認めます。").want(422, "incomplete_report")
	if at(refused, "unseen", 0) != "kotoba 1" {
		t.Errorf("%v", refused)
	}
	signed := sign(3, origin(true), findings).want(200, "")
	if at(signed, "marks", "origins", 0, "source") != "model 3" {
		t.Errorf("the engine is not signed with the report: %v", at(signed, "marks"))
	}

	off := open(t, pages)
	item := off.SendStudy(t, "kaifu", "kaifu-1", 1).WorkitemID
	w := off.as(t, "sato")
	w.do("POST", "/api/v1/workitems/"+item+"/claim", map[string]any{}).want(200, "")
	w.do("POST", "/api/v1/workitems/"+item+"/proposal", map[string]any{}).want(409, "no_engine")
}
