package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

var (
	errSiteFile   = problem(http.StatusUnprocessableEntity, "site_file", "The directory cannot be changed like this.")
	errBeyondRole = problem(http.StatusForbidden, "beyond_role", "Only an administrator may do this to accounts of coordinators and administrators, or prune.")
	errShift      = problem(http.StatusUnprocessableEntity, "shift", "A shift is reading, on-call or absent, ends after it begins and lasts at most a year.")
)

// routingRoutes are those of rules, directory, shifts, choice and figures.
func (s *server) routingRoutes() []route {
	return []route{
		{"POST", "/rules/test", identity.ViewDirectory, s.testRules},
		{"POST", "/rules/replay", identity.ViewDirectory, s.replayRules},
		{"GET", "/directory", identity.ViewDirectory, s.directory},
		{"POST", "/directory/plan", identity.ChangeDirectory, s.planDirectory},
		{"POST", "/directory/apply", identity.ChangeDirectory, s.applyDirectory},
		{"GET", "/shifts", identity.ViewDirectory, s.shifts},
		{"POST", "/shifts", identity.ReassignWork, s.addShift},
		{"POST", "/shifts/cancel", identity.ReassignWork, s.cancelShift},
		{"GET", "/indicators", identity.ViewDirectory, s.indicators},
		{"GET", "/workitems/{id}/choice", identity.ReadWorklist, s.choice},
		{"POST", "/workitems/{id}/takeover", identity.ClaimWork, s.takeOver},
	}
}

type changeView struct {
	Op   string `json:"op"` // + ~ - =
	Kind string `json:"kind"`
	Name string `json:"name"`
	Text string `json:"text"`
}

func viewDiff(d site.Diff) []changeView {
	list := []changeView{}
	for _, c := range d {
		if c.Op != '=' {
			list = append(list, changeView{string(c.Op), c.Kind, c.Name, c.Text})
		}
	}
	return list
}

// siteFile reads the part of a site file in a request.
func (c *call) siteFile() (site.File, error) {
	var in struct {
		Text string `json:"text"`
	}
	if err := c.read(&in); err != nil {
		return site.File{}, err
	}
	return parseSite(in.Text)
}

func parseSite(text string) (site.File, error) {
	f, err := site.Parse(strings.NewReader(text))
	return f, siteProblem(err)
}

func siteProblem(err error) error {
	var p site.Problems
	if errors.As(err, &p) {
		return errSiteFile.with(strings.TrimPrefix(p.Error(), "site file: "))
	}
	return err
}

// within refuses what only administrators may do.
func (c *call) within(ctx context.Context, f site.File) error {
	if c.who.Role == identity.Admin {
		return nil
	}
	if f.Prune {
		return errBeyondRole
	}
	for _, u := range f.Users {
		old, err := identity.UserByLogin(ctx, c.DB.Read(ctx), u.Login)
		if err != nil && !errors.Is(err, identity.ErrNotFound) {
			return err
		}
		for _, role := range []identity.Role{identity.Role(u.Role), old.Role} {
			if role == identity.Coordinator || role != "" && !identity.Decide(c.who, identity.ManageUsers, identity.Resource{Account: role}).Allowed {
				return errBeyondRole
			}
		}
	}
	return nil
}

// directory is the directory in force as a site file.
func (s *server) directory(c *call) error {
	f, err := site.Export(c.r.Context(), s.DB.Read(c.r.Context()))
	if err != nil {
		return err
	}
	switch c.r.URL.Query().Get("part") {
	case "":
	case "rules":
		f = site.File{Rules: f.Rules, Fallback: f.Fallback}
	default:
		return errBadRequest.with("part is rules or nothing")
	}
	var b strings.Builder
	if err := f.WriteYAML(&b); err != nil {
		return err
	}
	return c.json(http.StatusOK, map[string]string{"text": b.String()})
}

// planDirectory says what a site file would change.
func (s *server) planDirectory(c *call) error {
	f, err := c.siteFile()
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	if err := c.within(ctx, f); err != nil {
		return err
	}
	d, err := site.Plan(ctx, s.DB.Read(ctx), f)
	if err != nil {
		return siteProblem(err)
	}
	return c.json(http.StatusOK, map[string]any{"changes": viewDiff(d)})
}

// applyDirectory changes the directory, and tells first passwords, once.
func (s *server) applyDirectory(c *call) error {
	f, err := c.siteFile()
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	if err := c.within(ctx, f); err != nil {
		return err
	}
	done, err := site.Apply(ctx, s.DB, f, c.who.UserID)
	if err != nil {
		return siteProblem(err)
	}
	type password struct {
		Login    string `json:"login"`
		Password string `json:"password"`
	}
	out := struct {
		Changes   []changeView `json:"changes"`
		Passwords []password   `json:"passwords"`
	}{viewDiff(done.Diff), []password{}}
	for _, p := range done.Passwords {
		out.Passwords = append(out.Passwords, password(p))
	}
	return c.json(http.StatusOK, out)
}

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

// testRules says what rules decide about a received study, and why each.
func (s *server) testRules(c *call) error {
	var in struct {
		Study string `json:"study"`
		Text  string `json:"text"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if !db.ValidID(in.Study) {
		return errBadRequest.with("study is the id of a received study")
	}
	var out struct {
		Rule     string            `json:"rule"`
		Panel    string            `json:"panel"`
		Priority worklist.Priority `json:"priority"`
		Reasons  []reasonView      `json:"reasons"`
	}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		set, err := ruleSet(ctx, tx, in.Text)
		if err != nil {
			return err
		}
		study, err := catalog.StudyByID(ctx, tx, c.scope, in.Study)
		if err != nil {
			return err
		}
		d, err := assign.Try(ctx, tx, study, set)
		if err != nil {
			return err
		}
		out.Rule, out.Panel, out.Priority, out.Reasons = d.Rule.Name, d.Rule.PanelID, d.Priority, []reasonView{}
		for _, r := range d.Reasons {
			out.Reasons = append(out.Reasons, reasonView{r.Rule, r.Matched, r.Chosen, r.Text})
		}
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
		Study  string      `json:"study"`
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
		for _, d := range r.Differences {
			out.Differences = append(out.Differences, difference{d.StudyID, moment(d.At), vv(d.Before), vv(d.After)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

func vv(v assign.Verdict) verdictView { return verdictView{v.Rule, v.PanelID, v.Priority} }

type shiftView struct {
	ID     string        `json:"id,omitempty"`
	Reader string        `json:"reader"`
	Kind   worklist.Duty `json:"kind"`
	From   time.Time     `json:"from"`
	To     time.Time     `json:"to"`
}

// shifts lists the exceptions to the readers' weeks of the days to come.
func (s *server) shifts(c *call) error {
	now := db.Now()
	list, err := worklist.Shifts(c.r.Context(), s.DB.Read(c.r.Context()), now.AddDate(0, 0, -1), now.AddDate(0, 3, 0))
	if err != nil {
		return err
	}
	view := []shiftView{}
	for _, x := range list {
		view = append(view, shiftView{x.ID, x.UserID, x.Kind, x.From.UTC(), x.To.UTC()})
	}
	return c.json(http.StatusOK, view)
}

// addShift plans an exception.
func (s *server) addShift(c *call) error {
	var in shiftView
	if err := c.read(&in); err != nil {
		return err
	}
	if in.ID != "" || !db.ValidID(in.Reader) {
		return errShift
	}
	var made worklist.Shift
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		made, err = worklist.AddShift(ctx, tx, worklist.Shift{UserID: in.Reader, Kind: in.Kind, From: in.From, To: in.To}, c.who.UserID)
		return err
	})
	if errors.Is(err, worklist.ErrShift) {
		return errShift
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, shiftView{made.ID, made.UserID, made.Kind, made.From.UTC(), made.To.UTC()})
}

// cancelShift takes one back.
func (s *server) cancelShift(c *call) error {
	var in struct {
		ID string `json:"id"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if !db.ValidID(in.ID) {
		return errBadRequest.with("id is that of a shift")
	}
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error { return worklist.DeleteShift(ctx, tx, in.ID, c.who.UserID) })
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// choice says why a reader was chosen for an item, and why the others were not.
func (s *server) choice(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	type candidate struct {
		Reader named             `json:"reader"`
		Reason map[string]string `json:"reason,omitempty"`
		Score  int               `json:"score"`
		Parts  []assign.Part     `json:"parts"`
	}
	var out struct {
		Mode       worklist.Assign `json:"mode"`
		Main       *named          `json:"main"`
		Deputy     *named          `json:"deputy"`
		Candidates []candidate     `json:"candidates"`
	}
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := worklist.Get(ctx, tx, c.scope, id); err != nil {
			return err
		}
		chosen, ok, err := assign.ChoiceOf(ctx, tx, id)
		out.Mode, out.Candidates = worklist.Offer, []candidate{}
		if err != nil || !ok {
			return err
		}
		b := newBook(ctx, tx, c)
		out.Mode = chosen.Mode
		for _, x := range chosen.Candidates {
			who, err := b.user(x.Reader)
			if err != nil {
				return err
			}
			if x.Reader == chosen.Main {
				out.Main = &who
			}
			if x.Reader == chosen.Deputy {
				out.Deputy = &who
			}
			out.Candidates = append(out.Candidates, candidate{who, x.Reason, x.Score, append([]assign.Part{}, x.Parts...)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

// takeOver claims what another is offered, or has held for too long.
func (s *server) takeOver(c *call) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var taken worklist.Workitem
	_, err := s.change(c, func(ctx context.Context, tx db.Tx, id string) (err error) {
		if n := utf8.RuneCountInString(strings.TrimSpace(in.Reason)); n == 0 || n > 500 {
			return errBadRequest.with("a reason of at most 500 characters is needed")
		}
		taken, err = worklist.TakeOver(ctx, tx, id, c.who.UserID, strings.TrimSpace(in.Reason))
		return err
	})
	if err != nil {
		return err
	}
	return s.showWorkitem(c, taken.ID)
}

// indicators are the figures of months, as JSON or CSV.
func (s *server) indicators(c *call) error {
	q := c.r.URL.Query()
	now := time.Now().In(calendar.Tokyo)
	to := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, calendar.Tokyo)
	months := 12
	if m := q.Get("months"); m != "" {
		n, err := strconv.Atoi(m)
		if err != nil || n < 1 || n > 60 {
			return errBadRequest.with("months is a number from 1 to 60")
		}
		months = n
	}
	f, err := worklist.Figures(c.r.Context(), s.DB.Read(c.r.Context()), to.AddDate(0, -months, 0), to)
	if err != nil {
		return err
	}
	if q.Get("format") == "csv" {
		c.w.Header().Set("Content-Type", "text/csv; charset=utf-8")
		c.w.Header().Set("Content-Disposition", `attachment; filename="reads.csv"`)
		c.w.Header().Set("Cache-Control", "no-store")
		var b strings.Builder
		b.WriteString("\ufeffmonth,facility,modality,reads\r\n") // the mark lets Excel read UTF-8
		for _, r := range f.Reads {
			fmt.Fprintf(&b, "%s,%s,%s,%d\r\n", r.Month, r.FacilityID, r.Modality, r.Studies)
		}
		_, err := c.w.Write([]byte(b.String()))
		return err
	}
	type reads struct {
		Month    string `json:"month"`
		Facility string `json:"facility"`
		Modality string `json:"modality"`
		Studies  int    `json:"studies"`
	}
	type speed struct {
		Priority      worklist.Priority `json:"priority"`
		Studies       int               `json:"studies"`
		ClaimSeconds  float64           `json:"claimSeconds"`
		FinalSeconds  float64           `json:"finalSeconds"`
		Final95       float64           `json:"final95Seconds"`
		InTime        int               `json:"inTime"`
		ByClinicalDay int               `json:"byClinicalDay"`
	}
	type load struct {
		Reader  named `json:"reader"`
		Studies int   `json:"studies"`
	}
	out := struct {
		Reads   []reads `json:"reads"`
		Speeds  []speed `json:"speeds"`
		Readers []load  `json:"readers"`
	}{[]reads{}, []speed{}, []load{}}
	for _, r := range f.Reads {
		out.Reads = append(out.Reads, reads{r.Month, r.FacilityID, r.Modality, r.Studies})
	}
	for _, x := range f.Speeds {
		out.Speeds = append(out.Speeds, speed{x.Priority, x.Studies, x.Claim50.Seconds(), x.Final50.Seconds(), x.Final95.Seconds(), x.InTime, x.ByClinicalDay})
	}
	b := newBook(c.r.Context(), s.DB.Read(c.r.Context()), c)
	for _, r := range f.Readers {
		who, err := b.user(r.Reader)
		if err != nil {
			return err
		}
		out.Readers = append(out.Readers, load{who, r.Studies})
	}
	return c.json(http.StatusOK, out)
}
