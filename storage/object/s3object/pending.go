package s3object

import (
	"context"
	"errors"

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
	up    *upload // nil: Commit was not called
	key   string  // of up
	over  bool    // whatever is there
	done  bool    // nothing more is to be done
}

func (p *pending) Write(b []byte) (int, error) {
	if p.done || p.up != nil {
		return 0, object.ErrFinished
	}
	return p.Pending.Write(b)
}

func (p *pending) ReadAt(b []byte, off int64) (int, error) {
	if p.done || p.up != nil {
		return 0, object.ErrFinished
	}
	return p.Pending.ReadAt(b, off)
}

// Replace implements object.Pending.
func (p *pending) Replace() { p.over = true }

// Commit sends the object; nil means that the service has acknowledged it whole.
func (p *pending) Commit(ctx context.Context, key string) error {
	k, err := p.store.key(key)
	if err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if p.done || p.up != nil && p.key != k {
		return object.ErrFinished
	}
	if p.up == nil {
		until, err := p.store.until(ctx, key)
		if err != nil {
			return err
		}
		p.up, p.key = &upload{from: p.Pending, size: p.Size(), sum: p.Sum(), retain: until, over: p.over}, k
	}
	before := len(p.up.parts)
	err = wrap("commit", key, p.store.bucket.put(ctx, k, p.up))
	var passes *object.UnavailableError
	switch {
	case err == nil:
		p.store.bucket.tidy(ctx)
		return p.Abort() // the spool has served
	case errors.As(err, &passes):
		passes.Further = len(p.up.parts) > before
		return err
	}
	p.done = true
	return errors.Join(err, p.store.bucket.giveUp(ctx, k, p.up))
}

// Abort implements object.Pending.
func (p *pending) Abort() error {
	p.done = true
	if p.up != nil {
		// What stays behind is removed after a later Commit, or when the store is opened.
		_ = p.store.bucket.giveUp(context.Background(), p.key, p.up)
	}
	return p.Pending.Abort()
}
