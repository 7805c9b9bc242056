package s3object

import (
	"context"
	"time"

	"github.com/dokuei/dokuei/storage/object"
)

// Create implements object.Store: the object is spooled on local disk.
func (s *Store) Create(ctx context.Context) (object.Pending, error) {
	p, err := s.spool.Create(ctx)
	if err != nil {
		return nil, err
	}
	return &pending{Pending: p, store: s}, nil
}

// pending is a spool file that goes up on Commit.
type pending struct {
	object.Pending
	store *Store
	done  bool
}

func (p *pending) Write(b []byte) (int, error) {
	if p.done {
		return 0, object.ErrFinished
	}
	return p.Pending.Write(b)
}

func (p *pending) ReadAt(b []byte, off int64) (int, error) {
	if p.done {
		return 0, object.ErrFinished
	}
	return p.Pending.ReadAt(b, off)
}

// Commit sends the object; nil means that the service has acknowledged it whole.
func (p *pending) Commit(ctx context.Context, key string) error {
	k, err := p.store.key(key)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.done {
		return object.ErrFinished
	}
	p.done = true
	u := upload{from: p.Pending, size: p.Size(), sum: p.Sum()}
	if p.store.retain > 0 {
		u.retain = time.Now().Add(p.store.retain)
	}
	if err := p.store.bucket.put(ctx, k, u); err != nil {
		return wrap("commit", key, err)
	}
	return p.Pending.Abort() // the spool has served
}

// Abort implements object.Pending.
func (p *pending) Abort() error {
	p.done = true
	return p.Pending.Abort()
}
