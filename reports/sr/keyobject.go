package sr

import (
	"fmt"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
)

// KeyWriter is the reports.Writer of the reader's key images: a Key Object
// Selection Document (PS3.3 A.35.4) of TID 2010. Without a key image it writes
// nothing.
type KeyWriter struct{}

// KeyObject names what the KeyWriter makes.
const KeyObject = "keys"

// KeyObjectUID is the SOP class of Key Object Selection Document Storage.
const KeyObjectUID = "1.2.840.10008.5.1.4.1.1.88.59"

var (
	ofInterest     = dcm("113000", "Of Interest")
	keyDescription = dcm("113012", "Key Object Description")
)

// Write makes the document.
func (KeyWriter) Write(r *reports.Report, c reports.Context) (reports.Document, error) {
	if len(c.Annotations.Keys) == 0 {
		return reports.Document{}, nil
	}
	language, ok := languages[r.Language]
	if !ok {
		language = languages["en"]
	}
	var lines []string
	var pictures []*dataset.Dataset
	var referred []reports.Evidence
	for _, k := range c.Annotations.Keys {
		picture, refs := keyItem(contains, reports.Concept{}, c, k)
		if picture == nil {
			continue
		}
		lines = append(lines, caption(k, r.Language))
		pictures = append(pictures, picture)
		referred = append(referred, refs...)
	}
	d := iod.New(r, c.Source, KeyObjectUID, KeyObject)
	// Key Object Document Series, PS3.3 Table C.17.6-1.
	d.SetString(tag.Modality, "CS", "KO")
	d.SetString(tag.SeriesInstanceUID, "UI", iod.SeriesUID(r, KeyObject))
	d.SetInt(tag.SeriesNumber, "IS", 9004)
	d.SetString(tag.SeriesDescription, "LO", "Key images")
	d.SetItems(tag.ReferencedPerformedProcedureStepSequence)
	// Key Object Document, PS3.3 Table C.17.6-2.
	at := r.SignedAt.In(iod.Zone(c.Source))
	d.SetInt(tag.InstanceNumber, "IS", r.Version)
	d.SetString(tag.ContentDate, "DA", at.Format("20060102"))
	d.SetString(tag.ContentTime, "TM", at.Format("150405.000000"))
	d.SetItems(tag.ReferencedRequestSequence, request(r, c))
	d.SetItems(tag.CurrentRequestedProcedureEvidenceSequence, hierarchical(r.Study.StudyInstanceUID, once(referred)))

	items := []*dataset.Dataset{
		codeItem(hasConceptMod, languageOfContent, language),
		codeItem(hasObsContext, observerType, person),
		nameItem(hasObsContext, personObserverName, iod.PersonName(r.Author.Name, r.Author.NameEn)),
		textItem(contains, keyDescription, strings.Join(lines, "\n")),
	}
	root := container("", ofInterest, append(items, pictures...)...)
	for _, t := range root.Tags() {
		d.Set(t, root)
	}
	t := dataset.New()
	t.SetString(tag.MappingResource, "CS", "DCMR")
	t.SetString(tag.TemplateIdentifier, "CS", "2010")
	d.SetItems(tag.ContentTemplateSequence, t)
	return reports.Document{
		Object: KeyObject, SOPClassUID: KeyObjectUID, SOPInstanceUID: d.String(tag.SOPInstanceUID),
		SeriesInstanceUID: d.String(tag.SeriesInstanceUID), Dataset: d,
	}, nil
}

// caption is the line of a key image: as the report's text calls it, and its own.
func caption(k reports.KeyImage, language string) string {
	name := fmt.Sprintf("図%d", k.Number)
	if language != "ja" {
		name = fmt.Sprintf("Fig. %d", k.Number)
	}
	return strings.TrimSpace(name + " " + reports.CleanText(k.Text))
}

// once leaves out instances that were named before.
func once(refs []reports.Evidence) []reports.Evidence {
	seen := map[string]bool{}
	var out []reports.Evidence
	for _, e := range refs {
		if !seen[e.SOPInstanceUID] {
			seen[e.SOPInstanceUID] = true
			out = append(out, e)
		}
	}
	return out
}
