package s3object

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
)

// Store is an object.Store in a bucket.
type Store struct {
	prefix string // "" or ending in "/"
	bucket *remote
	spool  *fsobject.Store
	retain time.Duration
	lock   lock
	ends   Until // nil: none of ours
}

var _ object.Store = (*Store)(nil)

// Open opens the store: the bucket must exist and let us in. The spool is emptied,
// unless another process is using it.
func Open(ctx context.Context, opt Options) (*Store, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Spool == "" {
		return nil, errors.New("s3object: no spool folder")
	}
	remote, err := dial(opt)
	if err != nil {
		return nil, err
	}
	s := &Store{bucket: remote, retain: opt.Retain, ends: opt.Until}
	if opt.Prefix != "" {
		s.prefix = opt.Prefix + "/"
	}
	if s.lock, err = s.bucket.check(ctx); err == nil && opt.Retain > 0 && !s.lock.enabled {
		err = fmt.Errorf("%w: retention was asked for, but the bucket was made without object lock", errPermanent)
	}
	if err != nil {
		return nil, passed(fmt.Errorf("s3object: bucket %s: %w", opt.Bucket, err))
	}
	if n, err := remote.removeParts(ctx, s.prefix, time.Now().Add(-partsAge)); err != nil {
		opt.Log.WarnContext(ctx, "s3object: parts of broken uploads were not looked for; a lifecycle rule of the bucket can remove them", "error", err)
	} else if n > 0 {
		opt.Log.InfoContext(ctx, "s3object: parts of broken uploads removed", "uploads", n)
	}
	// Nothing in the spool outlives the process: nothing in it is committed.
	if s.spool, err = fsobject.Open(opt.Spool, fsobject.Options{Reserve: opt.SpoolReserve}); err != nil {
		return nil, fmt.Errorf("s3object: spool: %w", err)
	}
	return s, nil
}

// Close lets another process use the spool folder.
func (s *Store) Close() error { return s.spool.Close() }

func (s *Store) key(key string) (string, error) {
	if err := object.CheckKey(key); err != nil {
		return "", err
	}
	return s.prefix + key, nil
}

// Stat implements object.Store.
func (s *Store) Stat(ctx context.Context, key string) (object.Info, error) {
	k, err := s.key(key)
	if err != nil {
		return object.Info{}, err
	}
	info, err := s.bucket.stat(ctx, k)
	if err != nil {
		return object.Info{}, wrap("stat", key, err)
	}
	info.Key = key
	return info, nil
}

// Delete implements object.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	k, err := s.key(key)
	if err != nil {
		return err
	}
	// DELETE succeeds on what is not there.
	if _, err := s.bucket.stat(ctx, k); err != nil {
		return wrap("delete", key, err)
	}
	return wrap("delete", key, s.bucket.remove(ctx, k))
}

// List implements object.Store. It holds one page.
func (s *Store) List(ctx context.Context, prefix, after string, fn func(object.Info) error) error {
	from := s.prefix + after
	for {
		page, more, err := s.bucket.page(ctx, s.prefix+prefix, from)
		if err != nil {
			return wrap("list", prefix, err)
		}
		for _, info := range page {
			from = info.Key
			info.Key = info.Key[len(s.prefix):]
			if info.Key <= after || object.CheckKey(info.Key) != nil {
				continue // somebody else's
			}
			if err := fn(info); err != nil {
				return err
			}
		}
		if !more || len(page) == 0 {
			return nil
		}
	}
}

// wrap says what was done. Keys hold hashes and no patient.
func wrap(what, key string, err error) error {
	switch {
	case err == nil:
		return nil
	case isNotFound(err):
		return fmt.Errorf("%w: %s", object.ErrNotFound, key)
	}
	return passed(fmt.Errorf("s3object: %s %s: %w", what, key, err))
}
