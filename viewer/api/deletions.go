package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/retention"
	"github.com/dokuei/dokuei/worklist"
)

// errRetained is what a deletion before its time is told.
var errRetained = problem(http.StatusConflict, "retained", "The study has to be kept for now.")

// maxDeletions bounds the list of deletions.
const maxDeletions = 200

type keepingView struct {
	Until    *time.Time    `json:"until"`  // null: nothing keeps it
	Reason   string        `json:"reason"` // images, report
	Hold     *holdView     `json:"hold"`
	Deletion *deletionView `json:"deletion"` // under way
}

type holdView struct {
	Reason   string    `json:"reason"`
	PlacedBy named     `json:"placedBy"`
	PlacedAt time.Time `json:"placedAt"`
}

type deletionView struct {
	ID          string          `json:"id"`
	StudyID     string          `json:"studyId"`
	StudyUID    string          `json:"studyInstanceUid"`
	Facility    named           `json:"facility"`
	Study       *studyView      `json:"study"` // null when it is gone
	Reason      string          `json:"reason"`
	State       retention.State `json:"state"`
	RequestedBy named           `json:"requestedBy"`
	RequestedAt time.Time       `json:"requestedAt"`
	DecidedBy   *named          `json:"decidedBy"`
	DecidedAt   *time.Time      `json:"decidedAt"`
	SweepAt     *time.Time      `json:"sweepAt"`
	EndedBy     *named          `json:"endedBy"` // null: its hospital sent it again, or it is not ended; retention: it is to be kept
	EndedAt     *time.Time      `json:"endedAt"`
	Objects     int             `json:"objects"`
	Bytes       int64           `json:"bytes"`
	Mine        bool            `json:"mine"`
}

// actor is a person, or the command line.
func (b *book) actor(id string) named {
	if by, err := b.user(id); err == nil {
		return by
	}
	return named{ID: id, Name: id}
}

func (b *book) deletion(who identity.Principal, d retention.Deletion) (v deletionView, err error) {
	v = deletionView{
		ID: d.ID, StudyID: d.StudyID, StudyUID: d.StudyInstanceUID, Reason: d.Reason, State: d.State, RequestedAt: d.RequestedAt.UTC(), DecidedAt: moment(d.DecidedAt),
		SweepAt: moment(d.SweepAt), EndedAt: moment(d.EndedAt), Objects: d.Objects, Bytes: d.Bytes, Mine: d.RequestedBy == who.UserID,
	}
	if v.Facility, err = b.facility(d.FacilityID); err != nil {
		return v, err
	}
	v.RequestedBy = b.actor(d.RequestedBy)
	for _, p := range []struct {
		id string
		to **named
	}{{d.DecidedBy, &v.DecidedBy}, {d.EndedBy, &v.EndedBy}} {
		if p.id != "" {
			by := b.actor(p.id)
			*p.to = &by
		}
	}
	b.scope.Trash = true // who decides sees what is there
	st, err := catalog.StudyByID(b.ctx, b.tx, b.scope, d.StudyID)
	switch {
	case errors.Is(err, catalog.ErrNotFound):
		return v, nil
	case err != nil:
		return v, err
	}
	v.Study, err = b.study(st)
	return v, err
}

func (s *server) keeping(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var view keepingView
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		st, err := catalog.StudyByID(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		k, err := retention.Of(ctx, tx, st)
		if err != nil {
			return err
		}
		view.Until, view.Reason = moment(k.Until), k.Reason
		b := newBook(ctx, tx, c)
		if h := k.Hold; h != nil {
			view.Hold = &holdView{Reason: h.Reason, PlacedBy: b.actor(h.PlacedBy), PlacedAt: h.PlacedAt.UTC()}
		}
		d, err := retention.OfStudy(ctx, tx, id)
		if err != nil || d == nil {
			return err
		}
		v, err := b.deletion(c.who, *d)
		view.Deletion = &v
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// person refuses machines: two people decide on a deletion.
func (c *call) person() error {
	if c.who.Kind != identity.KindSession {
		return errForbidden
	}
	return nil
}

func (s *server) askDeletion(c *call) error {
	var in struct {
		Reason string `json:"reason"`
	}
	id, err := c.id()
	if err := errors.Join(err, c.person()); err != nil {
		return err
	}
	if err := c.read(&in); err != nil {
		return err
	}
	return s.answerDeletion(c, http.StatusCreated, func(ctx context.Context, tx db.Tx) (retention.Deletion, error) {
		return retention.Request(ctx, tx, c.scope, c.who.UserID, id, in.Reason)
	})
}

// approveDeletion takes the study out of sight, and its open reading off the worklist.
func (s *server) approveDeletion(c *call) error {
	id, err := c.id()
	if err := errors.Join(err, c.person()); err != nil {
		return err
	}
	return s.answerDeletion(c, http.StatusOK, func(ctx context.Context, tx db.Tx) (retention.Deletion, error) {
		d, err := retention.Approve(ctx, tx, c.scope, c.who.UserID, id)
		if err != nil {
			return d, err
		}
		open, err := worklist.OpenOfStudy(ctx, tx, d.StudyID)
		if err != nil || open == nil {
			return d, err
		}
		_, err = worklist.Withdraw(ctx, tx, open.ID, c.who.UserID, "the study is in the trash")
		return d, err
	})
}

func (s *server) answerDeletion(c *call, status int, do func(ctx context.Context, tx db.Tx) (retention.Deletion, error)) error {
	var view deletionView
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		d, err := do(ctx, tx)
		if err != nil {
			return err
		}
		view, err = newBook(ctx, tx, c).deletion(c.who, d)
		return err
	})
	var kept *retention.RetainedError
	if errors.As(err, &kept) {
		return errRetained.with("It is kept until " + kept.Until.UTC().Format(time.DateOnly) + ".")
	}
	if err != nil {
		return err
	}
	return c.json(status, view)
}

func (s *server) refuseDeletion(c *call) error { return s.endDeletion(c, retention.Refuse) }

func (s *server) restoreDeletion(c *call) error {
	defer s.WakeLedger()
	return s.endDeletion(c, retention.Restore)
}

func (s *server) endDeletion(c *call, end func(ctx context.Context, tx db.Tx, scope identity.Scope, actor, id string) error) error {
	id, err := c.id()
	if err := errors.Join(err, c.person()); err != nil {
		return err
	}
	return c.done(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return end(ctx, tx, c.scope, c.who.UserID, id)
	}))
}

func (s *server) deletions(c *call) error {
	list := func(ctx context.Context, tx db.Tx) ([]retention.Deletion, error) {
		return retention.List(ctx, tx, maxDeletions)
	}
	return listed(s, c, list, func(b *book, d retention.Deletion) (deletionView, error) { return b.deletion(c.who, d) })
}

func (s *server) placeHold(c *call) error {
	var in struct {
		Reason string `json:"reason"`
	}
	id, err := c.id()
	if err := errors.Join(err, c.person()); err != nil {
		return err
	}
	if err := c.read(&in); err != nil {
		return err
	}
	return c.done(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return retention.PlaceHold(ctx, tx, c.scope, c.who.UserID, id, in.Reason)
	}))
}

func (s *server) releaseHold(c *call) error {
	id, err := c.id()
	if err := errors.Join(err, c.person()); err != nil {
		return err
	}
	return c.done(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return retention.ReleaseHold(ctx, tx, c.scope, c.who.UserID, id)
	}))
}
