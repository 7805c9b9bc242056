package api_test

import (
	"bytes"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// What is typed goes in a body and finds what the address would have.
func TestSearch(t *testing.T) { onEach(t, testSearch) }

func testSearch(t *testing.T, h *house) {
	t.Helper()
	for _, id := range []string{"KF-1", "KF-2", "KF-3"} {
		h.SendStudy(t, "kaifu", id, 1)
	}
	h.SendStudy(t, "mima", "KF-1", 1)
	v := h.as(t, "sato")
	for _, list := range []string{"/worklist", "/studies"} {
		for q, n := range map[string]int{"": 3, "kf-2": 1, "やまだ": 3, "ﾔﾏﾀﾞ kf-3": 1, "nobody": 0} {
			found := v.do("POST", "/api/v1"+list+"/search", map[string]any{"q": q}).want(200, "")
			if got := len(found["items"].([]any)); got != n {
				t.Errorf("%s: %q finds %d, want %d", list, q, got, n)
			}
		}
		// Page by page, as the address does it.
		posted := v.do("POST", "/api/v1"+list+"/search", map[string]any{"q": "yamada", "limit": 2})
		asked := v.do("GET", "/api/v1"+list+"?q=yamada&limit=2", nil)
		if !bytes.Equal(posted.Body, asked.Body) {
			t.Errorf("%s: %s\nand %s", list, posted.Body, asked.Body)
		}
		rest := v.do("POST", "/api/v1"+list+"/search", map[string]any{"q": "yamada", "limit": 2, "cursor": posted.want(200, "")["next"]}).want(200, "")
		if got := len(rest["items"].([]any)); got != 1 || rest["next"] != nil {
			t.Errorf("%s: the second page has %d", list, got)
		}
	}
}

// A request that names the procedure again is shown without the name.
func TestRequestOnce(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	d := reportstest.CT("2.25.11", "2.25.12", "2.25.13", 1, "KF-9")
	d.SetString(tag.StudyDescription, "LO", "頭部単純CT")
	d.SetString(tag.ReasonForTheRequestedProcedure, "LO", "出血の有無")
	d.SetString(tag.RequestedProcedureDescription, "LO", "頭部単純ＣＴ")
	r := h.Send(t, "kaifu", d)
	study := h.as(t, "kaifu").do("GET", "/api/v1/studies/"+r.StudyID, nil).want(200, "")
	if study["requestText"] != "出血の有無" || study["description"] != "頭部単純CT" {
		t.Errorf("request %q of %q", study["requestText"], study["description"])
	}
}
