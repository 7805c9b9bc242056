package api_test

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/reports"
)

// Reports are found by pairs of kanji and by words, within what one may see; by
// code, hospital and day; and given out without who they are of.
func TestReportArchive(t *testing.T) { onEach(t, testReportArchive) }

func testReportArchive(t *testing.T, h *house) {
	t.Helper()
	write := func(facility, login, findings, impression string) string {
		t.Helper()
		sent := h.SendStudy(t, facility, facility+"-"+login+impression[:3], 1)
		v, base := h.as(t, login), "/api/v1/workitems/"+sent.WorkitemID
		v.do("POST", base+"/claim", map[string]any{}).want(200, "")
		v.do("PUT", base+"/draft", map[string]any{
			"revision": 0, "language": "ja", "sections": map[string]string{"findings": findings, "impression": impression, "recommendation": ""},
			"marks": map[string]any{"teaching": true, "critical": map[string]string{"level": "red", "finding": "出血"}},
		}).want(200, "")
		r := v.do("POST", base+"/sign", map[string]any{"revision": 1}).want(200, "")
		return r["id"].(string)
	}
	first := write("kaifu", "sato", "右被殻に 32 mm の高吸収域を認めます。2025/11/20 と比較。木村先生に電話連絡済み。海部病院の佐藤 花子。", "脳の血腫 (hematoma) です。")
	other := write("mima", "kondo", "右被殻に 12 mm の高吸収域。血管の腫大はありません。", "右被殻出血。")

	coord, sato, hospital := h.as(t, "coord"), h.as(t, "sato"), h.as(t, "kaifu")
	find := func(v *visitor, q map[string]any) []string {
		t.Helper()
		a := v.do("POST", "/api/v1/reports/search", q).want(200, "")
		var ids []string
		for i := 0; at(a, "items", i) != nil; i++ {
			ids = append(ids, at(a, "items", i, "id").(string))
		}
		return ids
	}
	for _, c := range []struct {
		who  *visitor
		q    map[string]any
		want string
	}{
		{coord, map[string]any{}, other + " " + first},
		{coord, map[string]any{"text": "被殻"}, other + " " + first},
		{coord, map[string]any{"text": "血腫"}, first}, // not 血管の腫大
		{coord, map[string]any{"text": "ＨＥＭＡＴＯ"}, first},
		{coord, map[string]any{"text": "被殻 12"}, other},
		{coord, map[string]any{"text": "高吸収域 血管"}, other},
		{coord, map[string]any{"text": "？！"}, ""},
		{coord, map[string]any{"facility": "mima"}, other},
		{coord, map[string]any{"teaching": true, "critical": true}, other + " " + first},
		{coord, map[string]any{"kind": "retraction"}, ""},
		{coord, map[string]any{"code": reports.TitleFor([]string{"CT"}, "HEAD").Code}, other + " " + first},
		{coord, map[string]any{"code": reports.TitleFor([]string{"CT"}, "HEAD").Code, "text": "血腫", "facility": "kaifu"}, first},
		{coord, map[string]any{"code": "99999-9"}, ""},
		{coord, map[string]any{"modality": "CT"}, other + " " + first},
		{coord, map[string]any{"modality": "MR"}, ""},
		{coord, map[string]any{"from": "20990101"}, ""},
		{coord, map[string]any{"to": "20990101"}, other + " " + first},
		{sato, map[string]any{"text": "被殻"}, first},
		{sato, map[string]any{"text": "被殻", "mine": true}, first},
		{hospital, map[string]any{"text": "被殻"}, first},
		{h.as(t, "mima"), map[string]any{"facility": "kaifu"}, ""},
	} {
		if got := strings.Join(find(c.who, c.q), " "); got != c.want {
			t.Errorf("%v: %q, want %q", c.q, got, c.want)
		}
	}
	page := coord.do("POST", "/api/v1/reports/search", map[string]any{"limit": 1}).want(200, "")
	if got := find(coord, map[string]any{"limit": 1, "cursor": at(page, "next")}); len(got) != 1 || got[0] != first {
		t.Errorf("the second page has %v", got)
	}
	coord.do("POST", "/api/v1/reports/search", map[string]any{"cursor": "zzz"}).want(400, "weak_input")
	coord.do("POST", "/api/v1/reports/search", map[string]any{"from": "yesterday"}).want(400, "weak_input")

	sato.do("POST", "/api/v1/reports/research", map[string]any{}).want(403, "forbidden")
	research := func() *answer { return coord.do("POST", "/api/v1/reports/research", map[string]any{"text": "被殻"}) }
	said := func(who *visitor, id string, change map[string]any) {
		t.Helper()
		study := who.do("GET", "/api/v1/reports/"+id, nil).want(200, "")["studyId"].(string)
		who.do("POST", "/api/v1/studies/"+study+"/consents", change).want(201, "")
	}
	if out := research(); out.Status != 200 || len(out.Body) != 0 || out.Header.Get("X-Dokuei-Withheld") != "2" {
		t.Errorf("nobody has consented: %d %s %s", out.Status, out.Header.Get("X-Dokuei-Withheld"), out.Body)
	}
	mima := h.as(t, "mima")
	said(hospital, first, map[string]any{"kind": "given", "images": true, "everywhere": true, "document": "binder 1"})
	said(mima, other, map[string]any{"kind": "given", "research": true, "document": "binder 2"})
	if out := research(); strings.Count(string(out.Body), "\n") != 1 {
		t.Errorf("one of two has consented to research: %s", out.Body)
	}
	said(mima, other, map[string]any{"kind": "withdrawn"})
	if out := research(); len(out.Body) != 0 {
		t.Errorf("withdrawn: %s", out.Body)
	}
	said(hospital, first, map[string]any{"kind": "given", "research": true, "images": true, "everywhere": true, "document": "binder 1"})
	said(mima, other, map[string]any{"kind": "given", "research": true, "document": "binder 2"})
	out := research()
	if n := strings.Count(string(out.Body), "\n"); out.Status != 200 || n != 2 {
		t.Fatalf("%d, %d lines: %s", out.Status, n, out.Body)
	}
	for _, name := range []string{"kaifu", "mima", "海部", "木村", "佐藤", "花子", "2025/11/20", "19480305", "2.25."} {
		if strings.Contains(string(out.Body), name) {
			t.Errorf("%q is in what is given out: %s", name, out.Body)
		}
	}
	if !strings.Contains(string(out.Body), "右被殻に 32 mm の高吸収域を認めます。") {
		t.Errorf("the finding itself is gone: %s", out.Body)
	}
}
