package api_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/dokuei/dokuei/storage/audit"
)

// Who searches is in the trail, once for each search, and not what for.
func TestSearchesAreRecorded(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	h.SendStudy(t, "kaifu", "P1", 1)
	sato := h.as(t, "sato")
	for _, typed := range []string{"山田", "山田", "田中", ""} {
		sato.do("POST", "/api/v1/worklist/search", map[string]any{"q": typed}).want(200, "")
	}
	sato.do("POST", "/api/v1/studies/search", map[string]any{"q": "山田"}).want(200, "")
	sato.do("POST", "/api/v1/reports/search", map[string]any{"text": "山田"}).want(200, "")
	records, err := audit.Find(t.Context(), h.DB.Read(t.Context()), audit.Search{Actor: h.userID(t, "sato"), Action: "study.queried", Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range records {
		if strings.Contains(r.Object+r.Detail, "山田") {
			t.Errorf("what was typed is in the trail: %+v", r)
		}
		got = append(got, r.Detail)
	}
	slices.Reverse(got)
	if want := []string{"worklist", "worklist", "studies", "reports"}; !slices.Equal(got, want) {
		t.Errorf("recorded %q, want %q", got, want)
	}
}

// Who asks who has seen a patient hears of orders and of the private rooms of consults,
// too.
func TestTrailOfAPatientIsWhole(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "P-kaifu", 1)
	hospital, kondo, coord := h.as(t, "kaifu"), h.as(t, "kondo"), h.as(t, "coord")
	hospital.do("POST", "/api/v1/rooms/"+s.StudyID+"/consults", map[string]any{"question": "転送すべきでしょうか", "candidates": []string{h.userID(t, "kondo")}}).want(200, "")
	private, _ := at(kondo.do("GET", "/api/v1/rooms", nil).want(200, ""), "items", 0, "room").(string)
	kondo.do("GET", "/api/v1/rooms/"+private, nil).want(200, "")
	kondo.do("GET", "/api/v1/rooms/"+private+"/export?format=csv", nil).want(200, "")
	order := h.ordered(t, "kaifu")
	hospital.do("GET", "/api/v1/orders/"+order, nil).want(200, "")
	found := coord.do("POST", "/api/v1/audit/search", map[string]any{"facility": "kaifu", "patientId": "P-kaifu"})
	found.want(200, "")
	for _, want := range []string{`"room.viewed","object":"` + private, `"room.exported","object":"` + private, `"order.viewed","object":"` + order} {
		if !strings.Contains(string(found.Body), want) {
			t.Errorf("%s is not among what is known of the patient: %s", want, found.Body)
		}
	}
}
