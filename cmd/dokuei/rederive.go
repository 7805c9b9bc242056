package main

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/viewer/bundle"
	"github.com/dokuei/dokuei/viewer/preview"
)

type rederiveCmd struct {
	place   `embed:""`
	logging `embed:""`
	Study   string `help:"The study: its ID as in the address of its page, or its Study Instance UID." placeholder:"ID" xor:"what" required:""`
	All     bool   `help:"Every study." xor:"what" required:""`
	Bundles bool   `help:"Make the series bundles as well; without it they are dropped, and made when somebody opens the study." default:"true" negatable:""`
}

// Run makes thumbnails, previews and series bundles anew from the originals, which
// it only reads. The service may be running.
func (r rederiveCmd) Run(ctx context.Context, con console) error {
	d, objects, err := r.open(ctx, r.logging, con)
	if err != nil {
		return err
	}
	defer d.Close()
	defer objects.Close()
	log := r.logger(con)
	derived, err := r.openPictures(ctx, 0)
	if err != nil {
		return err
	}
	pictures := preview.New(preview.Options{Objects: objects, Derived: derived, Log: log})
	defer pictures.Close()
	bundles, err := r.newBundles(pictures, derived, nil, log)
	if err != nil {
		return err
	}
	defer bundles.Close()
	w := rederive{d: d, pictures: pictures, bundles: bundles, make: r.Bundles, progress: every{out: con.Err, wait: 5 * time.Second}}
	begin := time.Now()
	if r.All {
		err = w.all(ctx)
	} else {
		err = w.one(ctx, r.Study)
	}
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped after %d studies; the same command begins again", w.studies)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Out, "%d studies, %d images, %d series bundles made anew in %v\n", w.studies, w.images.Load(), w.made, time.Since(begin).Round(time.Millisecond))
	return note(ctx, d, "derived.rebuilt", "success", fmt.Sprintf("studies=%d images=%d bundles=%d", w.studies, w.images.Load(), w.made))
}

// rederive is the work and how far it is.
type rederive struct {
	d        *db.DB
	pictures *preview.Pipeline
	bundles  *bundle.Maker
	make     bool
	progress every

	studies, made int
	images        atomic.Int64
}

func (w *rederive) all(ctx context.Context) error {
	for cursor := ""; ; {
		page, next, err := catalog.Studies(ctx, w.d.Read(ctx), identity.Everything(), catalog.StudyQuery{Cursor: cursor, Limit: 100})
		if err != nil {
			return err
		}
		for _, s := range page {
			if err := w.study(ctx, s.ID); err != nil {
				return err
			}
		}
		if cursor = next; cursor == "" {
			return nil
		}
	}
}

// one takes our ID of a study, or its UID, which several hospitals may have.
func (w *rederive) one(ctx context.Context, id string) error {
	if db.ValidID(id) {
		return w.study(ctx, id)
	}
	ids, err := catalog.StudiesByUID(ctx, w.d.Read(ctx), identity.Everything(), id)
	if err != nil {
		return err
	}
	if len(ids) == 0 {
		return fmt.Errorf("there is no study %s; its ID stands in the address of its page", id)
	}
	for _, id := range ids {
		if err := w.study(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

func (w *rederive) study(ctx context.Context, id string) error {
	list := libraryOf(w.d)
	all, err := list(ctx, id)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return fmt.Errorf("there is no study %s with images", id)
	}
	for _, s := range all { // else what was made before would lie beside what is made now
		if err := w.pictures.Forget(s.ID); err != nil {
			return err
		}
	}
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, s := range all {
		for _, i := range s.Instances {
			g.Go(func() error {
				if err := w.pictures.Remake(inner, preview.Ref{InstanceID: i.ID, SeriesID: i.SeriesID, ObjectKey: i.ObjectKey}); err != nil {
					return fmt.Errorf("instance %s: %w", i.ID, err)
				}
				w.images.Add(1)
				return nil
			})
		}
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, s := range all {
		if err := w.bundles.Forget(s.ID); err != nil {
			return err
		}
	}
	if w.make {
		n, err := w.bundles.Study(ctx, list, id)
		w.made += n
		if err != nil {
			return err
		}
	}
	w.studies++
	w.progress.say("%d studies, %d images", w.studies, w.images.Load())
	return nil
}

// libraryOf lists the series of a study to the maker of bundles.
func libraryOf(d *db.DB) bundle.Library {
	return func(ctx context.Context, studyID string) ([]catalog.Series, error) {
		return catalog.SeriesOf(ctx, d.Read(ctx), identity.Everything(), studyID)
	}
}
