package main

import (
	"context"
	"errors"
	"log/slog"
	"math"
	"path/filepath"

	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/pack"
	"github.com/dokuei/dokuei/viewer/bundle"
	"github.com/dokuei/dokuei/viewer/preview"
)

// pictureReserve is the disk space that previews leave free, given what originals
// leave: more, so that pictures, which can be made again, never take the last room
// from images, which cannot. 0 is the store's own default.
func pictureReserve(originals int64) int64 {
	if originals <= 0 {
		return 0
	}
	return 2 * min(originals, math.MaxInt64/2)
}

// newBundles makes whole series, and keeps them beside the pictures: sealed where
// those are, under a key that is theirs.
func (p place) newBundles(pictures *preview.Pipeline, derived *pack.Store, busy func() bool, log *slog.Logger) (*bundle.Maker, error) {
	return bundle.New(bundle.Options{
		Pictures: pictures, Dir: filepath.Join(p.derived(), "bundles"), Key: derived.Key("series bundles"), Log: log, Busy: busy,
		Room: func() bool { return derived.Room() == nil },
	})
}

// watch lets the pictures begin while an image is still coming.
func (a *app) watch(b ingest.Begun) ingest.Watcher {
	if a.masks.any(context.Background()) {
		return nil // whose image it is, and so what of it is hidden, is known when it is stored
	}
	if t := a.preview.Take(b.Header, b.TransferSyntaxUID, b.Length); t != nil {
		return t
	}
	return nil // not a nil *preview.Taken
}

// stored is told of each new instance.
func (a *app) stored(s ingest.Stored) {
	a.ledger.Wake()
	a.performed.Wake()
	taken, _ := s.Watcher.(*preview.Taken)
	a.preview.Stored(preview.Ref{InstanceID: s.InstanceID, SeriesID: s.SeriesID, ObjectKey: s.ObjectKey}, taken)
}

// released is told of each study that is complete.
func (a *app) released(r assign.Result) {
	a.courier.Wake() // a rule may forward it
	a.priors.Wake()
	a.notifier.Wake()
	a.limits.Wake()
	if r.Workitem.StudyID != "" {
		a.bundles.Prepare(r.Workitem.StudyID)
	}
}

// unshown tells log and outbox of images that could not be made into a picture. A
// report or document has none by nature: nobody needs to hear of that.
func unshown(d *db.DB, log *slog.Logger) func(context.Context, preview.Ref, preview.Placeholder, string) {
	return func(ctx context.Context, r preview.Ref, why preview.Placeholder, detail string) {
		if why == preview.Document {
			return
		}
		log.WarnContext(ctx, "image cannot be shown", "instance", r.InstanceID, "why", why, "detail", detail)
		err := d.Write(ctx, func(ctx context.Context, tx db.Tx) error {
			i, err := catalog.InstanceByID(ctx, tx, identity.Everything(), r.InstanceID)
			if err != nil {
				return err
			}
			return catalog.AppendEvent(ctx, tx, catalog.Event{
				Kind: preview.EventPlaceholder, FacilityID: i.FacilityID, StudyID: i.StudyID, Ref: i.ID,
			})
		})
		if err != nil && !errors.Is(err, catalog.ErrNotFound) && ctx.Err() == nil {
			log.WarnContext(ctx, "event of an image that cannot be shown not written", "instance", r.InstanceID, "error", err)
		}
	}
}
