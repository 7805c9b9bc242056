package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/room"
)

type consultView struct {
	ID           string      `json:"id"`
	AskedBy      named       `json:"askedBy"`
	Question     string      `json:"question"`
	State        room.State  `json:"state"`
	AcceptedBy   *named      `json:"acceptedBy"`
	Transfer     string      `json:"transfer"`
	TransferNote string      `json:"transferNote"`
	TransferBy   *named      `json:"transferBy"`
	TransferAt   *time.Time  `json:"transferAt"`
	CreatedAt    time.Time   `json:"createdAt"`
	Asked        []askedView `json:"asked"`
}

type askedView struct {
	Room       string     `json:"room"`
	Candidate  named      `json:"candidate"`
	State      room.State `json:"state"`
	AnsweredAt *time.Time `json:"answeredAt"`
}

func (b *book) consult(c room.Consult) (v consultView, err error) {
	v = consultView{
		ID: c.ID, Question: c.Question, State: c.State, Transfer: string(c.Transfer), TransferNote: c.TransferNote,
		TransferAt: moment(c.TransferAt), CreatedAt: c.CreatedAt, Asked: []askedView{},
	}
	if err := b.clean(c.StudyID, &v.Question, &v.TransferNote); err != nil {
		return v, err
	}
	if v.AskedBy, err = b.user(c.AskedBy); err != nil {
		return v, err
	}
	for _, x := range []struct {
		id string
		to **named
	}{{c.AcceptedBy, &v.AcceptedBy}, {c.TransferBy, &v.TransferBy}} {
		if x.id == "" {
			continue
		}
		n, err := b.user(x.id)
		if err != nil {
			return v, err
		}
		*x.to = &n
	}
	for _, a := range c.Asked {
		n, err := b.user(a.Candidate)
		if err != nil {
			return v, err
		}
		v.Asked = append(v.Asked, askedView{a.RoomID, n, a.State, moment(a.AnsweredAt)})
	}
	return v, nil
}

// candidateView is one whom a consult can ask. Of doctors at hospitals nobody knows
// when they are there: their duty is empty.
type candidateView struct {
	memberView
	Specialties []string      `json:"specialties"`
	Duty        worklist.Duty `json:"duty"`
}

// candidates are whom a consult can ask, those who are there first.
func (s *server) candidates(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	view := []candidateView{}
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		r, err := room.Find(ctx, tx, c.who, id)
		if err != nil {
			return err
		}
		list, err := room.Candidates(ctx, tx, r)
		if err != nil {
			return err
		}
		duties, err := worklist.DutiesAt(ctx, tx, db.Now())
		if err != nil {
			return err
		}
		for _, m := range list {
			v := candidateView{memberView: viewMember(m), Specialties: append([]string{}, duties.Subspecialties(m.ID)...)}
			if m.Role.Reads() {
				v.Duty = duties.Of(m.ID)
			}
			view = append(view, v)
		}
		slices.SortStableFunc(view, func(a, b candidateView) int { return dutyOrder[a.Duty] - dutyOrder[b.Duty] })
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func (s *server) consult(c *call) error {
	var in struct {
		Question   string   `json:"question"`
		Candidates []string `json:"candidates"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	id, err := s.inRoom(c, func(ctx context.Context, tx db.Tx, id string) error {
		_, err := room.Ask(ctx, tx, c.who, id, in.Question, in.Candidates)
		return err
	})
	if err != nil {
		return err
	}
	return s.showRoom(c, id, "")
}

// answerConsult is the yes or no of who was asked, in their private room.
func (s *server) answerConsult(c *call) error {
	var in struct {
		Accept bool `json:"accept"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if _, err := s.inRoom(c, func(ctx context.Context, tx db.Tx, id string) error {
		return room.Answer(ctx, tx, c.who, id, in.Accept)
	}); err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// decideConsult withdraws a question or records the decision on a transfer.
func (s *server) decideConsult(c *call) error {
	var in struct {
		Consult  string        `json:"consult"`
		Withdraw bool          `json:"withdraw"`
		Transfer room.Transfer `json:"transfer"`
		Note     string        `json:"note"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	id, err := s.inRoom(c, func(ctx context.Context, tx db.Tx, id string) error {
		if in.Withdraw {
			return room.Withdraw(ctx, tx, c.who, id, in.Consult)
		}
		return room.Decide(ctx, tx, c.who, id, in.Consult, in.Transfer, in.Note)
	})
	if err != nil {
		return err
	}
	return s.showRoom(c, id, "")
}
