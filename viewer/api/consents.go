package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/consent"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
)

// consentView is one line of the register.
type consentView struct {
	Kind       string     `json:"kind"` // given, withdrawn
	Everywhere bool       `json:"everywhere"`
	Facilities []named    `json:"facilities"`
	Images     bool       `json:"images"`
	Reports    bool       `json:"reports"`
	Research   bool       `json:"research"`
	Until      *time.Time `json:"until"`
	Document   string     `json:"document"`
	By         named      `json:"by"`
	At         time.Time  `json:"at"`
}

// consentsView is what a patient has said, newest first, and who may be named.
type consentsView struct {
	InForce    bool          `json:"inForce"`
	History    []consentView `json:"history"`
	Facilities []named       `json:"facilities"` // the other hospitals of the network
}

// consents answers with the register of the patient of a study of the own hospital.
func (s *server) consents(c *call) error {
	var view consentsView
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		study, err := c.ownStudy(ctx, tx)
		if err != nil {
			return err
		}
		view, err = newBook(ctx, tx, c).consents(study)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// ownStudy is the study of the path when it is of the hospital of who asks: a study
// that was only granted to them has a patient that is not theirs.
func (c *call) ownStudy(ctx context.Context, tx db.Tx) (catalog.Study, error) {
	id, err := c.id()
	if err != nil {
		return catalog.Study{}, err
	}
	return catalog.StudyByID(ctx, tx, identity.Scope{FacilityID: c.who.FacilityID}, id)
}

func (b *book) consents(study catalog.Study) (consentsView, error) {
	view := consentsView{History: []consentView{}, Facilities: []named{}}
	history, err := consent.History(b.ctx, b.tx, study.PatientRef)
	if err != nil {
		return view, err
	}
	for i, e := range history {
		v := consentView{
			Kind: e.Kind, Everywhere: e.Everywhere, Facilities: []named{}, Images: e.Images, Reports: e.Reports, Research: e.Research, Until: moment(e.Until), Document: e.Document, At: e.RecordedAt.UTC(),
		}
		for _, id := range e.Facilities {
			f, err := b.facility(id)
			if err != nil {
				return view, err
			}
			v.Facilities = append(v.Facilities, f)
		}
		if v.By, err = b.user(e.RecordedBy); err != nil {
			v.By = named{ID: e.RecordedBy}
		}
		if i == 0 {
			view.InForce = e.Given && (e.Until.IsZero() || e.Until.After(db.Now()))
		}
		view.History = append(view.History, v)
	}
	all, err := worklist.Facilities(b.ctx, b.tx)
	if err != nil {
		return view, err
	}
	for _, f := range all {
		if f.Active && f.ID != study.FacilityID {
			view.Facilities = append(view.Facilities, named{f.ID, f.Name, f.NameEn})
		}
	}
	return view, nil
}

// recordConsent writes down what a patient has said.
func (s *server) recordConsent(c *call) error {
	var in struct {
		Kind       string     `json:"kind"`
		Everywhere bool       `json:"everywhere"`
		Facilities []string   `json:"facilities"`
		Images     bool       `json:"images"`
		Reports    bool       `json:"reports"`
		Research   bool       `json:"research"`
		Until      *time.Time `json:"until"`
		Document   string     `json:"document"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	e := consent.Entry{Kind: in.Kind, Document: in.Document, Consent: identity.Consent{
		Everywhere: in.Everywhere, Facilities: in.Facilities, Images: in.Images, Reports: in.Reports, Research: in.Research,
	}}
	if in.Until != nil {
		e.Until = *in.Until
	}
	var view consentsView
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		study, err := c.ownStudy(ctx, tx)
		if err != nil {
			return err
		}
		e.PatientRef = study.PatientRef
		if _, err := consent.Record(ctx, tx, c.who.UserID, study.FacilityID, e); err != nil {
			return registerProblem(err)
		}
		view, err = newBook(ctx, tx, c).consents(study)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, view)
}

// registerProblem is an error of package consent as it is answered.
func registerProblem(err error) error {
	var wrong *consent.Error
	switch {
	case errors.As(err, &wrong):
		return problem(http.StatusUnprocessableEntity, "register_value", "This cannot be written into the register.").with(wrong.Text)
	case errors.Is(err, consent.ErrNotFound):
		return errNotFound
	case errors.Is(err, consent.ErrOwnProposal):
		return problem(http.StatusForbidden, "own_proposal", "Somebody else than who proposed a link confirms it.")
	case errors.Is(err, consent.ErrLinked):
		return problem(http.StatusConflict, "linked", "The two are linked already, or it has been proposed.")
	}
	return err
}
