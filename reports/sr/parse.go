package sr

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
)

// ErrNotReport is returned for objects that hold no report in the sense of this
// package.
var ErrNotReport = errors.New("sr: no report with headings and texts")

// maxDepth bounds the content tree that is walked; TID 2000 needs three levels.
const maxDepth = 16

// Parse reads the report out of an SR document. Fields that only Dokuei writes
// (ID, version, hash) are empty for documents of others.
func Parse(d *dataset.Dataset) (*reports.Report, error) {
	if d.String(tag.ValueType) != "CONTAINER" {
		return nil, fmt.Errorf("%w: the root is no container", ErrNotReport)
	}
	title := iod.ParseCode(d, tag.ConceptNameCodeSequence)
	r := &reports.Report{
		Kind:  reports.Final,
		Title: reports.TitleByCode(title.Value, title.Meaning),
		Patient: reports.Patient{
			Name: d.String(tag.PatientName), PatientID: d.String(tag.PatientID),
			IssuerOfPatientID: d.String(tag.IssuerOfPatientID),
			BirthDate:         d.String(tag.PatientBirthDate), Sex: d.String(tag.PatientSex),
		},
		Study: reports.Study{
			StudyInstanceUID: d.String(tag.StudyInstanceUID), StudyID: d.String(tag.StudyID),
			AccessionNumber: d.String(tag.AccessionNumber), Date: d.String(tag.StudyDate),
			Time: d.String(tag.StudyTime), Description: d.String(tag.StudyDescription),
			ReferringPhysician: d.String(tag.ReferringPhysicianName),
		},
	}
	r.ID, r.Version, r.ContentHash = iod.ParseContribution(d)
	observer := d.Item(tag.VerifyingObserverSequence)
	r.Author.Name, r.Author.NameEn = iod.ParsePersonName(observer.String(tag.VerifyingObserverName))
	if c := iod.ParseCode(observer, tag.VerifyingObserverIdentificationCodeSequence); c.Scheme == iod.LicenseScheme {
		r.Author.License = c.Value
	}
	if t, err := time.Parse("20060102150405.000000-0700", observer.String(tag.VerificationDateTime)); err == nil {
		r.SignedAt = t.UTC()
	}
	if len(d.Items(tag.VerifyingObserverSequence)) == 0 {
		first := d.Item(tag.AuthorObserverSequence)
		r.Author.Name, r.Author.NameEn = iod.ParsePersonName(first.String(tag.PersonName))
		if c := iod.ParseCode(first, tag.PersonIdentificationCodeSequence); c.Scheme == iod.LicenseScheme {
			r.Author.License = c.Value
		}
		if t, err := time.Parse("20060102150405.000000-0700",
			d.String(tag.ContentDate)+d.String(tag.ContentTime)+d.String(tag.TimezoneOffsetFromUTC)); err == nil {
			r.SignedAt = t.UTC()
		}
	}
	for _, p := range d.Items(tag.PredecessorDocumentsSequence) {
		for _, s := range p.Items(tag.ReferencedSeriesSequence) {
			for _, sop := range s.Items(tag.ReferencedSOPSequence) {
				object := Object
				if sop.String(tag.ReferencedSOPClassUID) == EnhancedUID {
					object = EnhancedObject
				}
				r.Predecessors = append(r.Predecessors, reports.DocumentRef{
					Object: object, SeriesInstanceUID: s.String(tag.SeriesInstanceUID),
					SOPClassUID:    sop.String(tag.ReferencedSOPClassUID),
					SOPInstanceUID: sop.String(tag.ReferencedSOPInstanceUID),
				})
			}
		}
	}
	for _, it := range d.Items(tag.ContentSequence) {
		parseItem(r, it)
	}
	if len(r.Sections) == 0 {
		return nil, ErrNotReport
	}
	r.Kind = kindOf(d, r)
	for i, s := range r.Sections {
		r.Sections[i].Heading = reports.Heading(s.Code, r.Language, s.Heading)
	}
	return r, nil
}

// kindOf tells what kind of version a document is by its flags and headings.
func kindOf(d *dataset.Dataset, r *reports.Report) reports.Kind {
	has := func(code string) bool {
		return slices.ContainsFunc(r.Sections, func(s reports.Section) bool { return s.Code == code })
	}
	switch {
	case d.String(tag.PreliminaryFlag) == "PRELIMINARY":
		return reports.Preliminary
	case has(reports.CodeReason) && !has(reports.CodeFindings):
		return reports.Retraction
	case has(reports.CodeReason):
		return reports.Correction
	case len(r.Predecessors) > 0 && has(reports.CodeAddendum):
		return reports.Addendum
	}
	return reports.Final
}

// parseItem takes one child of the root.
func parseItem(r *reports.Report, it *dataset.Dataset) {
	name := iod.ParseCode(it, tag.ConceptNameCodeSequence)
	switch it.String(tag.RelationshipType) {
	case hasConceptMod:
		value := iod.ParseCode(it, tag.ConceptCodeSequence)
		switch name.Value {
		case languageOfContent.Value:
			r.Language = value.Value
		case acquisitionDevice.Value:
			r.Study.Modalities = append(r.Study.Modalities, value.Value)
		}
	case contains:
		var text []string
		// Codes of ours stand beside the text that says them; those of others may be
		// all there is.
		collect(it, 0, r.ID == "", &text)
		joined := strings.Join(text, "\n")
		code := name.Value
		if now, ok := retired[code]; ok && name.Scheme == "DCM" {
			code = now
		}
		switch {
		case joined == "":
		case code == reports.CodeRequest:
			r.Study.Request = joined
		default:
			r.Sections = append(r.Sections, reports.Section{Code: code, Heading: name.Meaning, Text: joined})
			r.Marks.Coded = append(r.Marks.Coded, parseCoded(it, code)...)
		}
	}
}

// collect gathers the texts below an item, and the coded findings where codes are
// asked for.
func collect(it *dataset.Dataset, depth int, codes bool, out *[]string) {
	if depth > maxDepth {
		return
	}
	switch it.String(tag.ValueType) {
	case "TEXT":
		if _, key := parseKey(it); !key { // that is read by ParseAnnotations
			*out = append(*out, lines(it.String(tag.TextValue)))
		}
	case "CODE":
		if codes && it.String(tag.RelationshipType) == contains {
			*out = append(*out, iod.ParseCode(it, tag.ConceptCodeSequence).Meaning)
		}
	}
	for _, child := range it.Items(tag.ContentSequence) {
		if rel := child.String(tag.RelationshipType); rel == contains || rel == "" {
			collect(child, depth+1, codes, out)
		}
	}
}
