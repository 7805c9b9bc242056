package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"github.com/dokuei/dokuei/storage/backup"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
)

type mirrorCmd struct {
	place   `embed:""`
	logging `embed:""`
	Target  string        `arg:"" help:"Folder at the second site, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME."`
	Every   time.Duration `help:"Pause between two copies." default:"5m"`
	Once    bool          `help:"One copy, then end."`
	Keep    int           `help:"Catalogs kept; older ones are removed, images never." default:"3"`
}

// Run copies catalog and images again and again, each time what is new. What it
// writes is a backup too. A copy that fails is tried again after the pause.
func (m mirrorCmd) Run(ctx context.Context, con console) error {
	if m.Keep < 1 || m.Every < time.Second {
		return errors.New("--keep: at least one, --every: at least a second")
	}
	log := m.logger(con)
	d, objects, err := m.open(ctx, m.logging, con)
	if err != nil {
		return err
	}
	defer d.Close()
	defer objects.Close()
	locks := &copyLocks{db: d}
	t, store, err := m.openBackup(ctx, m.Target, locks, m.logging, con)
	if err != nil {
		return err
	}
	defer store.Close()
	for {
		err := m.copy(ctx, log, t, store, locks, objects)
		if m.Once {
			return err
		}
		if err != nil && ctx.Err() == nil {
			log.Warn("the mirror is behind; it is tried again", "error", err, "after", m.Every)
		}
		timer := time.NewTimer(m.Every)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil
		case <-timer.C:
		}
	}
}

func (m mirrorCmd) copy(ctx context.Context, log *slog.Logger, t *backup.Target, store images, locks *copyLocks, objects images) error {
	begin := time.Now()
	if err := locks.pace(ctx, t, m.Keep); err != nil {
		return err
	}
	_, done, err := t.Run(ctx, locks.db, objects, backup.Options{})
	if err == nil {
		err = locks.keys(ctx, store)
	}
	if err := errors.Join(err, noteCopy(ctx, locks.db, backup.KindMirror, begin, done, err)); err != nil {
		return err
	}
	if _, err := t.Prune(ctx, m.Keep); err != nil {
		return err
	}
	log.Info("mirrored", "images", done.Images, "copied", done.Copied, "damaged", done.Damaged, "took", time.Since(begin).Round(time.Millisecond))
	return damaged(done)
}

// standby are the flags of a service that shows a copy.
type standby struct {
	ReadOnly bool   `help:"Serve worklist, images and reports for reading only: every change is refused, no image is taken, nothing is sent out."`
	Mirror   string `help:"With --read-only: what 'dokuei mirror' or 'dokuei backup' has written; the newest catalog in it is shown." placeholder:"TARGET"`
}

// openMirror fetches the newest catalog of a mirror into the data folder, in place of
// the one fetched before, and gives its address, the images beside it, and its time.
func (c serveCmd) openMirror(ctx context.Context, log *slog.Logger) (url string, objects images, at time.Time, err error) {
	if !c.ReadOnly {
		return "", nil, at, errors.New("--mirror is for --read-only: a copy that takes changes would no longer be one")
	}
	s, err := c.openBackupStore(ctx, c.Mirror, "mirror-spool", nil, log)
	if err != nil {
		return "", nil, at, fmt.Errorf("--mirror: %w", err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	dir := filepath.Join(c.Data, "mirror")
	t := backup.To(s, dir)
	m, err := t.Generation(ctx, "")
	if err != nil {
		return "", nil, at, fmt.Errorf("--mirror: %w", err)
	}
	if err := errors.Join(os.RemoveAll(dir), os.MkdirAll(dir, 0o700)); err != nil {
		return "", nil, at, err
	}
	file := filepath.Join(dir, "dokuei.db")
	if err := t.Catalog(ctx, m, file); err != nil {
		return "", nil, at, fmt.Errorf("--mirror: %w", err)
	}
	log.Info("showing a copy, for reading only", "generation", m.Name, "images", m.Images)
	return "sqlite:" + file, struct {
		object.Store
		io.Closer
	}{t.Stored(), s}, m.At, nil
}

// lastEvent is the time of the newest thing a catalog knows: how old a copy is that
// does not say it.
func lastEvent(ctx context.Context, d *db.DB) (time.Time, error) {
	seq, err := catalog.LastEvent(ctx, d.Read(ctx))
	if err != nil {
		return time.Time{}, err
	}
	list, err := catalog.EventsAfter(ctx, d.Read(ctx), seq-1, 1)
	if err != nil || len(list) == 0 {
		return time.Now(), err
	}
	return list[0].At, nil
}
