package api_test

import (
	"encoding/base64"
	"maps"
	"reflect"
	"testing"
	"time"
)

// One answer holds the item, its study and the picture that is shown first: of the
// image in the middle, the same bytes as by itself.
func TestOpening(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	sent := h.SendStudy(t, "kaifu", "KF-9", 5)
	item := sent.WorkitemID
	v := h.as(t, "sato")
	picture := v.do("GET", "/api/v1/instances/"+sent.InstanceIDs[2]+"/preview", nil)
	picture.want(200, "")
	a := v.do("GET", "/api/v1/workitems/"+item+"/opening", nil).want(200, "")
	for end := time.Now().Add(time.Minute); at(a, "picture") == nil && time.Now().Before(end); { // an opening does not wait for it
		a = v.do("GET", "/api/v1/workitems/"+item+"/opening", nil).want(200, "")
	}
	if at(a, "item", "id") != item || at(a, "study", "id") != sent.StudyID || at(a, "study", "seriesList", 0, "columns", "number", 4) != 5.0 {
		t.Errorf("opening %v", a)
	}
	// With what they share put back, the instances are those of the study by itself.
	whole := v.do("GET", "/api/v1/studies/"+sent.StudyID, nil).want(200, "")
	shared, _ := at(a, "study", "seriesList", 0, "shared").(map[string]any)
	columns, _ := at(a, "study", "seriesList", 0, "columns").(map[string]any)
	if shared["rows"] == nil || columns["rows"] != nil || at(a, "study", "seriesList", 0, "instances") != 5.0 {
		t.Errorf("shared %v, columns %v", shared, columns)
	}
	for n := range 5 {
		full, got := maps.Clone(shared), at(whole, "seriesList", 0, "instances", n)
		for name := range columns {
			full[name] = at(columns, name, n)
		}
		for _, name := range []string{"thumbnail", "scroll", "preview"} {
			full[name] = "/api/v1/instances/" + sent.InstanceIDs[n] + "/" + name
		}
		if !reflect.DeepEqual(any(full), got) {
			t.Errorf("instance %d\n%v\nby itself\n%v", n, full, got)
		}
	}
	if at(a, "picture", "url") != "/api/v1/instances/"+sent.InstanceIDs[2]+"/preview" || at(a, "picture", "type") != "image/jpeg" || at(a, "picture", "shape") != 1.0 || at(a, "picture", "stream") != at(whole, "seriesList", 0, "bundle") {
		t.Fatalf("picture %v", at(a, "picture"))
	}
	if data, err := base64.StdEncoding.DecodeString(at(a, "picture", "data").(string)); err != nil || string(data) != string(picture.Body) {
		t.Errorf("%d bytes, by itself %d: %v", len(data), len(picture.Body), err)
	}
	h.as(t, "kaifu").do("GET", "/api/v1/workitems/"+item+"/opening", nil).want(403, "")
}
