package api

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/archive"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/consent"
	"github.com/dokuei/dokuei/storage/db"
)

// reportQuery is what is looked for in signed reports. Days are those of Japan.
type reportQuery struct {
	Text     string       `json:"text"`
	Code     string       `json:"code"`
	Modality string       `json:"modality"`
	Kind     reports.Kind `json:"kind"`
	Facility string       `json:"facility"`
	Mine     bool         `json:"mine"`
	From     string       `json:"from"` // 20260706, that day included
	To       string       `json:"to"`
	Teaching bool         `json:"teaching"`
	Critical bool         `json:"critical"`
	Cursor   string       `json:"cursor"`
	Limit    int          `json:"limit"`
}

func (c *call) reportQuery() (q archive.Query, err error) {
	var in reportQuery
	if err := c.read(&in); err != nil {
		return q, err
	}
	if err := searchable(in.Text, in.Limit); err != nil {
		return q, err
	}
	q = archive.Query{Text: in.Text, Code: in.Code, Modality: in.Modality, Kind: in.Kind, FacilityID: in.Facility, Teaching: in.Teaching, Critical: in.Critical, Cursor: in.Cursor, Limit: in.Limit}
	if in.Mine {
		q.AuthorID = c.who.UserID
	}
	for _, day := range []struct {
		text string
		into *time.Time
		plus int
	}{{in.From, &q.From, 0}, {in.To, &q.To, 1}} {
		if day.text == "" {
			continue
		}
		at, err := time.ParseInLocation("20060102", day.text, reports.JST)
		if err != nil {
			return q, errBadRequest.with("from and to are days: 20260706")
		}
		*day.into = at.AddDate(0, 0, day.plus)
	}
	return q, nil
}

type foundReport struct {
	reportSummary
	StudyID    string     `json:"studyId"`
	Title      string     `json:"title"`
	Impression string     `json:"impression"`
	Study      *studyView `json:"study"`
}

// searchReports lists the newest versions that fit, the last signed first.
func (s *server) searchReports(c *call) error {
	q, err := c.reportQuery()
	if err != nil {
		return err
	}
	var view struct {
		Items []foundReport `json:"items"`
		Next  *string       `json:"next"`
	}
	view.Items = []foundReport{}
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		found, next, err := archive.Search(ctx, tx, c.scope, q)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		view.Next = orNull(next)
		for _, r := range found {
			if blind, err := reports.Blind(ctx, tx, c.who, r.StudyID); err != nil {
				return err
			} else if blind {
				continue
			}
			st, err := catalog.StudyByID(ctx, tx, c.scope, r.StudyID)
			if err != nil {
				return err
			}
			v := foundReport{reportSummary: viewSummary(r.Summary()), StudyID: r.StudyID, Title: r.Title.In(r.Language)}
			if v.Study, err = b.study(st); err != nil {
				return err
			}
			for _, x := range r.Sections {
				if x.Code == reports.CodeImpression {
					v.Impression = x.Text
				}
			}
			if err := b.clean(r.StudyID, &v.Impression); err != nil {
				return err
			}
			view.Items = append(view.Items, v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.query(c, "reports", q.Text)
	return c.json(http.StatusOK, view)
}

// maxResearch bounds one export.
const maxResearch = 5000

// exportReports gives reports out for research, one JSON value a line, cleaned of
// who they are of: those of patients whose newest consent says so.
func (s *server) exportReports(c *call) error {
	q, err := c.reportQuery()
	if err != nil {
		return err
	}
	q.Limit, q.Cursor = 0, ""
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	var lines []byte
	n, withheld := 0, 0
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		cleaner, err := archive.NewCleaner(ctx, tx, key)
		if err != nil {
			return err
		}
		for {
			found, next, err := archive.Search(ctx, tx, c.scope, q)
			if err != nil {
				return err
			}
			for _, r := range found {
				may, err := consent.ForResearch(ctx, tx, r.StudyID, db.Now())
				if err != nil {
					return err
				}
				if !may {
					withheld++
					continue
				}
				n++
				line, err := json.Marshal(cleaner.Clean(r))
				if err != nil {
					return err
				}
				lines = append(append(lines, line...), '\n')
			}
			if next == "" || n >= maxResearch {
				return nil
			}
			q.Cursor = next
		}
	})
	if err != nil {
		return err
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "reports.exported", Detail: fmt.Sprintf("%d reports, without names; %d kept back, without the patient's consent to research", n, withheld)})
	h := c.w.Header()
	h.Set("Content-Type", "application/jsonl; charset=utf-8")
	h.Set("X-Dokuei-Withheld", strconv.Itoa(withheld))
	h.Set("Content-Disposition", `attachment; filename="reports.jsonl"`)
	h.Set("Cache-Control", "no-store")
	_, _ = c.w.Write(lines) // a client that has gone is not told
	return nil
}
