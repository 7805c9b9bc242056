package api_test

import (
	"context"
	"testing"

	"github.com/dokuei/dokuei/storage/db"
)

// A second, independent reading is blind at every door: its reader finds nothing of
// what the first has signed until their own is signed.
func TestSecondReadingIsBlind(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	err := h.DB.Write(t.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE panels SET readings = 2 WHERE id = 'npo'`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	sent := h.SendStudy(t, "kaifu", "kaifu-1", 1)
	first := h.signed(t, sent, "sato")
	sato, suzuki, coord := h.as(t, "sato"), h.as(t, "suzuki"), h.as(t, "coord")
	study := "/api/v1/studies/" + sent.StudyID
	open, _ := at(coord.do("GET", study, nil).want(200, ""), "workitems", 1, "id").(string)
	for i := range 3 {
		if w := at(coord.do("GET", study, nil).want(200, ""), "workitems", i); at(w, "purpose") == "second" {
			open, _ = at(w, "id").(string)
		}
	}
	suzuki.do("POST", "/api/v1/workitems/"+open+"/claim", map[string]any{}).want(200, "")

	doors := []string{"/reports/" + first, "/reports/" + first + "/pdf", "/reports/" + first + "/sr", "/reports/" + first + "/changes", "/reports/" + first + "/receipts", "/reports/" + first + "/outcomes"}
	for _, door := range doors {
		if a := suzuki.do("GET", "/api/v1"+door, nil); a.Status != 404 {
			t.Errorf("the second reader has %d at %s", a.Status, door)
		}
		if a := sato.do("GET", "/api/v1"+door, nil); a.Status != 200 {
			t.Errorf("the first reader has %d at %s", a.Status, door)
		}
	}
	seen := suzuki.do("GET", study, nil).want(200, "")
	if at(seen, "reports", 0) != nil || at(seen, "reportId") != nil || at(seen, "seriesList", 1) != nil {
		t.Errorf("the study tells of the first reading: %v %v", at(seen, "reports"), at(seen, "reportId"))
	}
	if n := len(suzuki.list(study + "/annotations")); n != 0 {
		t.Errorf("%d sets of marks of the first reader", n)
	}
	if at(suzuki.do("POST", "/api/v1/reports/search", map[string]any{}).want(200, ""), "items", 0) != nil {
		t.Error("the first reading is found by a search")
	}
	all := coord.do("GET", study, nil).want(200, "")
	for i := 0; at(all, "seriesList", i) != nil; i++ {
		if at(all, "seriesList", i, "instances", 0, "origin") != "dokuei" {
			continue
		}
		id, _ := at(all, "seriesList", i, "instances", 0, "id").(string)
		if a := suzuki.do("GET", "/api/v1/instances/"+id+"/file", nil); a.Status != 404 {
			t.Errorf("the second reader has %d at an object of the first", a.Status)
		}
	}

	base := "/api/v1/workitems/" + open
	suzuki.do("PUT", base+"/draft", map[string]any{
		"revision": 0, "language": "ja", "sections": map[string]string{"findings": "右被殻に高吸収域を認めます。", "impression": "右被殻出血。", "recommendation": ""},
		"marks": map[string]any{"critical": map[string]string{"level": "red", "finding": "右被殻出血"}},
	}).want(200, "")
	suzuki.do("POST", base+"/sign", map[string]any{"revision": 1}).want(200, "")
	suzuki.do("GET", "/api/v1/reports/"+first, nil).want(200, "")
}
