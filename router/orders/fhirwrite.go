package orders

import (
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/order"
)

// Resource is an order as a ServiceRequest of FHIR R4, which [ServiceRequest] reads
// back as the same order.
func Resource(o order.Order) map[string]any {
	status := "active"
	switch {
	case !o.CanceledAt.IsZero():
		status = "revoked"
	case o.Done:
		status = "completed"
	}
	contained := []any{patientResource(o)}
	out := map[string]any{
		"resourceType": "ServiceRequest", "id": o.ID, "status": status, "intent": "order",
		"priority":   map[string]string{"STAT": "stat", "HIGH": "urgent"}[o.Priority],
		"category":   []any{codeable(dicomCodes, o.Step.Modality, "")},
		"code":       map[string]any{"text": o.ProcedureDescription},
		"subject":    map[string]any{"reference": "#patient"},
		"authoredOn": o.CreatedAt.UTC().Format(time.RFC3339),
		"identifier": identifiers(o),
	}
	if out["priority"] == "" {
		out["priority"] = "routine"
	}
	if o.ProcedureCode != "" {
		out["code"] = map[string]any{"text": o.ProcedureDescription, "coding": []any{map[string]any{"system": jj1017Codes, "code": o.ProcedureCode}}}
	}
	if at, err := time.ParseInLocation("20060102150405", o.Step.StartDate+o.Step.StartTime, calendar.Tokyo); err == nil {
		out["occurrenceDateTime"] = at.Format(time.RFC3339)
	}
	if o.ProcedureID != "" {
		out["requisition"] = map[string]any{"value": o.ProcedureID}
	}
	if o.ReferringPhysician != "" {
		contained = append(contained, map[string]any{"resourceType": "Practitioner", "id": "requester", "name": humanNames(o.ReferringPhysician)})
		out["requester"] = map[string]any{"reference": "#requester"}
	}
	if o.Comments != "" {
		out["reasonCode"] = []any{map[string]any{"text": o.Comments}}
	}
	var info []any
	add := func(resource map[string]any) {
		id := fmt.Sprint("info", len(info)+1)
		resource["id"], resource["subject"] = id, map[string]any{"reference": "#patient"}
		contained, info = append(contained, resource), append(info, map[string]any{"reference": "#" + id})
	}
	if o.History != "" {
		add(map[string]any{"resourceType": "Condition", "code": map[string]any{"text": o.History}})
	}
	for _, v := range []struct{ name, value string }{{"感染症 (infection)", o.Alerts}, {"造影 (contrast)", o.Contrast}, {"アレルギー (allergy)", o.Allergies}} {
		if v.value != "" {
			add(observation(v.name, "valueString", v.value))
		}
	}
	if !o.Onset.IsZero() {
		add(observation("発症時刻 (onset)", "valueDateTime", o.Onset.UTC().Format(time.RFC3339Nano)))
	}
	if info != nil {
		out["supportingInfo"] = info
	}
	out["contained"] = contained
	return out
}

func observation(name, kind, value string) map[string]any {
	return map[string]any{"resourceType": "Observation", "status": "final", "code": map[string]any{"text": name}, kind: value}
}

func codeable(system, code, text string) map[string]any {
	c := map[string]any{"coding": []any{map[string]any{"system": system, "code": code}}}
	if text != "" {
		c["text"] = text
	}
	return c
}

func identifiers(o order.Order) []any {
	list := []any{
		map[string]any{"type": codeable(identifierTypes, "ACSN", ""), "value": o.AccessionNumber},
		map[string]any{"system": dicomUIDs, "value": "urn:oid:" + o.StudyInstanceUID},
	}
	if o.Placer != "" {
		list = append(list, map[string]any{"type": codeable(identifierTypes, "PLAC", ""), "value": o.Placer})
	}
	return list
}

func patientResource(o order.Order) map[string]any {
	p := map[string]any{
		"resourceType": "Patient", "id": "patient", "name": humanNames(o.PatientName),
		"identifier": []any{map[string]any{"type": codeable(identifierTypes, "MR", ""), "value": o.PatientID}},
	}
	if b := o.BirthDate; len(b) == 8 {
		p["birthDate"] = b[:4] + "-" + b[4:6] + "-" + b[6:]
	}
	if g := map[string]string{"M": "male", "F": "female", "O": "other"}[o.Sex]; g != "" {
		p["gender"] = g
	}
	return p
}

// humanNames is PN as names with the extension of ISO 21090 that tells their writing.
func humanNames(pn string) []any {
	var list []any
	for i, group := range strings.Split(pn, "=") {
		if group == "" || i > 2 {
			continue
		}
		family, given, _ := strings.Cut(group, "^")
		n := map[string]any{"extension": []any{map[string]any{"url": writings, "valueCode": []string{"ABC", "IDE", "SYL"}[i]}}}
		if family != "" {
			n["family"] = family
		}
		if given != "" {
			n["given"] = []string{given}
		}
		list = append(list, n)
	}
	return list
}

// Issue is an OperationOutcome of FHIR R4 with one issue. code is of the value set
// issue-type; where is the element, empty when there is none.
func Issue(severity, code, text, where string) map[string]any {
	issue := map[string]any{"severity": severity, "code": code, "diagnostics": text}
	if where != "" {
		issue["expression"] = []string{where}
	}
	return map[string]any{"resourceType": "OperationOutcome", "issue": []any{issue}}
}

// elements are where FHIR has the attributes an order may lack or say wrongly.
var elements = map[string]string{
	"Patient ID": "Patient.identifier", "Patient's Name": "Patient.name", "Patient's Birth Date": "Patient.birthDate", "Patient's Sex": "Patient.gender",
	"Accession Number": "ServiceRequest.identifier", "Placer Order Number": "ServiceRequest.identifier", "Study Instance UID": "ServiceRequest.identifier",
	"Requested Procedure ID": "ServiceRequest.requisition", "Requested Procedure Description": "ServiceRequest.code", "Requested Procedure Code": "ServiceRequest.code",
	"Referring Physician's Name": "ServiceRequest.requester", "Requested Procedure Comments": "ServiceRequest.reasonCode", "Modality": "ServiceRequest.category",
	"Additional Patient History": "ServiceRequest.supportingInfo", "Allergies": "ServiceRequest.supportingInfo", "Medical Alerts": "ServiceRequest.supportingInfo",
	"Requested Contrast Agent": "ServiceRequest.supportingInfo", "Scheduled Procedure Step Start Date": "ServiceRequest.occurrence",
}

// Element is where FHIR has an attribute of an order.
func Element(attribute string) string {
	if e, ok := elements[attribute]; ok {
		return e
	}
	return "ServiceRequest"
}
