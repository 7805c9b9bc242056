package sealed

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/dokuei/dokuei/storage/object"
)

// Store is an object.Store whose objects another store keeps encrypted.
type Store struct {
	inner object.Store
	keys  *ring
}

var _ object.Store = (*Store)(nil)

var (
	// ErrPlain: the store holds objects that are not encrypted.
	ErrPlain = errors.New("sealed: the store holds objects from before encryption; move them to an empty store with `dokuei backup` and `dokuei restore`")
	// ErrSealed: the store is encrypted and no key was given.
	ErrSealed = errors.New("the image store is encrypted: name its key with --encryption-key")
)

// Open gives the store whose objects inner keeps encrypted, under the first of the
// key-encryption keys; the others are for reading what they have wrapped. An empty
// store gets its first store key.
func Open(ctx context.Context, inner object.Store, keks ...KEK) (*Store, error) {
	r := &ring{inner: inner, keks: keks}
	if err := r.load(ctx); err != nil {
		return nil, err
	}
	if r.empty() {
		if err := isEmpty(ctx, inner); err != nil {
			return nil, err
		}
		if err := r.renew(ctx); err != nil {
			return nil, err
		}
	}
	return &Store{inner: inner, keys: r}, nil
}

// Refuse gives ErrSealed for a store that is encrypted: whoever opens it as if it
// were not would take its keys for garbage.
func Refuse(ctx context.Context, s object.Store) error {
	err := s.List(ctx, reserved, "", func(object.Info) error { return ErrSealed })
	if err != nil && !errors.Is(err, ErrSealed) {
		return fmt.Errorf("sealed: look for keys: %w", err)
	}
	return err
}

func isEmpty(ctx context.Context, s object.Store) error {
	return s.List(ctx, "", "", func(i object.Info) error { return ErrPlain })
}

// Keys gives the IDs of the store keys, oldest first, and of who wraps them.
func (s *Store) Keys() []Key { return s.keys.list() }

// Rotate wraps every store key by another KEK too.
func (s *Store) Rotate(ctx context.Context, to KEK) (int, error) { return s.keys.rotate(ctx, to) }

// Renew makes a new store key, under which objects are stored from now on: by this
// Store at once, by others when they are next opened.
func (s *Store) Renew(ctx context.Context) error { return s.keys.renew(ctx) }

// Retire removes what other KEKs than the first have wrapped. A store key that the
// first does not open is left alone.
func (s *Store) Retire(ctx context.Context) (int, error) { return s.keys.retire(ctx) }

// Inner is the store that holds the encrypted objects.
func (s *Store) Inner() object.Store { return s.inner }

// Free is the room of the inner store, where it can tell.
func (s *Store) Free() (int64, error) { return object.Free(s.inner) }

// Close closes the inner store.
func (s *Store) Close() error { return object.Close(s.inner) }

// check keeps callers away from the keys.
func check(key string) error {
	if err := object.CheckKey(key); err != nil {
		return err
	}
	if strings.HasPrefix(key, reserved) {
		return fmt.Errorf("%w: %s is for keys", object.ErrKey, reserved)
	}
	return nil
}

// Stat implements object.Store.
func (s *Store) Stat(ctx context.Context, key string) (object.Info, error) {
	if err := check(key); err != nil {
		return object.Info{}, err
	}
	info, err := s.inner.Stat(ctx, key)
	if err != nil {
		return info, err
	}
	info.Size, err = plainSize(info.Size)
	return info, err
}

// List implements object.Store. An object that cannot be a sealed one is listed with
// the size it has: whoever opens it learns what it is.
func (s *Store) List(ctx context.Context, prefix, after string, fn func(object.Info) error) error {
	return s.inner.List(ctx, prefix, after, func(i object.Info) error {
		if strings.HasPrefix(i.Key, reserved) {
			return nil
		}
		if plain, err := plainSize(i.Size); err == nil {
			i.Size = plain
		}
		return fn(i)
	})
}

// Locks implements object.Locker.
func (s *Store) Locks() string { return object.Locks(s.inner) }

// Lock implements object.Locker. The store keys are locked as long: what nobody can open
// any more is not kept.
func (s *Store) Lock(ctx context.Context, key string, until time.Time) error {
	if err := check(key); err != nil {
		return err
	}
	if err := object.Lock(ctx, s.inner, key, until); err != nil {
		return err
	}
	return s.keys.lock(ctx, until)
}

// LockKeys locks the store keys, where the medium has locks, as Lock does.
func (s *Store) LockKeys(ctx context.Context, until time.Time) error {
	if s.Locks() == "" {
		return nil
	}
	return s.keys.lock(ctx, until)
}

// Delete implements object.Store.
func (s *Store) Delete(ctx context.Context, key string) error {
	if err := check(key); err != nil {
		return err
	}
	return s.inner.Delete(ctx, key)
}
