package api

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

type authorView struct {
	Name    string `json:"name"`
	NameEn  string `json:"nameEn"`
	License string `json:"license"`
}

// reportSummary is a version in a list.
type reportSummary struct {
	ID          string       `json:"id"`
	Version     int          `json:"version"`
	Kind        reports.Kind `json:"kind"`
	Author      authorView   `json:"author"`
	SignedAt    time.Time    `json:"signedAt"`
	ContentHash string       `json:"contentHash"`
}

type reportView struct {
	ID          string            `json:"id"`
	StudyID     string            `json:"studyId"`
	Version     int               `json:"version"`
	Kind        reports.Kind      `json:"kind"`
	Language    string            `json:"language"`
	Title       string            `json:"title"`
	Sections    []reports.Section `json:"sections"`
	Marks       reports.Marks     `json:"marks"`
	FirstReader *authorView       `json:"firstReader"` // when another verified it
	Author      authorView        `json:"author"`
	SignedAt    time.Time         `json:"signedAt"`
	ContentHash string            `json:"contentHash"`
	Predecessor *string           `json:"predecessor"`
	Versions    []reportSummary   `json:"versions"`
	Deliveries  []deliveryView    `json:"deliveries"`
}

func viewAuthor(a reports.Author) authorView { return authorView{a.Name, a.NameEn, a.License} }

func viewSummary(r reports.Summary) reportSummary {
	return reportSummary{r.ID, r.Version, r.Kind, viewAuthor(r.Author), r.SignedAt, r.ContentHash}
}

// report answers with one signed version.
func (s *server) report(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	return s.showReport(c, id)
}

func (s *server) showReport(c *call, id string) error {
	var view reportView
	var facility string
	err := s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		r, err := reports.ForReader(ctx, tx, c.scope, c.who, id)
		if err != nil {
			return err
		}
		facility = r.Facility.ID
		if err := newBook(ctx, tx, c).cleanReport(r); err != nil {
			return err
		}
		view = reportView{
			ID: r.ID, StudyID: r.StudyID, Version: r.Version, Kind: r.Kind, Language: r.Language,
			Title: r.Title.In(r.Language), Sections: r.Sections, Marks: r.Marks, Author: viewAuthor(r.Author), SignedAt: r.SignedAt,
			ContentHash: r.ContentHash, Predecessor: orNull(r.PredecessorID), Versions: []reportSummary{}, Deliveries: []deliveryView{},
		}
		if first, ok := r.FirstReader(); ok {
			v := viewAuthor(first)
			view.FirstReader = &v
		}
		versions, err := reports.Versions(ctx, tx, c.scope, r.StudyID)
		if err != nil {
			return err
		}
		for _, v := range versions {
			view.Versions = append(view.Versions, viewSummary(v))
		}
		sent, err := deliver.OfReport(ctx, tx, c.scope, r.ID)
		if err != nil {
			return err
		}
		for _, d := range sent {
			view.Deliveries = append(view.Deliveries, viewDelivery(d))
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.opened(c, id); err != nil {
		return err
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "report.viewed", Object: id, FacilityID: facility})
	return c.json(http.StatusOK, view)
}

// reportChanges tells how a version came out of the one before it.
func (s *server) reportChanges(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var changes []reports.SectionDiff
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) (err error) {
		changes, err = newBook(ctx, tx, c).changes(id)
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, changes)
}

// document finds the instance a report was written as.
func (c *call) document(object string) (catalog.Instance, error) {
	id, err := c.id()
	if err != nil {
		return catalog.Instance{}, err
	}
	ctx, tx := c.r.Context(), c.DB.Read(c.r.Context())
	r, err := reports.ForReader(ctx, tx, c.scope, c.who, id)
	if err != nil {
		return catalog.Instance{}, err
	}
	d, ok := r.Document(object)
	if !ok {
		return catalog.Instance{}, errNotFound
	}
	return catalog.InstanceByID(ctx, tx, c.scope, d.InstanceID)
}

// reportSR answers with the SR document as it was stored.
func (s *server) reportSR(c *call) error {
	i, err := c.document("sr")
	if err != nil {
		return err
	}
	return s.original(c, i)
}

// maxPDF bounds a report's file; a hundred pages have about a megabyte.
const maxPDF = 32 << 20

// reportPDF takes the printed report out of its object and shows it.
func (s *server) reportPDF(c *call) error {
	i, err := c.document("pdf")
	if err != nil {
		return err
	}
	h := c.w.Header()
	h.Set("Content-Security-Policy", documentPolicy)
	h.Set("X-Frame-Options", "SAMEORIGIN")
	printed, done, err := s.disguisedPDF(c, c.r.PathValue("id"))
	if err != nil {
		return err
	}
	if done {
		s.audit(c, audit.Record{Actor: c.who.UserID, Action: "instance.exported", Object: i.ID, FacilityID: i.FacilityID, Detail: "pseudonymised"})
		h.Set("Cache-Control", "private, no-cache")
		return c.pdf(printed)
	}
	tag := i.SHA256 + "-pdf"
	if c.has(tag) {
		return unchanged(c, tag)
	}
	o, err := s.Objects.Open(c.r.Context(), i.ObjectKey)
	if err != nil {
		return err
	}
	defer o.Close()
	_, d, _, err := dataset.ReadFile(io.NewSectionReader(o, 0, o.Size()), stream.Limits{MaxValueBytes: maxPDF})
	if err != nil {
		return err
	}
	file, ok := pdf.File(d)
	if !ok {
		return errNotFound
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "instance.exported", Object: i.ID, FacilityID: i.FacilityID})
	lasting(c, tag)
	return c.pdf(file)
}

func (c *call) pdf(file []byte) error {
	h := c.w.Header()
	h.Set("Content-Type", "application/pdf")
	h.Set("Content-Disposition", `inline; filename="report-`+c.r.PathValue("id")+`.pdf"`)
	h.Set("Content-Length", strconv.Itoa(len(file)))
	_, _ = c.w.Write(file) // a client that has gone is not told
	return nil
}
