package site

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

// Agreement is what was agreed with a hospital.
type Agreement struct {
	Mode     string           `yaml:"mode,omitempty"`             // view, publish, both (the default)
	Panel    string           `yaml:"panel,omitempty"`            // preferred; rules may say facility.panel
	Readers  []string         `yaml:"readers,omitempty,flow"`     // preferred; logins
	Language string           `yaml:"language,omitempty"`         // of its reports
	Hours    []string         `yaml:"hours,omitempty,flow"`       // opening hours, "mon-fri 08:30-17:15"
	Contract map[string]Terms `yaml:"contract,omitempty"`         // by priority
	Senders  []string         `yaml:"hl7_senders,omitempty,flow"` // MSH-4 or MSH-3 of its order messages
	// Readers know the patients by pseudonyms only.
	Pseudonymous bool   `yaml:"pseudonymous,omitempty"`
	Masks        []Mask `yaml:"masks,omitempty"`
}

// Mask says where a device writes into its pixels who is shown. What is left out fits
// every device.
type Mask struct {
	Manufacturer string   `yaml:"manufacturer,omitempty"`
	Model        string   `yaml:"model,omitempty"`
	Station      string   `yaml:"station,omitempty"`
	Modality     string   `yaml:"modality,omitempty"`
	Rows         int      `yaml:"rows,omitempty"`
	Columns      int      `yaml:"columns,omitempty"`
	Areas        [][4]int `yaml:"areas,flow"` // left, top, width, height in pixels
}

func (m Mask) rule() deident.MaskRule {
	r := deident.MaskRule{Manufacturer: m.Manufacturer, Model: m.Model, Station: m.Station, Modality: m.Modality, Rows: m.Rows, Columns: m.Columns}
	for _, a := range m.Areas {
		r.Areas = append(r.Areas, deident.Area{X: a[0], Y: a[1], Width: a[2], Height: a[3]})
	}
	return r
}

func maskOf(r deident.MaskRule) Mask {
	m := Mask{Manufacturer: r.Manufacturer, Model: r.Model, Station: r.Station, Modality: r.Modality, Rows: r.Rows, Columns: r.Columns}
	for _, a := range r.Areas {
		m.Areas = append(m.Areas, [4]int{a.X, a.Y, a.Width, a.Height})
	}
	return m
}

// Terms are the limits of one priority.
type Terms struct {
	Claim Duration `yaml:"claim,omitempty"`
	Final Duration `yaml:"final,omitempty"`
	Time  string   `yaml:"time,omitempty"` // wall (the default), working
}

// Practice is how a reader works.
type Practice struct {
	LicenseExpires string   `yaml:"license_expires,omitempty"` // last day, YYYY-MM-DD
	Subspecialties []string `yaml:"subspecialties,omitempty,flow"`
	Modalities     []string `yaml:"modalities,omitempty,flow"` // none: all
	Languages      []string `yaml:"languages,omitempty,flow"`  // none: ja
	Home           string   `yaml:"home,omitempty"`            // facility
	Conflicts      []string `yaml:"conflicts,omitempty,flow"`  // facilities not to read for
	Capacity       int      `yaml:"capacity,omitempty"`        // studies an hour
	MonitorTested  string   `yaml:"monitor_tested,omitempty"`  // YYYY-MM-DD
	Hours          []string `yaml:"hours,omitempty,flow"`      // reading; none: always
	OnCall         []string `yaml:"on_call,omitempty,flow"`
	QuietHours     []string `yaml:"quiet_hours,omitempty,flow"`
}

const maxCapacity = 60

func (a Agreement) check(p *Problems, at place, who string) {
	switch worklist.Mode(a.Mode) {
	case "", worklist.ModeBoth, worklist.ModePublish, worklist.ModeView:
	default:
		p.add(at.line("mode"), "%s: mode %s is none of view, publish, both", who, quote(a.Mode))
	}
	if a.Language != "" && !plain(a.Language) {
		p.add(at.line("language"), "%s: that is no language: ja, en", who)
	}
	for _, m := range a.Masks {
		if err := m.rule().Valid(); err != nil {
			p.add(at.line("masks"), "%s: mask: %v", who, err)
		}
	}
	checkHours(p, at.line("hours"), who, a.Hours)
	checkOnce(p, at.line("readers"), who+": reader", a.Readers)
	checkOnce(p, at.line("hl7_senders"), who+": HL7 sender", a.Senders)
	for _, s := range a.Senders {
		if !plain(s) || len(s) > 180 {
			p.add(at.line("hl7_senders"), "%s: HL7 sender %s is not the text of MSH-4", who, quote(s))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Contract)) {
		t := a.Contract[name]
		if !worklist.Priority(name).Valid() {
			p.add(at.line("contract"), "%s: contract %s is none of STAT, URGENT, ROUTINE", who, quote(name))
		}
		if t.Time != "" && t.Time != "wall" && t.Time != "working" {
			p.add(at.line("contract"), "%s: contract %s: time %s is neither wall nor working", who, name, quote(t.Time))
		}
		for _, d := range []Duration{t.Claim, t.Final} {
			if v := time.Duration(d); v != 0 && (v < minWithin || v > maxWithin) {
				p.add(at.line("contract"), "%s: contract %s: limits are between %s and %s", who, name, Duration(minWithin), Duration(maxWithin))
			}
		}
	}
}

func (x Practice) check(p *Problems, at place, who string) {
	for _, d := range []struct{ key, value string }{{"license_expires", x.LicenseExpires}, {"monitor_tested", x.MonitorTested}} {
		if _, err := time.Parse(time.DateOnly, d.value); d.value != "" && err != nil {
			p.add(at.line(d.key), "%s: %s %s is not a date: YYYY-MM-DD", who, d.key, quote(d.value))
		}
	}
	for _, m := range x.Modalities {
		if !csCode.MatchString(m) {
			p.add(at.line("modalities"), "%s: modality %s is not a code", who, quote(m))
		}
	}
	for _, list := range [][]string{x.Subspecialties, x.Languages} {
		for _, s := range list {
			if !plain(s) {
				p.add(at.line("subspecialties"), "%s: an empty word among the subspecialties or languages", who)
			}
		}
	}
	if x.Capacity < 0 || x.Capacity > maxCapacity {
		p.add(at.line("capacity"), "%s: capacity is between 1 and %d studies an hour", who, maxCapacity)
	}
	checkHours(p, at.line("hours"), who, x.Hours)
	checkHours(p, at.line("on_call"), who, x.OnCall)
	checkHours(p, at.line("quiet_hours"), who, x.QuietHours)
}

func checkHours(p *Problems, line int, who string, lines []string) {
	if _, err := calendar.ParseHours(lines); err != nil {
		p.add(line, "%s: %v", who, err)
	}
}

// checkAgreements finds names of the agreements and practices that point nowhere.
func (f File) checkAgreements(p *Problems) {
	for _, x := range f.Facilities {
		if _, ok := find(f.Panels, x.Panel, Panel.key); x.Panel != "" && !ok {
			p.add(x.line("panel"), "facility %s: there is no panel %s", quote(x.ID), quote(x.Panel))
		}
		for _, login := range x.Readers {
			if u, ok := find(f.Users, login, User.key); !ok || u.Role != "reader" {
				p.add(x.line("readers"), "facility %s: there is no reader %s", quote(x.ID), quote(login))
			}
		}
	}
	for _, x := range f.Users {
		for _, id := range append(slices.Clone(x.Conflicts), x.Home) {
			if _, ok := find(f.Facilities, id, Facility.key); id != "" && !ok {
				p.add(x.line("home"), "user %s: there is no facility %s", quote(x.Login), quote(id))
			}
		}
	}
}

func (a Agreement) profile() worklist.FacilityProfile {
	p := worklist.FacilityProfile{
		Mode: worklist.Mode(a.Mode), PreferredPanel: a.Panel, PreferredReaders: a.Readers, Language: a.Language, Hours: a.Hours, Senders: a.Senders,
		Pseudonymous: a.Pseudonymous,
	}
	for _, m := range a.Masks {
		p.Masks = append(p.Masks, m.rule())
	}
	for name, t := range a.Contract {
		if p.Contract == nil {
			p.Contract = map[worklist.Priority]worklist.Terms{}
		}
		p.Contract[worklist.Priority(name)] = worklist.Terms{Claim: time.Duration(t.Claim), Final: time.Duration(t.Final), Working: t.Time == "working"}
	}
	return p
}

func agreementOf(p worklist.FacilityProfile) Agreement {
	a := Agreement{Mode: string(p.Mode), Panel: p.PreferredPanel, Readers: p.PreferredReaders, Language: p.Language, Hours: p.Hours, Senders: p.Senders, Pseudonymous: p.Pseudonymous}
	for _, r := range p.Masks {
		a.Masks = append(a.Masks, maskOf(r))
	}
	for name, t := range p.Contract {
		if a.Contract == nil {
			a.Contract = map[string]Terms{}
		}
		terms := Terms{Claim: Duration(t.Claim), Final: Duration(t.Final)}
		if t.Working {
			terms.Time = "working"
		}
		a.Contract[string(name)] = terms
	}
	return a
}

func (x Practice) profile() worklist.ReaderProfile {
	return worklist.ReaderProfile{
		LicenseExpires: x.LicenseExpires, Subspecialties: x.Subspecialties, Modalities: x.Modalities, Languages: x.Languages,
		Home: x.Home, Conflicts: x.Conflicts, Capacity: x.Capacity, MonitorTested: x.MonitorTested,
		Hours: x.Hours, OnCall: x.OnCall, QuietHours: x.QuietHours,
	}
}

func practiceOf(r worklist.ReaderProfile) Practice {
	return Practice{
		LicenseExpires: r.LicenseExpires, Subspecialties: r.Subspecialties, Modalities: r.Modalities, Languages: r.Languages,
		Home: r.Home, Conflicts: r.Conflicts, Capacity: r.Capacity, MonitorTested: r.MonitorTested,
		Hours: r.Hours, OnCall: r.OnCall, QuietHours: r.QuietHours,
	}
}

// fields are the agreement for a diff.
func (a Agreement) fields() []field {
	var terms []string
	for _, name := range slices.Sorted(maps.Keys(a.Contract)) {
		t := a.Contract[name]
		terms = append(terms, strings.TrimSpace(fmt.Sprintf("%s claim %s final %s %s", name, t.Claim, t.Final, t.Time)))
	}
	pseudonymous := ""
	if a.Pseudonymous {
		pseudonymous = "yes"
	}
	var masks []string
	for _, m := range a.Masks {
		masks = append(masks, strings.Join(strings.Fields(fmt.Sprint(m.Manufacturer, " ", m.Model, " ", m.Station, " ", m.Modality, " ", m.Areas)), " "))
	}
	return []field{
		{"pseudonymous", pseudonymous},
		{"masks", strings.Join(masks, "; ")},
		{"mode", a.Mode},
		{"prefers panel", a.Panel},
		{"prefers", strings.Join(a.Readers, " ")},
		{"language", a.Language},
		{"hours", strings.Join(a.Hours, ", ")},
		{"contract", strings.Join(terms, "; ")},
		{"HL7 senders", strings.Join(a.Senders, " ")},
	}
}

func (x Practice) fields() []field {
	capacity := ""
	if x.Capacity != 0 {
		capacity = strconv.Itoa(x.Capacity)
	}
	return []field{
		{"license expires", x.LicenseExpires},
		{"subspecialties", strings.Join(x.Subspecialties, " ")},
		{"modalities", strings.Join(x.Modalities, " ")},
		{"languages", strings.Join(x.Languages, " ")},
		{"home", x.Home},
		{"conflicts", strings.Join(x.Conflicts, " ")},
		{"capacity", capacity},
		{"monitor tested", x.MonitorTested},
		{"hours", strings.Join(x.Hours, ", ")},
		{"on call", strings.Join(x.OnCall, ", ")},
		{"quiet hours", strings.Join(x.QuietHours, ", ")},
	}
}
