package orders

import (
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/worklist/calendar"
	"github.com/dokuei/dokuei/worklist/order"
)

// acts maps table 0119 to what we do.
var acts = map[string]Act{"NW": Place, "SN": Place, "XO": Amend, "XX": Amend, "CA": Cancel, "DC": Cancel, "OC": Cancel, "RP": Replace, "RU": Replace, "SC": Nothing, "RE": Nothing, "OK": Nothing}

// ContentError is what is wrong with a message, without anything about a patient.
type ContentError struct{ Where, Reason string }

func (e *ContentError) Error() string { return e.Where + " " + e.Reason }

// Types are the messages that are taken.
var Types = []string{"ORM^O01", "OMG^O19", "OMI^O23"}

// Wishes reads the orders of a message.
func Wishes(m hl7.Message) ([]Wish, error) {
	if !slices.Contains(Types, m.Type()) {
		return nil, &ContentError{"MSH-9", "is none of " + strings.Join(Types, ", ")}
	}
	pid := m.Segment("PID")
	if pid.Name == "" {
		return nil, &ContentError{"PID", "is missing"}
	}
	base := order.Order{
		PatientID: patientID(pid), PatientName: personName(pid.Field(5)), BirthDate: day(pid.Text(7)), Sex: sex(pid.Text(8)), Source: order.FromHL7,
		Allergies: allergies(m.All("AL1")),
	}
	var list []Wish
	var group []hl7.Segment
	flush := func() error {
		if len(group) == 0 {
			return nil
		}
		w, err := wish(base, hl7.Message{Segments: group})
		if err != nil {
			return err
		}
		list, group = append(list, w), nil
		return nil
	}
	for _, s := range m.Segments {
		switch {
		case s.Name == "ORC", s.Name == "OBR" && hasOBR(group):
			if err := flush(); err != nil {
				return nil, err
			}
			group = []hl7.Segment{s}
		case len(group) > 0:
			group = append(group, s)
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if len(list) == 0 {
		return nil, &ContentError{"ORC", "is missing"}
	}
	return list, nil
}

func hasOBR(group []hl7.Segment) bool {
	return slices.ContainsFunc(group, func(s hl7.Segment) bool { return s.Name == "OBR" })
}

// wish reads ORC and what follows it until the next.
func wish(o order.Order, g hl7.Message) (Wish, error) {
	orc, obr, ipc, tq1 := g.Segment("ORC"), g.Segment("OBR"), g.Segment("IPC"), g.Segment("TQ1")
	act, known := acts[first(orc.Text(1), "NW")]
	if !known {
		return Wish{}, &ContentError{"ORC-1", "is none of NW, XO, CA, DC, RP"}
	}
	o.Placer = first(orc.Text(2), obr.Text(2))
	// IHE RAD TF-2 4.4.4.1.2.2: the accession number is OBR-18; OMI has it in IPC-1.
	o.AccessionNumber = first(ipc.Text(1), obr.Text(18), orc.Text(3), obr.Text(3))
	if act == Cancel || act == Nothing {
		return Wish{act, o}, nil
	}
	if obr.Name == "" {
		return Wish{}, &ContentError{"OBR", "is missing"}
	}
	o.ProcedureID = first(ipc.Text(2), obr.Text(19))
	o.StudyInstanceUID = first(ipc.Text(3), g.Segment("ZDS").Text(1))
	o.ProcedureCode, o.ProcedureDescription = obr.Text(4), clip(first(obr.Component(4, 2), obr.Component(4, 5), obr.Text(4)), 64)
	o.Priority = priority(first(tq1.Text(9), obr.Text(5), obr.Component(27, 6), orc.Component(7, 6)))
	if doctors := people(orc.Field(12), obr.Field(16)); len(doctors) > 0 {
		o.ReferringPhysician, o.OtherPhysicians = doctors[0], strings.Join(doctors[1:], "\n")
	}
	o.Comments, o.History = question(obr, g), obr.Text(13)
	o.Alerts = lines(obr.Text(12), obr.Component(12, 2))
	o.Step = order.Step{
		StationAE: first(ipc.Text(9), obr.Text(21)), Modality: strings.ToUpper(first(ipc.Text(5), obr.Text(24))),
		ID: first(ipc.Text(4), obr.Text(20)), Description: clip(first(ipc.Component(6, 2), o.ProcedureDescription), 64),
		PerformingPhysician: personName(obr.Field(34), 1),
	}
	starts := first(tq1.Text(7), obr.Component(27, 4), obr.Text(36), orc.Component(7, 4), obr.Text(6))
	begin, ok := moment(starts)
	if starts != "" && !ok {
		return Wish{}, &ContentError{"TQ1-7", "is not a time"}
	}
	if ok {
		begin = begin.In(calendar.Tokyo)
		o.Step.StartDate, o.Step.StartTime = begin.Format("20060102"), begin.Format("150405")
	}
	notes(&o, g)
	return Wish{act, o}, nil
}

// notes reads the observations that go with an order: infections, contrast, and when
// a stroke began or the patient was last known well.
func notes(o *order.Order, g hl7.Message) {
	for _, x := range g.All("OBX") {
		observe(o, x.Component(3, 1)+" "+x.Component(3, 2), x.Component(3, 2), strings.Join(texts(x.Field(5)), "\n"), func() (time.Time, bool) { return moment(x.Text(5)) })
	}
}

// observe takes what was observed of a patient to where a reader looks for it, by the
// words of its name; shown is the name as people read it.
func observe(o *order.Order, name, shown, value string, at func() (time.Time, bool)) {
	name = strings.ToLower(name)
	switch has := func(words ...string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(name, w) })
	}; {
	case has("感染", "infection"):
		o.Alerts = lines(o.Alerts, value)
	case has("造影", "contrast"):
		o.Contrast = lines(o.Contrast, value)
	case has("アレルギー", "allerg"):
		o.Allergies = lines(o.Allergies, value)
	case has("発症", "最終健常", "onset", "last known well"):
		if t, ok := at(); ok {
			o.Onset = t
		} else {
			o.Comments = lines(o.Comments, shown+": "+value)
		}
	default:
		o.Comments = lines(o.Comments, strings.TrimPrefix(shown+": "+value, ": "))
	}
}

// people are the persons of fields: repetitions under one ID are writings of one name.
func people(list ...hl7.Field) (names []string) {
	for _, f := range list {
		for from := 0; from < len(f); {
			to := from + 1
			for to < len(f) && f[to].Text(1) == f[from].Text(1) {
				to++
			}
			if name := personName(f[from:to], 1); name != "" && !slices.Contains(names, name) && len(names) < 8 {
				names = append(names, name)
			}
			from = to
		}
	}
	return names
}

// question is what the ordering doctor wants to know: OBR-31 and the notes.
func question(obr hl7.Segment, g hl7.Message) string {
	text := ""
	for _, r := range obr.Field(31) {
		text = lines(text, first(r.Text(2), r.Text(1)))
	}
	for _, n := range g.All("NTE") {
		text = lines(text, strings.Join(texts(n.Field(3)), "\n"))
	}
	return text
}

func allergies(list []hl7.Segment) string {
	text := ""
	for _, s := range list {
		text = lines(text, strings.TrimSpace(first(s.Component(3, 2), s.Text(3))+" "+s.Text(5)))
	}
	return text
}

// patientID is the identifier of PID-3 that the hospital gave itself (PI), else the first.
func patientID(pid hl7.Segment) string {
	for _, r := range pid.Field(3) {
		if r.Text(5) == "PI" || r.Text(5) == "MR" {
			return r.Text(1)
		}
	}
	return pid.Text(3)
}

// personName is XPN, or XCN from the component behind its ID, as PN: alphabetic,
// ideographic and phonetic by the representation code, XPN.8 or XCN.15.
func personName(f hl7.Field, behind ...int) string {
	skip, code := 0, 8
	if len(behind) > 0 {
		skip, code = behind[0], 15
	}
	var groups [3]string
	for n, r := range f {
		name := strings.TrimRight(r.Text(1+skip)+"^"+r.Text(2+skip)+"^"+r.Text(3+skip), "^")
		if name == "" {
			continue
		}
		at := strings.Index("AIP", first(r.Text(code), "?"))
		if at < 0 {
			if at = 0; n == 0 && strings.IndexFunc(name, func(c rune) bool { return c > 0x2e80 }) >= 0 {
				at = 1
			}
		}
		if groups[at] == "" {
			groups[at] = name
		}
	}
	return strings.TrimRight(strings.Join(groups[:], "="), "=")
}

// priority maps table 0485 and TQ-6 to (0040,1003).
func priority(code string) string {
	switch strings.ToUpper(code) {
	case "S", "STAT", "TS":
		return "STAT"
	case "A", "ASAP", "UR", "U", "PR":
		return "HIGH"
	}
	return "ROUTINE"
}

func sex(s string) string {
	switch s {
	case "M", "F", "O":
		return s
	}
	return ""
}

func day(ts string) string {
	if len(ts) < 8 {
		return ""
	}
	return ts[:8]
}

// moment is TS of HL7 v2.5 2.A.77; without a zone it is Japan's.
func moment(ts string) (time.Time, bool) {
	ts, _, _ = strings.Cut(ts, "^")
	zone := ""
	if i := strings.LastIndexAny(ts, "+-"); i > 0 {
		ts, zone = ts[:i], ts[i:]
	}
	ts, _, _ = strings.Cut(ts, ".")
	layouts := map[int]string{8: "20060102", 10: "2006010215", 12: "200601021504", 14: "20060102150405"}
	layout, ok := layouts[len(ts)]
	if !ok {
		return time.Time{}, false
	}
	if zone != "" {
		t, err := time.Parse(layout+"-0700", ts+zone)
		return t, err == nil
	}
	t, err := time.ParseInLocation(layout, ts, calendar.Tokyo)
	return t, err == nil
}

func texts(f hl7.Field) []string {
	var list []string
	for _, r := range f {
		if t := first(r.Text(1), r.Text(2)); t != "" {
			list = append(list, t)
		}
	}
	return list
}

func first(list ...string) string {
	for _, s := range list {
		if s = strings.TrimSpace(s); s != "" {
			return s
		}
	}
	return ""
}

// lines puts a text under another, once.
func lines(a, b string) string {
	b = strings.TrimSpace(b)
	if b == "" || a == b || strings.HasSuffix(a, "\n"+b) {
		return a
	}
	if a == "" {
		return b
	}
	return a + "\n" + b
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return strings.TrimSpace(string(r[:most]))
	}
	return s
}
