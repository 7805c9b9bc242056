package pdf

import (
	"fmt"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/iod"
	"github.com/dokuei/dokuei/reports/sr"
)

// SOPClassUID of Encapsulated PDF Storage.
const SOPClassUID = "1.2.840.10008.5.1.4.1.1.104.1"

// Object names what the Writer makes.
const Object = "pdf"

// Writer is the reports.Writer of Encapsulated PDF objects.
type Writer struct{}

// Write prints the report and wraps it.
func (Writer) Write(r *reports.Report, c reports.Context) (reports.Document, error) {
	page, err := Render(r, c.Organization, c.Pictures...)
	if err != nil {
		return reports.Document{}, err
	}
	d := encapsulate(r, c, page)
	return reports.Document{
		Object: Object, SOPClassUID: SOPClassUID,
		SOPInstanceUID:    d.String(tag.SOPInstanceUID),
		SeriesInstanceUID: d.String(tag.SeriesInstanceUID),
		Dataset:           d,
	}, nil
}

// encapsulate makes the object around a PDF file: Encapsulated Document Series
// (PS3.3 Table C.24-1), SC Equipment (C.8-24) and Encapsulated Document (C.24-2).
func encapsulate(r *reports.Report, c reports.Context, file []byte) *dataset.Dataset {
	d := iod.New(r, c.Source, SOPClassUID, Object)
	d.SetString(tag.Modality, "CS", "DOC")
	d.SetString(tag.SeriesInstanceUID, "UI", iod.SeriesUID(r, Object))
	d.SetInt(tag.SeriesNumber, "IS", 9002)
	d.SetString(tag.SeriesDescription, "LO", "Report (PDF)")
	d.SetString(tag.ConversionType, "CS", "WSD")

	at := r.SignedAt.In(iod.Zone(c.Source))
	d.SetInt(tag.InstanceNumber, "IS", r.Version)
	d.SetString(tag.ContentDate, "DA", at.Format("20060102"))
	d.SetString(tag.ContentTime, "TM", at.Format("150405.000000"))
	d.SetString(tag.AcquisitionDateTime, "DT", at.Format("20060102150405.000000-0700"))
	// The page names the patient.
	d.SetString(tag.BurnedInAnnotation, "CS", "YES")
	d.SetString(tag.RecognizableVisualFeatures, "CS", "NO")
	d.SetString(tag.VerificationFlag, "CS", "VERIFIED")
	d.SetString(tag.DocumentTitle, "ST", documentTitle(r))
	d.SetItems(tag.ConceptNameCodeSequence, iod.Code(reports.Concept{
		Value: r.Title.Code, Scheme: "LN", Meaning: r.Title.Meaning,
	}))
	source := dataset.New()
	source.SetString(tag.ReferencedSOPClassUID, "UI", sr.SOPClassUID)
	source.SetString(tag.ReferencedSOPInstanceUID, "UI", iod.InstanceUID(r, sr.Object))
	d.SetItems(tag.SourceInstanceSequence, source)
	d.SetString(tag.MIMETypeOfEncapsulatedDocument, "LO", "application/pdf")
	d.SetInt(tag.EncapsulatedDocumentLength, "UL", len(file))
	if len(file)%2 != 0 {
		file = append(file, 0)
	}
	d.SetBytes(tag.EncapsulatedDocument, "OB", file)
	return d
}

func documentTitle(r *reports.Report) string {
	if kind := wordsFor(r.Language).kinds[r.Kind]; kind != "" {
		return fmt.Sprintf("%s (%s %d)", r.Title.In(r.Language), kind, r.Version)
	}
	return r.Title.In(r.Language)
}

// File takes the PDF out of an Encapsulated PDF object, without its padding.
func File(d *dataset.Dataset) ([]byte, bool) {
	b, _, ok := d.Raw(tag.EncapsulatedDocument)
	if !ok || d.String(tag.MIMETypeOfEncapsulatedDocument) != "application/pdf" {
		return nil, false
	}
	if n, ok := d.Int(tag.EncapsulatedDocumentLength); ok && n >= 0 && n <= len(b) {
		b = b[:n]
	}
	return b, true
}
