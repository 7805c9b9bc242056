package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/router/orders"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

var (
	errOrderValue      = problem(http.StatusUnprocessableEntity, "order_value", "The order has a value that DICOM does not allow.")
	errOtherFacility   = problem(http.StatusForbidden, "other_facility", "You may order for your own hospital only.")
	errUnknownFacility = problem(http.StatusUnprocessableEntity, "unknown_facility", "There is no such hospital.")
)

// orderView is an order as it is asked for and answered. Text is as in DICOM.
type orderView struct {
	ID       string `json:"id,omitempty"`
	Facility string `json:"facility,omitempty"` // of who asks, when that is a hospital

	PatientID   string `json:"patientId"`
	PatientName string `json:"patientName"` // alphabetic=ideographic=phonetic
	BirthDate   string `json:"birthDate"`
	Sex         string `json:"sex"`

	Accession            string `json:"accession"`
	Referrer             string `json:"referrer"`
	StudyInstanceUID     string `json:"studyInstanceUid"`
	ProcedureID          string `json:"procedureId"`
	ProcedureDescription string `json:"procedureDescription"`
	Priority             string `json:"priority"`                 // STAT, HIGH, ROUTINE, MEDIUM, LOW
	Comments             string `json:"comments"`                 // the clinical question
	History              string `json:"history,omitempty"`        // of the patient
	OtherReferrers       string `json:"otherReferrers,omitempty"` // ordering doctors after the first, a line each

	Placer        string     `json:"placer,omitempty"`
	ProcedureCode string     `json:"procedureCode,omitempty"` // JJ1017
	Procedure     []codePart `json:"procedure,omitempty"`     // what its parts are called; told, not taken
	Allergies     string     `json:"allergies,omitempty"`
	Alerts        string     `json:"alerts,omitempty"`   // infections and other dangers
	Contrast      string     `json:"contrast,omitempty"` // agent, and what speaks against one
	Onset         *time.Time `json:"onset,omitempty"`    // of a stroke, or when last known well

	Step stepView `json:"step"`

	// What is ours to say.
	Source     order.Source `json:"source,omitempty"` // the door it came by: hl7, fhir, form, api
	Done       bool         `json:"done,omitempty"`   // a study of it is complete
	Studies    []orderStudy `json:"studies,omitempty"`
	CreatedAt  *time.Time   `json:"createdAt,omitempty"`
	CanceledAt *time.Time   `json:"canceledAt,omitempty"`
}

// orderStudy is a study of an order, and how that is known.
type orderStudy struct {
	ID  string    `json:"id"`
	How order.How `json:"how"` // uid, accession, patient, hand, replaced
}

type stepView struct {
	StationAE   string `json:"stationAe"`
	StartDate   string `json:"startDate"` // YYYYMMDD
	StartTime   string `json:"startTime"` // HHMM or HHMMSS
	Modality    string `json:"modality"`
	Performer   string `json:"performer"`
	ID          string `json:"id"`
	Description string `json:"description"`
}

func viewOrder(o order.Order) orderView {
	return orderView{
		ID: o.ID, Facility: o.FacilityID, PatientID: o.PatientID, PatientName: o.PatientName, BirthDate: o.BirthDate, Sex: o.Sex,
		Accession: o.AccessionNumber, Referrer: o.ReferringPhysician, StudyInstanceUID: o.StudyInstanceUID,
		ProcedureID: o.ProcedureID, ProcedureDescription: o.ProcedureDescription, Priority: o.Priority, Comments: o.Comments,
		Step: stepView{
			StationAE: o.Step.StationAE, StartDate: o.Step.StartDate, StartTime: o.Step.StartTime, Modality: o.Step.Modality,
			Performer: o.Step.PerformingPhysician, ID: o.Step.ID, Description: o.Step.Description,
		},
		Placer: o.Placer, ProcedureCode: o.ProcedureCode, Allergies: o.Allergies, Alerts: o.Alerts, Contrast: o.Contrast, Onset: moment(o.Onset),
		History: o.History, OtherReferrers: o.OtherPhysicians,
		Source: o.Source, Done: o.Done, CreatedAt: moment(o.CreatedAt), CanceledAt: moment(o.CanceledAt),
	}
}

func (v orderView) order() order.Order {
	var onset time.Time
	if v.Onset != nil {
		onset = *v.Onset
	}
	return order.Order{
		History: v.History, OtherPhysicians: v.OtherReferrers,
		Placer: v.Placer, ProcedureCode: v.ProcedureCode, Allergies: v.Allergies, Alerts: v.Alerts, Contrast: v.Contrast, Onset: onset,
		FacilityID: v.Facility, PatientID: v.PatientID, PatientName: v.PatientName, BirthDate: v.BirthDate, Sex: v.Sex,
		AccessionNumber: v.Accession, ReferringPhysician: v.Referrer, StudyInstanceUID: v.StudyInstanceUID,
		ProcedureID: v.ProcedureID, ProcedureDescription: v.ProcedureDescription, Priority: v.Priority, Comments: v.Comments,
		Step: order.Step{
			StationAE: v.Step.StationAE, StartDate: v.Step.StartDate, StartTime: v.Step.StartTime, Modality: v.Step.Modality,
			PerformingPhysician: v.Step.Performer, ID: v.Step.ID, Description: v.Step.Description,
		},
	}
}

// orders lists what is on the modality worklist, with state=all also what has been done
// or canceled, the latest first.
func (s *server) orders(c *call) error {
	q := c.r.URL.Query()
	f := order.Filter{Cursor: q.Get("cursor")}
	switch q.Get("state") {
	case "", "open":
	case "all":
		f.All, f.Latest = true, true
	default:
		return errBadRequest.with("state is open or all")
	}
	var err error
	if f.Limit, err = c.limit(); err != nil {
		return err
	}
	view := struct {
		Items []orderView `json:"items"`
		Next  *string     `json:"next"`
	}{Items: []orderView{}}
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		page, err := order.List(ctx, tx, c.scope, f)
		if err != nil {
			return err
		}
		view.Next = orNull(page.Next)
		for _, o := range page.Items {
			shown, err := viewWithStudies(ctx, tx, o)
			if err != nil {
				return err
			}
			view.Items = append(view.Items, shown)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

// codePart is what a part of a JJ1017 code is called in the tables of the house.
type codePart struct {
	Part   order.Part `json:"part"`
	Code   string     `json:"code"`
	Name   string     `json:"name"`
	NameEn string     `json:"nameEn"`
}

func procedure(ctx context.Context, tx db.Tx, o order.Order) (list []codePart, err error) {
	named, err := order.Named(ctx, tx, o.ProcedureCode)
	for _, c := range named {
		list = append(list, codePart{c.Part, c.Code, c.Name, c.NameEn})
	}
	return list, err
}

func viewWithStudies(ctx context.Context, tx db.Tx, o order.Order) (view orderView, err error) {
	view = viewOrder(o)
	if view.Procedure, err = procedure(ctx, tx, o); err != nil || !o.Done {
		return view, err
	}
	list, err := order.Joins(ctx, tx, o.ID)
	for _, j := range list {
		view.Studies = append(view.Studies, orderStudy{j.StudyID, j.How})
	}
	return view, err
}

// order is one of them.
func (s *server) order(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var facility string
	var view orderView
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		o, err := order.ByID(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		facility = o.FacilityID
		view, err = viewWithStudies(ctx, tx, o)
		return err
	})
	if err != nil {
		return err
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "order.viewed", Object: id, FacilityID: facility})
	return c.json(http.StatusOK, view)
}

// orderCodes are the examinations a hospital has ordered lately, the most frequent
// first: what its form offers.
func (s *server) orderCodes(c *call) error {
	list, err := order.Codes(c.r.Context(), s.DB.Read(c.r.Context()), c.scope)
	if err != nil {
		return err
	}
	type code struct {
		Modality    string `json:"modality"`
		Code        string `json:"code"`
		Description string `json:"description"`
	}
	view := []code{}
	for _, o := range list {
		view = append(view, code{o.Step.Modality, o.ProcedureCode, o.ProcedureDescription})
	}
	return c.json(http.StatusOK, view)
}

// hospital is the one that who asks orders for: the own one, or the one a coordinator
// names.
func (c *call) hospital(ctx context.Context, tx db.Tx, named string) (worklist.Facility, error) {
	switch own := c.who.FacilityID; {
	case own != "" && named != "" && named != own:
		return worklist.Facility{}, errOtherFacility
	case own != "":
		named = own
	case named == "":
		return worklist.Facility{}, errUnknownFacility
	}
	f, err := worklist.FacilityByID(ctx, tx, named)
	if errors.Is(err, worklist.ErrNotFound) || err == nil && !f.Active {
		err = errUnknownFacility
	}
	return f, err
}

// readOrder is an order as it is asked for.
func (c *call) readOrder() (in orderView, o order.Order, err error) {
	if err := c.read(&in); err != nil {
		return in, o, err
	}
	if in.ID != "" || in.Done || in.CreatedAt != nil || in.CanceledAt != nil || in.Source != "" || in.Studies != nil {
		return in, o, errBadRequest.with("id, source, done, studies, createdAt and canceledAt are ours to say")
	}
	o = in.order()
	if c.who.Kind == identity.KindSession {
		o.Source = order.FromForm
	}
	return in, o, nil
}

// createOrder places an order. The same again is answered 200 with the one that stands.
func (s *server) createOrder(c *call) error {
	in, o, err := c.readOrder()
	if err != nil {
		return err
	}
	var done orders.Done
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		f, err := c.hospital(ctx, tx, in.Facility)
		if err != nil {
			return err
		}
		done, err = orders.Do(ctx, tx, f, orders.Wish{Act: orders.Place, Order: o}, c.who.UserID, db.Now())
		return err
	})
	if err != nil {
		return err
	}
	if !done.Fresh {
		return c.json(http.StatusOK, viewOrder(done.Orders[0]))
	}
	return c.json(http.StatusCreated, viewOrder(done.Orders[0]))
}

// changeOrder gives an order that stands what is said of it now.
func (s *server) changeOrder(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	_, o, err := c.readOrder()
	if err != nil {
		return err
	}
	done, err := s.ofOrder(c, id, orders.Amend, o)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, viewOrder(done.Orders[0]))
}

// cancelOrder takes an order off the modality worklist. It is kept, and the study it
// became, if there is one, is asked about.
func (s *server) cancelOrder(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	if _, err = s.ofOrder(c, id, orders.Cancel, order.Order{}); err != nil && !errors.Is(err, order.ErrCanceled) {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}

// ofOrder does something with an order within the scope of who asks.
func (s *server) ofOrder(c *call, id string, act orders.Act, o order.Order) (done orders.Done, err error) {
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		before, err := order.ByID(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		f, err := worklist.FacilityByID(ctx, tx, before.FacilityID)
		if err != nil {
			return err
		}
		o.ID = id
		done, err = orders.Do(ctx, tx, f, orders.Wish{Act: act, Order: o}, c.who.UserID, db.Now())
		return err
	})
	return done, err
}
