package main

import (
	"context"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/backup"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object/sealed"
	"github.com/dokuei/dokuei/storage/retention"
)

const (
	catalogLeast = time.Hour           // how long a catalog in a target is locked at least: longer than it takes to get there
	catalogFirst = 24 * time.Hour      // the first one
	catalogMost  = 30 * 24 * time.Hour // and any at most: each is as large as the catalog itself
)

// copyLocks says how long what backups and mirrors consist of is locked in a bucket with
// object lock.
type copyLocks struct {
	db       *db.DB        // that is copied
	catalogs time.Duration // how long a catalog is
}

// until is an s3object.Until: images as in the image store itself.
func (c *copyLocks) until(ctx context.Context, key string) (time.Time, error) {
	if image, ok := strings.CutPrefix(key, backup.Images); ok {
		return keptUntil(c.db)(ctx, image)
	}
	if strings.HasPrefix(key, backup.Catalogs) {
		return time.Now().Add(c.catalogs), nil
	}
	return c.longest(ctx) // a key that all of it is encrypted under
}

func (c *copyLocks) longest(ctx context.Context) (time.Time, error) {
	return retention.LongestOfAll(ctx, c.db.Read(ctx), time.Now())
}

// pace has catalogs locked for as long as so many generations take, of which each comes as
// long after the one before as the next one does now.
func (c *copyLocks) pace(ctx context.Context, t *backup.Target, keep int) error {
	list, err := t.Generations(ctx)
	c.catalogs = catalogFirst
	if n := len(list); n > 0 {
		most := catalogMost / time.Duration(keep)
		c.catalogs = max(time.Duration(keep)*min(time.Since(list[n-1].At), most), catalogLeast)
	}
	return err
}

// keys has the keys that copies are encrypted under locked as long as what was copied.
func (c *copyLocks) keys(ctx context.Context, s images) error {
	store, ok := s.(*sealed.Store)
	if !ok {
		return nil
	}
	until, err := c.longest(ctx)
	if err != nil {
		return err
	}
	return store.LockKeys(ctx, until)
}
