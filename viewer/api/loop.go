package api

import (
	"context"
	"net/http"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/loop"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
)

// loopItem is a signed version on its way to its ordering doctor.
type loopItem struct {
	ReportID       string     `json:"reportId"`
	StudyID        string     `json:"studyId"`
	Facility       named      `json:"facility"`
	Version        int        `json:"version"`
	Kind           string     `json:"kind"`
	Importance     int        `json:"importance"`
	SignedAt       time.Time  `json:"signedAt"`
	OpenedAt       *time.Time `json:"openedAt"`
	AcknowledgedAt *time.Time `json:"acknowledgedAt"`
	ActedAt        *time.Time `json:"actedAt"`
	Reminders      int        `json:"reminders"`
	Told           []toldView `json:"told"` // who was reminded outside the pages
	Patient        string     `json:"patient"`
	PatientID      string     `json:"patientId"`
	Description    string     `json:"description"`
	StudyDate      string     `json:"studyDate"`
	Referrer       string     `json:"referrer"`
}

type criticalView struct {
	ID          string        `json:"id"`
	ReportID    string        `json:"reportId"`
	StudyID     string        `json:"studyId"`
	Facility    named         `json:"facility"`
	Level       string        `json:"level"`
	Finding     string        `json:"finding"`
	FlaggedBy   named         `json:"flaggedBy"`
	FlaggedAt   time.Time     `json:"flaggedAt"`
	Deadline    time.Time     `json:"deadline"`
	ClosedAt    *time.Time    `json:"closedAt"`
	ClosedBy    *named        `json:"closedBy"`
	EscalatedAt *time.Time    `json:"escalatedAt"`
	Patient     string        `json:"patient"`
	PatientID   string        `json:"patientId"`
	Contacts    []contactView `json:"contacts"`
}

type contactView struct {
	Told     string    `json:"told"`
	How      string    `json:"how"`
	Reached  bool      `json:"reached"`
	ReadBack bool      `json:"readBack"`
	Note     string    `json:"note"`
	By       named     `json:"by"`
	At       time.Time `json:"at"`
}

type receiptView struct {
	By      named     `json:"by"`
	Step    loop.Step `json:"step"`
	Orderer bool      `json:"orderer"`
	Note    string    `json:"note"`
	At      time.Time `json:"at"`
}

func (b *book) loopItem(i loop.Item) (loopItem, error) {
	facility, err := b.facility(i.FacilityID)
	if err != nil {
		return loopItem{}, err
	}
	if st, veiled, err := b.known(i.StudyID, i.FacilityID); err != nil {
		return loopItem{}, err
	} else if veiled {
		i.PatientName, i.PatientID, i.Description, i.Referrer = st.Patient.Name, st.Patient.PatientID, st.Description, ""
	}
	told, err := b.told(i.ReportID)
	return loopItem{
		ReportID: i.ReportID, StudyID: i.StudyID, Facility: facility, Version: i.Version, Kind: i.Kind, Importance: i.Importance,
		SignedAt: i.SignedAt, OpenedAt: moment(i.OpenedAt), AcknowledgedAt: moment(i.AcknowledgedAt), ActedAt: moment(i.ActedAt),
		Reminders: i.Reminders, Told: told, Patient: reports.ParsePersonName(i.PatientName).In("ja"), PatientID: i.PatientID,
		Description: i.Description, StudyDate: i.StudyDate, Referrer: reports.ParsePersonName(i.Referrer).In("ja"),
	}, err
}

func (b *book) critical(c loop.Critical) (criticalView, error) {
	if st, veiled, err := b.known(c.StudyID, c.FacilityID); err != nil {
		return criticalView{}, err
	} else if veiled {
		c.PatientName, c.PatientID = st.Patient.Name, st.Patient.PatientID
	}
	v := criticalView{
		ID: c.ID, ReportID: c.ReportID, StudyID: c.StudyID, Level: c.Level, Finding: c.Finding, FlaggedAt: c.FlaggedAt, Deadline: c.Deadline,
		ClosedAt: moment(c.ClosedAt), EscalatedAt: moment(c.EscalatedAt), Patient: reports.ParsePersonName(c.PatientName).In("ja"),
		PatientID: c.PatientID, Contacts: []contactView{},
	}
	var err error
	if v.Facility, err = b.facility(c.FacilityID); err != nil {
		return v, err
	}
	if v.FlaggedBy, err = b.user(c.FlaggedBy); err != nil {
		return v, err
	}
	if c.ClosedBy != "" {
		who, err := b.user(c.ClosedBy)
		if err != nil {
			return v, err
		}
		v.ClosedBy = &who
	}
	for _, x := range c.Contacts {
		by, err := b.user(x.By)
		if err != nil {
			return v, err
		}
		if err := b.clean(c.StudyID, &x.Note); err != nil {
			return v, err
		}
		v.Contacts = append(v.Contacts, contactView{x.Told, x.How, x.Reached, x.ReadBack, x.Note, by, x.At})
	}
	return v, nil
}

// unread lists what no ordering doctor has acknowledged, with the open critical
// findings: the board of a hospital and of the coordinator.
func (s *server) unread(c *call) error {
	var view struct {
		Items     []loopItem     `json:"items"`
		Criticals []criticalView `json:"criticals"`
	}
	view.Items, view.Criticals = []loopItem{}, []criticalView{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		b := newBook(ctx, tx, c)
		list, err := loop.Unread(ctx, tx, c.scope)
		if err != nil {
			return err
		}
		for _, i := range list {
			v, err := b.loopItem(i)
			if err != nil {
				return err
			}
			view.Items = append(view.Items, v)
		}
		open, err := loop.Criticals(ctx, tx, c.scope, c.r.URL.Query().Get("state") == "all")
		if err != nil {
			return err
		}
		for _, x := range open {
			v, err := b.critical(x)
			if err != nil {
				return err
			}
			view.Criticals = append(view.Criticals, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// receipts tells how far one version is in the loop, and who the ordering doctor
// is taken to be.
func (s *server) receipts(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return s.showReceipts(c, id)
}

func (s *server) showReceipts(c *call, id string) error {
	var view struct {
		Versions  []loopItem     `json:"versions"`
		Receipts  []receiptView  `json:"receipts"`
		Criticals []criticalView `json:"criticals"`
		Orderer   *named         `json:"orderer"`
		Mine      bool           `json:"mine"` // the asker is the ordering doctor
		Staff     []named        `json:"staff"`
	}
	view.Versions, view.Receipts, view.Criticals, view.Staff = []loopItem{}, []receiptView{}, []criticalView{}, []named{}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		r, err := reports.ForReader(ctx, tx, c.scope, c.who, id)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		versions, err := loop.OfStudy(ctx, tx, c.scope, r.StudyID)
		if err != nil {
			return err
		}
		for _, i := range versions {
			v, err := b.loopItem(i)
			if err != nil {
				return err
			}
			view.Versions = append(view.Versions, v)
		}
		done, err := loop.Receipts(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		for _, x := range done {
			by, err := b.user(x.UserID)
			if err != nil {
				return err
			}
			if !mayHear(c, r.Author.UserID) {
				x.Note = ""
			}
			if err := b.clean(r.StudyID, &x.Note); err != nil {
				return err
			}
			view.Receipts = append(view.Receipts, receiptView{by, x.Step, x.Orderer, x.Note, x.At})
		}
		found, err := loop.CriticalsOfStudy(ctx, tx, c.scope, r.StudyID)
		if err != nil {
			return err
		}
		for _, x := range found {
			v, err := b.critical(x)
			if err != nil {
				return err
			}
			view.Criticals = append(view.Criticals, v)
		}
		who, ok, err := loop.Orderer(ctx, tx, r.StudyID)
		if err != nil {
			return err
		}
		if ok {
			view.Orderer = &named{who.ID, who.Name, who.NameEn}
			view.Mine = who.ID == c.who.UserID
		}
		if !c.who.Role.AtFacility() {
			return nil
		}
		staff, err := loop.Staff(ctx, tx, r.Facility.ID)
		for _, u := range staff {
			view.Staff = append(view.Staff, named{u.ID, u.Name, u.NameEn})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// mayHear reports whether the asker may have what a hospital says of a report: the
// hospital itself, who signed, the coordinator.
func mayHear(c *call, authorID string) bool {
	return c.who.Role.AtFacility() || c.who.Role == identity.Coordinator || authorID != "" && authorID == c.who.UserID
}

// receipt records that the ordering doctor has acknowledged a version, or has
// acted on it.
func (s *server) receipt(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct {
		Step loop.Step `json:"step"`
		Note string    `json:"note"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	if utf8.RuneCountInString(in.Note) > 2000 {
		return errBadRequest.with("the note is longer than 2000 characters")
	}
	if in.Step == "" {
		in.Step = loop.Acknowledged
	}
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := loop.Record(ctx, tx, c.who, id, in.Step, strings.TrimSpace(in.Note))
		return err
	})
	if err != nil {
		return err
	}
	return s.showReceipts(c, id)
}

// orderer names the account of the doctor who ordered a study.
func (s *server) orderer(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct {
		UserID string `json:"userId"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return loop.Name(ctx, tx, c.who, id, in.UserID)
	})
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// contact records that somebody was told of a critical finding, or that nobody
// could be reached.
func (s *server) contact(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct {
		Told     string `json:"told"`
		How      string `json:"how"`
		Reached  bool   `json:"reached"`
		ReadBack bool   `json:"readBack"`
		Note     string `json:"note"`
	}
	if err := c.read(&in); err != nil {
		return err
	}
	var view criticalView
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := loop.CriticalByID(ctx, tx, c.scope, id); err != nil {
			return err
		}
		if err := loop.Tell(ctx, tx, c.who, id, loop.Contact{Told: in.Told, How: in.How, Reached: in.Reached, ReadBack: in.ReadBack, Note: in.Note}); err != nil {
			return err
		}
		x, err := loop.CriticalByID(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		view, err = newBook(ctx, tx, c).critical(x)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// opened records that a report was looked at by a person of its hospital; a
// machine reads nothing.
func (s *server) opened(c *call, reportID string) error {
	if !c.who.Role.AtFacility() || c.who.Kind != identity.KindSession {
		return nil
	}
	return s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		_, err := loop.Record(ctx, tx, c.who, reportID, loop.Opened, "")
		return err
	})
}
