package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/db"
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
	Priority             string `json:"priority"` // STAT, HIGH, ROUTINE, MEDIUM, LOW
	Comments             string `json:"comments"`

	Placer        string     `json:"placer,omitempty"`
	ProcedureCode string     `json:"procedureCode,omitempty"` // JJ1017
	Allergies     string     `json:"allergies,omitempty"`
	Alerts        string     `json:"alerts,omitempty"`   // infections and other dangers
	Contrast      string     `json:"contrast,omitempty"` // agent, and what speaks against one
	Onset         *time.Time `json:"onset,omitempty"`    // of a stroke, or when last known well

	Step stepView `json:"step"`

	Done      bool       `json:"done,omitempty"`
	CreatedAt *time.Time `json:"createdAt,omitempty"`
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
		Done: o.Done, CreatedAt: moment(o.CreatedAt),
	}
}

func (v orderView) order() order.Order {
	var onset time.Time
	if v.Onset != nil {
		onset = *v.Onset
	}
	return order.Order{
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

// orders lists what is on the modality worklist, with state=all also what has
// been done.
func (s *server) orders(c *call) error {
	q := c.r.URL.Query()
	f := order.Filter{Cursor: q.Get("cursor")}
	switch q.Get("state") {
	case "", "open":
	case "all":
		f.All = true
	default:
		return errBadRequest.with("state is open or all")
	}
	var err error
	if f.Limit, err = c.limit(); err != nil {
		return err
	}
	page, err := order.List(c.r.Context(), s.DB.Read(c.r.Context()), c.scope, f)
	if err != nil {
		return err
	}
	view := struct {
		Items []orderView `json:"items"`
		Next  *string     `json:"next"`
	}{[]orderView{}, orNull(page.Next)}
	for _, o := range page.Items {
		view.Items = append(view.Items, viewOrder(o))
	}
	return c.json(http.StatusOK, view)
}

// createOrder puts an examination on the modality worklist of a hospital: the
// own one, or the one a coordinator names.
func (s *server) createOrder(c *call) error {
	var in orderView
	if err := c.read(&in); err != nil {
		return err
	}
	if in.ID != "" || in.Done || in.CreatedAt != nil {
		return errBadRequest.with("id, done and createdAt are ours to say")
	}
	switch own := c.who.FacilityID; {
	case own != "" && in.Facility == "":
		in.Facility = own
	case own != "" && in.Facility != own:
		return errOtherFacility
	}
	var made order.Order
	err := s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		f, err := worklist.FacilityByID(ctx, tx, in.Facility)
		if errors.Is(err, worklist.ErrNotFound) || err == nil && !f.Active {
			return errUnknownFacility
		}
		if err != nil {
			return err
		}
		made, err = order.Create(ctx, tx, in.order(), c.who.UserID)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusCreated, viewOrder(made))
}

// deleteOrder takes an order off the modality worklist.
func (s *server) deleteOrder(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	err = s.DB.Write(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		return order.Delete(ctx, tx, c.scope, id, c.who.UserID)
	})
	if err != nil {
		return err
	}
	c.w.WriteHeader(http.StatusNoContent)
	return nil
}
