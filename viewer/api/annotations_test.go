package api_test

import (
	"bytes"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Marks and key images are kept with the draft, survive on another machine, are
// signed with the report and written as TID 1500 and TID 2010.
func TestAnnotations(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	s := h.SendStudy(t, "kaifu", "KF-1", 3)
	reader := h.as(t, "sato")
	base := "/api/v1/workitems/" + s.WorkitemID
	reader.do("GET", base+"/annotations", nil).want(409, "not_claimed")
	reader.do("POST", base+"/claim", map[string]any{}).want(200, "")
	empty := reader.do("GET", base+"/annotations", nil).want(200, "")
	if empty["revision"] != 0.0 || empty["savedAt"] != nil {
		t.Errorf("never saved: %v", empty)
	}

	study := reader.do("GET", "/api/v1/studies/"+s.StudyID, nil).want(200, "")
	image := at(study, "seriesList", 0, "instances", 1, "sopInstanceUid")
	mark := map[string]any{
		"id": "m1", "kind": "length", "instance": image, "frame": 1, "points": [][]float64{{1, 1}, {11, 1}}, "text": "",
		"values": []any{map[string]any{"name": "length", "value": 5, "unit": "mm"}},
	}
	key := map[string]any{
		"id": "k1", "number": 1, "instance": image, "frame": 1, "text": "出血", "window": map[string]any{"center": 40, "width": 80, "function": "LINEAR"},
		"view": map[string]any{"zoom": 2, "panX": 3, "panY": 0, "turns": 0, "flipH": false, "flipV": false, "invert": true},
	}
	set := map[string]any{"revision": 0, "marks": []any{mark}, "keys": []any{key}, "savedAt": nil}
	if saved := reader.do("PUT", base+"/annotations", set).want(200, ""); saved["revision"] != 1.0 {
		t.Errorf("saved %v", saved)
	}
	reader.do("PUT", base+"/annotations", set).want(409, "stale_draft")
	h.as(t, "suzuki").do("PUT", base+"/annotations", set).want(409, "not_holder")
	bad := map[string]any{"revision": 1, "marks": []any{map[string]any{"id": "x", "kind": "circle", "instance": image, "frame": 1, "points": [][]float64{}, "text": "", "values": []any{}}}, "keys": []any{}, "savedAt": nil}
	reader.do("PUT", base+"/annotations", bad).want(422, "bad_annotations")

	// Another machine of the same reader.
	elsewhere := h.as(t, "sato").do("GET", base+"/annotations", nil).want(200, "")
	if at(elsewhere, "marks", 0, "points", 1, 0) != 11.0 || at(elsewhere, "keys", 0, "view", "invert") != true || at(elsewhere, "keys", 0, "window", "width") != 80.0 {
		t.Errorf("elsewhere %v", elsewhere)
	}

	// Nobody else sees them before they are signed.
	hospital := h.as(t, "kaifu")
	if got := hospital.do("GET", "/api/v1/studies/"+s.StudyID+"/annotations", nil); string(bytes.TrimSpace(got.Body)) != "[]" {
		t.Errorf("unsigned: %s", got.Body)
	}
	reader.do("PUT", base+"/draft", map[string]any{"revision": 0, "language": "ja", "template": "", "sections": map[string]string{"findings": "図1 に出血。", "impression": "出血。", "recommendation": ""}}).want(200, "")
	reader.do("POST", base+"/sign", map[string]any{"revision": 1}).want(200, "")
	signed := hospital.do("GET", "/api/v1/studies/"+s.StudyID+"/annotations", nil)
	if signed.Status != 200 || !bytes.Contains(signed.Body, []byte(`"m1"`)) || !bytes.Contains(signed.Body, []byte(`"reportId"`)) {
		t.Errorf("signed: %d %s", signed.Status, signed.Body)
	}
	h.as(t, "mima").do("GET", "/api/v1/studies/"+s.StudyID+"/annotations", nil).want(404, "not_found")

	// The objects stand in the study.
	classes := map[string]string{}
	after := hospital.do("GET", "/api/v1/studies/"+s.StudyID, nil).want(200, "")
	for _, series := range after["seriesList"].([]any) {
		classes[at(series, "instances", 0, "sopClass").(string)], _ = at(series, "instances", 0, "id").(string)
	}
	for class, template := range map[string]string{"1.2.840.10008.5.1.4.1.1.88.33": "1500", "1.2.840.10008.5.1.4.1.1.88.59": "2010"} {
		id, ok := classes[class]
		if !ok {
			t.Errorf("no object of %s: %v", class, classes)
			continue
		}
		file := hospital.do("GET", "/api/v1/instances/"+id+"/file", nil)
		_, d, _, err := dataset.ReadFile(bytes.NewReader(file.Body), stream.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := d.Item(tag.ContentTemplateSequence).String(tag.TemplateIdentifier); got != template {
			t.Errorf("template %s, want %s", got, template)
		}
	}
}
