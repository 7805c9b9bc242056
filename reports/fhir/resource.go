package fhir

// The parts of FHIR R4 that are written here, by the names of the specification.
// A nil pointer and an empty list are left out, as FHIR asks (no empty values).

type coding struct {
	System  string `json:"system,omitempty"`
	Code    string `json:"code,omitempty"`
	Display string `json:"display,omitempty"`
}

type codeable struct {
	Coding []coding `json:"coding,omitempty"`
	Text   string   `json:"text,omitempty"`
}

type identifier struct {
	System string `json:"system,omitempty"`
	Value  string `json:"value"`
}

type reference struct {
	Reference string `json:"reference,omitempty"`
	Display   string `json:"display,omitempty"`
}

type meta struct {
	Profile []string `json:"profile,omitempty"`
}

type narrative struct {
	Status string `json:"status"`
	Div    string `json:"div"`
}

type extension struct {
	URL       string `json:"url"`
	ValueCode string `json:"valueCode,omitempty"`
}

type humanName struct {
	Extension []extension `json:"extension,omitempty"`
	Use       string      `json:"use,omitempty"`
	Text      string      `json:"text,omitempty"`
	Family    string      `json:"family,omitempty"`
	Given     []string    `json:"given,omitempty"`
}

type attachment struct {
	ContentType string `json:"contentType,omitempty"`
	Language    string `json:"language,omitempty"`
	Data        string `json:"data,omitempty"`
	Title       string `json:"title,omitempty"`
}

type resource struct {
	ResourceType string       `json:"resourceType"`
	ID           string       `json:"id,omitempty"`
	Meta         *meta        `json:"meta,omitempty"`
	Language     string       `json:"language,omitempty"`
	Text         *narrative   `json:"text,omitempty"`
	Contained    []resource   `json:"contained,omitempty"`
	Identifier   []identifier `json:"identifier,omitempty"`
	Status       string       `json:"status,omitempty"`

	// Patient, Practitioner
	Name      any    `json:"name,omitempty"` // []humanName; string of an Organization
	Gender    string `json:"gender,omitempty"`
	BirthDate string `json:"birthDate,omitempty"`
	// Practitioner: the licence
	Qualification []qualification `json:"qualification,omitempty"`
	// Patient: the hospital whose identifier it has
	ManagingOrganization *reference `json:"managingOrganization,omitempty"`

	// ImagingStudy
	Modality          []coding `json:"modality,omitempty"`
	Started           string   `json:"started,omitempty"`
	Description       string   `json:"description,omitempty"`
	NumberOfInstances int      `json:"numberOfInstances,omitempty"`

	// DiagnosticReport, Observation
	Category           []codeable   `json:"category,omitempty"`
	Code               *codeable    `json:"code,omitempty"`
	Subject            *reference   `json:"subject,omitempty"`
	EffectiveDateTime  string       `json:"effectiveDateTime,omitempty"`
	Issued             string       `json:"issued,omitempty"`
	Performer          []reference  `json:"performer,omitempty"`
	ResultsInterpreter []reference  `json:"resultsInterpreter,omitempty"`
	ImagingStudy       []reference  `json:"imagingStudy,omitempty"`
	Result             []reference  `json:"result,omitempty"`
	ValueString        string       `json:"valueString,omitempty"` // of an Observation
	ValueConcept       *codeable    `json:"valueCodeableConcept,omitempty"`
	Component          []component  `json:"component,omitempty"`
	DerivedFrom        []reference  `json:"derivedFrom,omitempty"` // of an Observation
	Conclusion         string       `json:"conclusion,omitempty"`
	ConclusionCode     []codeable   `json:"conclusionCode,omitempty"`
	PresentedForm      []attachment `json:"presentedForm,omitempty"`
}

type component struct {
	Code         codeable  `json:"code"`
	ValueConcept *codeable `json:"valueCodeableConcept,omitempty"`
}

type qualification struct {
	Identifier []identifier `json:"identifier,omitempty"`
	Code       codeable     `json:"code"`
}

type entry struct {
	FullURL  string   `json:"fullUrl"`
	Resource resource `json:"resource"`
	Request  request  `json:"request"`
}

type request struct {
	Method string `json:"method"`
	URL    string `json:"url"`
}

type bundle struct {
	ResourceType string     `json:"resourceType"`
	ID           string     `json:"id"`
	Identifier   identifier `json:"identifier"`
	Type         string     `json:"type"`
	Timestamp    string     `json:"timestamp"`
	Entry        []entry    `json:"entry"`
}
