package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/retention"
)

// newTrash makes the sweeper of the trash. Where several nodes may store into one
// place, an object waits until none of them can be about to name it again.
func (a *app) newTrash() *retention.Sweeper {
	age := time.Duration(0)
	if !a.db.Alone() {
		age = sweepAge
	}
	return retention.New(a.db, retention.Options{
		Log:  a.log,
		Drop: func(ctx context.Context, key string) (bool, error) { return a.ingest.Drop(ctx, key, age) },
		Forget: func(seriesID string) error {
			return errors.Join(a.preview.Forget(seriesID), a.bundles.Forget(seriesID))
		},
	})
}

// trashCmd has what makes nothing go: to ask for a deletion and to agree to it takes
// two people who have signed in.
type trashCmd struct {
	List    trashListCmd    `cmd:"" default:"withargs" help:"Print the deletions, those under way first."`
	Restore trashRestoreCmd `cmd:"" help:"Take a study out of the trash."`
	Hold    trashHoldCmd    `cmd:"" help:"Put a study under legal hold, out of the trash too; a coordinator ends it on the pages."`
}

type trashListCmd struct {
	place   `embed:""`
	logging `embed:""`
}

// Run prints no patient: who and what stands on the pages.
func (t trashListCmd) Run(ctx context.Context, con console) error {
	d, err := t.openCatalog(ctx, t.logging, con)
	if err != nil {
		return err
	}
	defer d.Close()
	list, err := retention.List(ctx, d.Read(ctx), 1000)
	if err != nil {
		return err
	}
	for _, x := range list {
		line := fmt.Sprintf("%s  %-9s  %s  study %s  %s", x.ID, x.State, x.RequestedAt.Local().Format(time.DateTime), x.StudyID, x.FacilityID)
		if x.State == retention.Trashed {
			line += "  deleted after " + x.SweepAt.Local().Format(time.DateTime)
		}
		fmt.Fprintln(con.Out, line)
	}
	return nil
}

type trashRestoreCmd struct {
	place   `embed:""`
	logging `embed:""`
	ID      string `arg:"" help:"Deletion, or study."`
}

func (t trashRestoreCmd) Run(ctx context.Context, con console) error {
	return t.change(ctx, t.logging, con, func(ctx context.Context, tx db.Tx) error {
		id := t.ID
		if d, err := retention.OfStudy(ctx, tx, id); err != nil {
			return err
		} else if d != nil {
			id = d.ID
		}
		return retention.Restore(ctx, tx, identity.Everything(), "command line", id)
	})
}

type trashHoldCmd struct {
	place   `embed:""`
	logging `embed:""`
	Study   string `arg:"" help:"ID of the study, or its Study Instance UID."`
	Reason  string `required:"" help:"Why, in 10 to 1000 characters."`
}

func (t trashHoldCmd) Run(ctx context.Context, con console) error {
	return t.change(ctx, t.logging, con, func(ctx context.Context, tx db.Tx) error {
		ids, err := catalog.StudiesByUID(ctx, tx, identity.Everything(), t.Study)
		if err != nil {
			return err
		}
		if len(ids) == 0 {
			ids = []string{t.Study}
		}
		for _, id := range ids {
			if err := retention.PlaceHold(ctx, tx, identity.Everything(), "command line", id, t.Reason); err != nil {
				return err
			}
		}
		return nil
	})
}

// change runs one change of the catalog beside a running service.
func (p place) change(ctx context.Context, l logging, con console, do func(ctx context.Context, tx db.Tx) error) error {
	d, err := p.openCatalog(ctx, l, con)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Write(ctx, do)
}
