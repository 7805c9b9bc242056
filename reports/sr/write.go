package sr

import (
	"fmt"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
)

// Writer is the reports.Writer of SR documents.
type Writer struct{}

// Object names what the Writer makes.
const Object = "sr"

// Write makes the document.
func (Writer) Write(r *reports.Report, c reports.Context) (reports.Document, error) {
	return write(r, c, basic)
}

// form is one of the IODs a report is written as.
type form struct {
	object, class, description string
	number                     int // of the series
}

var (
	basic    = form{Object, SOPClassUID, "Report", 9001}
	enhanced = form{EnhancedObject, EnhancedUID, "Report with measurements", 9005}
	measured = form{MeasurementObject, ComprehensiveUID, "Measurements", 9003}
)

func write(r *reports.Report, c reports.Context, f form) (reports.Document, error) {
	d, err := build(r, c, f)
	if err != nil {
		return reports.Document{}, err
	}
	return f.document(d), nil
}

func (f form) document(d *dataset.Dataset) reports.Document {
	return reports.Document{
		Object: f.object, SOPClassUID: f.class, Dataset: d,
		SOPInstanceUID: d.String(tag.SOPInstanceUID), SeriesInstanceUID: d.String(tag.SeriesInstanceUID),
	}
}

// Build makes the data set of a Basic Text document.
func Build(r *reports.Report, c reports.Context) (*dataset.Dataset, error) { return build(r, c, basic) }

func build(r *reports.Report, c reports.Context, f form) (*dataset.Dataset, error) {
	if _, ok := languages[r.Language]; !ok {
		return nil, fmt.Errorf("sr: language %q has no code here", r.Language)
	}
	d := f.begin(r, c)
	general(d, r, c)
	content(d, r, c, f)
	iod.IdentifySchemes(d)
	return d, nil
}

// begin makes an object with the SR Document Series module, PS3.3 Table C.17-1.
func (f form) begin(r *reports.Report, c reports.Context) *dataset.Dataset {
	d := iod.New(r, c.Source, f.class, f.object)
	d.SetString(tag.Modality, "CS", "SR")
	d.SetString(tag.SeriesInstanceUID, "UI", iod.SeriesUID(r, f.object))
	d.SetInt(tag.SeriesNumber, "IS", f.number)
	d.SetString(tag.SeriesDescription, "LO", f.description)
	d.SetItems(tag.ReferencedPerformedProcedureStepSequence)
	return d
}

// general is the SR Document General module, PS3.3 Table C.17-2.
func general(d *dataset.Dataset, r *reports.Report, c reports.Context) {
	at := r.SignedAt.In(iod.Zone(c.Source))
	d.SetInt(tag.InstanceNumber, "IS", r.Version)
	d.SetString(tag.CompletionFlag, "CS", "COMPLETE")
	preliminary := r.Kind == reports.Preliminary
	d.SetString(tag.VerificationFlag, "CS", "VERIFIED")
	d.SetString(tag.PreliminaryFlag, "CS", "FINAL")
	if preliminary {
		d.SetString(tag.VerificationFlag, "CS", "UNVERIFIED")
		d.SetString(tag.PreliminaryFlag, "CS", "PRELIMINARY")
	}
	d.SetString(tag.ContentDate, "DA", at.Format("20060102"))
	d.SetString(tag.ContentTime, "TM", at.Format("150405.000000"))

	name := iod.PersonName(r.Author.Name, r.Author.NameEn)
	if !preliminary {
		v := dataset.New()
		v.SetString(tag.VerifyingObserverName, "PN", name)
		v.SetString(tag.VerifyingOrganization, "LO", organization(c))
		v.SetString(tag.VerificationDateTime, "DT", at.Format("20060102150405.000000-0700"))
		v.SetItems(tag.VerifyingObserverIdentificationCodeSequence, identification(r.Author)...)
		d.SetItems(tag.VerifyingObserverSequence, v)
	}
	// Who read first wrote it too, when another verified it.
	authors := []*dataset.Dataset{author(r.Author, c)}
	if first, ok := r.FirstReader(); ok {
		authors = append(authors, author(first, c))
	}
	d.SetItems(tag.AuthorObserverSequence, authors...)

	if len(r.Predecessors) > 0 {
		d.SetItems(tag.PredecessorDocumentsSequence, predecessors(r))
	}
	d.SetItems(tag.ReferencedRequestSequence, request(r, c))
	d.SetItems(tag.PerformedProcedureCodeSequence)
	if len(c.Evidence) > 0 {
		d.SetItems(tag.CurrentRequestedProcedureEvidenceSequence, evidence(r, c))
	}
}

// identification is the reader's licence number as a code (Person Identification
// Macro, PS3.3 Table 10-1); the sequence is type 2 and empty without one.
func identification(a reports.Author) []*dataset.Dataset {
	if a.License == "" {
		return nil
	}
	return []*dataset.Dataset{iod.Code(reports.Concept{
		Value: a.License, Scheme: iod.LicenseScheme, Meaning: a.Name,
	})}
}

// author is an item of the Author Observer Sequence, PS3.3 Table C.17-2 and the
// Identified Person or Device Macro, Table C.17-3b.
func author(who reports.Author, c reports.Context) *dataset.Dataset {
	a := dataset.New()
	a.SetString(tag.ObserverType, "CS", "PSN")
	a.SetString(tag.PersonName, "PN", iod.PersonName(who.Name, who.NameEn))
	a.SetItems(tag.PersonIdentificationCodeSequence, identification(who)...)
	a.SetString(tag.InstitutionName, "LO", organization(c))
	a.SetItems(tag.InstitutionCodeSequence)
	return a
}

func organization(c reports.Context) string {
	name := []rune(strings.ReplaceAll(c.Organization.Name, `\`, "/"))
	return string(name[:min(len(name), 64)])
}

// content is the SR Document Content module (PS3.3 Table C.17-4) with the tree
// of TID 2000, whose order is significant.
func content(d *dataset.Dataset, r *reports.Report, c reports.Context, f form) {
	var items []*dataset.Dataset
	for _, m := range r.Study.Modalities { // row 3
		if device, ok := modalities[m]; ok {
			items = append(items, codeItem(hasConceptMod, acquisitionDevice, device))
		}
	}
	items = append(items,
		codeItem(hasConceptMod, languageOfContent, languages[r.Language]),                           // row 5
		codeItem(hasObsContext, observerType, person),                                               // row 7, TID 1002
		nameItem(hasObsContext, personObserverName, iod.PersonName(r.Author.Name, r.Author.NameEn)), // TID 1003
	)
	if org := organization(c); org != "" {
		items = append(items, textItem(hasObsContext, personOrganization, org))
	}
	if r.Study.Request != "" {
		h := headingOf(reports.CodeRequest)
		items = append(items, container(contains, h.heading, textItem(contains, h.element, reports.CleanText(r.Study.Request))))
	}
	found := false
	for i, s := range r.Sections { // rows 8 to 10
		if s.Text == "" {
			continue
		}
		var context []*dataset.Dataset
		if by := r.SectionAuthor(i); by != r.Author {
			// Row 9: the observer of this section is not that of the document.
			context = []*dataset.Dataset{
				codeItem(hasObsContext, observerType, person),
				nameItem(hasObsContext, personObserverName, iod.PersonName(by.Name, by.NameEn)),
			}
		}
		h := headingOf(s.Code)
		one := container(contains, h.heading, append(context, texts(r, i, h.element)...)...)
		if s.Code == reports.CodeFindings && !found {
			found = true
			rests(one, r, c, f)
		}
		items = append(items, one)
	}
	if f == enhanced {
		var loose []*dataset.Dataset
		if !found { // no text that the values were the grounds of
			loose = measurements(r, c, contains)
		}
		if keys := keySection(r, c, loose...); keys != nil {
			items = append(items, keys)
		}
	}
	root := container("", reports.Concept{Value: r.Title.Code, Scheme: "LN", Meaning: r.Title.Meaning}, items...)
	for _, t := range root.Tags() {
		d.Set(t, root)
	}
	// Template Identification macro, PS3.3 Table C.18.8-1.
	t := dataset.New()
	t.SetString(tag.MappingResource, "CS", "DCMR")
	t.SetString(tag.TemplateIdentifier, "CS", "2000")
	d.SetItems(tag.ContentTemplateSequence, t)
}

// rests adds what the findings rest on to their section: the key images (TID 2000:
// CONTAINS IMAGE in a section), and in the enhanced form the measured values that
// the text was inferred from (TID 2002, TID 2001).
func rests(findings *dataset.Dataset, r *reports.Report, c reports.Context, f form) {
	items := findings.Items(tag.ContentSequence)
	if f == enhanced {
		if values := measurements(r, c, inferredFrom); len(values) > 0 {
			i := slices.IndexFunc(items, func(it *dataset.Dataset) bool { return it.String(tag.ValueType) == "TEXT" })
			items[i].SetItems(tag.ContentSequence, append(items[i].Items(tag.ContentSequence), values...)...)
		}
		findings.SetItems(tag.ContentSequence, items...)
		return
	}
	for _, k := range inOrder(c.Annotations.Keys) {
		if picture, _ := keyItem(contains, reports.Concept{}, c, k); picture != nil {
			items = append(items, picture)
		}
	}
	findings.SetItems(tag.ContentSequence, items...)
}

// inOrder are key images in the order of their numbers.
func inOrder(keys []reports.KeyImage) []reports.KeyImage {
	keys = slices.Clone(keys)
	slices.SortStableFunc(keys, func(a, b reports.KeyImage) int { return a.Number - b.Number })
	return keys
}

func headingOf(code string) heading {
	h, ok := headings[code]
	if !ok {
		h = heading{ln(code, code), dcm("121071", "Finding")}
	}
	return h
}
