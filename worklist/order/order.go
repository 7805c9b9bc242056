package order

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/dokuei/dokuei/dicom/uid"
)

// Order is one scheduled procedure step with what it is part of. Text is as in
// DICOM: names alphabetic=ideographic=phonetic, dates DA, times TM.
type Order struct {
	ID         string
	FacilityID string

	PatientID   string // (0010,0020)
	PatientName string // (0010,0010)
	BirthDate   string // (0010,0030)
	Sex         string // (0010,0040) M, F, O or empty

	AccessionNumber      string // (0008,0050)
	ReferringPhysician   string // (0008,0090)
	StudyInstanceUID     string // (0020,000D); empty: one is made
	ProcedureID          string // (0040,1001); empty: the accession number
	ProcedureDescription string // (0032,1060); empty: that of the step
	Priority             string // (0040,1003); empty: ROUTINE
	Comments             string // the clinical question, (0040,1400)
	History              string // what is known of the patient, (0010,21B0)
	OtherPhysicians      string // ordering doctors after the first, a name on each line

	Placer        string    // number of the order at the hospital: ORC-2
	ProcedureCode string    // JJ1017, (0032,1064)
	Allergies     string    // (0010,2110)
	Alerts        string    // infections and other dangers, (0010,2000)
	Contrast      string    // (0032,1070)
	Onset         time.Time // of a stroke, or when last known well; zero: not told
	Source        Source    // zero: the API

	Step       Step
	CreatedAt  time.Time
	CanceledAt time.Time // zero: it stands
	Done       bool      // a study of it is complete
}

// Source is the door an order came through.
type Source string

// The sources.
const (
	FromAPI  Source = "api"
	FromHL7  Source = "hl7"
	FromFHIR Source = "fhir"
	FromForm Source = "form" // somebody at the hospital has written it on the page
)

// Step is the item of the Scheduled Procedure Step Sequence (0040,0100).
type Step struct {
	StationAE           string // (0040,0001)
	StartDate           string // (0040,0002)
	StartTime           string // (0040,0003)
	Modality            string // (0008,0060)
	PerformingPhysician string // (0040,0006)
	Description         string // (0040,0007); empty: that of the procedure
	ID                  string // (0040,0009); empty: that of the procedure
}

// Errors of this package.
var (
	// ErrNotFound says there is no such order, or none the caller may see.
	ErrNotFound = errors.New("order: not found")
	// ErrExists says the hospital has a step of this ID under this accession number.
	ErrExists = errors.New("order: exists already")
	// ErrCursor is a cursor that no page gave.
	ErrCursor = errors.New("order: not a cursor")
)

// ValueError is a value an order cannot have.
type ValueError struct {
	Attribute string // the name of the attribute
	Reason    string // says nothing of the value
}

func (e *ValueError) Error() string { return "order: " + e.Attribute + " " + e.Reason }

// filled is the order with its defaults.
func (o Order) filled() Order {
	or := func(s *string, otherwise string) {
		if *s == "" {
			*s = otherwise
		}
	}
	or(&o.ProcedureID, o.AccessionNumber)
	or(&o.Step.ID, o.ProcedureID)
	or(&o.ProcedureDescription, o.Step.Description)
	or(&o.Step.Description, o.ProcedureDescription)
	or(&o.Priority, "ROUTINE")
	if o.Source == "" {
		o.Source = FromAPI
	}
	if n := len(o.Step.StartTime); n == 2 || n == 4 {
		o.Step.StartTime += "0000"[n-2:]
	}
	return o
}

// check finds the first value that PS3.5 Table 6.2-1 or Table K.6-1 does not
// allow.
func (o Order) check() error {
	for _, v := range []struct {
		name, value string
		required    bool
		bad         func(string) string
	}{
		{"Patient ID", o.PatientID, true, text(64)},
		{"Patient's Name", o.PatientName, true, name},
		{"Patient's Birth Date", o.BirthDate, false, date},
		{"Patient's Sex", o.Sex, false, oneOf("M", "F", "O")},
		{"Accession Number", o.AccessionNumber, true, text(16)},
		{"Referring Physician's Name", o.ReferringPhysician, false, name},
		{"Study Instance UID", o.StudyInstanceUID, false, identifier},
		{"Requested Procedure ID", o.ProcedureID, true, text(16)},
		{"Requested Procedure Description", o.ProcedureDescription, true, text(64)},
		{"Requested Procedure Priority", o.Priority, true, oneOf("STAT", "HIGH", "ROUTINE", "MEDIUM", "LOW")},
		{"Requested Procedure Comments", o.Comments, false, paragraphs},
		{"Additional Patient History", o.History, false, paragraphs},
		{"Ordering Physicians", o.OtherPhysicians, false, names},
		{"Placer Order Number", o.Placer, false, text(64)},
		{"Requested Procedure Code", o.ProcedureCode, false, text(64)},
		{"Allergies", o.Allergies, false, paragraphs},
		{"Medical Alerts", o.Alerts, false, paragraphs},
		{"Requested Contrast Agent", o.Contrast, false, paragraphs},
		{"Scheduled Station AE Title", o.Step.StationAE, true, ascii(16, "")},
		{"Scheduled Procedure Step Start Date", o.Step.StartDate, true, date},
		{"Scheduled Procedure Step Start Time", o.Step.StartTime, true, clock},
		{"Modality", o.Step.Modality, true, ascii(16, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_ ")},
		{"Scheduled Performing Physician's Name", o.Step.PerformingPhysician, false, name},
		{"Scheduled Procedure Step Description", o.Step.Description, true, text(64)},
		{"Scheduled Procedure Step ID", o.Step.ID, true, text(16)},
	} {
		if v.value == "" {
			if v.required {
				return &ValueError{v.name, "is missing"}
			}
			continue
		}
		if reason := v.bad(v.value); reason != "" {
			return &ValueError{v.name, reason}
		}
	}
	return nil
}

// text is SH or LO.
func text(most int) func(string) string {
	return func(s string) string {
		switch {
		case !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) || strings.Contains(s, `\`):
			return "has a control character or a backslash"
		case utf8.RuneCountInString(s) > most:
			return fmt.Sprintf("has more than %d characters", most)
		case strings.TrimSpace(s) != s:
			return "begins or ends with a space"
		case strings.ContainsAny(s, "*?"):
			return "has a wild card"
		}
		return ""
	}
}

// paragraphs is LT.
func paragraphs(s string) string {
	switch {
	case !utf8.ValidString(s) || strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\r\n\t\f", r) }):
		return "has a control character"
	case utf8.RuneCountInString(s) > 10240:
		return "has more than 10240 characters"
	}
	return ""
}

// name is PN: up to three component groups of 64 characters.
func name(s string) string {
	groups := strings.Split(s, "=")
	if len(groups) > 3 {
		return "has more than three component groups"
	}
	for _, g := range groups {
		if g == "" {
			continue
		}
		if reason := text(64)(g); reason != "" {
			return reason
		}
	}
	if strings.Trim(s, "=^ ") == "" {
		return "is empty"
	}
	return ""
}

// names are PN, a line each.
func names(s string) string {
	list := strings.Split(s, "\n")
	if len(list) > 8 {
		return "has more than 8 lines"
	}
	for _, one := range list {
		if reason := name(one); reason != "" {
			return reason
		}
	}
	return ""
}

func date(s string) string {
	if _, err := time.Parse("20060102", s); err != nil {
		return "is not a date: YYYYMMDD"
	}
	return ""
}

func clock(s string) string {
	if _, err := time.Parse("150405", s); err != nil {
		return "is not a time: HHMMSS"
	}
	return ""
}

func identifier(s string) string {
	if !uid.Valid(s) {
		return "is not a UID"
	}
	return ""
}

// ascii is AE or CS; none allowed means every printable character but the backslash.
func ascii(most int, allowed string) func(string) string {
	return func(s string) string {
		ok := len(s) <= most && strings.TrimSpace(s) == s
		for i := 0; i < len(s) && ok; i++ {
			ok = s[i] >= ' ' && s[i] <= '~' && s[i] != '\\' && (allowed == "" || strings.IndexByte(allowed, s[i]) >= 0)
		}
		if !ok {
			return fmt.Sprintf("is not of at most %d of the characters allowed", most)
		}
		return ""
	}
}

func oneOf(values ...string) func(string) string {
	return func(s string) string {
		for _, v := range values {
			if s == v {
				return ""
			}
		}
		return "is none of " + strings.Join(values, ", ")
	}
}

// Says reports whether another order says the same of the examination. What we count
// ourselves and the door it came by are not part of it.
func (o Order) Says(other Order) bool {
	bare := func(o Order) Order {
		o = o.filled()
		o.ID, o.Source, o.Done, o.CreatedAt, o.CanceledAt = "", "", false, time.Time{}, time.Time{}
		o.Onset = o.Onset.UTC().Truncate(time.Microsecond)
		return o
	}
	return bare(o) == bare(other)
}
