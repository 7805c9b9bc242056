package api_test

import (
	"encoding/binary"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports/reportstest"
)

// instanceOf is the summary of an instance in its study's page.
func instanceOf(v *visitor, study string) map[string]any {
	v.t.Helper()
	page := v.do("GET", "/api/v1/studies/"+study, nil).want(200, "")
	i, _ := at(page, "seriesList", 0, "instances", 0).(map[string]any)
	return i
}

// Frames of an enhanced object have windows and rescales of their own.
func TestPresentationOfFrames(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	d := reportstest.CT("2.25.21", "2.25.22", "2.25.23", 1, "KF-1")
	for _, x := range []tag.Tag{tag.WindowCenter, tag.WindowWidth, tag.RescaleSlope, tag.RescaleIntercept, tag.ImagePositionPatient} {
		d.Delete(x)
	}
	d.SetInt(tag.NumberOfFrames, "IS", 2)
	raw, _, _ := d.Raw(tag.PixelData)
	d.SetBytes(tag.PixelData, "OW", append(append([]byte(nil), raw...), raw...))
	var frames []*dataset.Dataset
	for n := range 2 {
		line, voi, plane, item := dataset.New(), dataset.New(), dataset.New(), dataset.New()
		line.SetFloat(tag.RescaleSlope, "DS", float64(n+1))
		line.SetFloat(tag.RescaleIntercept, "DS", float64(-1000*n))
		voi.SetFloat(tag.WindowCenter, "DS", float64(40+n))
		voi.SetFloat(tag.WindowWidth, "DS", float64(80+n))
		plane.SetFloat(tag.ImagePositionPatient, "DS", 0, 0, float64(5*n))
		item.SetItems(tag.PixelValueTransformationSequence, line)
		item.SetItems(tag.FrameVOILUTSequence, voi)
		item.SetItems(tag.PlanePositionSequence, plane)
		frames = append(frames, item)
	}
	d.SetItems(tag.PerFrameFunctionalGroupsSequence, frames...)
	r := h.Send(t, "kaifu", d)
	v := h.as(t, "kaifu")
	if i := instanceOf(v, r.StudyID); i["elaborate"] != true {
		t.Errorf("the summary of %v", i)
	}
	base := "/api/v1/instances/" + r.InstanceID + "/presentation"
	second := v.do("GET", base+"?frame=2", nil).want(200, "")
	if second["differ"] != true || second["slope"] != 2.0 || second["intercept"] != -1000.0 || at(second, "windows", 0, "center") != 41.0 ||
		at(second, "windows", 0, "width") != 81.0 || at(second, "position", 2) != 5.0 || second["values"] != nil || second["invert"] != false {
		t.Errorf("second frame %v", second)
	}
	if first := v.do("GET", base, nil).want(200, ""); first["slope"] != 1.0 || at(first, "windows", 0, "center") != 40.0 {
		t.Errorf("first frame %v", first)
	}
	for _, n := range []string{"0", "3", "-1", "x", "99999999999999999999"} {
		v.do("GET", base+"?frame="+n, nil).want(404, "not_found")
	}
}

// Tables and an inverted presentation.
func TestPresentationOfTables(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	table := func(x tag.Tag, bits, first int, words ...uint16) *dataset.Dataset {
		item := dataset.New()
		item.SetInt(tag.LUTDescriptor, "US", len(words), first, bits)
		var raw []byte
		for _, w := range words {
			raw = binary.LittleEndian.AppendUint16(raw, w)
		}
		item.SetBytes(tag.LUTData, "OW", raw)
		if x != 0 {
			item.SetString(x, "LO", "OD")
		}
		return item
	}
	d := reportstest.CT("2.25.31", "2.25.32", "2.25.33", 1, "KF-1")
	d.Delete(tag.RescaleSlope)
	d.Delete(tag.RescaleIntercept)
	d.SetString(tag.PresentationLUTShape, "CS", "INVERSE")
	d.SetInt(tag.PixelPaddingValue, "SS", -2000)
	d.SetInt(tag.PixelPaddingRangeLimit, "SS", -1990)
	d.SetItems(tag.ModalityLUTSequence, table(tag.ModalityLUTType, 12, 1000, 0, 100, 4000))
	d.SetItems(tag.VOILUTSequence, table(0, 8, 0, 0, 7, 255))
	r := h.Send(t, "kaifu", d)
	v := h.as(t, "kaifu")
	if i := instanceOf(v, r.StudyID); i["elaborate"] != true || i["invert"] != true || i["paddingLimit"] != -1990.0 {
		t.Errorf("the summary of %v", i)
	}
	p := v.do("GET", "/api/v1/instances/"+r.InstanceID+"/presentation", nil).want(200, "")
	if p["differ"] != false || p["invert"] != true || p["type"] != "OD" || at(p, "values", "first") != 1000.0 || at(p, "values", "data", 2) != 4000.0 ||
		at(p, "tables", 0, "bits") != 8.0 || at(p, "tables", 0, "data", 1) != 7.0 || at(p, "padding", 0) != -2000.0 || at(p, "padding", 1) != -1990.0 {
		t.Errorf("presentation %v", p)
	}
	plain := h.SendStudy(t, "kaifu", "KF-2", 1)
	if i := instanceOf(v, plain.StudyID); i["elaborate"] != false || i["invert"] != false {
		t.Errorf("the summary of a plain slice %v", i)
	}
}
