package iod

import (
	"maps"
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
)

// LicenseScheme designates the numbers of Japan's register of physicians, privately
// (PS3.16 §8).
const LicenseScheme = "99JPMEDREG"

// scheme is what there is to say of a private coding scheme.
type scheme struct{ uid, name, organization string }

// private are the coding schemes of our own naming, by designator.
var private = map[string]scheme{
	reports.Scheme: {"", "Dokuei headings and marks of reports", "Dokuei"},
	// The object identifier of the number in prescriptions (MHLW) and in JP Core.
	LicenseScheme: {"1.2.392.100495.20.3.31", "Register of physicians of Japan", "Ministry of Health, Labour and Welfare, Japan"},
}

// IdentifySchemes says of the private coding schemes that an object uses what they are:
// Coding Scheme Identification Sequence, PS3.3 Table C.12-1. It is called last.
func IdentifySchemes(d *dataset.Dataset) {
	used := map[string]bool{}
	collect(d, used)
	var items []*dataset.Dataset
	for _, designator := range slices.Sorted(maps.Keys(used)) {
		s := private[designator]
		it := dataset.New()
		it.SetString(tag.CodingSchemeDesignator, "SH", designator)
		if s.uid != "" {
			it.SetString(tag.CodingSchemeUID, "UI", s.uid)
		}
		it.SetString(tag.CodingSchemeName, "ST", s.name)
		it.SetString(tag.CodingSchemeResponsibleOrganization, "ST", s.organization)
		items = append(items, it)
	}
	if len(items) > 0 {
		d.SetItems(tag.CodingSchemeIdentificationSequence, items...)
	}
}

func collect(d *dataset.Dataset, used map[string]bool) {
	if designator := d.String(tag.CodingSchemeDesignator); private[designator] != (scheme{}) {
		used[designator] = true
	}
	for _, t := range d.Tags() {
		for _, item := range d.Items(t) {
			collect(item, used)
		}
	}
}
