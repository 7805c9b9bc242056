// Package fhir writes a signed report as an HL7 FHIR R4 (4.0.1) transaction
// bundle and reads one back.
//
//	DiagnosticReport   status by the kind of version; sections as narrative; PDF and
//	                   conclusion; JP Core JP_DiagnosticReport_Radiology
//	ImagingStudy       the study with its UID; JP_ImagingStudy_Radiology
//	Patient, Practitioner, Organization  what both refer to
//
// Resources are written by PUT under IDs that are functions of what they stand
// for, so that a bundle posted twice, and every later version of a report,
// replaces what it must: the DiagnosticReport's ID is that of the study's report,
// its version stands in an identifier. All entries refer to each other by type
// and ID.
//
// Left out: Observation resources for measurements, and any resource of the
// request. Pure functions; memory in proportion to the report and its PDF.
package fhir
