package api

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

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
		item, err := worklist.Get(ctx, tx, c.scope, id)
		if err != nil {
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
			for lang, text := range x.Reason { // one who has declined says why in their own words
				if err := b.clean(item.StudyID, &text); err != nil {
					return err
				}
				x.Reason[lang] = text
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
func (s *server) takeOver(c *call) error { return s.withReason(c, worklist.TakeOver) }

// decline says no to what is offered.
func (s *server) decline(c *call) error { return s.withReason(c, assign.Decline) }

// withReason lets who asks do something with an item that takes a reason, and shows what
// came of it.
func (s *server) withReason(c *call, do func(ctx context.Context, tx db.Tx, id, readerID, reason string) (worklist.Workitem, error)) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var now worklist.Workitem
	_, err := s.change(c, func(ctx context.Context, tx db.Tx, id string) (err error) {
		if strings.TrimSpace(in.Reason) == "" || utf8.RuneCountInString(in.Reason) > maxReason {
			return errBadRequest.with("a reason of at most 500 characters is needed")
		}
		now, err = do(ctx, tx, id, c.who.UserID, strings.TrimSpace(in.Reason))
		return err
	})
	if err != nil {
		return err
	}
	return s.showWorkitem(c, now.ID)
}

const (
	maxReason   = 500 // characters
	maxTogether = 200 // items of one request
)

// assignMany moves items, each by itself: one that cannot be moved holds up no other.
func (s *server) assignMany(c *call) error {
	var in struct {
		Items    []string          `json:"items"`
		Panel    string            `json:"panel"`
		Priority worklist.Priority `json:"priority"`
		Reader   string            `json:"reader"`
		Reason   string            `json:"reason"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	switch {
	case len(in.Items) == 0 || len(in.Items) > maxTogether || slices.ContainsFunc(in.Items, func(id string) bool { return !db.ValidID(id) }):
		return errBadRequest.with("items are the ids of 1 to 200 workitems")
	case in.Priority != "" && !in.Priority.Valid():
		return errBadRequest.with("priority is STAT, URGENT or ROUTINE")
	case in.Reader != "" && !db.ValidID(in.Reader):
		return errBadRequest.with("reader is the id of a reader")
	case in.Reader == "" && in.Panel == "" && in.Priority == "":
		return errBadRequest.with("panel, priority or reader is needed")
	case utf8.RuneCountInString(in.Reason) > maxReason:
		return errBadRequest.with("the reason is longer than 500 characters")
	}
	defer s.wakeClock()
	type result struct {
		ID   string `json:"id"`
		Now  string `json:"now,omitempty"`  // the item that takes its place, or itself
		Code string `json:"code,omitempty"` // why it was not moved
	}
	out := struct {
		Results []result `json:"results"`
	}{[]result{}}
	for _, id := range in.Items {
		var now worklist.Workitem
		err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
			if _, err := worklist.Get(ctx, tx, c.scope, id); err != nil {
				return err
			}
			var err error
			now, err = assign.Hand(ctx, tx, id, c.who.UserID, in.Reader, worklist.Reassignment{PanelID: in.Panel, Priority: in.Priority, Reason: in.Reason})
			return err
		})
		if err == nil {
			out.Results = append(out.Results, result{ID: id, Now: now.ID})
			continue
		}
		p, known := problemOf(err)
		if !known {
			return err
		}
		out.Results = append(out.Results, result{ID: id, Code: p.Code})
	}
	return c.json(http.StatusOK, out)
}

// board is what waits on each panel, and what is on the desk of each reader.
func (s *server) board(c *call) error {
	type queue struct {
		Panel     named             `json:"panel"`
		Priority  worklist.Priority `json:"priority"`
		Waiting   int               `json:"waiting"`
		Reading   int               `json:"reading"`
		Late      int               `json:"late"`
		Escalated int               `json:"escalated"`
		Oldest    *time.Time        `json:"oldest"`
	}
	type desk struct {
		Reader   named         `json:"reader"`
		Panels   []string      `json:"panels"`
		Duty     worklist.Duty `json:"duty"`
		Open     int           `json:"open"`
		LastHour int           `json:"lastHour"`
		Month    int           `json:"month"`
		Capacity int           `json:"capacity"`
	}
	out := struct {
		Queues  []queue `json:"queues"`
		Readers []desk  `json:"readers"`
	}{[]queue{}, []desk{}}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		now := db.Now()
		b := newBook(ctx, tx, c)
		desks, err := worklist.Board(ctx, tx, now)
		if err != nil {
			return err
		}
		for _, d := range desks {
			panel, err := b.panel(d.PanelID)
			if err != nil {
				return err
			}
			out.Queues = append(out.Queues, queue{panel, d.Priority, d.Waiting, d.Reading, d.Late, d.Escalated, moment(d.Oldest)})
		}
		readers, err := assign.ReadersOf(ctx, tx, "", now)
		if err != nil {
			return err
		}
		panels, err := worklist.Panels(ctx, tx)
		if err != nil {
			return err
		}
		for _, r := range readers {
			who, err := b.user(r.ID)
			if err != nil {
				return err
			}
			d := desk{who, []string{}, r.Duty, r.Open, r.LastHour, r.Month, r.Capacity}
			if d.Capacity == 0 {
				d.Capacity = worklist.DefaultCapacity
			}
			for _, p := range panels {
				if slices.Contains(p.Readers, r.ID) {
					d.Panels = append(d.Panels, p.ID)
				}
			}
			out.Readers = append(out.Readers, d)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}

// escalations are the open items of which a limit was passed, with what the clock
// has done and who was told.
func (s *server) escalations(c *call) error {
	type fired struct {
		Kind clock.Kind `json:"kind"`
		At   *time.Time `json:"at"`
	}
	type told struct {
		Kind      clock.Kind `json:"kind"`
		Channel   string     `json:"channel"`
		Recipient string     `json:"recipient"`
		Sent      *time.Time `json:"sent"`
		Attempts  int        `json:"attempts"`
		Failed    string     `json:"failed"`
	}
	type escalation struct {
		workitemView
		ClaimDue *time.Time `json:"claimDue"`
		Fired    []fired    `json:"fired"`
		Told     []told     `json:"told"`
	}
	out := struct {
		Items []escalation `json:"items"`
		More  bool         `json:"more"`
	}{Items: []escalation{}}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		page, err := worklist.List(ctx, tx, c.scope, worklist.Filter{Tab: worklist.TabEscalated, Limit: worklist.MaxPage})
		if err != nil {
			return err
		}
		out.More = page.Next != ""
		b := newBook(ctx, tx, c)
		if err := b.gatherItems(page.Items); err != nil {
			return err
		}
		for _, item := range page.Items {
			v, err := b.workitem(item.Workitem, &item.Study)
			if err != nil {
				return err
			}
			e := escalation{workitemView: v, ClaimDue: moment(item.ClaimDue), Fired: []fired{}, Told: []told{}}
			timers, notices, err := clock.History(ctx, tx, item.ID)
			if err != nil {
				return err
			}
			for _, f := range timers {
				e.Fired = append(e.Fired, fired{f.Kind, moment(f.At)})
			}
			for _, n := range notices {
				e.Told = append(e.Told, told{n.Kind, n.Channel, n.Recipient, moment(n.Sent), n.Attempts, n.Reason})
			}
			out.Items = append(out.Items, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}
