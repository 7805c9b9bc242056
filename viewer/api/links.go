package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/consent"
	"github.com/dokuei/dokuei/storage/db"
)

// maxLinks bounds the list of links.
const maxLinks = 200

// linkPatientView is a patient of one hospital.
type linkPatientView struct {
	ID          string `json:"id"`
	Facility    named  `json:"facility"`
	Name        string `json:"name"`
	Ideographic string `json:"ideographic"`
	Phonetic    string `json:"phonetic"`
	PatientID   string `json:"patientId"`
	BirthDate   string `json:"birthDate"`
	Sex         string `json:"sex"`
}

type linkView struct {
	ID         string            `json:"id"`
	Patients   []linkPatientView `json:"patients"` // two
	State      string            `json:"state"`    // proposed, confirmed, rejected, ended
	Reason     string            `json:"reason"`
	ProposedBy named             `json:"proposedBy"`
	ProposedAt time.Time         `json:"proposedAt"`
	ReviewedBy *named            `json:"reviewedBy"`
	ReviewedAt *time.Time        `json:"reviewedAt"`
	EndedBy    *named            `json:"endedBy"`
	EndedAt    *time.Time        `json:"endedAt"`
	EndReason  string            `json:"endReason,omitempty"`
	Mine       bool              `json:"mine"` // proposed by who asks
}

func (s *server) links(c *call) error {
	view := []linkView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		list, err := consent.Links(ctx, tx, maxLinks)
		if err != nil {
			return err
		}
		view, err = newBook(ctx, tx, c).links(list, c.who.UserID)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// studyLinks answers with the links of the patient of a study, and with patients of
// other hospitals that may be worth a comparison.
func (s *server) studyLinks(c *call) error {
	view := struct {
		Patient    linkPatientView   `json:"patient"`
		Links      []linkView        `json:"links"`
		Candidates []linkPatientView `json:"candidates"`
	}{Links: []linkView{}, Candidates: []linkPatientView{}}
	id, err := c.id()
	if err != nil {
		return err
	}
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		study, err := catalog.StudyByID(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		p := study.Patient
		if view.Patient, err = b.linkPatient(consent.Patient{
			ID: study.PatientRef, FacilityID: study.FacilityID, PatientID: p.PatientID, Name: p.Name, BirthDate: p.BirthDate, Sex: p.Sex,
		}); err != nil {
			return err
		}
		list, err := consent.LinksOf(ctx, tx, study.PatientRef)
		if err != nil {
			return err
		}
		if view.Links, err = b.links(list, c.who.UserID); err != nil {
			return err
		}
		candidates, err := consent.Candidates(ctx, tx, study.PatientRef)
		if err != nil {
			return registerProblem(err)
		}
		for _, one := range candidates {
			v, err := b.linkPatient(one)
			if err != nil {
				return err
			}
			view.Candidates = append(view.Candidates, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func (b *book) linkPatient(p consent.Patient) (linkPatientView, error) {
	alphabetic, ideographic, phonetic := charset.SplitPN(p.Name)
	f, err := b.facility(p.FacilityID)
	return linkPatientView{
		ID: p.ID, Facility: f, Name: alphabetic, Ideographic: ideographic, Phonetic: phonetic, PatientID: p.PatientID, BirthDate: p.BirthDate, Sex: p.Sex,
	}, err
}

func (b *book) links(list []consent.Link, asker string) ([]linkView, error) {
	out := []linkView{}
	for _, l := range list {
		v := linkView{
			ID: l.ID, State: l.State, Reason: l.Reason, ProposedAt: l.ProposedAt.UTC(), ReviewedAt: moment(l.ReviewedAt), EndedAt: moment(l.EndedAt),
			EndReason: l.EndReason, Mine: l.ProposedBy == asker,
		}
		for _, p := range l.Patients {
			one, err := b.linkPatient(p)
			if err != nil {
				return nil, err
			}
			v.Patients = append(v.Patients, one)
		}
		var err error
		if v.ProposedBy, err = b.user(l.ProposedBy); err != nil {
			return nil, err
		}
		for _, by := range []struct {
			id string
			to **named
		}{{l.ReviewedBy, &v.ReviewedBy}, {l.EndedBy, &v.EndedBy}} {
			if by.id == "" {
				continue
			}
			u, err := b.user(by.id)
			if err != nil {
				return nil, err
			}
			*by.to = &u
		}
		out = append(out, v)
	}
	return out, nil
}

// proposeLink says that two patients are one person.
func (s *server) proposeLink(c *call) error {
	var in struct {
		Patient string `json:"patient"`
		Other   string `json:"other"`
		Reason  string `json:"reason"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if !db.ValidID(in.Patient) || !db.ValidID(in.Other) {
		return errBadRequest.with("patient and other are IDs of patients of two hospitals")
	}
	var id string
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		id, err = consent.Propose(ctx, tx, c.who.UserID, in.Patient, in.Other, in.Reason)
		return err
	})
	if err != nil {
		return registerProblem(err)
	}
	return c.json(http.StatusCreated, struct {
		ID string `json:"id"`
	}{id})
}

// reviewLink confirms or rejects what another has proposed.
func (s *server) reviewLink(c *call) error {
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
	if in.Verdict != consent.Confirmed && in.Verdict != consent.Rejected {
		return errBadRequest.with("verdict is confirmed or rejected")
	}
	return c.done(registerProblem(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return consent.Review(ctx, tx, c.who.UserID, id, in.Verdict == consent.Confirmed)
	})))
}

// endLink takes a link back.
func (s *server) endLink(c *call) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	id, err := c.id()
	if err != nil {
		return err
	}
	return c.done(registerProblem(s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return consent.End(ctx, tx, c.who.UserID, id, in.Reason)
	})))
}
