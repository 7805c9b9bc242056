package api_test

import (
	"strings"
	"testing"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/reportstest"
	"github.com/dokuei/dokuei/reports/sr"
)

// state is a presentation state of an image, with a note.
func state(study, instance, of, patientID, note string) *dataset.Dataset {
	d := reportstest.CT(study, "2.25.77001", instance, 1, patientID)
	for _, t := range []tag.Tag{tag.PixelData, tag.Rows, tag.Columns, tag.BitsAllocated, tag.SamplesPerPixel, tag.PhotometricInterpretation} {
		d.Delete(t)
	}
	d.SetString(tag.SOPClassUID, "UI", uid.GrayscaleSoftcopyPresentation)
	d.SetString(tag.Modality, "CS", "PR")
	d.SetString(tag.ContentLabel, "CS", "REVIEW")
	item := func(f func(*dataset.Dataset)) *dataset.Dataset {
		x := dataset.New()
		f(x)
		return x
	}
	d.SetItems(tag.ReferencedSeriesSequence, item(func(s *dataset.Dataset) {
		s.SetItems(tag.ReferencedImageSequence, item(func(i *dataset.Dataset) { i.SetString(tag.ReferencedSOPInstanceUID, "UI", of) }))
	}))
	d.SetItems(tag.GraphicAnnotationSequence, item(func(a *dataset.Dataset) {
		a.SetItems(tag.TextObjectSequence, item(func(x *dataset.Dataset) {
			x.SetString(tag.UnformattedTextValue, "ST", note)
			x.SetString(tag.AnchorPointAnnotationUnits, "CS", "PIXEL")
			x.SetFloat(tag.AnchorPoint, "FL", 3, 4)
		}))
	}))
	return d
}

// What others have drawn and measured comes with the study; what cannot be read is
// counted, and other hospitals see none of it.
func TestForeign(t *testing.T) {
	t.Parallel()
	h := open(t, pages)
	image := reportstest.CT("2.25.770", "2.25.7701", "2.25.77010", 1, "KF-7")
	sent := h.Send(t, "kaifu", image)
	h.Send(t, "kaifu", state("2.25.770", "2.25.77011", "2.25.77010", "KF-7", "前回より縮小"))
	broken := state("2.25.770", "2.25.77012", "2.25.77010", "KF-7", "")
	broken.Delete(tag.ReferencedSeriesSequence)
	h.Send(t, "kaifu", broken)

	c := reportstest.Context()
	c.Evidence[0].SOPInstanceUID = "2.25.77010"
	c.Annotations.Marks = []reports.Mark{{ID: "x", Kind: "length", Instance: "2.25.77010", Frame: 1, Points: [][2]float64{{1, 1}, {4, 5}}, Values: []reports.Value{{Name: "length", Value: 5, Unit: "mm"}}}}
	doc, err := sr.MeasurementWriter{}.Write(reportstest.Sample(), c)
	if err != nil {
		t.Fatal(err)
	}
	theirs := doc.Dataset
	theirs.SetString(tag.StudyInstanceUID, "UI", "2.25.770")
	theirs.SetString(tag.SOPInstanceUID, "UI", "2.25.77013")
	theirs.SetString(tag.Manufacturer, "LO", "Other & Co.")
	h.Send(t, "kaifu", theirs)

	v := h.as(t, "kaifu")
	states := v.do("GET", "/api/v1/studies/"+sent.StudyID+"/states", nil).want(200, "")
	if at(states, "states", 0, "label") != "REVIEW" || at(states, "states", 0, "images", 0, "instance") != "2.25.77010" || at(states, "states", 0, "annotations", 0, "texts", 0, "value") != "前回より縮小" {
		t.Errorf("states %v", states)
	}
	if at(states, "refused", 0, "code") != "unreadable" {
		t.Errorf("of a state of no image: %v", at(states, "refused"))
	}
	measured := v.do("GET", "/api/v1/studies/"+sent.StudyID+"/measurements", nil).want(200, "")
	if at(measured, "documents", 0, "manufacturer") != "Other & Co." || at(measured, "documents", 0, "groups", 0, "quantities", 0, "value") != 5.0 || at(measured, "documents", 0, "groups", 0, "regions", 0, "instance") != "2.25.77010" {
		t.Errorf("measurements %v", measured)
	}
	other := h.as(t, "mima")
	for _, what := range []string{"states", "measurements"} {
		other.do("GET", "/api/v1/studies/"+sent.StudyID+"/"+what, nil).want(404, "not_found")
		v.do("GET", "/api/v1/studies/"+strings.Repeat("0", 26)+"/"+what, nil).want(404, "not_found")
	}
}
