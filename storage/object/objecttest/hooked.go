package objecttest

import (
	"context"

	"github.com/dokuei/dokuei/storage/object"
)

// Call is a call of a Store that is about to be made.
type Call struct {
	// Method is create, open, stat, delete, list, commit or read; listed is each key of
	// a list.
	Method string
	Key    string // of stat, open, delete, commit and listed
	Size   int64  // of commit
}

// Hooked is a Store that asks before each call. An error of Before is that of the call,
// which is not made; a read gives half of what was wanted with it.
type Hooked struct {
	object.Store
	Before func(ctx context.Context, c Call) error
}

// Create implements object.Store.
func (h *Hooked) Create(ctx context.Context) (object.Pending, error) {
	if err := h.Before(ctx, Call{Method: "create"}); err != nil {
		return nil, err
	}
	p, err := h.Store.Create(ctx)
	if err != nil {
		return nil, err
	}
	return &hookedPending{p, h}, nil
}

// Open implements object.Store.
func (h *Hooked) Open(ctx context.Context, key string) (object.Object, error) {
	if err := h.Before(ctx, Call{Method: "open", Key: key}); err != nil {
		return nil, err
	}
	o, err := h.Store.Open(ctx, key)
	if err != nil {
		return nil, err
	}
	return &hookedObject{o, h}, nil
}

// Stat implements object.Store.
func (h *Hooked) Stat(ctx context.Context, key string) (object.Info, error) {
	if err := h.Before(ctx, Call{Method: "stat", Key: key}); err != nil {
		return object.Info{}, err
	}
	return h.Store.Stat(ctx, key)
}

// Delete implements object.Store.
func (h *Hooked) Delete(ctx context.Context, key string) error {
	if err := h.Before(ctx, Call{Method: "delete", Key: key}); err != nil {
		return err
	}
	return h.Store.Delete(ctx, key)
}

// List implements object.Store.
func (h *Hooked) List(ctx context.Context, prefix, after string, fn func(object.Info) error) error {
	if err := h.Before(ctx, Call{Method: "list"}); err != nil {
		return err
	}
	return h.Store.List(ctx, prefix, after, func(i object.Info) error {
		if err := h.Before(ctx, Call{Method: "listed", Key: i.Key}); err != nil {
			return err
		}
		return fn(i)
	})
}

type hookedPending struct {
	object.Pending
	h *Hooked
}

func (p *hookedPending) Commit(ctx context.Context, key string) error {
	if err := p.h.Before(ctx, Call{Method: "commit", Key: key, Size: p.Size()}); err != nil {
		return err
	}
	return p.Pending.Commit(ctx, key)
}

type hookedObject struct {
	object.Object
	h *Hooked
}

func (o *hookedObject) ReadAt(b []byte, off int64) (int, error) {
	if err := o.h.Before(context.Background(), Call{Method: "read"}); err != nil {
		n, _ := o.Object.ReadAt(b[:len(b)/2], off)
		return n, err
	}
	return o.Object.ReadAt(b, off)
}
