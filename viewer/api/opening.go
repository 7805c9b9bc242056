package api

import (
	"context"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/viewer/bundle"
	"github.com/dokuei/dokuei/viewer/preview"
	"github.com/dokuei/dokuei/worklist"
)

// openingView is all that a page needs to show the first image of an item: one answer
// in place of three that wait for each other.
type openingView struct {
	Item    workitemView    `json:"item"`
	Study   openingStudy    `json:"study"`
	Picture *openingPicture `json:"picture"` // of the image that is shown first, where it is there at once
}

type openingPicture struct {
	URL  string `json:"url"`
	Type string `json:"type"`
	Data []byte `json:"data"`
}

// pictureWait is how long an opening waits for a picture that has to be made: the page
// asks for it by itself then.
const pictureWait = 100 * time.Millisecond

func (s *server) opening(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	var view openingView
	var page studyPage
	var first *catalog.Instance
	err = s.DB.View(c.r.Context(), func(ctx context.Context, tx db.Tx) error {
		item, err := worklist.Get(ctx, tx, c.scope, id)
		if err != nil {
			return err
		}
		b := newBook(ctx, tx, c)
		if view.Item, err = b.workitem(item.Workitem, &item.Study); err != nil {
			return err
		}
		if page, err = b.studyPage(item.Study.ID); err != nil {
			return err
		}
		series, err := catalog.SeriesOf(ctx, tx, c.scope, item.Study.ID)
		first = firstLook(series)
		return err
	})
	if err != nil {
		return err
	}
	if view.Study, err = packStudy(page); err != nil {
		return err
	}
	if first != nil {
		view.Picture = s.pictureAtOnce(c.r.Context(), *first)
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "study.viewed", Object: view.Study.ID, FacilityID: view.Study.Facility.ID})
	return c.json(http.StatusOK, view)
}

// firstLook is the image that a page shows first: of the first series with images the
// middle, or a film from its beginning.
func firstLook(series []catalog.Series) *catalog.Instance {
	for _, one := range series {
		if images := bundle.SeriesOf(one).Instances; len(images) > 0 {
			if images[0].Frames > 1 {
				return &images[0]
			}
			return &images[len(images)/2]
		}
	}
	return nil
}

func (s *server) pictureAtOnce(ctx context.Context, i catalog.Instance) *openingPicture {
	ctx, stop := context.WithTimeout(ctx, pictureWait)
	defer stop()
	p, err := s.Pictures.Get(ctx, preview.Ref{InstanceID: i.ID, SeriesID: i.SeriesID, ObjectKey: i.ObjectKey}, preview.Preview)
	if err != nil || p.Placeholder != "" {
		return nil
	}
	return &openingPicture{viewInstance(i).Preview, p.ContentType, p.Data}
}
