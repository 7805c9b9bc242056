package s3object

import (
	"context"
	"errors"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/dokuei/dokuei/storage/object"
)

// bucket is what the store asks of the service. Every request is whole when it
// returns and may be made again.
type bucket interface {
	// check reports whether the bucket can be used, with object lock if locked.
	check(ctx context.Context, locked bool) error
	put(ctx context.Context, key string, u upload) error
	// get reads into p from off, of that version. size is that of the object.
	get(ctx context.Context, key string, v version, p []byte, off int64) (n int, size int64, is version, err error)
	stat(ctx context.Context, key string) (object.Info, error)
	// page lists what sorts after from.
	page(ctx context.Context, prefix, from string) (list []object.Info, more bool, err error)
	remove(ctx context.Context, key string) error
}

const (
	firstWait = 100 * time.Millisecond
	longWait  = 5 * time.Second
)

// retry decorates a bucket: it asks again what may pass.
type retry struct {
	bucket
	patience time.Duration
	log      *slog.Logger
}

// do calls fn until it succeeds, fails for good, or patience is over. The time of
// an attempt under way counts: an attempt never starts after patience.
func (r *retry) do(ctx context.Context, what string, limit time.Duration, fn func(ctx context.Context) error) error {
	until := time.Now().Add(r.patience)
	wait := firstWait
	for attempt := 1; ; attempt++ {
		err := within(ctx, limit, fn)
		if err == nil || ctx.Err() != nil || !passing(err) {
			return err
		}
		pause := wait/2 + rand.N(wait/2+1)
		if time.Now().Add(pause).After(until) {
			return err
		}
		r.log.WarnContext(ctx, "s3object: request failed, trying again", "request", what, "attempt", attempt, "error", err)
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(pause):
		}
		wait = min(2*wait, longWait)
	}
}

func within(ctx context.Context, limit time.Duration, fn func(ctx context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	return fn(ctx)
}

// limitFor is the time for one request that carries n bytes: 20 s and what a line
// of 8 Mbit/s needs.
func limitFor(n int64) time.Duration {
	return 20*time.Second + time.Duration(n/1_000_000)*time.Second
}

func (r *retry) check(ctx context.Context, locked bool) error {
	return r.do(ctx, "check", limitFor(0), func(ctx context.Context) error { return r.bucket.check(ctx, locked) })
}

func (r *retry) put(ctx context.Context, key string, u upload) error {
	if u.size > multipartFrom {
		return r.bucket.put(ctx, key, u.retried(r)) // part by part
	}
	return r.do(ctx, "put", limitFor(u.size), func(ctx context.Context) error { return r.bucket.put(ctx, key, u) })
}

func (r *retry) get(ctx context.Context, key string, v version, p []byte, off int64) (n int, size int64, is version, err error) {
	err = r.do(ctx, "get", limitFor(int64(len(p))), func(ctx context.Context) error {
		n, size, is, err = r.bucket.get(ctx, key, v, p, off)
		return err
	})
	return n, size, is, err
}

func (r *retry) stat(ctx context.Context, key string) (info object.Info, err error) {
	err = r.do(ctx, "stat", limitFor(0), func(ctx context.Context) error {
		info, err = r.bucket.stat(ctx, key)
		return err
	})
	return info, err
}

func (r *retry) page(ctx context.Context, prefix, from string) (list []object.Info, more bool, err error) {
	err = r.do(ctx, "list", limitFor(1<<20), func(ctx context.Context) error {
		list, more, err = r.bucket.page(ctx, prefix, from)
		return err
	})
	return list, more, err
}

func (r *retry) remove(ctx context.Context, key string) error {
	return r.do(ctx, "delete", limitFor(0), func(ctx context.Context) error { return r.bucket.remove(ctx, key) })
}
