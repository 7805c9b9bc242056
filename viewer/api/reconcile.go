package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist/order"
)

// reconciliations are the studies and orders of which somebody has to say whether
// they belong together.
func (s *server) reconciliations(c *call) error {
	type question struct {
		ID        string     `json:"id"`
		Reason    string     `json:"reason"`
		CreatedAt *time.Time `json:"createdAt"`
		Study     *studyView `json:"study"`
		Order     orderView  `json:"order"`
	}
	view := []question{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		open, err := order.Open(ctx, tx, c.scope)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, q := range open {
			study, err := catalog.StudyByID(ctx, tx, c.scope, q.StudyID)
			if err != nil {
				return err
			}
			shown, err := b.study(study)
			if err != nil {
				return err
			}
			view = append(view, question{q.ID, q.Reason, moment(q.CreatedAt), shown, viewOrder(q.Order)})
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// resolveReconciliation says whether they do.
func (s *server) resolveReconciliation(c *call) error {
	var in struct {
		ID     string `json:"id"`
		Joined bool   `json:"joined"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if !db.ValidID(in.ID) {
		return errBadRequest.with("id is that of a reconciliation")
	}
	return c.done(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		o, err := order.Resolve(ctx, tx, c.scope, in.ID, c.who.UserID, in.Joined)
		if err != nil || !in.Joined {
			return err
		}
		return assign.Ordered(ctx, tx, o.ID, c.who.UserID)
	}))
}
