package rule

import (
	"fmt"
	"time"

	"github.com/dokuei/dokuei/worklist"
)

// Condition is what a rule asks of a study. Every part that is set must hold;
// the zero Condition holds for every study.
type Condition struct {
	Modality []string            `json:"modality,omitempty" yaml:"modality,omitempty,flow"`
	BodyPart []string            `json:"body_part,omitempty" yaml:"body_part,omitempty,flow"`
	Facility []string            `json:"facility,omitempty" yaml:"facility,omitempty,flow"`
	Words    []string            `json:"words,omitempty" yaml:"words,omitempty,flow"`
	Age      *AgeRange           `json:"age,omitempty" yaml:"age,omitempty,flow"`
	Sex      []string            `json:"sex,omitempty" yaml:"sex,omitempty,flow"`
	Priority []worklist.Priority `json:"priority,omitempty" yaml:"priority,omitempty,flow"`
}

// AgeRange is an age in whole years; both ends belong to it, nil is open.
type AgeRange struct {
	Min *int `json:"min,omitempty" yaml:"min,omitempty"`
	Max *int `json:"max,omitempty" yaml:"max,omitempty"`
}

// Rule sends the studies that meet its condition to a panel.
type Rule struct {
	ID       string
	Name     string
	When     Condition
	If       string // an expression that must hold too; see CheckExpression
	From     string // first day in force, YYYY-MM-DD; empty: always
	Until    string // last day in force
	PanelID  string
	Priority worklist.Priority // zero: the priority the request asks for
	Within   time.Duration     // from release to deadline
	Assign   worklist.Assign   // how a reader is chosen; zero: offered to the panel
	Alone    time.Duration     // how long it is theirs before the panel's; zero: as Assign has it
	Hold     bool              // a coordinator decides: the item waits on the panel unassigned
	Task     worklist.Purpose  // Double or Opinion; zero: an interpretation
	Forward  []string          // destinations the images go to as well: facility/destination
	Priors   Priors            // earlier studies to fetch; zero: none
	Requires []string          // subspecialties the reader must have, all of them
}

// Priors are earlier studies to fetch from the archive of the study's own hospital.
type Priors struct {
	From   string // name of a destination of that hospital
	Most   int    // studies
	Months int    // how far back; 0: without limit
}

// String is empty when there are none.
func (p Priors) String() string {
	switch {
	case p.From == "":
		return ""
	case p.Months == 0:
		return fmt.Sprintf("%d of %s", p.Most, p.From)
	}
	return fmt.Sprintf("%d of %s, %d months", p.Most, p.From, p.Months)
}

// Set is the rules in order and what catches the rest.
type Set struct {
	Version  int64 // counted by Save; zero: never saved
	Rules    []Rule
	Fallback Rule
}

// FallbackName is the name of the rule that catches what no other did.
const FallbackName = "fallback"

// BuiltIn is the set of a service that was never given rules: every study
// waits a day at most on the panel that coordinators watch.
func BuiltIn() Set {
	return Set{Fallback: Rule{Name: FallbackName, PanelID: worklist.PanelUnassigned, Within: 24 * time.Hour}}
}

// Subject is what the conditions look at.
type Subject struct {
	FacilityID string
	Modalities []string
	BodyParts  []string
	Texts      []string // request, descriptions, protocol names
	BirthDate  string   // DA
	Age        string   // AS, used when there is no birth date
	Sex        string
	Priority   string    // Requested Procedure Priority as received, may be empty
	Date       time.Time // of the study: ages count to it

	// What only expressions ask.
	Request     string
	Description string
	Procedure   string // JJ1017 code of the order
	Images      int
	Series      []Series
	Mode        worklist.Mode // of the hospital
	Open        bool          // the hospital is, at the release

	At time.Time // of the release, for rules with dates; zero: every rule is in force
}

// Series is one received series as expressions see it.
type Series struct {
	Modality    string `expr:"modality"`
	BodyPart    string `expr:"body_part"`
	Description string `expr:"description"`
	Protocol    string `expr:"protocol"`
	Images      int    `expr:"images"`
}

// Decision is the answer to a subject.
type Decision struct {
	Rule     Rule
	Set      int64 // version of the rules
	Priority worklist.Priority
	Reasons  []worklist.Reason // one for each rule in order, the fallback last
}
