package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/room"
)

type memberView struct {
	named
	Role     identity.Role `json:"role"`
	Facility string        `json:"facility,omitempty"`
}

type messageView struct {
	ID       string       `json:"id"`
	Room     string       `json:"room"`
	StudyID  string       `json:"studyId"`
	At       time.Time    `json:"at"`
	Author   named        `json:"author"`
	Body     string       `json:"body"`
	Mentions []named      `json:"mentions"`
	Picture  *pictureView `json:"picture"`
	ReadBy   []readView   `json:"readBy"`
}

type pictureView struct {
	URL       string `json:"url"`
	MediaType string `json:"mediaType"`
	Width     int    `json:"width"`
	Height    int    `json:"height"`
	Size      int64  `json:"size"`
}

type readView struct {
	named
	At time.Time `json:"at"`
}

type roomView struct {
	ID       string        `json:"id"`
	StudyID  string        `json:"studyId"`
	Private  *askedView    `json:"private"`
	Members  []memberView  `json:"members"`
	Messages []messageView `json:"messages"`
	More     bool          `json:"more"` // there are earlier messages
	Consults []consultView `json:"consults"`
}

func (b *book) message(m room.Message) (v messageView, err error) {
	v = messageView{ID: m.ID, Room: m.RoomID, StudyID: m.StudyID, At: m.At, Body: m.Body, Mentions: []named{}, ReadBy: []readView{}}
	if err := b.clean(m.StudyID, &v.Body); err != nil {
		return v, err
	}
	if v.Author, err = b.user(m.Author); err != nil {
		return v, err
	}
	for _, u := range m.Mentions {
		n, err := b.user(u)
		if err != nil {
			return v, err
		}
		v.Mentions = append(v.Mentions, n)
	}
	for _, r := range m.Reads {
		n, err := b.user(r.User)
		if err != nil {
			return v, err
		}
		v.ReadBy = append(v.ReadBy, readView{n, r.At})
	}
	if p := m.Picture; p != nil {
		v.Picture = &pictureView{"/api/v1/messages/" + m.ID + "/picture", p.MediaType, p.Width, p.Height, p.Size}
	}
	return v, nil
}

// rooms lists those of the asker's in which something was said.
func (s *server) rooms(c *call) error {
	type item struct {
		Room     string     `json:"room"`
		LastAt   time.Time  `json:"lastAt"`
		Messages int        `json:"messages"`
		Unread   int        `json:"unread"`
		Mentions int        `json:"mentions"`
		Study    *studyView `json:"study"`
	}
	view := struct {
		Items []item `json:"items"`
	}{[]item{}}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		list, err := room.Mine(ctx, tx, c.who)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, r := range list {
			st, err := catalog.StudyByID(ctx, tx, c.scope, r.StudyID)
			if err != nil {
				return err
			}
			study, err := b.study(st)
			if err != nil {
				return err
			}
			view.Items = append(view.Items, item{r.RoomID, r.LastAt, r.Messages, r.Unread, r.Mentions, study})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// searchRooms finds messages in the asker's rooms. What is typed stands in a body.
func (s *server) searchRooms(c *call) error {
	var in struct {
		Q string `json:"q"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if err := searchable(in.Q, 0); err != nil {
		return err
	}
	view := struct {
		Items []messageView `json:"items"`
	}{[]messageView{}}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		hits, err := room.Search(ctx, tx, c.who, in.Q)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, m := range hits {
			v, err := b.message(m)
			if err != nil {
				return err
			}
			if v.Body != m.Body {
				continue // that the words are there is what the asker is not to learn
			}
			view.Items = append(view.Items, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "room.searched", FacilityID: c.who.FacilityID})
	return c.json(http.StatusOK, view)
}

func (s *server) room(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	before := c.r.URL.Query().Get("before")
	if before != "" && !db.ValidID(before) {
		return errBadRequest.with("before is the ID of a message")
	}
	return s.showRoom(c, id, before)
}

func (s *server) showRoom(c *call, id, before string) error {
	view := roomView{Members: []memberView{}, Messages: []messageView{}, Consults: []consultView{}}
	var facility string
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		r, err := room.Find(ctx, tx, c.who, id)
		if err != nil {
			return err
		}
		view.ID, view.StudyID, facility = r.ID, r.StudyID, r.FacilityID
		b := newBook(ctx, tx, c)
		members, err := room.Members(ctx, tx, r)
		if err != nil {
			return err
		}
		for _, m := range members {
			view.Members = append(view.Members, viewMember(m))
		}
		page, more, err := room.History(ctx, tx, r, before, room.PageSize)
		if err != nil {
			return err
		}
		view.More = more
		for _, m := range page {
			v, err := b.message(m)
			if err != nil {
				return err
			}
			view.Messages = append(view.Messages, v)
		}
		consults, err := room.Consults(ctx, tx, c.who, r)
		if err != nil {
			return err
		}
		for _, x := range consults {
			v, err := b.consult(x)
			if err != nil {
				return err
			}
			view.Consults = append(view.Consults, v)
		}
		if p := r.Private; p != nil {
			n, err := b.user(p.Candidate)
			if err != nil {
				return err
			}
			view.Private = &askedView{p.RoomID, n, p.State, moment(p.AnsweredAt)}
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "room.viewed", Object: id, FacilityID: facility})
	return c.json(http.StatusOK, view)
}

func viewMember(m room.Member) memberView {
	return memberView{named{ID: m.ID, Name: m.Name, NameEn: m.NameEn}, m.Role, m.FacilityID}
}

// dutyOrder is the order of a list of whom to ask.
var dutyOrder = map[worklist.Duty]int{worklist.Reading: 0, worklist.OnCall: 1, worklist.OffDuty: 2, worklist.Absent: 3}

// inRoom changes the room of the path; fn has read the body already.
func (s *server) inRoom(c *call, fn func(ctx context.Context, tx db.Tx, id string) error) (id string, err error) {
	if id, err = c.id(); err != nil {
		return "", err
	}
	return id, s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error { return fn(ctx, tx, id) })
}

// sayIn adds a message of text.
func (s *server) sayIn(c *call) error {
	var in struct {
		ID       string   `json:"id"`
		Body     string   `json:"body"`
		Mentions []string `json:"mentions"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if in.ID != "" && !db.ValidID(in.ID) {
		return errBadRequest.with("id is a UUID, or left out")
	}
	return s.say(c, room.Message{ID: in.ID, Body: in.Body, Mentions: in.Mentions})
}

func (s *server) say(c *call, m room.Message) error {
	var said room.Message
	_, err := s.inRoom(c, func(ctx context.Context, tx db.Tx, id string) (err error) {
		said, err = room.Say(ctx, tx, c.who, id, m)
		return err
	})
	if err != nil {
		return err
	}
	var view messageView
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		view, err = newBook(ctx, tx, c).message(said)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, view)
}

func (s *server) readRoom(c *call) error {
	var in struct {
		UpTo string `json:"upTo"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if _, err := s.inRoom(c, func(ctx context.Context, tx db.Tx, id string) error {
		r, err := room.Find(ctx, tx, c.who, id)
		if err != nil {
			return err
		}
		if err := room.MarkRead(ctx, tx, c.who, r.ID, in.UpTo); errors.Is(err, room.ErrNotFound) {
			return errBadRequest.with("upTo is a message of the room")
		} else if err != nil {
			return err
		}
		return nil
	}); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

func (s *server) invite(c *call) error {
	var in struct {
		User string        `json:"user"`
		Role identity.Role `json:"role"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	id, err := s.inRoom(c, func(ctx context.Context, tx db.Tx, id string) error {
		return room.Invite(ctx, tx, c.who, id, in.User, in.Role)
	})
	if err != nil {
		return err
	}
	return s.showRoom(c, id, "")
}
