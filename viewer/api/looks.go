package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist/room"
)

// lookPoll is how soon a move of the leader's is seen by who looks along, on
// whichever node.
const lookPoll = 100 * time.Millisecond

// lookPattern is a stream that pages keep open by themselves: it prolongs no session.
const lookPattern = "/rooms/{id}/look/stream"

// lookRate bounds how often one account moves. Pages keep to half of it.
var lookRate = Rate{PerSecond: 20, Burst: 40}

type lookView struct {
	ID        string     `json:"id"`
	Room      string     `json:"room"`
	StudyID   string     `json:"studyId"`
	Leader    named      `json:"leader"`
	Members   []named    `json:"members"`
	StartedAt time.Time  `json:"startedAt"`
	Revision  int64      `json:"revision"`
	State     room.Place `json:"state"`
}

func (b *book) look(l room.Look) (v lookView, err error) {
	v = lookView{ID: l.ID, Room: l.RoomID, StudyID: l.StudyID, Members: []named{}, StartedAt: l.StartedAt, Revision: l.Revision, State: l.Place}
	if v.Leader, err = b.user(l.Leader); err != nil {
		return v, err
	}
	for _, s := range l.Seats {
		n, err := b.user(s.User)
		if err != nil {
			return v, err
		}
		v.Members = append(v.Members, n)
	}
	return v, nil
}

// together answers with the look of a room, null when there is none.
func (s *server) together(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	_, view, err := s.look(c, id)
	if errors.Is(err, room.ErrNoLook) {
		return c.json(http.StatusOK, nil)
	}
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func (s *server) look(c *call, id string) (l room.Look, v lookView, err error) {
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if l, err = room.Together(ctx, tx, c.who, id); err != nil {
			return err
		}
		v, err = newBook(ctx, tx, c).look(l)
		return err
	})
	return l, v, err
}

func (s *server) changeLook(c *call, fn func(ctx context.Context, tx db.Tx, id string) error) error {
	id, err := s.inRoom(c, fn)
	if err != nil {
		return err
	}
	_, view, err := s.look(c, id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func (s *server) joinLook(c *call) error {
	var in room.Place
	if err := c.read(&in); err != nil {
		return err
	}
	return s.changeLook(c, func(ctx context.Context, tx db.Tx, id string) error {
		_, err := room.Join(ctx, tx, c.who, id, in)
		return err
	})
}

func (s *server) leadLook(c *call) error {
	var in struct {
		User string `json:"user"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	return s.changeLook(c, func(ctx context.Context, tx db.Tx, id string) error {
		_, err := room.Lead(ctx, tx, c.who, id, in.User)
		return err
	})
}

func (s *server) showLook(c *call) error {
	if s.moves.take(c.who.UserID) > 0 {
		return errTooMany
	}
	var in room.Place
	if err := c.read(&in); err != nil {
		return err
	}
	if _, err := s.inRoom(c, func(ctx context.Context, tx db.Tx, id string) error { return room.Show(ctx, tx, c.who, id, in) }); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *server) leaveLook(c *call) error {
	if _, err := s.inRoom(c, func(ctx context.Context, tx db.Tx, id string) error { return room.Leave(ctx, tx, c.who, id) }); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// lookAlong streams a look to somebody who sits at it, until it is over or they no
// longer do. While it lasts their page counts as there.
func (s *server) lookAlong(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	ctx := c.r.Context()
	l, view, err := s.look(c, id)
	if err != nil {
		return err
	}
	sits := func(l room.Look) bool {
		return slices.ContainsFunc(l.Seats, func(s room.Seat) bool { return s.User == c.who.UserID })
	}
	if !sits(l) {
		return room.ErrNoLook
	}
	wake, leave, ok := s.looks.listen(c.who.UserID)
	if !ok {
		return errBusy
	}
	defer leave()
	out := http.NewResponseController(c.w)
	_ = out.SetWriteDeadline(time.Time{}) // this answer lasts
	c.w.Header().Set("Content-Type", "text/event-stream")
	c.w.Header().Set("Cache-Control", "no-store")
	c.w.Header().Set("X-Accel-Buffering", "no")
	c.w.WriteHeader(http.StatusOK)
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	said := int64(-1)
	for {
		if l.Revision != said {
			said = l.Revision
			data, err := json.Marshal(view)
			if err != nil {
				return nil
			}
			if _, err := fmt.Fprintf(c.w, "event: look\ndata: %s\n\n", data); err != nil {
				return nil
			}
		}
		if out.Flush() != nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return nil
		case <-s.closing:
			return nil
		case <-wake:
		case <-beat.C:
			if err := s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error { return room.Seen(ctx, tx, c.who, l.ID) }); err != nil {
				return nil
			}
			if _, err := fmt.Fprint(c.w, ": \n\n"); err != nil {
				return nil
			}
		}
		if c.still() != nil { // rights may have been taken away since
			return nil
		}
		now, v, err := s.look(c, id)
		if err != nil || now.ID != l.ID || !sits(now) {
			if err == nil || errors.Is(err, room.ErrNoLook) || errors.Is(err, room.ErrNotFound) {
				_, _ = fmt.Fprint(c.w, "event: over\ndata: {}\n\n")
			}
			return nil
		}
		l, view = now, v
	}
}
