package order

import (
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Attributes are those an answer may have, without values, PS3.4 Table K.6-1.
func Attributes() *dataset.Dataset { return attributes(Order{}) }

// untold are attributes of type 2 that are returned empty.
var untold = map[tag.Tag]string{
	tag.PatientWeight: "DS", tag.MedicalAlerts: "LO", tag.Allergies: "LO", tag.PregnancyStatus: "US", tag.RequestingPhysician: "PN",
	tag.AdmissionID: "LO", tag.SpecialNeeds: "LO", tag.CurrentPatientLocation: "LO", tag.PatientState: "LO",
	tag.PatientTransportArrangements: "LO", tag.ConfidentialityConstraintOnPatientDataDescription: "LO",
}

// attributes is an order as a modality reads it.
func attributes(o Order) *dataset.Dataset {
	d := dataset.New()
	for t, vr := range untold {
		d.SetString(t, vr)
	}
	d.SetItems(tag.ReferencedStudySequence)
	d.SetItems(tag.ReferencedPatientSequence)
	d.SetString(tag.AccessionNumber, "SH", o.AccessionNumber)
	d.SetString(tag.ReferringPhysicianName, "PN", o.ReferringPhysician)
	d.SetString(tag.PatientName, "PN", o.PatientName)
	d.SetString(tag.PatientID, "LO", o.PatientID)
	d.SetString(tag.PatientBirthDate, "DA", o.BirthDate)
	d.SetString(tag.PatientSex, "CS", o.Sex)
	d.SetString(tag.StudyInstanceUID, "UI", o.StudyInstanceUID)
	d.SetString(tag.RequestedProcedureID, "SH", o.ProcedureID)
	d.SetString(tag.RequestedProcedureDescription, "LO", o.ProcedureDescription)
	d.SetString(tag.RequestedProcedurePriority, "SH", o.Priority)
	d.SetString(tag.RequestedProcedureComments, "LT", o.Comments)

	s := dataset.New()
	for _, t := range []tag.Tag{tag.ScheduledStationName, tag.ScheduledProcedureStepLocation} {
		s.SetString(t, "SH")
	}
	for _, t := range []tag.Tag{tag.PreMedication, tag.RequestedContrastAgent} {
		s.SetString(t, "LO")
	}
	s.SetString(tag.ScheduledStationAETitle, "AE", o.Step.StationAE)
	s.SetString(tag.ScheduledProcedureStepStartDate, "DA", o.Step.StartDate)
	s.SetString(tag.ScheduledProcedureStepStartTime, "TM", o.Step.StartTime)
	s.SetString(tag.Modality, "CS", o.Step.Modality)
	s.SetString(tag.ScheduledPerformingPhysicianName, "PN", o.Step.PerformingPhysician)
	s.SetString(tag.ScheduledProcedureStepDescription, "LO", o.Step.Description)
	s.SetString(tag.ScheduledProcedureStepID, "SH", o.Step.ID)
	s.SetString(tag.ScheduledProcedureStepStatus, "CS", "SCHEDULED")
	d.SetItems(tag.ScheduledProcedureStepSequence, s)
	return d
}
