package assign

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/worklist"
)

// Case is what must be known of a study to choose its reader.
type Case struct {
	FacilityID string
	Modalities []string
	Panel      string
	Priority   worklist.Priority
	Language   string            // of the report; empty: ja
	Prefers    []string          // logins
	Earlier    string            // user who read this patient before
	Requires   []string          // subspecialties of which the reader must have every one
	NotFor     string            // user who has read it first
	First      bool              // of an offer to the panel one reader has it first
	Full       bool              // trainees may not take it
	Declined   map[string]string // by user who has said no: the reason
	At         time.Time
}

// Reader is a reader of the panel with what is on their desk.
type Reader struct {
	ID, Login string
	Trainee   bool
	worklist.ReaderProfile
	Duty     worklist.Duty
	LastHour int // claimed within the hour
	Open     int // held or offered to them now
	Month    int // completed since the month began
	Week     int // hours of reading a week, by which a fair share is measured; zero: FullWeek
}

// Candidate is a reader as the choice saw them.
type Candidate struct {
	Reader string            `json:"reader"`           // user
	Reason map[string]string `json:"reason,omitempty"` // why not, by language; none: fit
	Score  int               `json:"score"`
	Parts  []Part            `json:"parts,omitempty"`
}

// Part is what a score is made of.
type Part struct {
	Name   string `json:"name"` // preferred, subspecialty, continuity, load, fairness, on-call
	Points int    `json:"points"`
}

// Fit reports whether nothing speaks against the candidate.
func (c Candidate) Fit() bool { return c.Reason == nil }

// Points of the score. Load weighs more than preference as soon as three wait, so
// that nobody's list grows because a hospital likes them.
const (
	pointsPreferred    = 30
	pointsSubspecialty = 25
	pointsContinuity   = 15
	pointsOpen         = -12
	pointsOnCall       = -5 // somebody who is at work goes first
	mostUnfair         = 40 // either way
	pointsMonth        = -2 // for each study above the fair share of the month
)

// Choose puts the readers of a panel in order: those who are fit, best first, then
// the others, each with the reason. It is a function of its arguments alone.
func Choose(c Case, readers []Reader) []Candidate {
	done, hours := 0, 0
	for _, r := range readers {
		done += r.Month
		hours += r.hours()
	}
	list := make([]Candidate, 0, len(readers))
	for _, r := range readers {
		list = append(list, consider(c, r, done*r.hours()/hours))
	}
	slices.SortFunc(list, func(a, b Candidate) int {
		if a.Fit() != b.Fit() {
			if a.Fit() {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(b.Score, a.Score), cmp.Compare(a.Reader, b.Reader))
	})
	return list
}

func consider(c Case, r Reader, fair int) Candidate {
	out := Candidate{Reader: r.ID, Reason: refuse(c, r)}
	if out.Reason != nil {
		return out
	}
	add := func(name string, points int) {
		if points != 0 {
			out.Parts = append(out.Parts, Part{name, points})
			out.Score += points
		}
	}
	if slices.Contains(c.Prefers, r.Login) {
		add("preferred", pointsPreferred)
	}
	if slices.Contains(r.Subspecialties, c.Panel) {
		add("subspecialty", pointsSubspecialty)
	}
	if c.Earlier == r.ID {
		add("continuity", pointsContinuity)
	}
	if r.Duty == worklist.OnCall {
		add("on-call", pointsOnCall)
	}
	add("load", pointsOpen*r.Open)
	add("fairness", min(max(pointsMonth*(r.Month-fair), -mostUnfair), mostUnfair))
	return out
}

// refuse names the first hard constraint that speaks against a reader.
func refuse(c Case, r Reader) map[string]string {
	say := func(ja, en string) map[string]string { return map[string]string{"ja": ja, "en": en} }
	no, declined := c.Declined[r.ID]
	switch {
	case r.Expired(c.At):
		return say("免許の有効期限切れ（"+r.LicenseExpires+"）", "licence expired on "+r.LicenseExpires)
	case len(r.Modalities) > 0 && !reads(r.Modalities, c.Modalities):
		return say("このモダリティを読影しない", "does not read this modality")
	case c.Full && r.Trainee:
		return say("研修中の読影医", "a trainee")
	case c.NotFor == r.ID:
		return say("1回目を読影した", "has read it first")
	case r.Home != "" && r.Home == c.FacilityID:
		return say("自院の検査", "works at the sending hospital")
	case slices.Contains(r.Conflicts, c.FacilityID):
		return say("利益相反の申告あり", "has declared a conflict with this hospital")
	case len(r.Lacks(c.Requires)) > 0:
		lacks := strings.Join(r.Lacks(c.Requires), ", ")
		return say("必要な専門領域ではない（"+lacks+"）", "lacks the subspecialty "+lacks)
	case !speaks(r.Languages, c.Language):
		return say("報告書の言語が書けない", "does not write the language of the report")
	case declined:
		return say("辞退: "+no, "declined: "+no)
	case r.Duty == worklist.Absent:
		return say("不在", "absent")
	case r.Duty == worklist.OffDuty:
		return say("勤務時間外", "off duty")
	case r.Duty == worklist.OnCall && c.Priority != worklist.STAT:
		return say("待機中（STATのみ）", "on call, for STAT only")
	case c.Priority != worklist.STAT && r.LastHour+r.Open >= r.Limit():
		return say(fmt.Sprintf("1時間の上限 %d 件に達した", r.Limit()), fmt.Sprintf("has %d studies this hour, the most that is safe", r.Limit()))
	}
	return nil
}

// FullWeek is the hours of reading of one who has not said.
const FullWeek = 40

func (r Reader) hours() int {
	if r.Week > 0 {
		return r.Week
	}
	return FullWeek
}

// Limit is how many studies an hour are safe for the reader.
func (r Reader) Limit() int {
	if r.Capacity > 0 {
		return r.Capacity
	}
	return worklist.DefaultCapacity
}

// reads reports whether one of the images' modalities is one the reader reads.
func reads(can, has []string) bool {
	return len(has) == 0 || slices.ContainsFunc(has, func(m string) bool { return slices.Contains(can, m) })
}

func speaks(can []string, want string) bool {
	if want == "" {
		want = "ja"
	}
	if len(can) == 0 {
		return want == "ja"
	}
	return slices.Contains(can, want)
}

// Chosen is the outcome of a choice.
type Chosen struct {
	Mode       worklist.Assign
	Main       string // user; empty: the panel
	Deputy     string
	Candidates []Candidate
}

// offer is what is made of a choice, to one reader alone until a moment.
func (c Chosen) offer(until time.Time) worklist.OfferTo {
	return worklist.OfferTo{Mode: c.Mode, Main: c.Main, Deputy: c.Deputy, Until: until}
}

// Pick chooses by the mode of a rule. Where nobody is fit the panel is offered the
// study, and the clock sees to it that somebody takes it.
func Pick(mode worklist.Assign, c Case, readers []Reader) Chosen {
	out := Chosen{Mode: mode, Candidates: Choose(c, readers)}
	if mode != worklist.Direct && mode != worklist.Deputy {
		if out.Mode = worklist.Offer; !c.First {
			return out
		}
	}
	if len(out.Candidates) == 0 || !out.Candidates[0].Fit() {
		out.Mode = worklist.Offer
		return out
	}
	out.Main = out.Candidates[0].Reader
	if mode == worklist.Deputy && len(out.Candidates) > 1 && out.Candidates[1].Fit() {
		out.Deputy = out.Candidates[1].Reader
	}
	return out
}
