package api

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/reports/peer"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

type reviewView struct {
	ID        string     `json:"id"`
	ReportID  string     `json:"reportId"`
	Study     *studyView `json:"study"`
	Reader    *named     `json:"reader"`   // null to who writes the review
	Reviewer  *named     `json:"reviewer"` // null to the reader
	Why       string     `json:"why"`
	Score     peer.Score `json:"score"`
	Note      string     `json:"note"`
	Reply     string     `json:"reply"`
	CreatedAt time.Time  `json:"createdAt"`
	DoneAt    *time.Time `json:"doneAt"`
	SeenAt    *time.Time `json:"seenAt"`
}

type outcomeView struct {
	ID       string    `json:"id"`
	ReportID string    `json:"reportId"`
	StudyID  string    `json:"studyId"`
	Agrees   string    `json:"agrees"`
	Text     string    `json:"text"`
	By       named     `json:"by"`
	At       time.Time `json:"at"`
}

// answerView is what an ordering doctor has written with a step of the loop.
type answerView struct {
	ReportID string    `json:"reportId"`
	StudyID  string    `json:"studyId"`
	Step     loop.Step `json:"step"`
	Text     string    `json:"text"`
	By       named     `json:"by"`
	At       time.Time `json:"at"`
}

type figureView struct {
	Reader    named              `json:"reader"`
	Reports   int                `json:"reports"`
	Chosen    int                `json:"chosen"`
	Scores    map[peer.Score]int `json:"scores"`
	Confirmed int                `json:"confirmed"`
	Differs   int                `json:"differs"`
}

type peerRule struct {
	Panel    string   `json:"panel"`
	Modality string   `json:"modality"`
	Words    []string `json:"words"`
	Percent  int      `json:"percent"`
}

type qualityView struct {
	Open          []reviewView  `json:"open"`          // to be written by the asker
	About         []reviewView  `json:"about"`         // of the asker's reports
	Discrepancies []reviewView  `json:"discrepancies"` // for the coordinator
	Outcomes      []outcomeView `json:"outcomes"`
	Answers       []answerView  `json:"answers"` // of ordering doctors
	Figures       []figureView  `json:"figures"` // the asker's own, all for the coordinator
	Rules         []peerRule    `json:"rules"`   // for the coordinator
	Since         time.Time     `json:"since"`
}

func (b *book) review(r peer.Review, reader, reviewer bool) (v reviewView, err error) {
	v = reviewView{ID: r.ID, ReportID: r.ReportID, Why: r.Why, Score: r.Score, Note: r.Note, Reply: r.Reply, CreatedAt: r.CreatedAt, DoneAt: moment(r.DoneAt), SeenAt: moment(r.SeenAt)}
	st, err := catalog.StudyByID(b.ctx, b.tx, b.scope, r.StudyID)
	if err != nil {
		return v, err
	}
	if v.Study, err = b.study(st); err != nil {
		return v, err
	}
	if err := b.clean(r.StudyID, &v.Note, &v.Reply); err != nil {
		return v, err
	}
	for _, who := range []struct {
		shown bool
		id    string
		into  **named
	}{{reader, r.ReaderID, &v.Reader}, {reviewer, r.ReviewerID, &v.Reviewer}} {
		if !who.shown || who.id == "" {
			continue
		}
		n, err := b.user(who.id)
		if err != nil {
			return v, err
		}
		*who.into = &n
	}
	return v, nil
}

func (b *book) outcomes(list []peer.Outcome) ([]outcomeView, error) {
	out := []outcomeView{}
	for _, o := range list {
		by, err := b.user(o.By)
		if err != nil {
			return nil, err
		}
		if err := b.clean(o.StudyID, &o.Text); err != nil {
			return nil, err
		}
		out = append(out, outcomeView{o.ID, o.ReportID, o.StudyID, o.Agrees, o.Text, by, o.At})
	}
	return out, nil
}

func (b *book) answers(list []loop.Answer) ([]answerView, error) {
	out := []answerView{}
	for _, a := range list {
		by, err := b.user(a.By)
		if err != nil {
			return nil, err
		}
		if err := b.clean(a.StudyID, &a.Note); err != nil {
			return nil, err
		}
		out = append(out, answerView{a.ReportID, a.StudyID, a.Step, a.Note, by, a.At})
	}
	return out, nil
}

// figuresOf is how far back the numbers go.
const figuresOf = 365 * 24 * time.Hour

// quality answers a reader with the second looks they are asked for, those at
// their own reports and their own numbers; the coordinator with all numbers.
func (s *server) quality(c *call) error {
	view := qualityView{Open: []reviewView{}, About: []reviewView{}, Discrepancies: []reviewView{}, Outcomes: []outcomeView{}, Answers: []answerView{}, Figures: []figureView{}, Rules: []peerRule{}}
	view.Since = db.Now().Add(-figuresOf)
	all := c.who.Role == identity.Coordinator
	whose := c.who.UserID
	if all {
		whose = ""
	} else if whose == "" {
		return errNoAccount
	}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		b := newBook(ctx, tx, c)
		add := func(into *[]reviewView, list []peer.Review, err error, reader, reviewer bool) error {
			if err != nil {
				return err
			}
			for _, r := range list {
				v, err := b.review(r, reader, reviewer)
				if err == nil {
					*into = append(*into, v)
				} else if p, _ := problemOf(err); p.Status != http.StatusNotFound { // no longer theirs to see
					return err
				}
			}
			return nil
		}
		if all {
			list, err := peer.Discrepancies(ctx, tx)
			if err := add(&view.Discrepancies, list, err, true, true); err != nil {
				return err
			}
			rules, err := peer.Rules(ctx, tx)
			if err != nil {
				return err
			}
			for _, r := range rules {
				view.Rules = append(view.Rules, peerRule{r.PanelID, r.Modality, append([]string{}, r.Words...), r.Percent})
			}
		} else {
			list, err := peer.Open(ctx, tx, c.who)
			if err := add(&view.Open, list, err, false, false); err != nil {
				return err
			}
			list, err = peer.About(ctx, tx, c.who.UserID)
			if err := add(&view.About, list, err, true, false); err != nil {
				return err
			}
		}
		told, err := peer.OutcomesOf(ctx, tx, whose)
		if err != nil {
			return err
		}
		if view.Outcomes, err = b.outcomes(told); err != nil {
			return err
		}
		answered, err := loop.Answers(ctx, tx, whose)
		if err != nil {
			return err
		}
		if view.Answers, err = b.answers(answered); err != nil {
			return err
		}
		figures, err := peer.Figures(ctx, tx, whose, view.Since)
		if err != nil {
			return err
		}
		for _, f := range figures {
			who, err := b.user(f.ReaderID)
			if err != nil {
				return err
			}
			view.Figures = append(view.Figures, figureView{who, f.Reports, f.Chosen, f.Scores, f.Confirmed, f.Differs})
		}
		return nil
	})
	if err != nil {
		return err
	}
	if c.r.URL.Query().Get("format") == "csv" {
		return s.toldTable(c, view)
	}
	return c.json(http.StatusOK, view)
}

// toldTable is what hospitals have said of reports as a table, within what the asker may
// see of it: the outcomes, then what ordering doctors wrote.
func (s *server) toldTable(c *call, q qualityView) error {
	rows := [][]string{{"at", "report", "study", "by", "what", "text"}}
	for _, o := range q.Outcomes {
		rows = append(rows, []string{o.At.Format(time.RFC3339), o.ReportID, o.StudyID, o.By.Name, o.Agrees, o.Text})
	}
	for _, a := range q.Answers {
		rows = append(rows, []string{a.At.Format(time.RFC3339), a.ReportID, a.StudyID, a.By.Name, string(a.Step), a.Text})
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "quality.exported", Detail: fmt.Sprintf("%d lines of what hospitals told", len(rows)-1)})
	return c.table("told", rows)
}

// writeReview keeps the second look of a reader.
func (s *server) writeReview(c *call) error {
	var in struct {
		ID    string     `json:"id"`
		Score peer.Score `json:"score"`
		Note  string     `json:"note"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return peer.Write(ctx, tx, c.who, in.ID, in.Score, in.Note)
	})
	return c.done(err)
}

// seeReview notes that the reader of the report has seen what was said of it.
func (s *server) seeReview(c *call) error {
	var in struct {
		ID    string `json:"id"`
		Reply string `json:"reply"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if !db.ValidID(in.ID) {
		return errBadRequest.with("id is that of a review")
	}
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error { return peer.See(ctx, tx, c.who.UserID, in.ID, in.Reply) })
	return c.done(err)
}

// setPeerRules says which reports are looked at again.
func (s *server) setPeerRules(c *call) error {
	var in struct {
		Rules []peerRule `json:"rules"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	rules := make([]peer.Rule, 0, len(in.Rules))
	for _, r := range in.Rules {
		rules = append(rules, peer.Rule{PanelID: r.Panel, Modality: r.Modality, Words: r.Words, Percent: r.Percent})
	}
	return c.done(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error { return peer.SetRules(ctx, tx, rules) }))
}

// outcomes tells what a hospital has said about the patient of a report: to the
// hospital, to who signed it, to the coordinator.
func (s *server) outcomes(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var view []outcomeView
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := reports.ForReader(ctx, tx, c.scope, c.who, id); err != nil {
			return err
		}
		list, err := peer.OutcomesOfReport(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		mine := list[:0]
		for _, o := range list {
			if mayHear(c, o.AuthorID) {
				mine = append(mine, o)
			}
		}
		view, err = newBook(ctx, tx, c).outcomes(mine)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// tellOutcome keeps what the hospital knows about the patient now.
func (s *server) tellOutcome(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct {
		Agrees string `json:"agrees"`
		Text   string `json:"text"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := reports.ForReader(ctx, tx, c.scope, c.who, id); err != nil {
			return err
		}
		return peer.Tell(ctx, tx, c.who, id, in.Agrees, in.Text)
	})
	return c.done(err)
}
