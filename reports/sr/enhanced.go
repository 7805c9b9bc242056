package sr

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
)

// EnhancedWriter is the reports.Writer of Enhanced SR documents (PS3.3 A.35.2) for
// hospitals that want them: the report of Writer with what was measured as numbers
// and the key images with their captions. Nobody wants one: it writes nothing.
type EnhancedWriter struct{}

// EnhancedObject names what the EnhancedWriter makes.
const EnhancedObject = "enhanced"

// EnhancedUID is the SOP class of Enhanced SR Storage.
const EnhancedUID = "1.2.840.10008.5.1.4.1.1.88.22"

// Concepts of PS3.16 Annex D for what a text was inferred from (TID 2001).
var (
	keyImagesHeading  = ln("55113-5", "Key images") // CID 7001
	bestIllustration  = dcm("121080", "Best illustration of finding")
	sourceOfMeasuring = dcm("121112", "Source of Measurement")
	pathOf            = dcm("121055", "Path")
	outlineOf         = dcm("121056", "Area outline")
)

// Write makes the document.
func (EnhancedWriter) Write(r *reports.Report, c reports.Context) (reports.Document, error) {
	if !slices.Contains(c.Wanted, EnhancedObject) {
		return reports.Document{}, nil
	}
	return write(r, c, enhanced)
}

// measurements are the values of the marks as NUM items, each inferred from where
// it was measured: TID 1400 for what has a path, TID 1401 for what has an outline,
// TID 1404 for a value of one place.
func measurements(r *reports.Report, c reports.Context, relationship string) []*dataset.Dataset {
	var out []*dataset.Dataset
	for _, m := range c.Annotations.Marks {
		e, known := evidenceOf(c, m.Instance)
		if !known {
			continue
		}
		for _, v := range m.Values {
			n := number(v, slices.Contains(r.Study.Modalities, "MR"))
			if n == nil {
				continue
			}
			n.SetString(tag.RelationshipType, "CS", relationship)
			children := n.Items(tag.ContentSequence)
			if m.Text != "" {
				children = append(children, textItem(hasConceptMod, trackingIdentifier, reports.CleanText(m.Text)))
			}
			n.SetItems(tag.ContentSequence, append(children, scoordItem(inferredFrom, place(m), part(m, v.Name), e))...)
			out = append(out, n)
		}
	}
	return out
}

// place is what the coordinates of a mark are to its values.
func place(m reports.Mark) reports.Concept {
	switch m.Kind {
	case "ellipse", "rectangle", "freehand":
		return outlineOf
	case "point", "text":
		return sourceOfMeasuring
	}
	return pathOf
}

// keySection is the heading "Key images": the caption of each, inferred from it.
func keySection(r *reports.Report, c reports.Context, more ...*dataset.Dataset) *dataset.Dataset {
	items := more
	for _, k := range inOrder(c.Annotations.Keys) {
		if picture, _ := keyItem(inferredFrom, bestIllustration, c, k); picture != nil {
			text := textItem(contains, keyImagesHeading, caption(k, r.Language))
			text.SetItems(tag.ContentSequence, picture)
			items = append(items, text)
		}
	}
	if len(items) == 0 {
		return nil
	}
	return container(contains, keyImagesHeading, items...)
}

func evidenceOf(c reports.Context, instance string) (reports.Evidence, bool) {
	i := slices.IndexFunc(c.Evidence, func(e reports.Evidence) bool { return e.SOPInstanceUID == instance })
	if i < 0 {
		return reports.Evidence{}, false
	}
	return c.Evidence[i], true
}

// captionPattern is how caption begins.
var captionPattern = regexp.MustCompile(`^(?:図|Fig\. )(\d{1,4})(?: (.*))?$`)

// ParseAnnotations reads the key images and the measurements out of an Enhanced SR
// document. Values of one place are one mark; what they are drawn with (a rectangle
// or an outline by hand) is told by their coordinates alone.
func ParseAnnotations(d *dataset.Dataset) reports.Annotations {
	var a reports.Annotations
	collectAnnotations(d, 0, &a)
	return a
}

func collectAnnotations(d *dataset.Dataset, depth int, a *reports.Annotations) {
	if depth > maxDepth {
		return
	}
	for _, it := range d.Items(tag.ContentSequence) {
		switch it.String(tag.ValueType) {
		case "TEXT":
			if k, ok := parseKey(it); ok {
				a.Keys = append(a.Keys, k)
			}
		case "NUM":
			addValue(a, it)
		}
		collectAnnotations(it, depth+1, a)
	}
}

// parseKey reads the caption of a key image.
func parseKey(it *dataset.Dataset) (k reports.KeyImage, ok bool) {
	if iod.ParseCode(it, tag.ConceptNameCodeSequence).Value != keyImagesHeading.Value {
		return k, false
	}
	m := captionPattern.FindStringSubmatch(lines(it.String(tag.TextValue)))
	for _, image := range it.Items(tag.ContentSequence) {
		if m == nil || image.String(tag.ValueType) != "IMAGE" {
			continue
		}
		k.Number, _ = strconv.Atoi(m[1]) //nolint:errcheck // four digits at most
		k.Instance, k.Frame = referenced(image)
		k.State = image.Item(tag.ReferencedSOPSequence).Item(tag.ReferencedSOPSequence).String(tag.ReferencedSOPInstanceUID)
		k.Text = m[2]
		return k, true
	}
	return k, false
}

// referenced is the image of an IMAGE item, and its frame from 1.
func referenced(it *dataset.Dataset) (instance string, frame int) {
	ref := it.Item(tag.ReferencedSOPSequence)
	frame, ok := ref.Int(tag.ReferencedFrameNumber)
	if !ok {
		frame = 1
	}
	return ref.String(tag.ReferencedSOPInstanceUID), frame
}

// addValue adds a NUM item to the mark of its place.
func addValue(a *reports.Annotations, it *dataset.Dataset) {
	measured := it.Item(tag.MeasuredValueSequence)
	value, err := strconv.ParseFloat(strings.TrimSpace(measured.String(tag.NumericValue)), 64)
	if err != nil {
		return
	}
	concept := iod.ParseCode(it, tag.ConceptNameCodeSequence)
	v := reports.Value{Name: "value", Value: value, Unit: iod.ParseCode(measured, tag.MeasurementUnitsCodeSequence).Value}
	for name, q := range quantities {
		if q.Value == concept.Value {
			v.Name = name
		}
	}
	m := reports.Mark{}
	for _, child := range it.Items(tag.ContentSequence) {
		switch child.String(tag.ValueType) {
		case "CODE":
			for name, q := range derivations {
				if got := iod.ParseCode(child, tag.ConceptCodeSequence).Value; got != "" && q.Value == got {
					v.Name = name
				}
			}
		case "TEXT":
			m.Text = lines(child.String(tag.TextValue))
		case "SCOORD":
			flat := child.Floats(tag.GraphicData)
			for i := 0; i+1 < len(flat); i += 2 {
				m.Points = append(m.Points, [2]float64{flat[i], flat[i+1]})
			}
			m.Kind = child.String(tag.GraphicType)
			for _, image := range child.Items(tag.ContentSequence) {
				m.Instance, m.Frame = referenced(image)
			}
		}
	}
	for i, other := range a.Marks {
		if other.Instance == m.Instance && other.Frame == m.Frame && other.Kind == m.Kind && slices.Equal(other.Points, m.Points) {
			a.Marks[i].Values = append(a.Marks[i].Values, v)
			return
		}
	}
	m.Values = []reports.Value{v}
	a.Marks = append(a.Marks, m)
}

// lines has the line ends of a value of UT as ours (PS3.5 §6.1.3).
func lines(s string) string { return strings.ReplaceAll(s, "\r\n", "\n") }
