package objecttest

import (
	"cmp"
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/fsobject"
)

// lockable: whether a store can lock is said beforehand.
func lockable(t *testing.T, s object.Store) {
	ctx := t.Context()
	must(t, Put(ctx, s, "a/b", []byte("x")))
	err := object.Lock(ctx, s, "a/b", time.Now().Add(time.Hour))
	if none := object.Locks(s) == ""; none != errors.Is(err, errors.ErrUnsupported) || !none && err != nil {
		t.Errorf("locks at %q: %v", object.Locks(s), err)
	}
	want(t, s, "a/b", []byte("x"))
}

// RunLocks checks the promises of object.Locker. open gives an empty store that locks,
// and what tells the end of the lock of an object at its medium.
func RunLocks(t *testing.T, open func(t *testing.T) (s object.Store, ends func(key string) time.Time)) {
	s, ends := open(t)
	if object.Locks(s) == "" {
		t.Fatal("it locks nothing")
	}
	ctx, now := t.Context(), time.Now()
	must(t, Put(ctx, s, "a/b", []byte("x")))
	must(t, Put(ctx, s, "a/c", []byte("y")))
	other := ends("a/c")
	lock := func(until, least time.Time) {
		t.Helper()
		must(t, object.Lock(ctx, s, "a/b", until))
		if got := ends("a/b"); got.Before(least) || got.After(least.Add(time.Second)) {
			t.Errorf("locked until %v, want %v", got, least)
		}
	}
	long, longer := now.AddDate(20, 0, 0), now.AddDate(21, 0, 0)
	lock(long, long)
	lock(long, long)
	lock(longer, longer)
	lock(now.Add(time.Hour), longer)  // never shorter
	lock(now.Add(-time.Hour), longer) // nothing that is over
	if got := ends("a/c"); !got.Equal(other) {
		t.Errorf("another object is locked until %v instead of %v", got, other)
	}
	want(t, s, "a/b", []byte("x"))
	if err := object.Lock(ctx, s, "nowhere", long); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("no object: %v", err)
	}
	if err := object.Lock(ctx, s, "../a", long); !errors.Is(err, object.ErrKey) {
		t.Errorf("no key: %v", err)
	}
	gone, cancel := context.WithCancel(ctx)
	cancel()
	if err := object.Lock(gone, s, "a/c", long); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	must(t, s.Delete(ctx, "a/b"))
	if err := object.Lock(ctx, s, "a/b", long); !errors.Is(err, object.ErrNotFound) {
		t.Errorf("deleted: %v", err)
	}
}

// Locking is a Store with locks that are only remembered.
type Locking struct {
	object.Store
	Place string                 // memory
	Fail  func(key string) error // nil: never

	mu   sync.Mutex
	ends map[string]time.Time
}

var _ object.Locker = (*Locking)(nil)

// Locks implements object.Locker.
func (l *Locking) Locks() string { return cmp.Or(l.Place, "memory") }

// Lock implements object.Locker.
func (l *Locking) Lock(ctx context.Context, key string, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if l.Fail != nil {
		if err := l.Fail(key); err != nil {
			return err
		}
	}
	if _, err := l.Stat(ctx, key); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.ends == nil {
		l.ends = map[string]time.Time{}
	}
	if until.After(l.ends[key]) {
		l.ends[key] = until
	}
	return nil
}

// Delete implements object.Store.
func (l *Locking) Delete(ctx context.Context, key string) error {
	l.mu.Lock()
	delete(l.ends, key)
	l.mu.Unlock()
	return l.Store.Delete(ctx, key)
}

// Ends is the end of the lock of an object, zero when it has none.
func (l *Locking) Ends(key string) time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.ends[key]
}

// Disk gives an empty store on a disk, for tests of what stands before one.
func Disk(t testing.TB) *fsobject.Store {
	t.Helper()
	s, err := fsobject.Open(t.TempDir(), fsobject.Options{Reserve: -1})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}
