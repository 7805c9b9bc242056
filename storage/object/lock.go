package object

import (
	"context"
	"errors"
	"time"
)

// Locker is what a Store is, too, whose medium itself can refuse to remove an object: a
// bucket with object lock. Decorators are one where the store behind them is.
type Locker interface {
	// Locks names the place whose objects Lock locks; at another place they are to be
	// locked anew. Empty: the medium has no locks, or they are not to be changed, and
	// Lock gives errors.ErrUnsupported.
	Locks() string

	// Lock sees that nobody, the owner of the medium included, removes or changes
	// before until what is under key now. A lock that ends later stays: none is ever
	// shortened or lifted. nil says that the medium has acknowledged it. It may be
	// called as often as wanted; ErrNotFound when there is no object. Delete goes on
	// to hide the object, and Commit to replace it: the bytes that were locked stay.
	Lock(ctx context.Context, key string, until time.Time) error
}

// Locks is the place of a Locker, empty for any other store.
func Locks(s Store) string {
	if l, ok := s.(Locker); ok {
		return l.Locks()
	}
	return ""
}

// Lock locks an object, or gives errors.ErrUnsupported.
func Lock(ctx context.Context, s Store, key string, until time.Time) error {
	if l, ok := s.(Locker); ok {
		return l.Lock(ctx, key, until)
	}
	return errors.ErrUnsupported
}
