package object

import (
	"context"
	"strings"
	"time"
)

// Under is the part of s whose keys begin with prefix, which ends in "/", as a store
// of its own.
func Under(s Store, prefix string) Store { return under{s, prefix} }

type under struct {
	s      Store
	prefix string
}

func (u under) key(key string) (string, error) {
	return u.prefix + key, CheckKey(key)
}

func (u under) Create(ctx context.Context) (Pending, error) {
	p, err := u.s.Create(ctx)
	if err != nil {
		return nil, err
	}
	return &underPending{p, u}, nil
}

type underPending struct {
	Pending
	u under
}

func (p *underPending) Commit(ctx context.Context, key string) error {
	k, err := p.u.key(key)
	if err != nil {
		return err
	}
	return p.Pending.Commit(ctx, k)
}

func (u under) Open(ctx context.Context, key string) (Object, error) {
	k, err := u.key(key)
	if err != nil {
		return nil, err
	}
	return u.s.Open(ctx, k)
}

func (u under) Stat(ctx context.Context, key string) (Info, error) {
	k, err := u.key(key)
	if err != nil {
		return Info{}, err
	}
	i, err := u.s.Stat(ctx, k)
	i.Key = strings.TrimPrefix(i.Key, u.prefix)
	return i, err
}

func (u under) List(ctx context.Context, prefix, after string, fn func(Info) error) error {
	if after != "" {
		after = u.prefix + after
	}
	return u.s.List(ctx, u.prefix+prefix, after, func(i Info) error {
		i.Key = strings.TrimPrefix(i.Key, u.prefix)
		return fn(i)
	})
}

// Locks implements Locker.
func (u under) Locks() string { return Locks(u.s) }

// Lock implements Locker.
func (u under) Lock(ctx context.Context, key string, until time.Time) error {
	k, err := u.key(key)
	if err != nil {
		return err
	}
	return Lock(ctx, u.s, k, until)
}

func (u under) Delete(ctx context.Context, key string) error {
	k, err := u.key(key)
	if err != nil {
		return err
	}
	return u.s.Delete(ctx, k)
}
