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
	d, err := Build(r, c)
	if err != nil {
		return reports.Document{}, err
	}
	return reports.Document{
		Object: Object, SOPClassUID: SOPClassUID,
		SOPInstanceUID:    d.String(tag.SOPInstanceUID),
		SeriesInstanceUID: d.String(tag.SeriesInstanceUID),
		Dataset:           d,
	}, nil
}

// Build makes the data set of the document.
func Build(r *reports.Report, c reports.Context) (*dataset.Dataset, error) {
	if _, ok := languages[r.Language]; !ok {
		return nil, fmt.Errorf("sr: language %q has no code here", r.Language)
	}
	d := iod.New(r, c.Source, SOPClassUID, Object)
	series(d, r)
	general(d, r, c)
	content(d, r, c)
	return d, nil
}

// series is the SR Document Series module, PS3.3 Table C.17-1.
func series(d *dataset.Dataset, r *reports.Report) {
	d.SetString(tag.Modality, "CS", "SR")
	d.SetString(tag.SeriesInstanceUID, "UI", iod.SeriesUID(r, Object))
	d.SetInt(tag.SeriesNumber, "IS", 9001)
	d.SetString(tag.SeriesDescription, "LO", "Report")
	d.SetItems(tag.ReferencedPerformedProcedureStepSequence)
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
		Value: a.License, Scheme: licenseScheme, Meaning: a.Name,
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

// licenseScheme is a private designator (PS3.16 §8): numbers of the Japanese
// register of physicians.
const licenseScheme = "99JPMEDREG"

func organization(c reports.Context) string {
	name := []rune(strings.ReplaceAll(c.Organization.Name, `\`, "/"))
	return string(name[:min(len(name), 64)])
}

// content is the SR Document Content module (PS3.3 Table C.17-4) with the tree
// of TID 2000, whose order is significant.
func content(d *dataset.Dataset, r *reports.Report, c reports.Context) {
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
		items = append(items, section(reports.CodeRequest, reports.CleanText(r.Study.Request)))
	}
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
		one := section(s.Code, s.Text, context...)
		if s.Code == reports.CodeFindings {
			one.SetItems(tag.ContentSequence, append(one.Items(tag.ContentSequence), keyImages(c)...)...)
		}
		items = append(items, one)
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

// keyImages are the images the findings refer to (TID 2000: CONTAINS IMAGE in a
// section), in the order of their numbers.
func keyImages(c reports.Context) []*dataset.Dataset {
	keys := slices.Clone(c.Annotations.Keys)
	slices.SortStableFunc(keys, func(a, b reports.KeyImage) int { return a.Number - b.Number })
	var out []*dataset.Dataset
	for _, k := range keys {
		i := slices.IndexFunc(c.Evidence, func(e reports.Evidence) bool { return e.SOPInstanceUID == k.Instance })
		if i >= 0 {
			out = append(out, imageItem(contains, reports.Concept{}, c.Evidence[i], k.Frame))
		}
	}
	return out
}

func section(code, text string, context ...*dataset.Dataset) *dataset.Dataset {
	h, ok := headings[code]
	if !ok {
		h.heading, h.element = ln(code, code), dcm("121071", "Finding")
	}
	return container(contains, h.heading, append(context, textItem(contains, h.element, text))...)
}
