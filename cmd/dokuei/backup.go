package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/backup"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/s3object"
)

type backupCmd struct {
	place   `embed:""`
	logging `embed:""`
	Target  string `arg:"" help:"Folder of the backups, on another disk or machine, or s3://BUCKET/PREFIX?endpoint=URL&region=NAME."`
	Keep    int    `help:"Generations kept; older catalogs are removed, images never." default:"30"`
	Drop    bool   `name:"drop-swept" help:"Remove images that no generation kept names: those of studies deleted since."`
	Full    bool   `help:"Read what the folder holds already, and copy again what is damaged there."`
	Check   bool   `help:"Only read the newest generation and compare it with itself; nothing is copied."`
}

// openBackup opens what holds backups; nil locks: it is only read.
func (p place) openBackup(ctx context.Context, target string, locks *copyLocks, l logging, con console) (*backup.Target, images, error) {
	s, err := p.openBackupStore(ctx, target, "backup-spool", locks, l.logger(con))
	if err != nil {
		return nil, nil, fmt.Errorf("backup %s: %w", target, err)
	}
	return backup.To(s, filepath.Join(p.Data, "backup-copies")), s, nil
}

// openBackupStore opens the store of backups: encrypted, when the place is. Only for
// a new backup a folder is made.
func (p place) openBackupStore(ctx context.Context, target, spool string, locks *copyLocks, log *slog.Logger) (images, error) {
	var until s3object.Until
	if locks != nil {
		until = locks.until
	} else if !strings.Contains(target, "://") {
		if _, err := os.Stat(target); err != nil {
			return nil, fmt.Errorf("there are no backups: %w", err)
		}
	}
	s, err := p.openStore(ctx, target, spool, fsobject.Options{Reserve: -1, Files: disk}, log, until)
	if err != nil {
		return nil, err
	}
	return p.seal(ctx, s)
}

// Run makes one more generation. The service may be running.
func (b backupCmd) Run(ctx context.Context, con console) error {
	if b.Keep < 1 {
		return errors.New("--keep: at least one generation has to stay")
	}
	if b.Check {
		return b.check(ctx, con)
	}
	d, objects, err := b.open(ctx, b.logging, con)
	if err != nil {
		return err
	}
	defer d.Close()
	defer objects.Close()
	locks := &copyLocks{db: d}
	f, store, err := b.openBackup(ctx, b.Target, locks, b.logging, con)
	if err != nil {
		return err
	}
	defer store.Close()
	if err := locks.pace(ctx, f, b.Keep); err != nil {
		return err
	}
	begin, opt := time.Now(), copyOptions(con)
	opt.Full = b.Full
	m, done, err := f.Run(ctx, d, objects, opt)
	if err == nil {
		err = locks.keys(ctx, store)
	}
	name := "generation " + m.Name
	if err := errors.Join(err, noteCopy(ctx, d, backup.KindBackup, begin, done, err)); err != nil {
		return err
	}
	if _, err := f.Prune(ctx, b.Keep); err != nil {
		return err
	}
	if b.Drop {
		n, err := f.DropUnnamed(ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(con.Out, "%d images that no generation names removed\n", n)
	}
	fmt.Fprintf(con.Out, "%s: %d images (%s), %d of them copied now (%s), %d damaged or missing, %v\n", name, done.Images, bytesText(done.Bytes),
		done.Copied, bytesText(done.BytesCopied), done.Damaged, time.Since(begin).Round(time.Millisecond))
	if err := note(ctx, d, "store.backed-up", "success", fmt.Sprintf("%s images=%d copied=%d damaged=%d", name, done.Images, done.Copied, done.Damaged)); err != nil {
		return err
	}
	return damaged(done)
}

// noteCopy writes down how a copy went, also when it was broken off.
func noteCopy(ctx context.Context, d *db.DB, kind string, begin time.Time, done backup.Progress, failed error) error {
	return backup.Note(context.WithoutCancel(ctx), d, backup.Copy{Kind: kind, At: begin, Took: time.Since(begin), Done: done, Failed: failed != nil})
}

func (b backupCmd) check(ctx context.Context, con console) error {
	f, store, err := b.openBackup(ctx, b.Target, nil, b.logging, con)
	if err != nil {
		return err
	}
	defer store.Close()
	m, err := f.Generation(ctx, "")
	if err != nil {
		return err
	}
	progress := every{out: con.Err, wait: 5 * time.Second}
	v, err := f.Check(ctx, m, ingest.VerifyOptions{
		Progress: func(n ingest.Verified) { progress.say("%d images, %s read", n.Objects, bytesText(n.Bytes)) },
	}, func(d ingest.Damage) error {
		_, err := fmt.Fprintln(con.Out, "damaged or missing in the backup:", d.ObjectKey)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Out, "generation %s: catalog whole, %d images (%s) read, %d damaged or missing\n", m.Name, v.Objects, bytesText(v.Bytes), v.Damaged)
	if v.Damaged > 0 {
		return &damageError{damaged: v.Damaged, objects: v.Objects}
	}
	return nil
}

func copyOptions(con console) backup.Options {
	progress := every{out: con.Err, wait: 5 * time.Second}
	return backup.Options{
		Progress: func(p backup.Progress) {
			progress.say("%d images, %d copied (%s)", p.Images, p.Copied, bytesText(p.BytesCopied))
		},
		Damaged: func(key string, err error) { fmt.Fprintf(con.Out, "left out %s: %v\n", key, err) },
	}
}

func damaged(p backup.Progress) error {
	if p.Damaged > 0 {
		return &damageError{damaged: p.Damaged, objects: p.Images}
	}
	return nil
}

type restoreCmd struct {
	place      `embed:""`
	logging    `embed:""`
	Target     string `arg:"" help:"Folder or bucket of the backups."`
	Generation string `help:"Generation to restore; default: the newest." placeholder:"NAME"`
	List       bool   `help:"Only list the generations."`
}

// Run restores to a place where no catalog is: no file, or a database in PostgreSQL
// that nobody has used.
func (r restoreCmd) Run(ctx context.Context, con console) error {
	f, store, err := r.openBackup(ctx, r.Target, nil, r.logging, con)
	if err != nil {
		return err
	}
	defer store.Close()
	if r.List {
		return r.list(ctx, con, f)
	}
	if err := r.makeData(); err != nil {
		return err
	}
	begin, opt := time.Now(), copyOptions(con)
	file, sqlite := r.sqlite()
	var catalog *db.DB // what is restored says how long the hospitals keep their images
	opt.Catalog = func(d *db.DB) { catalog = d }
	objects, err := r.openObjects(ctx, 0, r.logger(con), func(ctx context.Context, key string) (time.Time, error) {
		return keptUntil(catalog)(ctx, key)
	})
	if err != nil {
		return err
	}
	defer objects.Close()
	m, err := f.Generation(ctx, r.Generation)
	if err != nil {
		return err
	}
	fmt.Fprintln(con.Err, "restoring generation", m.Name)
	var done backup.Progress
	if sqlite {
		done, err = f.Restore(ctx, m, file, objects, opt)
	} else {
		var d *db.DB
		if d, err = db.Open(ctx, r.dbURL(), r.logger(con)); err != nil {
			return err
		}
		defer d.Close()
		done, err = f.RestoreInto(ctx, m, d, objects, opt)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(con.Out, "%d images (%s), %d copied, %d damaged or missing, %v\n", done.Images, bytesText(done.Bytes), done.Copied, done.Damaged,
		time.Since(begin).Round(time.Millisecond))
	return damaged(done)
}

func (r restoreCmd) list(ctx context.Context, con console, f *backup.Target) error {
	list, err := f.Generations(ctx)
	if err != nil {
		return err
	}
	for _, m := range list {
		fmt.Fprintf(con.Out, "%s  %d images  %s  %d damaged\n", m.Name, m.Images, bytesText(m.Bytes), m.Damaged)
	}
	return nil
}
