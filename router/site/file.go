package site

import (
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// File is a site file, and the form in which the directory is exported.
type File struct {
	Facilities []Facility `yaml:"facilities,omitempty"`
	Panels     []Panel    `yaml:"panels,omitempty"`
	Users      []User     `yaml:"users,omitempty"`
	Rules      []Rule     `yaml:"rules,omitempty"`
	Fallback   *Action    `yaml:"fallback,omitempty"`
	Closures   []string   `yaml:"closures,omitempty,flow"` // parts of every year that are closed: 12-29/01-03
	Targets    Targets    `yaml:"targets,omitempty"`       // reads a fiscal year
	Shifts     []Shift    `yaml:"shifts,omitempty"`        // exceptions to the weeks of readers
	Codes      []Code     `yaml:"codes,omitempty"`         // what parts of JJ1017 codes are called
	Prune      bool       `yaml:"prune,omitempty"`         // remove what the file does not name
	Replace    []string   `yaml:"replace,omitempty,flow"`  // of these alone remove what the file does not name: rules, destinations, shifts, codes
}

// What [File.Replace] may name.
const (
	ReplaceRules        = "rules"
	ReplaceDestinations = "destinations" // of the facilities in the file
	ReplaceShifts       = "shifts"
	ReplaceCodes        = "codes"
)

var replaceable = []string{ReplaceRules, ReplaceDestinations, ReplaceShifts, ReplaceCodes}

// Code is what a part of JJ1017 codes is called.
type Code struct {
	place  `yaml:"-"`
	Part   order.Part `yaml:"part"` // modality, technique, detail, site, side, posture, direction
	Code   string     `yaml:"code"`
	Name   string     `yaml:"name"`
	NameEn string     `yaml:"name_en,omitempty"`
}

// Targets are the reads aimed at by fiscal year: the one of 2026 begins in April 2026.
type Targets map[string]int

func (f File) replaces(what string) bool { return f.Prune || slices.Contains(f.Replace, what) }

func (f File) replacesShifts() bool { return slices.Contains(f.Replace, ReplaceShifts) }

// Facility is a hospital.
type Facility struct {
	place        `yaml:"-"`
	ID           string        `yaml:"id"`
	Name         string        `yaml:"name"`
	NameEn       string        `yaml:"name_en,omitempty"`
	AETitles     []string      `yaml:"ae_titles,omitempty,flow"`
	Certificates []string      `yaml:"certificates,omitempty"`   // SHA-256 fingerprints; any: callers must hold one
	Addresses    []string      `yaml:"addresses,omitempty,flow"` // networks; any: callers must come from one
	Quiet        Duration      `yaml:"quiet,omitempty"`          // zero: DefaultQuiet
	Destinations []Destination `yaml:"destinations,omitempty"`
	Retention    *Retention    `yaml:"retention,omitempty,flow"` // none: retention.Default
	Agreement    `yaml:",inline"`
}

// Destination is where the reports of a hospital are sent, and where it may have
// its studies sent by C-MOVE.
type Destination struct {
	place        `yaml:"-"`
	Name         string   `yaml:"name"`
	To           string   `yaml:"to"`                      // AE@host:port, or the URL of a route
	Objects      []string `yaml:"objects,omitempty,flow"`  // of stored or routes; none: the first ones
	RetrieveOnly bool     `yaml:"retrieve_only,omitempty"` // C-MOVE only: no reports
	Notify       string   `yaml:"notify,omitempty"`        // ian: told when a study is complete
	Performed    bool     `yaml:"performed,omitempty"`     // told what modalities say they have done (MPPS)
	Commit       bool     `yaml:"commit,omitempty"`        // delivered when it has committed to storage, too
	TLS          string   `yaml:"tls,omitempty"`           // verify, or the SHA-256 fingerprint of its certificate; none: plain
}

// Panel is a group of readers.
type Panel struct {
	place   `yaml:"-"`
	ID      string   `yaml:"id"`
	Name    string   `yaml:"name"`
	NameEn  string   `yaml:"name_en,omitempty"`
	Readers []string `yaml:"readers,omitempty,flow"` // logins
	// Trainees are those of the readers whose reports are preliminary until another
	// reader of the panel verifies them.
	Trainees []string `yaml:"trainees,omitempty,flow"`
	Readings int      `yaml:"readings,omitempty"` // readers of each study, 1 or 2; 0: 1
}

// User is a person who signs in.
type User struct {
	place        `yaml:"-"`
	Login        string   `yaml:"login"`
	Name         string   `yaml:"name"`
	NameEn       string   `yaml:"name_en,omitempty"`
	Role         string   `yaml:"role"`
	Facility     string   `yaml:"facility,omitempty"` // role hospital only
	License      string   `yaml:"license,omitempty"`
	AETitles     []string `yaml:"ae_titles,omitempty,flow"` // of a reader's workstation, which acts in their name; AE@host:port takes what is moved to it
	Certificates []string `yaml:"certificates,omitempty"`   // SHA-256 fingerprints; any: the workstation must hold one
	Email        string   `yaml:"email,omitempty"`
	Password     string   `yaml:"password,omitempty"` // of a new user only; never exported
	Practice     `yaml:",inline"`
}

// Rule is one line of the routing.
type Rule struct {
	place `yaml:"-"`
	Name  string         `yaml:"name"`
	When  rule.Condition `yaml:"when,omitempty,flow"`
	If    string         `yaml:"if,omitempty"`    // an expression that must hold too
	From  string         `yaml:"from,omitempty"`  // first day in force
	Until string         `yaml:"until,omitempty"` // last day in force
	Then  Action         `yaml:"then,flow"`
}

// Action is what a rule does with a study.
type Action struct {
	place    `yaml:"-"`
	Panel    string            `yaml:"panel"`
	Priority worklist.Priority `yaml:"priority,omitempty"` // none: as the request asks
	Within   Duration          `yaml:"within"`
	Assign   worklist.Assign   `yaml:"assign,omitempty"`       // offer (the default), direct, deputy
	Alone    Duration          `yaml:"alone,omitempty"`        // how long it is the chosen one's before the panel's; none: of an offer not at all, else half the time to claim
	Hold     bool              `yaml:"hold,omitempty"`         // for the coordinator to decide
	Task     worklist.Purpose  `yaml:"task,omitempty"`         // double, opinion; none: an interpretation
	Forward  []string          `yaml:"forward,omitempty,flow"` // where the images go too: facility/destination
	Priors   *Priors           `yaml:"priors,omitempty,flow"`  // earlier studies to fetch
	// Requires are subspecialties: who reads must have every one of them.
	Requires []string `yaml:"requires,omitempty,flow"`
}

// Priors are earlier studies of the patient, fetched from the hospital's own archive.
type Priors struct {
	From   string `yaml:"from"`             // name of a destination of the study's hospital
	Most   int    `yaml:"most"`             // studies
	Months int    `yaml:"months,omitempty"` // how far back; none: without limit
}

// DefaultQuiet is how long a study must be quiet before it counts as whole.
const DefaultQuiet = 30 * time.Second

// Duration is written as 30s, 20m, 24h, 1h30m.
type Duration time.Duration

// UnmarshalYAML reads the written form; numbers without a unit are refused.
func (d *Duration) UnmarshalYAML(n *yaml.Node) error {
	v, err := time.ParseDuration(n.Value)
	if err != nil || n.Kind != yaml.ScalarNode || n.Value == "0" {
		return &yaml.TypeError{Errors: []string{lineText(n.Line, "a duration is written like 30s, 20m or 24h, not "+quote(n.Value))}}
	}
	*d = Duration(v)
	return nil
}

// MarshalYAML writes the shortest form.
func (d Duration) MarshalYAML() (any, error) { return d.String(), nil }

// String writes the shortest form: 24h rather than 24h0m0s.
func (d Duration) String() string {
	s := time.Duration(d).String()
	for _, zero := range []string{"m0s", "h0m"} {
		if len(s) > len(zero) && s[len(s)-len(zero):] == zero {
			s = s[:len(s)-2]
		}
	}
	return s
}

// place remembers where in the file something stands.
type place struct{ node *yaml.Node }

// line is the line of a key's value, or of the whole when the key is not there.
func (p place) line(key string) int {
	if p.node == nil {
		return 0
	}
	if p.node.Kind == yaml.MappingNode {
		for i := 0; i+1 < len(p.node.Content); i += 2 {
			if p.node.Content[i].Value == key {
				return p.node.Content[i].Line
			}
		}
	}
	return p.node.Line
}
