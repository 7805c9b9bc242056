package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
)

const (
	sweepPage = 500 // objects that are looked for in the catalog at once

	// recordBefore is how long before an object came the catalog must have a record of
	// anything, for the object to be taken for what a crash has left.
	recordBefore = 2 * time.Minute
)

// Sweep removes objects older than age that no row points at: what a crash between
// the commit of an object and its transaction leaves, and content that turned out
// to be a duplicate. Objects that are on their way to a transaction in this
// process are held back; age must be long enough for any other process that
// stores into the same place. It returns what it removed.
//
// An object that came when the catalog recorded nothing stays: the catalog may have been
// brought back from an earlier time, and the object have been acknowledged. Rebuild gives
// it its row.
func (i *Ingester) Sweep(ctx context.Context, age time.Duration) (removed int, bytes int64, err error) {
	limit, err := i.before(ctx, age)
	if err != nil {
		return 0, 0, err
	}
	s := sweep{i: i, limit: limit, recorded: map[time.Time]bool{}}
	err = i.objects.List(ctx, "", "", func(o object.Info) error {
		if !o.Modified.Before(limit) {
			return nil
		}
		if s.page = append(s.page, o); len(s.page) < sweepPage {
			return nil
		}
		return s.turn(ctx)
	})
	if err == nil {
		err = s.turn(ctx)
	}
	if s.removed > 0 {
		i.opt.Log.InfoContext(ctx, "ingest: swept objects without a row", "objects", s.removed, "bytes", s.bytes)
	}
	if s.kept > 0 {
		i.opt.Log.WarnContext(ctx, "ingest: objects without a row came when the catalog recorded nothing, and stay; if it was brought back from an earlier time, `dokuei rebuild-catalog` gives them their rows", "objects", s.kept)
	}
	return s.removed, s.bytes, err
}

// before is the time so long ago, by every clock there is.
func (i *Ingester) before(ctx context.Context, age time.Duration) (time.Time, error) {
	now, err := i.db.Agreed(ctx, i.opt.Now())
	return now.Add(-age), err
}

// sweep is one Sweep.
type sweep struct {
	i        *Ingester
	limit    time.Time
	page     []object.Info
	recorded map[time.Time]bool // by the minute

	removed, kept int
	bytes         int64
}

// turn looks for the objects of a page in the catalog, and drops those that are not there.
func (s *sweep) turn(ctx context.Context) error {
	page := s.page
	s.page = s.page[:0]
	keys := make([]string, len(page))
	for k, o := range page {
		keys[k] = o.Key
	}
	named, err := catalog.Named(ctx, s.i.db.Read(ctx), keys)
	if err != nil {
		return err
	}
	for _, o := range page {
		if named[o.Key] {
			continue
		}
		ok, err := s.remembered(ctx, o.Modified)
		if err != nil {
			return err
		}
		if !ok {
			s.kept++
			continue
		}
		gone, err := s.i.drop(ctx, o.Key, s.limit)
		if err != nil {
			return err
		}
		if gone {
			s.removed++
			s.bytes += o.Size
		}
	}
	return nil
}

// remembered reports whether the catalog has a record from before an object came.
func (s *sweep) remembered(ctx context.Context, came time.Time) (ok bool, err error) {
	minute := came.Truncate(time.Minute)
	ok, known := s.recorded[minute]
	if !known {
		ok, err = audit.Between(ctx, s.i.db.Read(ctx), minute.Add(-recordBefore), minute.Add(time.Minute))
		s.recorded[minute] = ok
	}
	return ok, err
}

// drop deletes key unless it is on its way, has been committed again or has got a
// row. A zero limit is no limit of age.
func (i *Ingester) drop(ctx context.Context, key string, limit time.Time) (gone bool, err error) {
	over, ok := i.seize(key)
	if !ok {
		return false, nil
	}
	defer over()
	info, err := i.objects.Stat(ctx, key)
	if errors.Is(err, object.ErrNotFound) {
		return false, nil
	}
	if err != nil || !limit.IsZero() && !info.Modified.Before(limit) {
		return false, err
	}
	named, err := catalog.Referenced(ctx, i.db.Read(ctx), key)
	if err != nil || named {
		return false, err
	}
	if err := i.objects.Delete(ctx, key); err != nil {
		return false, err
	}
	return true, nil
}

// Drop deletes an object that no row names any more; gone is false while that has to
// wait. It must be older than age when other processes store into the same place: one
// of them may be about to name it again.
func (i *Ingester) Drop(ctx context.Context, key string, age time.Duration) (gone bool, err error) {
	var limit time.Time
	if age > 0 {
		if limit, err = i.before(ctx, age); err != nil {
			return false, err
		}
	}
	if gone, err = i.drop(ctx, key, limit); err != nil || gone {
		return gone, err
	}
	if _, err := i.objects.Stat(ctx, key); errors.Is(err, object.ErrNotFound) {
		return true, nil
	} else if err != nil {
		return false, err
	}
	return catalog.Referenced(ctx, i.db.Read(ctx), key) // it is somebody's again
}
