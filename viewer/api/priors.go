package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
)

// maxPriors bounds what is offered to compare with.
const maxPriors = 20

// priors lists the earlier studies of the same person that the asker may see, another
// hospital's where linkage and consent allow: those of the same region first, of these those of the same
// modality, then the newest.
func (s *server) priors(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	view := []*studyView{}
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		study, err := catalog.StudyByID(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		list, _, err := catalog.Studies(ctx, tx, c.scope, catalog.StudyQuery{Person: study.PatientRef, Limit: catalog.PageMax})
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		for _, prior := range relevant(study, list) {
			v, err := b.study(prior)
			if err != nil {
				return err
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

// relevant are the studies before one, the most comparable first.
func relevant(study catalog.Study, list []catalog.Study) []catalog.Study {
	when := func(s catalog.Study) string { return s.StudyDate + s.StudyTime }
	list = slices.DeleteFunc(slices.Clone(list), func(s catalog.Study) bool {
		return s.ID == study.ID || s.Instances == 0 || when(s) > when(study)
	})
	likeness := func(s catalog.Study) (n int) {
		if s.BodyPart != "" && strings.EqualFold(s.BodyPart, study.BodyPart) {
			n += 2
		}
		if slices.ContainsFunc(s.Modalities, func(m string) bool { return slices.Contains(study.Modalities, m) }) {
			n++
		}
		return n
	}
	slices.SortStableFunc(list, func(a, b catalog.Study) int {
		return cmp.Or(likeness(b)-likeness(a), strings.Compare(when(b), when(a)))
	})
	return list[:min(len(list), maxPriors)]
}
