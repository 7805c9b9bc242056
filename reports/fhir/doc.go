// Package fhir writes a signed report as an HL7 FHIR R4 (4.0.1) transaction
// bundle and reads one back.
//
//	DiagnosticReport   status by the kind of version; sections as narrative; PDF and
//	                   conclusion; JP Core JP_DiagnosticReport_Radiology
//	Observation        findings and impression: JP_Observation_Radiology_Findings and
//	                   JP_Observation_Radiology_Impression, the report's results
//	ImagingStudy       the study with its UID; JP_ImagingStudy_Radiology
//	Patient, Practitioner, Organization  what both refer to
//
// Resources are written by PUT under IDs that are functions of what they stand
// for, so that a bundle posted twice, and every later version of a report,
// replaces what it must: the DiagnosticReport's ID is that of the study's report,
// its version stands in an identifier. All entries refer to each other by type
// and ID.
//
// Left out: resources for measurements and key images, and any of the request. Pure functions; memory in proportion to the report and its PDF.
package fhir
