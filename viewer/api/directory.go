package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/rule"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

type destinationView struct {
	Name    string   `json:"name"`
	AE      string   `json:"ae"`
	Host    string   `json:"host"`
	Port    int      `json:"port"`
	Objects []string `json:"objects"`
	Pending int      `json:"pending"`
	Failed  int      `json:"failed"`
}

type facilityView struct {
	named
	AETitles     []string          `json:"aeTitles"`
	QuietSeconds float64           `json:"quietSeconds"`
	Destinations []destinationView `json:"destinations"`
	Studies      int               `json:"studies"`
	LastArrival  *time.Time        `json:"lastArrival"`
}

// facilities lists the hospitals with what has come from each and what waits to
// go back.
func (s *server) facilities(c *call) error {
	view := []facilityView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		all, err := worklist.Facilities(ctx, tx)
		if err != nil {
			return err
		}
		volumes, err := catalog.Volumes(ctx, tx, c.scope)
		if err != nil {
			return err
		}
		waiting, err := deliver.CountsByDestination(ctx, tx)
		if err != nil {
			return err
		}
		for _, f := range all {
			v := facilityView{
				named: named{f.ID, f.Name, f.NameEn}, AETitles: append([]string{}, f.AETitles...), QuietSeconds: f.Quiet.Seconds(),
				Destinations: []destinationView{}, Studies: volumes[f.ID].Studies, LastArrival: moment(volumes[f.ID].LastArrival),
			}
			for _, d := range f.Destinations {
				v.Destinations = append(v.Destinations, destinationView{
					Name: d.Name, AE: d.AETitle, Host: d.Host, Port: d.Port, Objects: append([]string{}, d.Objects...),
					Pending: waiting[d.ID].Pending, Failed: waiting[d.ID].Failed,
				})
			}
			view = append(view, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

type panelView struct {
	named
	Readers []named `json:"readers"`
}

// panels lists the groups of readers.
func (s *server) panels(c *call) error {
	view := []panelView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		all, err := worklist.Panels(ctx, tx)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, p := range all {
			v := panelView{named: named{p.ID, p.Name, p.NameEn}, Readers: []named{}}
			for _, id := range p.Readers {
				u, err := b.user(id)
				if err != nil {
					return err
				}
				v.Readers = append(v.Readers, u)
			}
			view = append(view, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

type readerView struct {
	named
	Login     string  `json:"login"`
	License   string  `json:"license"`
	Panels    []named `json:"panels"`
	Open      int     `json:"open"`
	DoneToday int     `json:"doneToday"`
}

// readers lists the readers with what each holds and has finished since midnight
// in Japan.
func (s *server) readers(c *call) error {
	view := []readerView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		all, err := identity.Users(ctx, tx, identity.Reader)
		if err != nil {
			return err
		}
		now := db.Now().In(reports.JST)
		loads, err := worklist.Loads(ctx, tx, time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, reports.JST))
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, u := range all {
			if u.Disabled {
				continue
			}
			v := readerView{
				named: named{u.ID, u.Name, u.NameEn}, Login: u.Login, License: u.License, Panels: []named{},
				Open: loads[u.ID].Open, DoneToday: loads[u.ID].Done,
			}
			ids, err := identity.PanelsOf(ctx, tx, u.ID)
			if err != nil {
				return err
			}
			for _, id := range ids {
				p, err := b.panel(id)
				if err != nil {
					return err
				}
				v.Panels = append(v.Panels, p)
			}
			view = append(view, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

type ruleView struct {
	Order   int        `json:"order"`
	Name    string     `json:"name"`
	When    []string   `json:"when"`
	Then    actionView `json:"then"`
	Matched int        `json:"matched"`
}

type actionView struct {
	Panel         named             `json:"panel"`
	Priority      worklist.Priority `json:"priority"`
	WithinSeconds float64           `json:"withinSeconds"`
}

// rules lists the routing in the order it is asked, the fallback last, each
// condition in words of the language of the page.
func (s *server) rules(c *call) error {
	lang := c.language()
	view := []ruleView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		set, err := rule.Load(ctx, tx)
		if err != nil {
			return err
		}
		matches, err := rule.Matches(ctx, tx)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for i, r := range append(append([]rule.Rule{}, set.Rules...), set.Fallback) {
			panel, err := b.panel(r.PanelID)
			if err != nil {
				return err
			}
			view = append(view, ruleView{
				Order: i + 1, Name: r.Name, When: append([]string{}, r.When.Describe(lang)...),
				Then: actionView{panel, r.Priority, r.Within.Seconds()}, Matched: matches[r.ID],
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}
