package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// annotatingView is a set of marks and key images, as reports.Annotations.
type annotatingView struct {
	Revision int64              `json:"revision"`
	Marks    []reports.Mark     `json:"marks"`
	Keys     []reports.KeyImage `json:"keys"`
	SavedAt  *time.Time         `json:"savedAt"`
	ReportID string             `json:"reportId,omitempty"`
}

func viewAnnotating(a reports.Annotating) annotatingView {
	v := annotatingView{Revision: a.Revision, Marks: a.Marks, Keys: a.Keys, SavedAt: moment(a.SavedAt), ReportID: a.ReportID}
	if v.Marks == nil {
		v.Marks = []reports.Mark{}
	}
	if v.Keys == nil {
		v.Keys = []reports.KeyImage{}
	}
	return v
}

// annotations answers with what the holder of a workitem has put on its images; a
// set never saved is empty, at revision 0.
func (s *server) annotations(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	a, err := reports.OpenAnnotations(c.r.Context(), s.DB, c.who, id)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, viewAnnotating(a))
}

// saveAnnotations keeps a set if its revision is still the newest.
func (s *server) saveAnnotations(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var in annotatingView
	if err := c.read(&in); err != nil {
		return err
	}
	if in.Revision < 0 {
		return errBadRequest.with("revision is the number the annotations were read with")
	}
	a, err := reports.SaveAnnotations(c.r.Context(), s.DB, c.who, id, in.Revision, reports.Annotations{Marks: in.Marks, Keys: in.Keys})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, struct {
		Revision int64     `json:"revision"`
		SavedAt  time.Time `json:"savedAt"`
	}{a.Revision, a.SavedAt})
}

// studyAnnotations lists the sets signed with the versions of a study's report.
func (s *server) studyAnnotations(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	out := []annotatingView{}
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		if _, err := catalog.StudyByID(ctx, tx, c.scope, id); err != nil {
			return err
		}
		if blind, err := reports.Blind(ctx, tx, c.who, id); err != nil || blind {
			return err
		}
		signed, err := reports.SignedAnnotations(ctx, tx, c.scope, id)
		for _, a := range signed {
			out = append(out, viewAnnotating(a))
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, out)
}
