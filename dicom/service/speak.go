package service

import (
	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// utf8 is the set that holds every text, PS3.3 Table C.12-5.
const utf8 = "ISO_IR 192"

// speak chooses the Specific Character Set of an answer, PS3.4 C.4.1.1.3.2: the
// one of the request when it can hold what is said, else UTF-8. Plain ASCII to
// a peer that named no set needs none.
func speak(d, request *dataset.Dataset) {
	sets := request.Strings(tag.SpecificCharacterSet)
	if !charset.Known(sets) || !holds(sets, d) {
		sets = []string{utf8}
	}
	if len(sets) == 0 {
		d.Delete(tag.SpecificCharacterSet)
		return
	}
	d.SetString(tag.SpecificCharacterSet, "CS", sets...)
}

// holds reports whether all text of d can be written in the sets.
func holds(sets []string, d *dataset.Dataset) bool {
	for _, t := range d.Tags() {
		for _, item := range d.Items(t) {
			if !holds(sets, item) {
				return false
			}
		}
		vr, _ := d.VR(t)
		if !vr.Text() {
			continue
		}
		for _, v := range d.Strings(t) {
			if _, lossless := charset.Encode(sets, vr.String(), v); !lossless {
				return false
			}
		}
	}
	return true
}
