package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/db"
)

// shelvedView is a delivery that waits for somebody to look. Whose study it is stands
// on the study's own page.
type shelvedView struct {
	deliveryView
	DestinationID string    `json:"destinationId"`
	Facility      named     `json:"facility"`
	StudyID       string    `json:"studyId"`
	Status        uint16    `json:"status"` // of C-STORE-RSP; 0: there was none
	CreatedAt     time.Time `json:"createdAt"`
	GivenUpBy     *named    `json:"givenUpBy"`
	Why           string    `json:"why"`
}

// pileView is what waits for one destination.
type pileView struct {
	DestinationID string    `json:"destinationId"`
	Destination   string    `json:"destination"`
	Facility      named     `json:"facility"`
	Way           string    `json:"way"`
	Active        bool      `json:"active"`
	N             int       `json:"n"`
	Since         time.Time `json:"since"`
	Reason        string    `json:"reason"`
}

func (b *book) parked(d deliver.Delivery) (v shelvedView, err error) {
	v = shelvedView{
		deliveryView: viewDelivery(d), DestinationID: d.DestinationID, StudyID: d.StudyID,
		Status: d.LastStatus, CreatedAt: d.CreatedAt, Why: d.GivenUpWhy,
	}
	if v.Facility, err = b.facility(d.FacilityID); err != nil || d.GivenUpBy == "" {
		return v, err
	}
	who, err := b.user(d.GivenUpBy)
	v.GivenUpBy = &who
	return v, err
}

// parked lists the deliveries of every study and destination in scope that wait for
// somebody to look, and how many there are for each destination.
func (s *server) parked(c *call) error {
	q := c.r.URL.Query()
	shelf := deliver.Shelf{DestinationID: q.Get("destination"), GivenUp: q.Get("state") == string(deliver.GivenUp), After: q.Get("after")}
	if n, err := strconv.Atoi(q.Get("limit")); err == nil {
		shelf.Limit = n
	}
	var view struct {
		Items []shelvedView `json:"items"`
		More  bool          `json:"more"`
		Piles []pileView    `json:"piles"`
	}
	view.Items, view.Piles = []shelvedView{}, []pileView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		b := newBook(ctx, tx, c)
		page, more, err := shelf.List(ctx, tx, c.scope)
		if err != nil {
			return err
		}
		view.More = more
		for _, d := range page {
			v, err := b.parked(d)
			if err != nil {
				return err
			}
			view.Items = append(view.Items, v)
		}
		piles, err := shelf.Piles(ctx, tx, c.scope)
		if err != nil {
			return err
		}
		for _, p := range piles {
			facility, err := b.facility(p.FacilityID)
			if err != nil {
				return err
			}
			view.Piles = append(view.Piles, pileView{p.DestinationID, p.Destination, facility, p.Way, p.Active, p.N, p.Since, p.Reason})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// retryParked has what is parked for a destination, or for all, tried now.
func (s *server) retryParked(c *call) error {
	var in struct {
		Destination string `json:"destination"` // "": all
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var view struct {
		N int `json:"n"`
	}
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		view.N, err = deliver.RetryAll(ctx, tx, c.scope, in.Destination, c.who.UserID)
		return err
	})
	if err != nil {
		return err
	}
	if s.WakeCourier != nil {
		s.WakeCourier()
	}
	return c.json(http.StatusOK, view)
}

// giveUpDelivery ends the attempts of a parked delivery.
func (s *server) giveUpDelivery(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct {
		Why string `json:"why"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var view shelvedView
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		d, err := deliver.GiveUp(ctx, tx, c.scope, id, c.who.UserID, in.Why)
		if err != nil {
			return err
		}
		view, err = newBook(ctx, tx, c).parked(d)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}
