package ingest

import "github.com/dokuei/dokuei/dicom/tag"

// Retired in PS3.6 but still sent by information systems.
const (
	reasonForStudy tag.Tag = 0x00321030
	studyComments  tag.Tag = 0x00324000
)

// wantedValue are the elements kept of a header, wherever they stand in the data
// set or in a wantedSequence.
var wantedValue = tags(append(overlays(),
	// PS3.3 C.12.1 SOP Common, C.7.2 Study, C.7.3 Series
	tag.SpecificCharacterSet, tag.SOPClassUID, tag.SOPInstanceUID, tag.StudyInstanceUID, tag.SeriesInstanceUID,
	tag.StudyDate, tag.StudyTime, tag.StudyID, tag.StudyDescription, tag.AccessionNumber, tag.ReferringPhysicianName,
	tag.InstitutionName, tag.StationName, tag.Modality, tag.SeriesNumber, tag.SeriesDescription, tag.BodyPartExamined,
	tag.Laterality, tag.ImageLaterality, tag.FrameLaterality, tag.ProtocolName, tag.NumberOfStudyRelatedInstances,
	// C.7.1 Patient, C.7.2.2 Patient Study
	tag.PatientID, tag.IssuerOfPatientID, tag.PatientName, tag.PatientBirthDate, tag.PatientSex, tag.PatientAge,
	// what the request says
	reasonForStudy, tag.RequestedProcedureDescription, tag.ReasonForTheRequestedProcedure,
	tag.ScheduledProcedureStepDescription, tag.RequestedProcedureComments, tag.AdmittingDiagnosesDescription,
	tag.AdditionalPatientHistory, studyComments, tag.CodeMeaning,
	// C.7.6.1 General Image, C.7.6.2 Image Plane, C.7.6.3 Image Pixel
	tag.ImageType, tag.InstanceNumber, tag.AcquisitionNumber, tag.ContentDate, tag.ContentTime, tag.EchoNumbers,
	tag.BurnedInAnnotation, tag.LossyImageCompression,
	tag.ImagePositionPatient, tag.ImageOrientationPatient, tag.PixelSpacing, tag.ImagerPixelSpacing, tag.PixelAspectRatio,
	tag.SliceThickness, tag.SpacingBetweenSlices, tag.SliceLocation, tag.FrameOfReferenceUID,
	tag.Rows, tag.Columns, tag.NumberOfFrames, tag.SamplesPerPixel, tag.PhotometricInterpretation, tag.BitsAllocated,
	tag.BitsStored, tag.HighBit, tag.PixelRepresentation, tag.PlanarConfiguration, tag.PixelPaddingValue,
	tag.PixelPaddingRangeLimit, tag.PixelDataProviderURL, tag.FrameTime, tag.DiffusionBValue,
	// C.7.9 palettes, with which the pictures of an instance begin while it comes
	tag.RedPaletteColorLookupTableDescriptor, tag.GreenPaletteColorLookupTableDescriptor, tag.BluePaletteColorLookupTableDescriptor,
	tag.RedPaletteColorLookupTableData, tag.GreenPaletteColorLookupTableData, tag.BluePaletteColorLookupTableData,
	tag.SegmentedRedPaletteColorLookupTableData, tag.SegmentedGreenPaletteColorLookupTableData, tag.SegmentedBluePaletteColorLookupTableData,
	// C.11 look-up tables
	tag.RescaleSlope, tag.RescaleIntercept, tag.RescaleType, tag.WindowCenter, tag.WindowWidth,
	tag.WindowCenterWidthExplanation, tag.VOILUTFunction, tag.PresentationLUTShape,
	// C.24 Encapsulated Document, C.17 SR
	tag.MIMETypeOfEncapsulatedDocument, tag.DocumentTitle, tag.ConceptNameCodeSequence,
	// C.7.5.1 General Equipment: tells our own documents (Rebuild)
	tag.ManufacturerModelName,
)...)

// wantedSequence are the sequences looked into. The functional groups are those of
// PS3.3 C.7.6.16.2.
var wantedSequence = tags(
	tag.RequestAttributesSequence, tag.AnatomicRegionSequence, tag.ModalityLUTSequence, tag.VOILUTSequence,
	tag.ConceptNameCodeSequence,
	tag.SharedFunctionalGroupsSequence, tag.PerFrameFunctionalGroupsSequence,
	tag.PlanePositionSequence, tag.PlaneOrientationSequence, tag.PixelMeasuresSequence, tag.FrameVOILUTSequence,
	tag.PixelValueTransformationSequence, tag.FrameAnatomySequence, tag.MRDiffusionSequence, tag.MREchoSequence,
)

// overlayGroups are the groups 6000 to 601E of overlay planes (C.9.2).
const overlayGroups = 16

// overlayRows is the element that every overlay plane has, in one of the groups.
func overlayRows(group int) tag.Tag { return tag.OverlayRows + tag.Tag(group)<<17 }

func overlays() (list []tag.Tag) {
	for g := range overlayGroups {
		list = append(list, overlayRows(g))
	}
	return list
}

func tags(list ...tag.Tag) map[tag.Tag]bool {
	m := make(map[tag.Tag]bool, len(list))
	for _, t := range list {
		m[t] = true
	}
	return m
}
