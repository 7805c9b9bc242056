package worklist

import (
	"errors"
	"time"
)

// Errors of the reading task. They are stable: callers map them to answers.
var (
	// ErrNotFound says there is no such row, or none the caller may see.
	ErrNotFound = errors.New("worklist: not found")
	// ErrAlreadyClaimed says another reader holds the item (PS3.4 CC.2.1.3, C302).
	ErrAlreadyClaimed = errors.New("worklist: already claimed by another reader")
	// ErrNotHolder says the caller does not hold the item (C301).
	ErrNotHolder = errors.New("worklist: the item is not held by this reader")
	// ErrOffered says the item is meant for another reader now; it may be taken over
	// with a reason.
	ErrOffered = errors.New("worklist: the item is offered to another reader")
	// ErrFinal says the item is completed or canceled and may no longer be changed (C300).
	ErrFinal = errors.New("worklist: the item is in its final state")
	// ErrNotInProgress says the item was not claimed yet (C310).
	ErrNotInProgress = errors.New("worklist: the item is not in progress")
	// ErrNotOnPanel says the reader does not sit on the panel of the item.
	ErrNotOnPanel = errors.New("worklist: the reader is not on the panel of the item")
	// ErrOpenExists says the study already has an open reading.
	ErrOpenExists = errors.New("worklist: the study has an open reading already")
	// ErrOwnReading says the item asks for another reader than the first.
	ErrOwnReading = errors.New("worklist: the first reading was this reader's own")
	// ErrTrainee says the item asks for a reader whose readings need no verification.
	ErrTrainee = errors.New("worklist: a trainee of the panel cannot take the item")
	// ErrUnfit says the reader must not read the study: the licence has expired, it is
	// of the own hospital, a conflict with the hospital was declared, or it needs a
	// subspecialty that the reader does not have.
	ErrUnfit = errors.New("worklist: the licence has expired, or the reader must not read for this hospital or lacks a subspecialty")
	// ErrDeclined says the reader has declined the item, or one that it replaces.
	ErrDeclined = errors.New("worklist: the reader has declined the item")
	// ErrUnknownPanel says the panel is not in the directory.
	ErrUnknownPanel = errors.New("worklist: no such panel")
	// ErrBadSort says a list cannot be put in order like that.
	ErrBadSort = errors.New("worklist: no such order")
	// ErrBadCursor says a paging cursor was not made by this list.
	ErrBadCursor = errors.New("worklist: the cursor does not belong to this list")
)

// State is the Procedure Step State (0074,1000).
type State string

// The states of PS3.4 Table CC.1.1-1.
const (
	Scheduled  State = "SCHEDULED"
	InProgress State = "IN PROGRESS"
	Completed  State = "COMPLETED"
	Canceled   State = "CANCELED"
)

// Open reports whether work is still expected.
func (s State) Open() bool { return s == Scheduled || s == InProgress }

// Kind is the task asked for.
type Kind string

// The kinds of task, by their codes in PS3.16 CID 9231.
const (
	Interpretation Kind = "interpretation" // 110005, DCM
	Addendum       Kind = "addendum"       // 128001, DCM
)

// Code returns the code value of PS3.16 CID 9231 (scheme DCM) for the kind.
func (k Kind) Code() string {
	if k == Addendum {
		return "128001"
	}
	return "110005"
}

// Purpose is what an item asks for beyond its kind.
type Purpose string

// The purposes; the zero Purpose is what the kind says.
const (
	Verification  Purpose = "verification" // 110007, DCM: of a trainee's preliminary report
	SecondReading Purpose = "second"       // an independent reading by another reader
	Consensus     Purpose = "consensus"    // one report of two readings
	Correction    Purpose = "correction"   // what was signed is put right
	Retraction    Purpose = "retraction"   // what was signed is taken back
	Double        Purpose = "double"       // the first of two independent readings, because a rule says so
	Opinion       Purpose = "opinion"      // a second opinion on what was reported elsewhere
)

// First reports whether an item of the purpose begins the reading of a study.
func (p Purpose) First() bool { return p == "" || p == Double || p == Opinion }

// Priority is how soon the hospital needs the reading.
type Priority string

// The priorities of a reading.
const (
	STAT    Priority = "STAT"
	Urgent  Priority = "URGENT"
	Routine Priority = "ROUTINE"
)

// Valid reports whether p is one of the three.
func (p Priority) Valid() bool { return p == STAT || p == Urgent || p == Routine }

// Rank orders priorities: 0 is the most urgent.
func (p Priority) Rank() int {
	switch p {
	case STAT:
		return 0
	case Urgent:
		return 1
	default:
		return 2
	}
}

// Code returns the code value of PS3.16 CID 9231 (scheme DCM) of the task.
func (w Workitem) Code() string {
	if w.Purpose == Verification || w.Purpose == Consensus {
		return "110007"
	}
	return w.Kind.Code()
}

// NeedsFull reports whether the item asks for a reader whose readings need no
// verification.
func (w Workitem) NeedsFull() bool { return w.Kind != Interpretation || w.Purpose != "" }

// UPS returns the Scheduled Procedure Step Priority (0074,1200) of the priority.
func (p Priority) UPS() string {
	switch p {
	case STAT:
		return "HIGH"
	case Urgent:
		return "MEDIUM"
	default:
		return "LOW"
	}
}

// Assign is how the reader of an item is found.
type Assign string

// The ways; none is Offer.
const (
	Offer  Assign = "offer"  // to the panel: the first who claims reads it, one of them before the others where the rule says so
	Direct Assign = "direct" // to one reader, then the panel
	Deputy Assign = "deputy" // to one reader, then another, then the panel
)

// Valid reports whether a is one of the three.
func (a Assign) Valid() bool { return a == Offer || a == Direct || a == Deputy }

// OfferTo is whom an item is meant for while nobody has claimed it.
type OfferTo struct {
	Mode    Assign
	Main    string // user; empty: the panel
	Deputy  string
	Reached Reached
	// Until is when an offer to Main, and to Deputy, ends that is theirs alone; then the
	// panel may take the item too. Zero: [Workitem.Alone] after it was made.
	Until time.Time
}

// Reached is how far an offer has gone.
type Reached string

// The steps of an offer.
const (
	ToMain   Reached = "" // or to the panel when there is no main reader
	ToDeputy Reached = "deputy"
	ToPanel  Reached = "panel"
)

// Allows reports whether a reader of the panel may take the item now.
func (o OfferTo) Allows(readerID string) bool {
	return o.Main == "" || o.Reached == ToPanel || readerID == o.Main || o.Reached == ToDeputy && readerID == o.Deputy
}

// Readiness is the Input Readiness State (0040,4041).
type Readiness string

// The readiness of the images of an item.
const (
	Ready      Readiness = "READY"
	Incomplete Readiness = "INCOMPLETE" // images are still arriving
)

// Reason is the answer of one rule, kept with the item it led to.
type Reason struct {
	Rule    string            `json:"rule"`
	Matched bool              `json:"matched"`
	Chosen  bool              `json:"chosen,omitempty"`
	Text    map[string]string `json:"text"` // by language: ja, en
}

// Workitem is one reading of one study. Zero times mean "not yet".
type Workitem struct {
	ID             string
	SOPInstanceUID string // (0008,0018) of the Unified Procedure Step
	StudyID        string
	FacilityID     string
	State          State
	Kind           Kind
	Purpose        Purpose
	NotFor         string   // user who may not claim it: the first reader
	Requires       []string // subspecialties of which the reader must have every one
	PanelID        string
	Priority       Priority
	Deadline       time.Time
	ClaimDue       time.Time // zero: not watched
	Readiness      Readiness
	Offer          OfferTo
	Escalated      int // how often a limit was passed and the coordinator called

	ClaimedBy      string // user; kept when the item is completed or canceled
	ClaimedAt      time.Time
	TransactionUID string // (0008,1195): never shown to anybody but the holder

	Replaces     string // Workitem of the Replaced Procedure Step Sequence (0074,1224)
	ReplacedBy   string
	Reasons      []Reason
	RuleID       string
	CancelReason string // Reason For Cancellation (0074,1238)

	CreatedAt   time.Time
	CompletedAt time.Time
	CanceledAt  time.Time
	Version     int64
}
