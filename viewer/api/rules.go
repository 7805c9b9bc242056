package api

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/worklist"
)

// ruleSet is the rules of a text, or those in force when it is empty.
func ruleSet(ctx context.Context, tx db.Tx, text string) (rule.Set, error) {
	now, err := rule.Load(ctx, tx)
	if err != nil || strings.TrimSpace(text) == "" {
		return now, err
	}
	f, err := parseSite(text)
	if err != nil {
		return rule.Set{}, err
	}
	set := f.RuleSet()
	if set.Fallback.PanelID == "" {
		set.Fallback = now.Fallback
	}
	return set, nil
}

var errHeader = problem(http.StatusUnprocessableEntity, "dicom_header", "This is no DICOM file, or its header does not end within what was sent.")

// testRules says what rules decide about a study, received or described by the
// beginning of a file, and why each.
func (s *server) testRules(c *call) error {
	var in struct {
		Study    string `json:"study"`
		Header   []byte `json:"header"`   // instead: the beginning of a Part 10 file
		Facility string `json:"facility"` // of the file: who sends says whose it is, not the file
		Text     string `json:"text"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if (len(in.Header) > 0) == (in.Study != "") || in.Study != "" && !db.ValidID(in.Study) {
		return errBadRequest.with("study is the id of a received study, or header the beginning of a file")
	}
	var about catalog.Arrival
	if len(in.Header) > 0 {
		var err error
		if about, err = ingest.Describe(in.Facility, bytes.NewReader(in.Header)); err != nil {
			return errHeader
		}
	}
	var out struct {
		Rule     string            `json:"rule"`
		Panel    string            `json:"panel"`
		Priority worklist.Priority `json:"priority"`
		Task     worklist.Purpose  `json:"task"`
		Forward  []string          `json:"forward"`
		Priors   *priorsView       `json:"priors"`
		Requires []string          `json:"requires"`
		Version  int64             `json:"version"`
		Reasons  []reasonView      `json:"reasons"`
		Study    *studyView        `json:"study"`
	}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		set, err := ruleSet(ctx, tx, in.Text)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		var d rule.Decision
		if in.Study != "" {
			study, err := catalog.StudyByID(ctx, tx, c.scope, in.Study)
			if err != nil {
				return err
			}
			if out.Study, err = b.study(study); err != nil {
				return err
			}
			d, err = assign.Try(ctx, tx, study, set)
			if err != nil {
				return err
			}
		} else {
			if _, err := b.facility(in.Facility); err != nil {
				return errUnknownFacility
			}
			if d, err = assign.TryOn(ctx, tx, about, set); err != nil {
				return err
			}
		}
		out.Task, out.Forward, out.Priors, out.Requires = d.Rule.Task, d.Rule.Forward, viewRulePriors(d.Rule.Priors), d.Rule.Requires
		out.Rule, out.Panel, out.Priority, out.Version, out.Reasons = d.Rule.Name, d.Rule.PanelID, d.Priority, d.Set, viewReasons(d.Reasons)
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

type verdictView struct {
	Rule     string            `json:"rule"`
	Panel    string            `json:"panel"`
	Priority worklist.Priority `json:"priority"`
	Task     worklist.Purpose  `json:"task"`
	Forward  string            `json:"forward"`
	Priors   *priorsView       `json:"priors"`
	Requires string            `json:"requires"`
}

// priorsView is which earlier studies a rule has fetched.
type priorsView struct {
	From   string `json:"from"`
	Most   int    `json:"most"`
	Months int    `json:"months,omitempty"`
}

func viewRulePriors(p rule.Priors) *priorsView {
	if p.From == "" {
		return nil
	}
	return &priorsView{p.From, p.Most, p.Months}
}

func vv(v assign.Verdict) verdictView {
	return verdictView{v.Rule, v.PanelID, v.Priority, v.Task, v.Forward, viewRulePriors(v.Priors), v.Requires}
}

// replayRules says how the last days would have gone under other rules.
func (s *server) replayRules(c *call) error {
	var in struct {
		Days int    `json:"days"`
		Text string `json:"text"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Days < 1 || in.Days > 366 {
		return errBadRequest.with("days is a number from 1 to 366")
	}
	type difference struct {
		Study  *studyView  `json:"study"`
		At     *time.Time  `json:"at"`
		Before verdictView `json:"before"`
		After  verdictView `json:"after"`
	}
	type count struct {
		Rule   string `json:"rule"`
		Before int    `json:"before"`
		After  int    `json:"after"`
	}
	var out struct {
		Studies     int          `json:"studies"`
		Changed     int          `json:"changed"`
		Truncated   bool         `json:"truncated"`
		Rules       []count      `json:"rules"`
		Differences []difference `json:"differences"`
	}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		before, err := rule.Load(ctx, tx)
		if err != nil {
			return err
		}
		after, err := ruleSet(ctx, tx, in.Text)
		if err != nil {
			return err
		}
		r, err := assign.Replay(ctx, tx, db.Now().AddDate(0, 0, -in.Days), before, after)
		if err != nil {
			return err
		}
		out.Studies, out.Changed, out.Truncated, out.Rules, out.Differences = r.Studies, r.Changed, r.Truncated, []count{}, []difference{}
		for name, n := range r.Rules {
			out.Rules = append(out.Rules, count{name, n[0], n[1]})
		}
		slices.SortFunc(out.Rules, func(a, b count) int { return strings.Compare(a.Rule, b.Rule) })
		b := newBook(ctx, tx, c)
		for _, d := range r.Differences {
			study, err := catalog.StudyByID(ctx, tx, c.scope, d.StudyID)
			if err != nil {
				return err
			}
			shown, err := b.study(study)
			if err != nil {
				return err
			}
			out.Differences = append(out.Differences, difference{shown, moment(d.At), vv(d.Before), vv(d.After)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

// mostVersions is how many former sets of rules are listed.
const mostVersions = 100

// ruleVersions lists the sets of rules that were in force, the newest first, each as
// the part of a site file that brings it back.
func (s *server) ruleVersions(c *call) error {
	type version struct {
		Version int64          `json:"version"`
		At      *time.Time     `json:"at"`
		By      string         `json:"by"`
		Rules   []string       `json:"rules"`
		Site    map[string]any `json:"site"`
	}
	view := []version{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		all, err := rule.Versions(ctx, tx, mostVersions)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, v := range all {
			x := version{Version: v.Version, At: moment(v.At), By: v.Actor, Rules: []string{}}
			if db.ValidID(v.Actor) {
				who, err := b.user(v.Actor)
				if err != nil {
					return err
				}
				x.By = who.Name
			}
			for _, r := range v.Rules {
				x.Rules = append(x.Rules, r.Name)
			}
			if x.Site, err = site.RulesFile(v.Set).Tree(); err != nil {
				return err
			}
			view = append(view, x)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func viewReasons(list []worklist.Reason) []reasonView {
	out := []reasonView{}
	for _, r := range list {
		out = append(out, reasonView{r.Rule, r.Matched, r.Chosen, r.Text})
	}
	return out
}
