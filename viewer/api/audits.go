package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

type auditView struct {
	Seq      int64      `json:"seq"`
	At       *time.Time `json:"at"`
	Actor    string     `json:"actor"`
	Name     string     `json:"name"` // of the person, when it is one
	NameEn   string     `json:"nameEn"`
	Action   string     `json:"action"`
	Object   string     `json:"object"`
	Facility string     `json:"facility"`

	FacilityName   string `json:"facilityName"` // as it is called now; empty when there is none such any more
	FacilityNameEn string `json:"facilityNameEn"`

	Failed bool   `json:"failed"`
	Detail string `json:"detail"`
}

// searchAudit answers what a person has done and who has seen a patient. What is
// asked for goes in a body: a Patient ID does not belong in an address. Asking is
// recorded, too.
func (s *server) searchAudit(c *call) error {
	var in struct {
		Login     string `json:"login"`
		Facility  string `json:"facility"`
		PatientID string `json:"patientId"`
		Action    string `json:"action"`
		Before    int64  `json:"before"`
		Limit     int    `json:"limit"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	for _, typed := range []string{in.Login, in.Facility, in.PatientID, in.Action} {
		if err := searchable(typed, in.Limit); err != nil {
			return err
		}
	}
	if in.Limit == 0 {
		in.Limit = maxLimit
	}
	view := []auditView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		q := audit.Search{PatientID: in.PatientID, Action: in.Action, Before: in.Before, Limit: in.Limit}
		var err error
		if q.Facility, err = facilityNamed(ctx, tx, in.Facility); err != nil {
			return err
		}
		all, err := worklist.Facilities(ctx, tx)
		if err != nil {
			return err
		}
		called := map[string]worklist.Facility{}
		for _, f := range all {
			called[f.ID] = f
		}
		if in.Login != "" {
			u, err := identity.UserByLogin(ctx, tx, in.Login)
			if errors.Is(err, identity.ErrNotFound) {
				return nil // nobody has done nothing
			}
			if err != nil {
				return err
			}
			q.Actor = u.ID
		}
		found, err := audit.Find(ctx, tx, q)
		if err != nil {
			return err
		}
		people := map[string]identity.User{}
		for _, r := range found {
			u, known := people[r.Actor]
			if !known {
				if u, err = identity.UserByID(ctx, tx, r.Actor); err != nil && !errors.Is(err, identity.ErrNotFound) {
					return err
				}
				people[r.Actor] = u
			}
			f := called[r.FacilityID]
			view = append(view, auditView{
				r.Seq, moment(r.At), r.Actor, u.Name, u.NameEn, r.Action, r.Object, r.FacilityID, f.Name, f.NameEn, r.Outcome == audit.Failure, r.Detail,
			})
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "audit.searched", Object: c.who.UserID})
	return c.json(http.StatusOK, view)
}
