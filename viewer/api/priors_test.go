package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// Earlier studies of the same patient at the same hospital, the most comparable
// first, and nobody else's.
func TestPriors(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	send := func(facility, uid, date, part, patient string) string {
		d := reportstest.CT(uid, uid+".1", uid+".1.1", 1, patient)
		d.SetString(tag.StudyDate, "DA", date)
		d.SetString(tag.BodyPartExamined, "CS", part)
		return h.Send(t, facility, d).StudyID
	}
	now := send("kaifu", "2.25.1001", "20261122", "HEAD", "P1")
	chest := send("kaifu", "2.25.1002", "20261101", "CHEST", "P1")
	older := send("kaifu", "2.25.1003", "20240101", "HEAD", "P1")
	newer := send("kaifu", "2.25.1004", "20251001", "HEAD", "P1")
	send("kaifu", "2.25.1005", "20270101", "HEAD", "P1") // not before it
	send("kaifu", "2.25.1006", "20251001", "HEAD", "P2")
	send("mima", "2.25.1007", "20251001", "HEAD", "P1")

	var got []struct {
		ID string `json:"id"`
	}
	answer := h.as(t, "kaifu").do("GET", "/api/v1/studies/"+now+"/priors", nil)
	if err := json.Unmarshal(answer.Body, &got); err != nil || answer.Status != 200 {
		t.Fatalf("%d %s", answer.Status, answer.Body)
	}
	var ids []string
	for _, s := range got {
		ids = append(ids, s.ID)
	}
	if want := strings.Join([]string{newer, older, chest}, " "); strings.Join(ids, " ") != want {
		t.Errorf("priors %v, want %s", ids, want)
	}
	h.as(t, "mima").do("GET", "/api/v1/studies/"+now+"/priors", nil).want(404, "not_found")
}

func TestPreferences(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	one, other := h.as(t, "sato"), h.as(t, "suzuki")
	path := "/api/v1/preferences/keys"
	if got := one.do("GET", path, nil).want(200, ""); got["revision"] != 0.0 || got["value"] != nil {
		t.Errorf("never saved: %v", got)
	}
	value := map[string]any{"revision": 0, "value": map[string]any{"invert": []string{"q"}}}
	one.do("PUT", path, value).want(200, "")
	one.do("PUT", path, value).want(409, "stale_preference")
	if got := h.as(t, "sato").do("GET", path, nil).want(200, ""); got["revision"] != 1.0 || at(got, "value", "invert", 0) != "q" {
		t.Errorf("on another machine: %v", got)
	}
	if got := other.do("GET", path, nil).want(200, ""); got["value"] != nil {
		t.Errorf("somebody else's: %v", got)
	}
	one.do("GET", "/api/v1/preferences/anything", nil).want(404, "not_found")
	large := map[string]any{"revision": 1, "value": strings.Repeat("x", 70<<10)}
	one.do("PUT", path, large).want(400, "weak_input")
}
