package api_test

import (
	"encoding/base64"
	"encoding/json"
	"testing"

	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// The summary says that there is an overlay plane; its bits come as they are.
func TestOverlays(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	plain := h.Send(t, "kaifu", reportstest.CT("2.25.31", "2.25.32", "2.25.33", 1, "KF-1"))
	d := reportstest.CT("2.25.31", "2.25.32", "2.25.34", 2, "KF-1")
	const group = 2 << 17 // 6004
	d.SetInt(tag.OverlayRows+group, "US", 3)
	d.SetInt(tag.OverlayColumns+group, "US", 5)
	d.SetString(tag.OverlayType+group, "CS", "G")
	d.SetInt(tag.OverlayOrigin+group, "SS", 2, 4)
	d.SetInt(tag.OverlayBitsAllocated+group, "US", 1)
	d.SetInt(tag.OverlayBitPosition+group, "US", 0)
	d.SetString(tag.OverlayLabel+group, "LO", "矢印")
	d.SetBytes(tag.OverlayData+group, "OW", []byte{0b1010_1010, 0b0101_0101})
	r := h.Send(t, "kaifu", d)
	v := h.as(t, "kaifu")
	page := v.do("GET", "/api/v1/studies/"+r.StudyID, nil).want(200, "")
	if at(page, "seriesList", 0, "instances", 0, "overlays") != false || at(page, "seriesList", 0, "instances", 1, "overlays") != true {
		t.Errorf("summaries %v", at(page, "seriesList", 0, "instances"))
	}
	a := v.do("GET", "/api/v1/instances/"+r.InstanceID+"/overlays?frame=1", nil)
	a.want(200, "")
	var planes []struct {
		Label, Cells             string
		ROI                      bool
		Rows, Columns, Top, Left int
	}
	if err := json.Unmarshal(a.Body, &planes); err != nil {
		t.Fatal(err)
	}
	if len(planes) != 1 {
		t.Fatalf("planes %s", a.Body)
	}
	p := planes[0]
	if p.Label != "矢印" || p.ROI || p.Rows != 3 || p.Columns != 5 || p.Top != 1 || p.Left != 3 {
		t.Errorf("plane %+v", p)
	}
	if bits, err := base64.StdEncoding.DecodeString(p.Cells); err != nil || string(bits) != "\xAA\x55" {
		t.Errorf("cells % x %v", bits, err)
	}
	a = v.do("GET", "/api/v1/instances/"+plain.InstanceID+"/overlays", nil)
	a.want(200, "")
	if string(a.Body) != "[]\n" {
		t.Errorf("no overlays: %s", a.Body)
	}
	for _, n := range []string{"0", "2", "x"} {
		v.do("GET", "/api/v1/instances/"+r.InstanceID+"/overlays?frame="+n, nil).want(404, "not_found")
	}
}
