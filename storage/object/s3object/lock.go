package s3object

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/minio/minio-go/v7"
)

// lock is the object lock of a bucket and what it does to objects by itself.
type lock struct {
	enabled bool
	usual   int // days, or
	years   bool
}

// end is when the retention ends that the bucket gives to what is stored at t.
func (l lock) end(t time.Time) time.Time {
	if l.years {
		return t.AddDate(l.usual, 0, 0)
	}
	return t.AddDate(0, 0, l.usual)
}

// until is the retention of an object that is about to be stored; zero: what the bucket
// does by itself.
func (s *Store) until(ctx context.Context, key string) (time.Time, error) {
	now := time.Now()
	switch {
	case s.retain > 0:
		return now.Add(s.retain), nil
	case s.Locks() == "":
		return time.Time{}, nil
	}
	until, err := s.ends(ctx, key)
	if err != nil {
		return time.Time{}, fmt.Errorf("s3object: retention of %s: %w", key, err)
	}
	if usual := s.lock.end(now); usual.After(until) {
		until = usual
	}
	if !until.After(now) {
		return time.Time{}, nil
	}
	return until, nil
}

// Locks implements object.Locker: there is something to lengthen where every object has
// the time that Options.Until gives.
func (s *Store) Locks() string {
	if !s.lock.enabled || s.retain != 0 || s.ends == nil {
		return ""
	}
	return s.bucket.core.EndpointURL().Host + "/" + s.bucket.bucket + "/" + s.prefix
}

// Lock implements object.Locker.
func (s *Store) Lock(ctx context.Context, key string, until time.Time) error {
	k, err := s.key(key)
	if err != nil {
		return err
	}
	if s.Locks() == "" {
		return errors.ErrUnsupported
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return wrap("lock", key, s.bucket.lock(ctx, k, until))
}

// lock lengthens the retention of the newest version. The service refuses to shorten
// one, which is no error here, so it is asked first. Retention is kept by the second.
func (r *remote) lock(ctx context.Context, key string, until time.Time) error {
	ctx, cancel := within(ctx, 0)
	defer cancel()
	if until = until.UTC(); until.Nanosecond() != 0 {
		until = until.Truncate(time.Second).Add(time.Second)
	}
	// Not GetObjectRetention, whose answer not every service writes as AWS does.
	info, err := r.head(ctx, key)
	if err != nil {
		return err
	}
	if !until.After(time.Now()) || !retained(info).Before(until) {
		return nil
	}
	how := minio.Compliance
	return r.core.PutObjectRetention(ctx, r.bucket, key, minio.PutObjectRetentionOptions{Mode: &how, RetainUntilDate: &until, VersionID: versionOf(info).id})
}

// retained is until when a version is under COMPLIANCE retention; zero: not at all, or
// we may not know (s3:GetObjectRetention).
func retained(i minio.ObjectInfo) time.Time {
	until, err := time.Parse(time.RFC3339, i.Metadata.Get("X-Amz-Object-Lock-Retain-Until-Date"))
	if err != nil || i.Metadata.Get("X-Amz-Object-Lock-Mode") != string(minio.Compliance) {
		return time.Time{}
	}
	return until
}
