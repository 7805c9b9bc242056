package fhir

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"html"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/reports"
)

// Systems of identifiers.
const (
	loinc      = "http://loinc.org"
	dcm        = "http://dicom.nema.org/resources/ontology/DCM"
	jpCore     = "http://jpfhir.jp/fhir/core/"
	documents  = jpCore + "CodeSystem/JP_DocumentCodes_CS"
	uidSystem  = "urn:dicom:uid"
	ours       = "urn:dokuei:report"
	hashSystem = "urn:dokuei:sha256"
	license    = "urn:dokuei:jp-medical-register"
)

// MediaType of a bundle.
const MediaType = "application/fhir+json"

var statuses = map[reports.Kind]string{
	reports.Preliminary: "preliminary", reports.Final: "final", reports.Addendum: "appended",
	reports.Correction: "corrected", reports.Retraction: "entered-in-error",
}

// Build writes the bundle of a version. pdf may be nil, images are the instances
// of the study. The same report gives the same bytes.
func Build(r *reports.Report, pdf []byte, images int) ([]byte, error) {
	patientID := id("Patient", r.Facility.ID, r.Patient.IssuerOfPatientID, r.Patient.PatientID)
	org := id("Organization", r.Facility.ID)
	study := id("ImagingStudy", r.Facility.ID, r.Study.StudyInstanceUID)
	b := bundle{
		ResourceType: "Bundle", ID: id("Bundle", r.ContentHash), Identifier: identifier{hashSystem, r.ContentHash}, Type: "transaction",
		Timestamp: r.SignedAt.UTC().Format(time.RFC3339),
	}
	add := func(x resource) {
		at := x.ResourceType + "/" + x.ID
		b.Entry = append(b.Entry, entry{FullURL: "urn:dokuei:" + strings.ReplaceAll(at, "/", ":"), Resource: x, Request: request{"PUT", at}})
	}
	add(resource{
		ResourceType: "Organization", ID: org, Meta: profile("JP_Organization"),
		Identifier: []identifier{{"urn:dokuei:facility", r.Facility.ID}}, Name: or(r.Facility.Name, r.Facility.ID),
	})
	add(resource{
		ResourceType: "Patient", ID: patientID, Meta: profile("JP_Patient"),
		Identifier: []identifier{{"urn:dokuei:patient:" + or(r.Patient.IssuerOfPatientID, r.Facility.ID), r.Patient.PatientID}},
		Name:       names(r.Patient.Name), Gender: gender(r.Patient.Sex), BirthDate: date(r.Patient.BirthDate),
		ManagingOrganization: &reference{Reference: "Organization/" + org},
	})
	// Who read first takes part, when another verified it or agreed on it.
	readers := []reports.Author{r.Author}
	if first, ok := r.FirstReader(); ok {
		readers = append(readers, first)
	}
	var interpreters []reference
	for _, a := range readers {
		x := resource{ResourceType: "Practitioner", ID: practitioner(a), Meta: profile("JP_Practitioner"), Name: []humanName{{Text: or(a.Name, "-")}}}
		if a.License != "" {
			x.Identifier = []identifier{{license, a.License}}
			x.Qualification = []qualification{{
				Identifier: []identifier{{"http://jpfhir.jp/fhir/core/mhlw/IdSystem/medicalRegistrationNumber", a.License}},
				Code:       codeable{Coding: []coding{{System: jpCore + "CodeSystem/JP_MedicalLicenseCertificate_CS", Code: "medical-registration"}}},
			}}
		}
		add(x)
		interpreters = append(interpreters, reference{"Practitioner/" + x.ID, a.Name})
	}
	imaging := resource{
		ResourceType: "ImagingStudy", ID: study, Meta: profile("JP_ImagingStudy_Radiology"), Status: "available",
		Identifier: []identifier{{uidSystem, "urn:oid:" + r.Study.StudyInstanceUID}, {"urn:dokuei:accession:" + r.Facility.ID, or(r.Study.AccessionNumber, "-")}},
		Subject:    &reference{Reference: "Patient/" + patientID}, Started: started(r.Study), Description: r.Study.Description, NumberOfInstances: images,
	}
	for _, m := range r.Study.Modalities {
		imaging.Modality = append(imaging.Modality, coding{System: dcm, Code: m})
	}
	add(imaging)
	signed := r.SignedAt.UTC().Format(time.RFC3339Nano)
	report := resource{
		ResourceType: "DiagnosticReport", ID: id("DiagnosticReport", r.Facility.ID, r.Study.StudyInstanceUID), Meta: profile("JP_DiagnosticReport_Radiology"),
		Language: r.Language, Text: &narrative{"additional", div(r)}, Status: statuses[r.Kind],
		Identifier: []identifier{{ours, r.ID}, {"urn:dokuei:report-version", strconv.Itoa(r.Version)}, {hashSystem, r.ContentHash}},
		Category:   []codeable{radiology},
		Code:       title(r),
		Subject:    &reference{Reference: "Patient/" + patientID}, EffectiveDateTime: signed, Issued: signed,
		// Who answers for it, a Practitioner by the profile; then all who took part.
		Performer: interpreters[:1], ResultsInterpreter: interpreters,
		ImagingStudy: []reference{{Reference: "ImagingStudy/" + study}},
	}
	for _, m := range r.Study.Modalities {
		report.Category = append(report.Category, codeable{Coding: []coding{{System: dcm, Code: m}}})
	}
	for _, o := range observations {
		x := resource{
			ResourceType: "Observation", ID: id("Observation", o.code, r.Facility.ID, r.Study.StudyInstanceUID), Meta: profile(o.profile), Status: observed(r.Kind),
			Category: []codeable{{Coding: []coding{
				{jpCore + "CodeSystem/JP_SimpleObservationCategory_CS", "imaging", "Imaging"}, {"http://terminology.hl7.org/CodeSystem/observation-category", "imaging", "Imaging"},
			}}},
			Code:    &codeable{Coding: []coding{{loinc, o.code, o.display}}},
			Subject: report.Subject, EffectiveDateTime: signed, Issued: signed, Performer: interpreters, DerivedFrom: report.ImagingStudy,
		}
		for _, s := range r.Sections {
			if s.Code == o.section {
				x.ValueString = s.Text
			}
		}
		add(x)
		report.Result = append(report.Result, reference{Reference: "Observation/" + x.ID})
	}
	addCoded(&report, r, signed)
	for _, s := range r.Sections {
		if s.Code == reports.CodeImpression {
			report.Conclusion = s.Text
		}
	}
	if pdf != nil {
		report.PresentedForm = []attachment{{"application/pdf", r.Language, base64.StdEncoding.EncodeToString(pdf), r.Title.In(r.Language)}}
	}
	add(report)
	return json.Marshal(b)
}

// radiology is the first category of a report, as the profile fixes it.
var radiology = codeable{Coding: []coding{{loinc, "LP29684-5", "Radiology"}}}

// title is the code of a report: the one the profile fixes in the code system of JP Core
// and the same in LOINC, which that is taken from; then its own.
func title(r *reports.Report) *codeable {
	c := &codeable{Coding: []coding{{documents, fixedTitle, "画像検査報告書"}, {loinc, fixedTitle, "Diagnostic imaging study"}}, Text: r.Title.In(r.Language)}
	if r.Title.Code != fixedTitle {
		c.Coding = append(c.Coding, coding{loinc, r.Title.Code, r.Title.Meaning})
	}
	return c
}

const fixedTitle = "18748-4"

// observations are the results of a report and the sections they repeat. They are
// there in every version: one that was taken back takes back what the version before
// has put under their IDs.
var observations = []struct{ section, code, display, profile string }{
	{reports.CodeFindings, "18782-3", "Radiology Study observation (narrative)", "JP_Observation_Radiology_Findings"},
	{reports.CodeImpression, "19005-8", "Radiology Imaging study [Impression] (narrative)", "JP_Observation_Radiology_Impression"},
}

// observed is the state of a result (http://hl7.org/fhir/observation-status).
func observed(k reports.Kind) string {
	if k == reports.Addendum {
		return "amended"
	}
	return statuses[k]
}

func practitioner(a reports.Author) string { return id("Practitioner", a.License, a.UserID) }

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

func profile(name string) *meta {
	return &meta{[]string{jpCore + "StructureDefinition/" + name}}
}

// id is a logical ID (FHIR R4 datatype id: at most 64 of A-Z a-z 0-9 - .).
func id(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:16])
}

// div is the narrative: every section under its heading, escaped. The code of a section is
// a class: a report with two addenda has it twice.
func div(r *reports.Report) string {
	var b strings.Builder
	b.WriteString(`<div xmlns="http://www.w3.org/1999/xhtml" lang="` + html.EscapeString(r.Language) + `">`)
	for _, s := range r.Sections {
		b.WriteString(`<h2 class="s-` + html.EscapeString(strings.ToLower(strings.ReplaceAll(s.Code, "_", "-"))) + `">` + html.EscapeString(s.Heading) + "</h2><p>")
		b.WriteString(strings.ReplaceAll(html.EscapeString(s.Text), "\n", "<br/>"))
		b.WriteString("</p>")
	}
	b.WriteString("</div>")
	return b.String()
}

// names writes the groups of a PN; the way of writing is the ISO 21090 extension
// that JP Core asks for: IDE, SYL, ABC.
func names(pn string) []humanName {
	var out []humanName
	for i, group := range strings.SplitN(pn, "=", 3) {
		family, given, _ := strings.Cut(group, "^")
		given = strings.TrimSpace(strings.ReplaceAll(given, "^", " "))
		if family == "" && given == "" {
			continue
		}
		n := humanName{
			Extension: []extension{{"http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation", []string{"ABC", "IDE", "SYL"}[i]}},
			Use:       "official", Text: strings.TrimSpace(family + " " + given), Family: family,
		}
		if given != "" {
			n.Given = []string{given}
		}
		out = append(out, n)
	}
	if out == nil {
		out = []humanName{{Text: "-"}}
	}
	return out
}

func gender(sex string) string {
	switch sex {
	case "M":
		return "male"
	case "F":
		return "female"
	case "O":
		return "other"
	}
	return "unknown"
}

func date(da string) string {
	d, err := time.Parse("20060102", da)
	if err != nil {
		return ""
	}
	return d.Format("2006-01-02")
}

// started is the date and time of a study in Japan's zone, as far as known.
func started(s reports.Study) string {
	whole, _, _ := strings.Cut(s.Time, ".")
	if t, err := time.ParseInLocation("20060102150405", s.Date+whole, reports.JST); err == nil {
		return t.Format(time.RFC3339)
	}
	return date(s.Date)
}
