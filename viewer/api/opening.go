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
	URL   string  `json:"url"`
	Type  string  `json:"type"`
	Data  []byte  `json:"data"`
	Shape float64 `json:"shape"` // width over height of the image as it is to be seen
	// Stream is the address of its series, where that has more than this image.
	Stream *string `json:"stream"`
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
	if view.Picture != nil {
		view.Picture.Stream = streamOf(page, *first)
	}
	s.audit(c, audit.Record{Actor: c.who.UserID, Action: "study.viewed", Object: view.Study.ID, FacilityID: view.Study.Facility.ID})
	return c.json(http.StatusOK, view)
}

// streamOf is the address of the series of an image as one stream; nil when there is
// nothing in it but that image.
func streamOf(p studyPage, i catalog.Instance) *string {
	for _, s := range p.SeriesList {
		if s.ID == i.SeriesID && (len(s.Instances) > 1 || i.Frames > 1) {
			return s.Bundle
		}
	}
	return nil
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
	v := viewInstance(i)
	return &openingPicture{URL: v.Preview, Type: p.ContentType, Data: p.Data, Shape: shape(v)}
}

// shape is the width of an image over its height: pixels need not be square. Spacing and
// aspect ratio are of rows, then of columns (PS3.3 10.7.1.3, C.7.6.3.1.7); those that cannot
// be meant are square, as the pages have it (viewport/geometry.ts).
func shape(v instanceView) float64 {
	aspect := 1.0
	if between, ok := spacing(v); ok {
		if a := between[0] / between[1]; a > 0.05 && a < 20 {
			aspect = a
		}
	}
	if v.Rows <= 0 || v.Columns <= 0 {
		return 1
	}
	return float64(v.Columns) / (float64(v.Rows) * aspect)
}

// spacing is what is known of the distances of rows and of columns.
func spacing(v instanceView) (between [2]float64, ok bool) {
	switch {
	case len(v.PixelSpacing) == 2:
		return [2]float64(v.PixelSpacing), true
	case len(v.ImagerSpacing) == 2:
		return [2]float64(v.ImagerSpacing), true
	case len(v.AspectRatio) == 2:
		return [2]float64{float64(v.AspectRatio[0]), float64(v.AspectRatio[1])}, true
	}
	return between, false
}
