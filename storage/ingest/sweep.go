package ingest

import (
	"context"
	"errors"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/object"
)

// Sweep removes objects older than age that no row points at: what a crash between
// the commit of an object and its transaction leaves, and content that turned out
// to be a duplicate. Objects that are on their way to a transaction in this
// process are held back; age must be long enough for any other process that
// stores into the same place. It returns what it removed.
func (i *Ingester) Sweep(ctx context.Context, age time.Duration) (removed int, bytes int64, err error) {
	limit := i.opt.Now().Add(-age)
	err = i.objects.List(ctx, "", "", func(o object.Info) error {
		if !o.Modified.Before(limit) {
			return nil
		}
		ok, err := catalog.Referenced(ctx, i.db.Read(ctx), o.Key)
		if err != nil || ok {
			return err
		}
		gone, err := i.drop(ctx, o.Key, limit)
		if gone {
			removed++
			bytes += o.Size
		}
		return err
	})
	if removed > 0 {
		i.opt.Log.InfoContext(ctx, "ingest: swept objects without a row", "objects", removed, "bytes", bytes)
	}
	return removed, bytes, err
}

// drop deletes key unless it is on its way, has been committed again or has got a
// row. A zero limit is no limit of age. No Store can pass hold meanwhile.
func (i *Ingester) drop(ctx context.Context, key string, limit time.Time) (gone bool, err error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.held[key] > 0 {
		return false, nil
	}
	info, err := i.objects.Stat(ctx, key)
	if errors.Is(err, object.ErrNotFound) {
		return false, nil
	}
	if err != nil || !limit.IsZero() && !info.Modified.Before(limit) {
		return false, err
	}
	ok, err := catalog.Referenced(ctx, i.db.Read(ctx), key)
	if err != nil || ok {
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
		limit = i.opt.Now().Add(-age)
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
