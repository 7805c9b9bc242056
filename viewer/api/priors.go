package api

import (
	"cmp"
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/dokuei/dokuei/router/prior"
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
		list = relevant(study, list)
		if err := b.gatherStudies(list); err != nil {
			return err
		}
		for _, prior := range list {
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

// priorFetch is how far the earlier studies are that a rule has fetched from the
// hospital's archive.
type priorFetch struct {
	From      string       `json:"from"`
	State     prior.State  `json:"state"` // waiting, done, failed
	Reason    prior.Reason `json:"reason,omitempty"`
	Found     int          `json:"found"`
	Here      int          `json:"here"`
	Fetched   int          `json:"fetched"`
	Lacking   int          `json:"lacking"` // instances the archive could not send
	UpdatedAt time.Time    `json:"updatedAt"`
}

// fetched says what was asked for the sake of a study, and whether it was itself asked
// for: a hospital's own matter, not told of a study seen as a prior alone.
func (b *book) fetched(st catalog.Study) (*priorFetch, bool, error) {
	if foreign, err := b.foreign(st); err != nil || foreign {
		return nil, false, err
	}
	as, err := prior.Kept(b.ctx, b.tx, st.ID)
	if err != nil {
		return nil, false, err
	}
	f, ok, err := prior.OfStudy(b.ctx, b.tx, st.ID)
	if err != nil || !ok {
		return nil, as, err
	}
	return &priorFetch{f.Source, f.State, f.Reason, f.Found, f.Here, f.Arrived, f.Lacking, f.At}, as, nil
}
