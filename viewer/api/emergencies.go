package api

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// eventEmergency tells coordinators that somebody has broken the glass.
const eventEmergency = "emergency.opened"

// maxEmergencies bounds the list of reviews.
const maxEmergencies = 200

type emergencyView struct {
	ID         string     `json:"id"`
	By         named      `json:"by"`
	Facility   named      `json:"facility"`
	Reason     string     `json:"reason"`
	OpenedAt   *time.Time `json:"openedAt"`
	ExpiresAt  *time.Time `json:"expiresAt"`
	ReviewedAt *time.Time `json:"reviewedAt"`
	ReviewedBy *named     `json:"reviewedBy"`
	Verdict    string     `json:"verdict"`
	Mine       bool       `json:"mine"`
}

// openEmergency opens a patient of another hospital for an hour. Who asks has to
// know the patient; a wrong guess is answered like a stranger's study, counted in
// the trail, and slowed down like a wrong password.
func (s *server) openEmergency(c *call) error {
	var in struct {
		Facility  string `json:"facility"`
		PatientID string `json:"patientId"`
		BirthDate string `json:"birthDate"`
		Reason    string `json:"reason"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if c.who.Kind != identity.KindSession {
		return errForbidden
	}
	address := remoteHost(c.r)
	if err := s.Gate.Guess(c.r.Context(), c.who, address); err != nil {
		return err
	}
	var studies []string
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		facility, err := facilityNamed(ctx, tx, in.Facility)
		if err != nil {
			return err
		}
		opened, err := identity.OpenEmergency(ctx, tx, c.who, facility, in.PatientID, in.BirthDate, in.Reason)
		if err != nil {
			return err
		}
		for _, e := range opened {
			of, err := catalog.StudiesOfPatient(ctx, tx, e.PatientRef)
			if err != nil {
				return err
			}
			for _, id := range of {
				studies = append(studies, id)
				if err := catalog.AppendEvent(ctx, tx, catalog.Event{Kind: eventEmergency, FacilityID: e.FacilityID, StudyID: id, Ref: e.ID}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	switch {
	case errors.Is(err, identity.ErrNotFound):
		s.audit(c, audit.Record{Actor: c.who.UserID, Action: "emergency.refused", Object: c.who.UserID, Outcome: audit.Failure, Detail: address})
		return errNotFound
	case err != nil:
		return err
	}
	if err := s.Gate.Guessed(c.r.Context(), c.who, address); err != nil {
		return err
	}
	s.Log.WarnContext(c.r.Context(), "emergency access opened", "account", c.who.UserID, "studies", len(studies))
	return c.json(http.StatusCreated, struct {
		Studies   []string  `json:"studies"`
		ExpiresAt time.Time `json:"expiresAt"`
	}{append([]string{}, studies...), db.Now().Add(identity.EmergencyLife).UTC()})
}

// facilityNamed is the ID of the hospital that somebody calls by its ID or name;
// what nobody is called comes back as it is.
func facilityNamed(ctx context.Context, tx db.Tx, typed string) (string, error) {
	all, err := worklist.Facilities(ctx, tx)
	if err != nil {
		return "", err
	}
	for _, f := range all {
		if typed == f.ID || typed == f.Name || strings.EqualFold(typed, f.NameEn) {
			return f.ID, nil
		}
	}
	return typed, nil
}

func (s *server) emergencies(c *call) error {
	view := []emergencyView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		list, err := identity.Emergencies(ctx, tx, maxEmergencies)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, e := range list {
			v := emergencyView{
				ID: e.ID, Reason: e.Reason, OpenedAt: moment(e.OpenedAt), ExpiresAt: moment(e.ExpiresAt), ReviewedAt: moment(e.ReviewedAt),
				Verdict: e.Verdict, Mine: e.UserID == c.who.UserID,
			}
			if v.By, err = b.user(e.UserID); err != nil {
				return err
			}
			if v.Facility, err = b.facility(e.FacilityID); err != nil {
				return err
			}
			if e.ReviewedBy != "" {
				by, err := b.user(e.ReviewedBy)
				if err != nil {
					return err
				}
				v.ReviewedBy = &by
			}
			view = append(view, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func (s *server) reviewEmergency(c *call) error {
	var in struct {
		Verdict string `json:"verdict"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	id, err := c.id()
	if err != nil {
		return err
	}
	if in.Verdict != identity.Justified && in.Verdict != identity.Unjustified {
		return errBadRequest.with("verdict is justified or unjustified")
	}
	return c.done(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return identity.JudgeEmergency(ctx, tx, c.who, id, in.Verdict)
	}))
}
