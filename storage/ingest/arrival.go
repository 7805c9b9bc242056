package ingest

import (
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/catalog"
)

// checkMeta refuses a command whose identifiers are malformed.
func checkMeta(m Meta) error {
	switch {
	case !uid.Valid(m.SOPClassUID):
		return &ElementError{tag.SOPClassUID, "is not a UID"}
	case !uid.Valid(m.SOPInstanceUID):
		return &ElementError{tag.SOPInstanceUID, "is not a UID"}
	case !uid.Valid(m.TransferSyntaxUID):
		return &ElementError{tag.TransferSyntaxUID, "is not a UID"}
	}
	return nil
}

// checkIdentity compares the data set with the command and asks for the UIDs that
// hang it into the tree.
func checkIdentity(d *dataset.Dataset, m Meta) error {
	switch {
	case d.String(tag.SOPClassUID) != m.SOPClassUID:
		return &MismatchError{tag.SOPClassUID}
	case d.String(tag.SOPInstanceUID) != m.SOPInstanceUID:
		return &MismatchError{tag.SOPInstanceUID}
	}
	for _, t := range []tag.Tag{tag.StudyInstanceUID, tag.SeriesInstanceUID} {
		switch s := d.String(t); {
		case s == "":
			return &ElementError{t, "is missing"}
		case !uid.Valid(s):
			return &ElementError{t, "is not a UID"}
		}
	}
	// An identifier is never cut: what is not one must not become somebody else's.
	for _, t := range []tag.Tag{tag.PatientID, tag.IssuerOfPatientID} {
		if b, _, _ := d.Raw(t); len(b) > identifierMax {
			return &ElementError{t, "is too long"}
		}
	}
	if describesPixels(d) && !hasPixels(d) {
		return &ElementError{tag.PixelData, "is missing"}
	}
	return nil
}

// describesPixels: Rows and Columns alone are also those of a spectrum.
func describesPixels(d *dataset.Dataset) bool {
	return d.Has(tag.SamplesPerPixel) || d.Has(tag.BitsAllocated)
}

// hasPixels reports whether an image has its pixels, here or by reference (PS3.3
// C.7.6.3). One that describes them and has none was cut off between two elements.
func hasPixels(d *dataset.Dataset) bool {
	return d.Has(tag.PixelData) || d.Has(tag.FloatPixelData) || d.Has(tag.DoubleFloatPixelData) || d.Has(tag.PixelDataProviderURL)
}

// arrival is what the catalog keeps of a header.
func arrival(d *dataset.Dataset, m Meta, facilityID string) catalog.Arrival {
	declared, _ := d.Int(tag.NumberOfStudyRelatedInstances)
	number, _ := d.Int(tag.InstanceNumber)
	seriesNumber, _ := d.Int(tag.SeriesNumber)
	rows, _ := d.Int(tag.Rows)
	columns, _ := d.Int(tag.Columns)
	frames, ok := d.Int(tag.NumberOfFrames)
	if !ok && (d.Has(tag.PixelData) || rows > 0) {
		frames = 1
	}
	body := bodyPart(d)
	return catalog.Arrival{
		Study: catalog.Study{
			FacilityID: facilityID, StudyInstanceUID: d.String(tag.StudyInstanceUID),
			AccessionNumber: text(d, tag.AccessionNumber), StudyID: text(d, tag.StudyID), Description: text(d, tag.StudyDescription),
			StudyDate: text(d, tag.StudyDate), StudyTime: text(d, tag.StudyTime), BodyPart: body,
			ReferringPhysician: text(d, tag.ReferringPhysicianName), Institution: text(d, tag.InstitutionName),
			RequestText: requestText(d), DeclaredInstances: max(declared, 0),
			Patient: catalog.Patient{
				FacilityID: facilityID, PatientID: text(d, tag.PatientID), Issuer: text(d, tag.IssuerOfPatientID),
				Name: text(d, tag.PatientName), BirthDate: text(d, tag.PatientBirthDate), Sex: text(d, tag.PatientSex),
				Age: text(d, tag.PatientAge),
			},
		},
		Series: catalog.Series{
			SeriesInstanceUID: d.String(tag.SeriesInstanceUID), Number: seriesNumber, Modality: text(d, tag.Modality),
			Description: text(d, tag.SeriesDescription), BodyPart: body, Laterality: text(d, tag.Laterality),
			Protocol: text(d, tag.ProtocolName), Station: text(d, tag.StationName), Origin: catalog.Received,
		},
		Instance: catalog.Instance{
			FacilityID: facilityID, SOPClassUID: m.SOPClassUID, SOPInstanceUID: m.SOPInstanceUID, TransferSyntaxUID: m.TransferSyntaxUID,
			InstanceNumber: number, Rows: max(rows, 0), Columns: max(columns, 0), Frames: max(frames, 0),
			Origin: catalog.Received, Header: header(d),
		},
	}
}

// bodyPart is Body Part Examined, else the coded region of newer objects.
func bodyPart(d *dataset.Dataset) string {
	if s := text(d, tag.BodyPartExamined); s != "" {
		return s
	}
	if s := text(d.Item(tag.AnatomicRegionSequence), tag.CodeMeaning); s != "" {
		return s
	}
	return text(groups(d).item(tag.FrameAnatomySequence).Item(tag.AnatomicRegionSequence), tag.CodeMeaning)
}

// requestText gathers what the request says, each line once, for the rules of the
// router and for the reader.
func requestText(d *dataset.Dataset) string {
	var lines []string
	add := func(d *dataset.Dataset, list ...tag.Tag) {
		for _, t := range list {
			if s := strings.TrimSpace(clean(strings.Join(d.Strings(t), " "), requestMax)); s != "" && !slices.Contains(lines, s) {
				lines = append(lines, s)
			}
		}
	}
	add(d, tag.ReasonForTheRequestedProcedure, reasonForStudy, tag.RequestedProcedureDescription)
	for _, item := range d.Items(tag.RequestAttributesSequence) {
		add(item, tag.ReasonForTheRequestedProcedure, tag.RequestedProcedureDescription, tag.ScheduledProcedureStepDescription)
	}
	add(d, tag.RequestedProcedureComments, tag.AdmittingDiagnosesDescription, tag.AdditionalPatientHistory, studyComments)
	return strings.Join(lines, "\n")
}
