package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/worklist"
)

type rebuildCmd struct {
	place   `embed:""`
	logging `embed:""`
}

// Run makes the rows of a catalog that was lost from the objects. The directory
// comes first, from site.yaml: objects of a hospital that is not in it stay out.
func (r rebuildCmd) Run(ctx context.Context, con console) error {
	d, objects, err := r.open(ctx, r.logging, con)
	if err != nil {
		return err
	}
	defer d.Close()
	defer objects.Close()
	begin, progress := time.Now(), every{out: con.Err, wait: 5 * time.Second}
	done, err := ingest.New(objects, d, ingest.Options{}).Rebuild(ctx, ingest.RebuildOptions{
		Facility: func(ctx context.Context, id string) error {
			_, err := worklist.FacilityByID(ctx, d.Read(ctx), id)
			if errors.Is(err, worklist.ErrNotFound) {
				return fmt.Errorf("there are objects of a hospital %q that is not registered: `dokuei apply` its site file first, then run this again", id)
			}
			return err
		},
		Progress: func(n ingest.Rebuilt) { progress.say("%d objects, %s read", n.Objects, bytesText(n.Bytes)) },
		Left:     func(key string, err error) { fmt.Fprintf(con.Out, "left out %s: %v\n", key, err) },
	})
	if errors.Is(err, context.Canceled) {
		return fmt.Errorf("stopped after %d objects; the same command goes on", done.Objects)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Out, "%d objects (%s) read in %v: %d had rows, %d catalogued (%d of them reports), %d duplicates, %d kept beside, %d left out\n",
		done.Objects, bytesText(done.Bytes), time.Since(begin).Round(time.Millisecond), done.Known, done.Instances, done.Reports, done.Duplicates, done.Conflicts, done.Left)
	detail := fmt.Sprintf("objects=%d instances=%d reports=%d left=%d", done.Objects, done.Instances, done.Reports, done.Left)
	if err := note(ctx, d, "catalog.rebuilt", "success", detail); err != nil {
		return err
	}
	if done.Left > 0 {
		return &damageError{damaged: done.Left, objects: done.Objects}
	}
	return nil
}
