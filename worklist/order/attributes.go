package order

import (
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Attributes are those an answer may have, without values, PS3.4 Table K.6-1.
func Attributes() *dataset.Dataset { return attributes(Order{}) }

// untold are attributes of type 2 that are returned empty.
var untold = map[tag.Tag]string{
	tag.PatientWeight: "DS", tag.PregnancyStatus: "US", tag.RequestingPhysician: "PN",
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
	d.SetString(tag.AdditionalPatientHistory, "LT", o.History)
	d.SetString(tag.Allergies, "LO", short(o.Allergies)...)
	d.SetString(tag.MedicalAlerts, "LO", short(o.Alerts)...)
	if o.ProcedureCode != "" {
		code := dataset.New()
		code.SetString(tag.CodeValue, "SH", cut(o.ProcedureCode, 16))
		code.SetString(tag.CodingSchemeDesignator, "SH", "JJ1017")
		code.SetString(tag.CodeMeaning, "LO", o.ProcedureDescription)
		d.SetItems(tag.RequestedProcedureCodeSequence, code)
	}

	s := dataset.New()
	for _, t := range []tag.Tag{tag.ScheduledStationName, tag.ScheduledProcedureStepLocation} {
		s.SetString(t, "SH")
	}
	s.SetString(tag.PreMedication, "LO")
	s.SetString(tag.RequestedContrastAgent, "LO", short(o.Contrast)...)
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

// short is text as values of LO: a line each, of 64 characters at most.
func short(text string) []string {
	var list []string
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(strings.ReplaceAll(line, `\`, "/"))
		for line != "" {
			head := cut(line, 64)
			list, line = append(list, head), strings.TrimSpace(line[len(head):])
		}
	}
	return list
}

// cut is the first characters of a text.
func cut(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i]
		}
		n++
	}
	return s
}
