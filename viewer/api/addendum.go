package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
)

// addendumWithin is the time a reader gives themselves for an addendum.
const addendumWithin = 4 * time.Hour

// addendum begins a new version of a signed report on a reader's own account:
// something was seen late, has to be put right, or has to be taken back. The
// task goes to the panel that read the study and is claimed at once.
func (s *server) addendum(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct {
		Kind reports.Kind `json:"kind"` // addendum (the default), correction, retraction
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var purpose worklist.Purpose
	switch in.Kind {
	case "", reports.Addendum:
	case reports.Correction, reports.Retraction:
		purpose = worklist.Purpose(in.Kind)
	default:
		return errBadRequest.with("kind is addendum, correction or retraction")
	}
	var item worklist.Workitem
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		newest, err := reports.Newest(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		last, err := worklist.LatestCompleted(ctx, tx, id)
		if err != nil {
			return err
		}
		if newest[id].ID == "" || last == nil {
			// A study out of scope has no report either: the two are told alike.
			return errNotFound
		}
		item, err = worklist.Create(ctx, tx, worklist.New{
			StudyID: id, FacilityID: last.FacilityID, Kind: worklist.Addendum, Purpose: purpose, PanelID: last.PanelID,
			Priority: last.Priority, Deadline: db.Now().Add(addendumWithin), Actor: c.who.UserID,
		})
		if err != nil {
			return err
		}
		item, err = worklist.Claim(ctx, tx, item.ID, c.who.UserID)
		return err
	})
	if err != nil {
		return err
	}
	view, err := s.viewWorkitem(c, item.ID)
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, view)
}
