package sr

import "github.com/dokuei/dokuei/reports"

// SOPClassUID of Basic Text SR Storage.
const SOPClassUID = "1.2.840.10008.5.1.4.1.1.88.11"

// Concepts of PS3.16 Annex D.
var (
	languageOfContent  = reports.Concept{Value: "121049", Scheme: "DCM", Meaning: "Language of Content Item and Descendants"}
	acquisitionDevice  = reports.Concept{Value: "122142", Scheme: "DCM", Meaning: "Acquisition Device Type"}
	observerType       = reports.Concept{Value: "121005", Scheme: "DCM", Meaning: "Observer Type"}
	person             = reports.Concept{Value: "121006", Scheme: "DCM", Meaning: "Person"}
	personObserverName = reports.Concept{Value: "121008", Scheme: "DCM", Meaning: "Person Observer Name"}
	personOrganization = reports.Concept{Value: "121009", Scheme: "DCM", Meaning: "Person Observer's Organization Name"}
)

// languages are values of TID 1204, RFC 5646.
var languages = map[string]reports.Concept{
	"ja": {Value: "ja", Scheme: "RFC5646", Meaning: "Japanese"},
	"en": {Value: "en", Scheme: "RFC5646", Meaning: "English"},
}

// modalities are those of CID 29 this product titles reports of.
var modalities = map[string]reports.Concept{
	"CT": {Value: "CT", Scheme: "DCM", Meaning: "Computed Tomography"},
	"MR": {Value: "MR", Scheme: "DCM", Meaning: "Magnetic Resonance"},
	"CR": {Value: "CR", Scheme: "DCM", Meaning: "Computed Radiography"},
	"DX": {Value: "DX", Scheme: "DCM", Meaning: "Digital Radiography"},
	"US": {Value: "US", Scheme: "DCM", Meaning: "Ultrasound"},
	"PT": {Value: "PT", Scheme: "DCM", Meaning: "Positron emission tomography"},
	"NM": {Value: "NM", Scheme: "DCM", Meaning: "Nuclear Medicine"},
}

// heading is a heading of CID 7001 and the concept of the texts below it, which is of
// CID 7002 where that has one, and the heading itself otherwise.
type heading struct{ heading, element reports.Concept }

// headings are those of the section codes, under the English names of the codes.
var headings = map[string]heading{
	reports.CodeRequest:        {ln(reports.CodeRequest, "Request"), ln(reports.CodeRequest, "Request")},
	reports.CodeHistory:        {ln(reports.CodeHistory, "History"), ln(reports.CodeHistory, "History")},
	reports.CodeTechnique:      {ln(reports.CodeTechnique, "Current Procedure Descriptions"), dcm("121065", "Procedure Description")},
	reports.CodeComparison:     {ln(reports.CodeComparison, "Prior Procedure Descriptions"), ln(reports.CodeComparison, "Prior Procedure Descriptions")},
	reports.CodeReason:         {own(reports.CodeReason, "Reason for Change"), own(reports.CodeReason, "Reason for Change")},
	reports.CodeFindings:       {ln(reports.CodeFindings, "Findings"), dcm("121071", "Finding")},
	reports.CodeImpression:     {ln(reports.CodeImpression, "Impressions"), dcm("121073", "Impression")},
	reports.CodeRecommendation: {ln(reports.CodeRecommendation, "Recommendations"), dcm("121075", "Recommendation")},
	reports.CodeAddendum:       {ln(reports.CodeAddendum, "Addendum"), ln(reports.CodeAddendum, "Addendum")},
}

// retired maps the DCM headings that CID 7001 once had to their LOINC codes.
var retired = map[string]string{
	"121062": reports.CodeRequest,
	"121070": reports.CodeFindings,
	"121072": reports.CodeImpression,
	"121074": reports.CodeRecommendation,
	"121078": reports.CodeAddendum,
}

func ln(value, meaning string) reports.Concept {
	return reports.Concept{Value: value, Scheme: "LN", Meaning: meaning}
}

func own(value, meaning string) reports.Concept {
	return reports.Concept{Value: value, Scheme: reports.Scheme, Meaning: meaning}
}

func dcm(value, meaning string) reports.Concept {
	return reports.Concept{Value: value, Scheme: "DCM", Meaning: meaning}
}
