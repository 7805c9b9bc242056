package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/calendar"
)

var errShift = problem(http.StatusUnprocessableEntity, "shift", "A shift is reading, on-call or absent, ends after it begins and lasts at most a year.")

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

// maxRoster is the most days of a roster.
const maxRoster = 42

// roster is who reads when: the weeks of the readers laid over days, the exceptions to
// them, and the days on which the house is closed.
func (s *server) roster(c *call) error {
	type span struct {
		From time.Time `json:"from"`
		To   time.Time `json:"to"`
	}
	type row struct {
		Reader     named       `json:"reader"`
		Panels     []string    `json:"panels"`
		Duty       string      `json:"duty"` // now
		Reading    []span      `json:"reading"`
		OnCall     []span      `json:"onCall"`
		Always     bool        `json:"always"` // has no hours of reading: counts as there
		Exceptions []shiftView `json:"exceptions"`
	}
	type day struct {
		Day     string `json:"day"`
		Holiday string `json:"holiday"`
		Closed  bool   `json:"closed"`
	}
	q := c.r.URL.Query()
	from, err := time.ParseInLocation(time.DateOnly, q.Get("from"), calendar.Tokyo)
	if err != nil {
		return errBadRequest.with("from is a day: YYYY-MM-DD")
	}
	days, err := c.number("days", 7, maxRoster)
	if err != nil {
		return err
	}
	to := from.AddDate(0, 0, days)
	out := struct {
		Days    []day `json:"days"`
		Readers []row `json:"readers"`
	}{[]day{}, []row{}}
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		cal, err := worklist.Calendar(ctx, tx)
		if err != nil {
			return err
		}
		for d := calendar.DayOf(from); d.Start().Before(to); d = d.Add(1) {
			out.Days = append(out.Days, day{d.String(), calendar.Holiday(d), cal.Closed(d)})
		}
		exceptions, err := worklist.Shifts(ctx, tx, from, to)
		if err != nil {
			return err
		}
		duties, err := worklist.DutiesAt(ctx, tx, db.Now())
		if err != nil {
			return err
		}
		spans := func(lines []string) []span {
			list := []span{}
			h, err := calendar.ParseHours(lines)
			if err != nil || len(h) == 0 {
				return list
			}
			for _, w := range h.Spans(cal, from, to) {
				list = append(list, span{w[0].UTC(), w[1].UTC()})
			}
			return list
		}
		users, err := identity.Users(ctx, tx, "")
		if err != nil {
			return err
		}
		for _, u := range users {
			if u.Disabled || !u.Role.Reads() {
				continue
			}
			p := duties.Profile(u.ID)
			r := row{Reader: named{u.ID, u.Name, u.NameEn}, Reading: spans(p.Hours), OnCall: spans(p.OnCall), Always: len(p.Hours) == 0, Exceptions: []shiftView{}}
			if r.Panels, err = identity.PanelsOf(ctx, tx, u.ID); err != nil {
				return err
			}
			r.Panels = append([]string{}, r.Panels...)
			for _, x := range exceptions {
				if x.UserID == u.ID {
					r.Exceptions = append(r.Exceptions, shiftView{x.ID, x.UserID, x.Kind, x.From.UTC(), x.To.UTC()})
				}
			}
			r.Duty = string(duties.Of(u.ID))
			out.Readers = append(out.Readers, r)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}
