package sr

import (
	"slices"
	"strconv"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
)

// MeasurementWriter is the reports.Writer of the reader's measurements: a
// Comprehensive SR document (PS3.3 A.35.3) of TID 1500. Without a mark it writes
// nothing.
type MeasurementWriter struct{}

// MeasurementObject names what the MeasurementWriter makes.
const MeasurementObject = "measurements"

// ComprehensiveUID is the SOP class of Comprehensive SR Storage.
const ComprehensiveUID = "1.2.840.10008.5.1.4.1.1.88.33"

// Write makes the document.
func (MeasurementWriter) Write(r *reports.Report, c reports.Context) (reports.Document, error) {
	marks := c.Annotations.Marks
	if len(marks) == 0 {
		return reports.Document{}, nil
	}
	d := measured.begin(r, c)
	marked := c
	marked.Evidence = slices.DeleteFunc(slices.Clone(c.Evidence), func(e reports.Evidence) bool {
		return !slices.ContainsFunc(marks, func(m reports.Mark) bool { return m.Instance == e.SOPInstanceUID })
	})
	general(d, r, marked)
	d.Delete(tag.PredecessorDocumentsSequence) // those are of another kind
	measurementTree(d, r, marked)
	return measured.document(d), nil
}

// measurementTree is the tree of TID 1500.
func measurementTree(d *dataset.Dataset, r *reports.Report, c reports.Context) {
	images := map[string]reports.Evidence{}
	var library []*dataset.Dataset
	for _, e := range c.Evidence {
		images[e.SOPInstanceUID] = e
		library = append(library, imageItem(contains, reports.Concept{}, e, 0))
	}
	language, ok := languages[r.Language]
	if !ok {
		language = languages["en"]
	}
	var groups []*dataset.Dataset
	for _, m := range c.Annotations.Marks {
		if e, known := images[m.Instance]; known {
			groups = append(groups, group(m, e, slices.Contains(r.Study.Modalities, "MR")))
		}
	}
	root := container("", measurementReport,
		codeItem(hasConceptMod, languageOfContent, language),                                        // TID 1204
		codeItem(hasObsContext, observerType, person),                                               // TID 1002
		nameItem(hasObsContext, personObserverName, iod.PersonName(r.Author.Name, r.Author.NameEn)), // TID 1003
		codeItem(hasConceptMod, procedureReported, imagingProcedure),
		container(contains, imageLibrary, container(contains, imageLibraryGroup, library...)), // TID 1600, 1602
		container(contains, imagingMeasurements, groups...),
	)
	for _, t := range root.Tags() {
		d.Set(t, root)
	}
	t := dataset.New()
	t.SetString(tag.MappingResource, "CS", "DCMR")
	t.SetString(tag.TemplateIdentifier, "CS", "1500")
	d.SetItems(tag.ContentTemplateSequence, t)
}

// group is one mark as a Measurement Group: TID 1410 for a region, TID 1501 for
// what else is measured.
func group(m reports.Mark, e reports.Evidence, mr bool) *dataset.Dataset {
	id := "Mark " + m.ID
	if m.Text != "" {
		id = m.Text
	}
	items := []*dataset.Dataset{
		textItem(hasObsContext, trackingIdentifier, id),
		uidItem(hasObsContext, trackingUID, uid.FromName("dokuei mark", m.ID)),
	}
	region := m.Kind == "ellipse" || m.Kind == "rectangle" || m.Kind == "freehand"
	if region {
		items = append(items, scoordItem(contains, imageRegion, m, e))
	}
	for _, v := range m.Values {
		if n := number(v, mr); n != nil {
			if !region {
				n.SetItems(tag.ContentSequence, append(n.Items(tag.ContentSequence), scoordItem(inferredFrom, reports.Concept{}, part(m, v.Name), e))...)
			}
			items = append(items, n)
		}
	}
	if m.Text != "" || (!region && len(m.Values) == 0) {
		note := textItem(contains, comment, id)
		if len(m.Values) == 0 {
			note.SetItems(tag.ContentSequence, scoordItem(inferredFrom, reports.Concept{}, m, e))
		}
		items = append(items, note)
	}
	g := container(contains, measurementGroup, items...)
	t := dataset.New()
	t.SetString(tag.MappingResource, "CS", "DCMR")
	t.SetString(tag.TemplateIdentifier, "CS", map[bool]string{true: "1410", false: "1501"}[region])
	g.SetItems(tag.ContentTemplateSequence, t)
	return g
}

// number is a NUM item of a value, nil when there is no concept for it.
func number(v reports.Value, mr bool) *dataset.Dataset {
	concept, ok := quantities[v.Name]
	derivation, derived := derivations[v.Name]
	if derived {
		switch {
		case v.Unit == hounsfield:
			concept, ok = attenuation, true
		case mr:
			concept, ok = mrSignal, true
		}
	}
	unit, known := units[v.Unit]
	if !ok || !known {
		return nil
	}
	d := item(contains, "NUM", concept)
	value := dataset.New()
	value.SetItems(tag.MeasurementUnitsCodeSequence, iod.Code(unit))
	value.SetString(tag.NumericValue, "DS", decimalString(v.Value))
	d.SetItems(tag.MeasuredValueSequence, value)
	if derived && v.Name != "value" {
		d.SetItems(tag.ContentSequence, codeItem(hasConceptMod, derivationOf, derivation))
	}
	return d
}

// decimalString is a value of DS, at most 16 characters (PS3.5 Table 6.2-1).
func decimalString(v float64) string {
	for precision := 10; precision > 0; precision-- {
		if s := strconv.FormatFloat(v, 'g', precision, 64); len(s) <= 16 {
			return s
		}
	}
	return "0"
}

// part is what of a mark a value was taken from: of two axes the one of that name.
func part(m reports.Mark, name string) reports.Mark {
	if m.Kind != "bidirectional" || len(m.Points) != 4 {
		return m
	}
	axes := [][][2]float64{m.Points[:2], m.Points[2:]}
	if longer := square(axes[1]) > square(axes[0]); longer == (name == "long") {
		axes[0] = axes[1]
	}
	m.Points = axes[0]
	return m
}

func square(p [][2]float64) float64 {
	dx, dy := p[0][0]-p[1][0], p[0][1]-p[1][1]
	return dx*dx + dy*dy
}
