package orders

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/dokuei/dokuei/worklist/order"
)

// finder looks for references: #id in what is contained, others beside.
func finder(contained []json.RawMessage, beside Resources) Resources {
	local := map[string]json.RawMessage{}
	for _, raw := range contained {
		var head struct {
			ID string `json:"id"`
		}
		if json.Unmarshal(raw, &head) == nil && head.ID != "" {
			local["#"+head.ID] = raw
		}
	}
	return func(ref string) json.RawMessage {
		if raw, ok := local[ref]; ok || strings.HasPrefix(ref, "#") || beside == nil {
			return raw
		}
		return beside(ref)
	}
}

// something is a resource that is referred to: a Condition, an Observation, an
// AllergyIntolerance and others, by the elements they share.
type something struct {
	ResourceType string  `json:"resourceType"`
	Code         concept `json:"code"`
	Note         []annotation
	Reaction     []struct {
		Manifestation []concept `json:"manifestation"`
	} `json:"reaction"`
	Onset        string   `json:"onsetDateTime"`
	ValueString  string   `json:"valueString"`
	ValueConcept concept  `json:"valueCodeableConcept"`
	ValueBoolean *bool    `json:"valueBoolean"`
	ValueTime    string   `json:"valueDateTime"`
	ValueNumber  quantity `json:"valueQuantity"`
}

type quantity struct {
	Value json.Number `json:"value"`
	Unit  string      `json:"unit"`
}

// about is what a reference refers to. One that says itself what it is need not be there.
func about(ref reference, find Resources, where string) (something, error) {
	var s something
	if ref.Reference == "" {
		return s, nil
	}
	raw := find(ref.Reference)
	if raw == nil {
		if ref.Display != "" {
			return s, nil
		}
		return s, &ContentError{where, "refers to a resource that is neither contained nor in the bundle"}
	}
	if err := decode(raw, &s); err != nil {
		return s, &ContentError{where, "refers to a resource that is not as FHIR R4 has it"}
	}
	return s, nil
}

func (s something) says(ref reference) string {
	text := first(s.Code.says(), ref.Display)
	for _, n := range s.Note {
		text = lines(text, n.Text)
	}
	return text
}

// value is what was observed, as people read it.
func (s something) value() string {
	text := first(s.ValueString, s.ValueConcept.says(), strings.TrimSpace(s.ValueNumber.Value.String()+" "+s.ValueNumber.Unit), s.ValueTime)
	if s.ValueBoolean != nil && text == "" {
		text = map[bool]string{true: "(+)", false: "(-)"}[*s.ValueBoolean]
	}
	for _, n := range s.Note {
		text = lines(text, n.Text)
	}
	return text
}

// notes takes supporting information to where a reader looks for it.
func (s something) notes(o *order.Order, ref reference) {
	switch s.ResourceType {
	case "AllergyIntolerance":
		var more []string
		for _, r := range s.Reaction {
			for _, m := range r.Manifestation {
				more = append(more, m.says())
			}
		}
		o.Allergies = lines(o.Allergies, strings.TrimSpace(s.says(ref)+" "+strings.Join(more, " ")))
	case "Observation":
		name := s.Code.says()
		for _, c := range s.Code.Coding {
			name += " " + c.Display
		}
		observe(o, name, s.Code.says(), s.value(), func() (time.Time, bool) { return dateTime(first(s.ValueTime, s.ValueString)) })
	default: // Condition, Procedure and the like
		o.History = lines(o.History, s.says(ref))
	}
}

// patient reads Patient: its identifier of type MR or PI, else its first.
func (r request) patient(o *order.Order, find Resources) error {
	var p struct {
		Identifier []identifier `json:"identifier"`
		Name       []humanName  `json:"name"`
		BirthDate  string       `json:"birthDate"`
		Gender     string       `json:"gender"`
	}
	if r.Subject.Reference != "" {
		raw := find(r.Subject.Reference)
		if raw == nil {
			return &ContentError{"ServiceRequest.subject", "refers to a Patient that is neither contained nor in the bundle"}
		}
		if err := decode(raw, &p); err != nil {
			return &ContentError{"ServiceRequest.subject", "refers to a Patient that is not as FHIR R4 has it"}
		}
	}
	for _, i := range p.Identifier {
		if kind := i.Type.code(func(coding) bool { return true }); kind == "MR" || kind == "PI" {
			o.PatientID = i.Value
			break
		}
	}
	if o.PatientID == "" && len(p.Identifier) > 0 {
		o.PatientID = p.Identifier[0].Value
	}
	o.PatientID = first(o.PatientID, r.Subject.Identifier.Value)
	o.PatientName = first(personOf(p.Name), r.Subject.Display)
	o.BirthDate = strings.ReplaceAll(p.BirthDate, "-", "")
	if len(o.BirthDate) != 8 {
		o.BirthDate = "" // a year alone does not tell a patient from another
	}
	o.Sex = map[string]string{"male": "M", "female": "F", "other": "O"}[p.Gender]
	return nil
}

type humanName struct {
	Text      string      `json:"text"`
	Family    string      `json:"family"`
	Given     []string    `json:"given"`
	Use       string      `json:"use"`
	Extension []extension `json:"extension"`
}

type extension struct {
	URL  string `json:"url"`
	Code string `json:"valueCode"`
}

// personOf is the names of a person as PN: alphabetic, ideographic and phonetic by the
// extension of ISO 21090, else by what they are written in.
func personOf(list []humanName) string {
	var groups [3]string
	for _, n := range list {
		name := strings.TrimRight(n.Family+"^"+strings.Join(n.Given, " "), "^")
		if name == "" {
			name = strings.Join(strings.Fields(n.Text), "^")
		}
		if name == "" || n.Use == "old" {
			continue
		}
		at := 0
		if strings.IndexFunc(name, func(c rune) bool { return c > 0x2e80 }) >= 0 {
			at = 1
		}
		for _, e := range n.Extension {
			if i := strings.Index("ABC IDE SYL", e.Code); e.URL == writings && i >= 0 && len(e.Code) == 3 {
				at = i / 4
			}
		}
		if groups[at] == "" {
			groups[at] = name
		}
	}
	return strings.TrimRight(strings.Join(groups[:], "="), "=")
}

// doctors reads who orders: a Practitioner, or the one of a PractitionerRole.
func (r request) doctors(o *order.Order, find Resources) error {
	ref := r.Requester
	for range 2 {
		if ref.Reference == "" {
			break
		}
		raw := find(ref.Reference)
		if raw == nil {
			break
		}
		var p struct {
			Name         json.RawMessage `json:"name"`
			Practitioner reference       `json:"practitioner"`
		}
		if err := decode(raw, &p); err != nil {
			return &ContentError{"ServiceRequest.requester", "refers to a resource that is not as FHIR R4 has it"}
		}
		var names []humanName
		if json.Unmarshal(p.Name, &names) == nil { // that of an Organization is a string
			o.ReferringPhysician = personOf(names)
		}
		if o.ReferringPhysician != "" || p.Practitioner.Reference == "" && p.Practitioner.Display == "" {
			break
		}
		ref = p.Practitioner
	}
	if o.ReferringPhysician == "" && ref.Display != "" {
		o.ReferringPhysician = personOf([]humanName{{Text: ref.Display}})
	}
	return nil
}
