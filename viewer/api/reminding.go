package api

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// remindingView is how a hospital is reminded of what nobody has acknowledged.
type remindingView struct {
	Facility  named     `json:"facility"`
	Doctor    bool      `json:"doctor"`
	Ways      []wayView `json:"ways"`
	QuietFrom string    `json:"quietFrom"` // 21:00, Japan's time
	QuietTo   string    `json:"quietTo"`
}

// wayView is one of the hospital's routes that take notices; its address is not told.
type wayView struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Way  string `json:"way"` // mailto, https, http
	Told bool   `json:"told"`
}

// toldView is one notice about a version.
type toldView struct {
	Escalation bool       `json:"escalation"`
	Step       int        `json:"step"`
	Person     *named     `json:"person"` // null: by a route
	Way        string     `json:"way"`
	At         time.Time  `json:"at"`
	SentAt     *time.Time `json:"sentAt"`
	Stopped    bool       `json:"stopped"`
	Attempts   int        `json:"attempts"`
}

func (b *book) told(reportID string) ([]toldView, error) {
	list, err := loop.ToldOf(b.ctx, b.tx, reportID)
	if err != nil {
		return nil, err
	}
	out := make([]toldView, 0, len(list))
	for _, n := range list {
		v := toldView{Escalation: n.Escalation, Step: n.Step, Way: n.Way, At: n.At, SentAt: moment(n.SentAt), Stopped: !n.StoppedAt.IsZero(), Attempts: n.Attempts}
		if n.User != "" {
			who, err := b.user(n.User)
			if err != nil {
				return nil, err
			}
			v.Person = &who
		}
		out = append(out, v)
	}
	return out, nil
}

// reminding tells how the hospitals in scope are reminded.
func (s *server) reminding(c *call) error {
	view := []remindingView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		all, err := worklist.Facilities(ctx, tx)
		if err != nil {
			return err
		}
		for _, f := range all {
			if c.who.Role.AtFacility() && f.ID != c.who.FacilityID {
				continue
			}
			how, err := loop.RemindingOf(ctx, tx, f.ID)
			if err != nil {
				return err
			}
			v := remindingView{Facility: named{f.ID, f.Name, f.NameEn}, Doctor: how.Doctor, Ways: []wayView{}, QuietFrom: clockOf(how.QuietFrom), QuietTo: clockOf(how.QuietTo)}
			ways, err := loop.Ways(ctx, tx, f.ID)
			if err != nil {
				return err
			}
			for _, d := range ways {
				scheme, _, _ := strings.Cut(d.Route, ":")
				v.Ways = append(v.Ways, wayView{d.ID, d.Name, scheme, !slices.Contains(how.Silent, d.ID)})
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

// setReminding changes how a hospital is reminded.
func (s *server) setReminding(c *call) error {
	var in struct {
		Facility  string   `json:"facility"` // "": the own one
		Doctor    bool     `json:"doctor"`
		Silent    []string `json:"silent"` // IDs of ways that are not told
		QuietFrom string   `json:"quietFrom"`
		QuietTo   string   `json:"quietTo"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Facility == "" {
		in.Facility = c.who.FacilityID
	}
	r := loop.Reminding{FacilityID: in.Facility, Doctor: in.Doctor, Silent: in.Silent}
	for _, x := range []struct {
		text string
		at   *int
	}{{in.QuietFrom, &r.QuietFrom}, {in.QuietTo, &r.QuietTo}} {
		if x.text == "" {
			continue
		}
		t, err := time.Parse("15:04", x.text)
		if err != nil {
			return errReminding.with("quietFrom and quietTo are times of day, as 21:00")
		}
		*x.at = t.Hour()*60 + t.Minute()
	}
	if in.Facility == "" {
		return errReminding.with("which hospital?")
	}
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error { return loop.SetReminding(ctx, tx, c.who, r) })
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func clockOf(minutes int) string { return fmt.Sprintf("%02d:%02d", minutes/60, minutes%60) }
