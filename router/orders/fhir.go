package orders

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/order"
)

// Coding systems of FHIR orders.
const (
	identifierTypes = "http://terminology.hl7.org/CodeSystem/v2-0203"
	dicomUIDs       = "urn:dicom:uid"
	dicomCodes      = "http://dicom.nema.org/resources/ontology/DCM"
	jj1017Codes     = "urn:oid:1.2.392.200119.4.1102" // as JP Core names JJ1017
	radiology       = "http://terminology.hl7.org/CodeSystem/v2-0074"
	writings        = "http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation"
)

// Resources finds what a reference of a bundle refers to; nil: nothing beside what a
// resource contains.
type Resources func(reference string) json.RawMessage

// ServiceRequest reads a ServiceRequest of FHIR R4 as a wish. The error is a
// *ContentError that names the element.
func ServiceRequest(raw json.RawMessage, beside Resources) (Wish, error) {
	var r request
	if err := decode(raw, &r); err != nil {
		return Wish{}, err
	}
	if r.ResourceType != "ServiceRequest" {
		return Wish{}, &ContentError{"resourceType", "is not ServiceRequest"}
	}
	act, err := r.act()
	if err != nil {
		return Wish{}, err
	}
	o := order.Order{Source: order.FromFHIR}
	r.numbers(&o)
	if act == Cancel || act == Nothing {
		if o.Placer == "" && o.AccessionNumber == "" && act == Cancel && r.ID == "" {
			return Wish{}, &ContentError{"ServiceRequest.identifier", "is missing: it names the order to revoke"}
		}
		return Wish{act, o}, nil
	}
	find := finder(r.Contained, beside)
	if err := r.patient(&o, find); err != nil {
		return Wish{}, err
	}
	r.procedure(&o)
	if o.Step.Modality == "" {
		return Wish{}, &ContentError{"ServiceRequest.category", "has no modality: a coding of " + dicomCodes + ", as CT or MR, here, in orderDetail or in code"}
	}
	if err := r.start(&o); err != nil {
		return Wish{}, err
	}
	if err := r.doctors(&o, find); err != nil {
		return Wish{}, err
	}
	return Wish{act, o}, r.texts(&o, find)
}

// request are the elements of a ServiceRequest that are read.
type request struct {
	ResourceType      string            `json:"resourceType"`
	ID                string            `json:"id"`
	ModifierExtension []json.RawMessage `json:"modifierExtension"`
	Contained         []json.RawMessage `json:"contained"`
	Identifier        []identifier      `json:"identifier"`
	Requisition       *identifier       `json:"requisition"`
	Status            string            `json:"status"`
	Intent            string            `json:"intent"`
	Priority          string            `json:"priority"`
	DoNotPerform      bool              `json:"doNotPerform"`
	Category          []concept         `json:"category"`
	Code              concept           `json:"code"`
	OrderDetail       []concept         `json:"orderDetail"`
	Subject           reference         `json:"subject"`
	OccurrenceTime    string            `json:"occurrenceDateTime"`
	OccurrencePeriod  struct {
		Start string `json:"start"`
	} `json:"occurrencePeriod"`
	AuthoredOn      string       `json:"authoredOn"`
	Requester       reference    `json:"requester"`
	ReasonCode      []concept    `json:"reasonCode"`
	ReasonReference []reference  `json:"reasonReference"`
	SupportingInfo  []reference  `json:"supportingInfo"`
	Note            []annotation `json:"note"`
}

type identifier struct {
	Type   concept `json:"type"`
	System string  `json:"system"`
	Value  string  `json:"value"`
}

type concept struct {
	Coding []coding `json:"coding"`
	Text   string   `json:"text"`
}

type coding struct {
	System  string `json:"system"`
	Code    string `json:"code"`
	Display string `json:"display"`
}

type reference struct {
	Reference  string     `json:"reference"`
	Identifier identifier `json:"identifier"`
	Display    string     `json:"display"`
}

type annotation struct {
	Text string `json:"text"`
}

// says is a concept as people read it.
func (c concept) says() string {
	list := []string{c.Text}
	for _, one := range c.Coding {
		list = append(list, one.Display)
	}
	for _, one := range c.Coding {
		list = append(list, one.Code)
	}
	return first(list...)
}

func (c concept) code(of func(coding) bool) string {
	if i := slices.IndexFunc(c.Coding, of); i >= 0 {
		return c.Coding[i].Code
	}
	return ""
}

// act maps status and intent, FHIR R4 request-status and request-intent.
func (r request) act() (Act, error) {
	switch {
	case len(r.ModifierExtension) > 0:
		return "", &ContentError{"ServiceRequest.modifierExtension", "is not understood, so the order cannot be taken"}
	case r.DoNotPerform:
		return "", &ContentError{"ServiceRequest.doNotPerform", "is true: that is no order to examine"}
	case r.Intent == "proposal" || r.Intent == "plan" || r.Intent == "directive" || r.Intent == "option":
		return "", &ContentError{"ServiceRequest.intent", "is not that of an order"}
	case r.Intent == "":
		return "", &ContentError{"ServiceRequest.intent", "is missing"}
	}
	switch r.Status {
	case "active":
		return Place, nil
	case "revoked", "entered-in-error":
		return Cancel, nil
	case "completed":
		return Nothing, nil
	case "":
		return "", &ContentError{"ServiceRequest.status", "is missing"}
	}
	return "", &ContentError{"ServiceRequest.status", "is none of active, revoked, entered-in-error, completed"}
}

// numbers reads the identifiers: by their type (table 0203), ACSN the accession number,
// PLAC the placer's; a DICOM UID; and what has no type is the placer's.
func (r request) numbers(o *order.Order) {
	for _, i := range r.Identifier {
		kind := i.Type.code(func(c coding) bool { return c.System == identifierTypes || c.System == "" })
		switch {
		case i.System == dicomUIDs:
			o.StudyInstanceUID = strings.TrimPrefix(i.Value, "urn:oid:")
		case kind == "ACSN":
			o.AccessionNumber = strings.TrimSpace(i.Value)
		case kind == "PLAC":
			o.Placer = strings.TrimSpace(i.Value)
		case kind == "" && o.Placer == "":
			o.Placer = strings.TrimSpace(i.Value)
		}
	}
	if r.Requisition != nil {
		o.ProcedureID = strings.TrimSpace(r.Requisition.Value)
	}
}

// procedure reads what is ordered.
func (r request) procedure(o *order.Order) {
	o.ProcedureDescription = clip(r.Code.says(), 64)
	jj := func(c coding) bool {
		return strings.Contains(strings.ToUpper(c.System), "JJ1017") || strings.HasPrefix(c.System, jj1017Codes)
	}
	o.ProcedureCode = first(r.Code.code(jj), r.Code.code(func(c coding) bool { return c.System != dicomCodes }))
	modality := func(c coding) bool { return c.System == dicomCodes || c.System == "urn:oid:1.2.840.10008.2.16.4" }
	for _, c := range slices.Concat(r.Category, r.OrderDetail, []concept{r.Code}) {
		o.Step.Modality = first(o.Step.Modality, strings.ToUpper(c.code(modality)))
	}
	for _, c := range r.Category {
		kind := c.code(func(c coding) bool { return c.System == radiology })
		o.Step.Modality = first(o.Step.Modality, map[string]string{"CT": "CT", "NMR": "MR", "RUS": "US", "NMS": "NM"}[kind]) // table 0074
	}
	switch r.Priority {
	case "stat":
		o.Priority = "STAT"
	case "asap", "urgent":
		o.Priority = "HIGH"
	default:
		o.Priority = "ROUTINE"
	}
}

func (r request) start(o *order.Order) error {
	text := first(r.OccurrenceTime, r.OccurrencePeriod.Start)
	if text == "" {
		return nil
	}
	at, ok := dateTime(text)
	if !ok {
		return &ContentError{"ServiceRequest.occurrence", "is not a date or a time"}
	}
	at = at.In(calendar.Tokyo)
	o.Step.StartDate, o.Step.StartTime = at.Format("20060102"), at.Format("150405")
	return nil
}

// dateTime is dateTime of FHIR R4 2.24.0.1, to the day at least; a day is Japan's.
func dateTime(text string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05", "2006-01-02T15:04"} {
		if t, err := time.ParseInLocation(layout, text, calendar.Tokyo); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// texts reads question, history, notes and observations.
func (r request) texts(o *order.Order, find Resources) error {
	for _, c := range r.ReasonCode {
		o.Comments = lines(o.Comments, c.says())
	}
	for n, ref := range r.ReasonReference {
		one, err := about(ref, find, fmt.Sprintf("ServiceRequest.reasonReference[%d]", n))
		if err != nil {
			return err
		}
		o.Comments = lines(o.Comments, one.says(ref))
	}
	for n, ref := range r.SupportingInfo {
		one, err := about(ref, find, fmt.Sprintf("ServiceRequest.supportingInfo[%d]", n))
		if err != nil {
			return err
		}
		one.notes(o, ref)
	}
	for _, n := range r.Note {
		o.Comments = lines(o.Comments, n.Text)
	}
	return nil
}

// maxResource bounds one resource: an order with all that it contains has some kilobytes,
// and is read while others wait to write.
const maxResource = 128 << 10

func decode(raw json.RawMessage, v any) error {
	if len(raw) > maxResource {
		return &ContentError{"the resource", fmt.Sprintf("has more than %d bytes", maxResource)}
	}
	if err := json.Unmarshal(raw, v); err != nil {
		where := "the resource"
		if t, ok := err.(*json.UnmarshalTypeError); ok && t.Field != "" { //nolint:errorlint // json returns it bare
			where = t.Field
		}
		return &ContentError{where, "is not as FHIR R4 has it"}
	}
	return nil
}
