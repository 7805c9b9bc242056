package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dokuei/dokuei/dicom/charset"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

type patientView struct {
	Name        string `json:"name"` // alphabetic
	Ideographic string `json:"ideographic"`
	Phonetic    string `json:"phonetic"`
	PatientID   string `json:"patientId"`
	BirthDate   string `json:"birthDate"`
	Sex         string `json:"sex"`
	Age         *int   `json:"age"` // years on the day of the study
}

// studyView is a study in a list. Dates and times of the study are the DICOM
// text; the moments are ours.
type studyView struct {
	ID           string             `json:"id"`
	Facility     named              `json:"facility"`
	Patient      patientView        `json:"patient"`
	StudyDate    string             `json:"studyDate"`
	StudyTime    string             `json:"studyTime"`
	Description  string             `json:"description"`
	Modalities   []string           `json:"modalities"`
	BodyPart     string             `json:"bodyPart"`
	Accession    string             `json:"accession"`
	Referrer     string             `json:"referrer"`
	RequestText  string             `json:"requestText"`
	State        catalog.StudyState `json:"state"`
	Instances    int                `json:"instances"`
	Series       int                `json:"series"`
	Declared     int                `json:"declared"`
	Reopened     int                `json:"reopened"`
	Conflicts    int                `json:"conflicts"`
	FirstArrival *time.Time         `json:"firstArrival"`
	LastArrival  *time.Time         `json:"lastArrival"`
	ReleaseAt    *time.Time         `json:"releaseAt"`
	ReportState  string             `json:"reportState"` // none, reading, draft, final, addendum
	ReportID     *string            `json:"reportId"`
	Deliveries   deliveryCounts     `json:"deliveries"`
	ReceivedAck  *receivedView      `json:"receivedAck"`
	Thumbnail    *string            `json:"thumbnail"`
	ExpectedAt   *time.Time         `json:"expectedAt,omitempty"` // by when its report is agreed to be signed: told of the studies of a list and of one, while it waits
	Shared       bool               `json:"shared,omitempty"`     // another hospital's, seen as a prior
}

type deliveryCounts struct {
	Delivered int `json:"delivered"`
	Pending   int `json:"pending"`
	Failed    int `json:"failed"`
}

type receivedView struct {
	At time.Time `json:"at"`
	By named     `json:"by"`
}

type studyPage struct {
	studyView
	Workitems    []workitemView  `json:"workitems"`
	SeriesList   []seriesView    `json:"seriesList"`
	Reports      []reportSummary `json:"reports"`
	DeliveryList []deliveryView  `json:"deliveryList"`
	Order        *orderView      `json:"order"`             // the one it was joined with
	Priors       *priorFetch     `json:"priors,omitempty"`  // earlier studies that a rule has fetched
	AsPrior      bool            `json:"asPrior,omitempty"` // fetched to be compared with: nobody's task
}

// studyQuery is which studies are asked for, as worklistQuery.
type studyQuery struct {
	State    string `json:"state"`
	Q        string `json:"q"`
	From     string `json:"from"`
	To       string `json:"to"`
	Facility string `json:"facility"`
	Cursor   string `json:"cursor"`
	Limit    int    `json:"limit"`
}

func (s *server) studies(c *call) error {
	q := c.r.URL.Query()
	limit, err := c.limit()
	if err != nil {
		return err
	}
	return s.listStudies(c, studyQuery{
		State: q.Get("state"), Q: q.Get("q"), From: q.Get("from"), To: q.Get("to"),
		Facility: q.Get("facility"), Cursor: q.Get("cursor"), Limit: limit,
	})
}

func (s *server) searchStudies(c *call) error {
	var q studyQuery
	if err := c.read(&q); err != nil {
		return err
	}
	return s.listStudies(c, q)
}

func (s *server) listStudies(c *call, q studyQuery) error {
	if err := searchable(q.Q, q.Limit); err != nil {
		return err
	}
	query := catalog.StudyQuery{
		State: catalog.StudyState(q.State), Text: q.Q, From: dicomDate(q.From), To: dicomDate(q.To),
		FacilityID: q.Facility, Cursor: q.Cursor, Limit: q.Limit,
	}
	switch query.State {
	case "", catalog.Receiving, catalog.Complete:
	default:
		return errBadRequest.with("state is receiving or complete")
	}
	view := struct {
		Items []*studyView `json:"items"`
		Next  *string      `json:"next"`
	}{Items: []*studyView{}}
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		page, next, err := catalog.Studies(ctx, tx, c.scope, query)
		if err != nil {
			return err
		}
		view.Next = orNull(next)
		b := newBook(ctx, tx, c)
		if err := b.gatherStudies(page); err != nil {
			return err
		}
		for _, study := range page {
			v, err := b.study(study)
			if err != nil {
				return err
			}
			view.Items = append(view.Items, v)
		}
		return b.expect(view.Items...)
	})
	if err != nil {
		return err
	}
	s.query(c, "studies", q.Q)
	return c.json(http.StatusOK, view)
}

// dicomDate turns 2026-04-01 into the DA 20260401.
func dicomDate(s string) string { return strings.ReplaceAll(s, "-", "") }

func (s *server) study(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var view studyPage
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		view, err = newBook(ctx, tx, c).studyPage(id)
		return err
	})
	if err != nil {
		return err
	}
	action := "study.viewed"
	if c.r.URL.Query().Get("ahead") != "" { // the page fetches what may be opened next
		action = "study.fetched"
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: action, Object: id, FacilityID: view.Facility.ID})
	return c.json(http.StatusOK, view)
}

// received records that the hospital has the report.
func (s *server) received(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in struct{}
	if err := c.read(&in); err != nil {
		return err
	}
	ctx := c.r.Context()
	var view *studyView
	err = s.DB.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		before, err := catalog.StudyByID(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		if view, err = newBook(ctx, tx, c).study(before); err != nil {
			return err
		}
		if view.ReportID == nil {
			return problem(http.StatusConflict, "no_report", "There is no signed report to acknowledge yet.")
		}
		after, err := catalog.Acknowledge(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		if view, err = newBook(ctx, tx, c).study(after); err != nil {
			return err
		}
		if !before.ReceivedAt.IsZero() {
			return nil
		}
		if err := catalog.AppendEvent(ctx, tx, catalog.Event{Kind: catalog.EventStudyReceived, FacilityID: after.FacilityID, StudyID: id, Ref: id}); err != nil {
			return err
		}
		return audit.Append(ctx, tx, audit.Record{Actor: c.who.UserID, Action: catalog.EventStudyReceived, Object: id, FacilityID: after.FacilityID})
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, view)
}

func (b *book) studyPage(id string) (view studyPage, err error) {
	study, err := catalog.StudyByID(b.ctx, b.tx, b.scope, id)
	if err != nil {
		return view, err
	}
	summary, err := b.study(study)
	if err != nil {
		return view, err
	}
	view = studyPage{studyView: *summary, Workitems: []workitemView{}, SeriesList: []seriesView{}, Reports: []reportSummary{}, DeliveryList: []deliveryView{}}
	if err := b.expect(&view.studyView); err != nil {
		return view, err
	}
	ordered, ok, err := order.OfStudy(b.ctx, b.tx, id)
	if err != nil {
		return view, err
	}
	if ok {
		o := viewOrder(ordered)
		if o.Procedure, err = procedure(b.ctx, b.tx, ordered); err != nil {
			return view, err
		}
		view.Order = &o
	}
	items, err := worklist.OfStudy(b.ctx, b.tx, b.scope, id)
	if err != nil {
		return view, err
	}
	if view.Priors, view.AsPrior, err = b.fetched(study); err != nil {
		return view, err
	}
	for _, item := range items {
		v, err := b.workitem(item, nil)
		if err != nil {
			return view, err
		}
		view.Workitems = append(view.Workitems, v)
	}
	series, err := catalog.SeriesOf(b.ctx, b.tx, b.scope, id)
	if err != nil {
		return view, err
	}
	blind, err := reports.Blind(b.ctx, b.tx, b.who, id)
	if err != nil {
		return view, err
	}
	for _, one := range series {
		if blind && one.Origin != catalog.Received {
			continue
		}
		v := viewSeries(one)
		if err := b.clean(id, &v.Description); err != nil {
			return view, err
		}
		view.SeriesList = append(view.SeriesList, v)
	}
	versions, err := reports.Versions(b.ctx, b.tx, b.scope, id)
	if err != nil {
		return view, err
	}
	if blind {
		return view, nil
	}
	for _, r := range versions {
		view.Reports = append(view.Reports, viewSummary(r))
	}
	sent, err := deliver.OfStudy(b.ctx, b.tx, b.scope, id)
	if err != nil {
		return view, err
	}
	for _, d := range sent {
		view.DeliveryList = append(view.DeliveryList, viewDelivery(d))
	}
	return view, nil
}

// question is the request without the lines that only name the procedure: the
// description stands in a field of its own.
func question(st catalog.Study) string {
	lines := strings.Split(st.RequestText, "\n")
	name := catalog.Fold(st.Description)
	return strings.Join(slices.DeleteFunc(lines, func(l string) bool { return catalog.Fold(l) == name }), "\n")
}

// study fills the view of a study with what the rooms above the catalog know of
// it. A study that stands in several items of a list is looked up once.
func (b *book) study(st catalog.Study) (*studyView, error) {
	if v, ok := b.studys[st.ID]; ok {
		return v, nil
	}
	alphabetic, ideographic, phonetic := charset.SplitPN(st.Patient.Name)
	v := &studyView{
		ID: st.ID, StudyDate: st.StudyDate, StudyTime: st.StudyTime, Description: st.Description, Modalities: st.Modalities,
		Patient:  patientView{Name: alphabetic, Ideographic: ideographic, Phonetic: phonetic, PatientID: st.Patient.PatientID, BirthDate: st.Patient.BirthDate, Sex: st.Patient.Sex},
		BodyPart: st.BodyPart, Accession: st.AccessionNumber, Referrer: st.ReferringPhysician, RequestText: question(st),
		State: st.State, Instances: st.Instances, Series: st.Series, Declared: st.DeclaredInstances, Reopened: st.Reopened, Conflicts: st.Conflicts,
		FirstArrival: moment(st.FirstArrival), LastArrival: moment(st.LastArrival), ReleaseAt: moment(st.ReleaseAt),
	}
	if v.Modalities == nil {
		v.Modalities = []string{}
	}
	if years, ok := reports.Age(st.Patient.BirthDate, st.StudyDate); ok {
		v.Patient.Age = &years
	} else if n, err := strconv.Atoi(strings.TrimSuffix(st.Patient.Age, "Y")); err == nil && st.Patient.Age != "" {
		v.Patient.Age = &n
	}
	var err error
	if v.Facility, err = b.facility(st.FacilityID); err != nil {
		return nil, err
	}
	if !st.ReceivedAt.IsZero() {
		by, err := b.user(st.ReceivedBy)
		if err != nil {
			by = named{ID: st.ReceivedBy} // a machine's token acknowledges too
		}
		v.ReceivedAck = &receivedView{At: st.ReceivedAt, By: by}
	}
	known, err := b.about(st.ID)
	if err != nil {
		return nil, err
	}
	foreign, err := b.foreign(st)
	if err != nil {
		return nil, err
	}
	face := func() (string, error) {
		id, _, err := catalog.Representative(b.ctx, b.tx, b.scope, st.ID)
		return id, err
	}
	if foreign {
		v.prior()
		id, err := face() // what is remembered was found by somebody who may see the images
		if id != "" {
			v.Thumbnail = orNull("/api/v1/instances/" + id + "/thumbnail")
		}
		b.signed(v, known)
		b.studys[st.ID] = v
		return v, err
	}
	id, err := b.faces.of(st, face)
	if err != nil {
		return nil, err
	}
	if id != "" {
		v.Thumbnail = orNull("/api/v1/instances/" + id + "/thumbnail")
	}
	b.reportState(v, known)
	v.Deliveries = deliveryCounts{Delivered: known.sent.Delivered, Pending: known.sent.Pending, Failed: known.sent.Failed}
	b.studys[st.ID] = v
	return v, nil
}

// expect fills in by when the reports of studies are agreed to be signed.
func (b *book) expect(list ...*studyView) error {
	var ids []string
	for _, v := range list {
		if !v.Shared {
			ids = append(ids, v.ID)
		}
	}
	until, err := worklist.Expected(b.ctx, b.tx, ids)
	if err != nil {
		return err
	}
	for _, v := range list {
		v.ExpectedAt = moment(until[v.ID])
	}
	return nil
}

// foreign reports whether a study is seen as another hospital's prior alone.
func (b *book) foreign(st catalog.Study) (bool, error) {
	if !b.scope.Comparing() {
		return false, nil
	}
	own, err := catalog.Visible(b.ctx, b.tx, b.scope, st.ID)
	return !own, err
}

// prior leaves of a study what the consent is about: not what the other hospital asked,
// nor how it goes on there.
func (v *studyView) prior() {
	v.Shared = true
	v.RequestText, v.Referrer, v.Accession = "", "", ""
	v.ReceivedAck, v.ReleaseAt = nil, nil
	v.Reopened, v.Conflicts, v.Declared = 0, 0, 0
}
