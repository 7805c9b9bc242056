package object

import (
	"context"
	"errors"
	"io"
	"os"
	"time"
)

var (
	// ErrNotFound: there is no object under the key.
	ErrNotFound = errors.New("object: not found")
	// ErrNoSpace: the store is full, or so full that its reserve would be touched.
	ErrNoSpace = errors.New("object: no space left")
	// ErrDamaged: the store knows that the bytes it holds are not those committed, or its
	// medium cannot read them.
	ErrDamaged = errors.New("object: damaged")
	// ErrFinished: the Pending was committed or aborted before.
	ErrFinished = errors.New("object: already committed or aborted")
	// ErrTooLarge: the object has more bytes than the store takes.
	ErrTooLarge = errors.New("object: too large for the store")
)

// UnavailableError: the store cannot be reached, or says that it cannot answer now. The
// same call may succeed later; package retried makes it again.
type UnavailableError struct {
	Err error
	// Further says that the call got further than the one before it, and will go on
	// there.
	Further bool
	// Limited says that the store answers, and has been asked more than it wants to be.
	Limited bool
}

func (e *UnavailableError) Error() string { return e.Err.Error() }

// Unwrap gives the cause.
func (e *UnavailableError) Unwrap() error { return e.Err }

// Store keeps objects.
type Store interface {
	// Create begins an object. Nothing is visible under any key until Commit; what
	// a crash leaves behind is removed when the store is next opened.
	// ErrNoSpace when the store has no room.
	Create(ctx context.Context) (Pending, error)

	// Open gives the object for reading at any offset, or ErrNotFound. An object
	// being read stays readable after it is deleted, or, beyond its first MiB in a
	// store that is not on this machine, gives ErrNotFound; never other bytes.
	Open(ctx context.Context, key string) (Object, error)

	// Stat describes the object without reading it, or ErrNotFound.
	Stat(ctx context.Context, key string) (Info, error)

	// List calls fn for every object whose key begins with prefix and sorts after
	// the key after, in ascending order of bytes. It stops at fn's first error and
	// returns it. Objects committed or deleted meanwhile may or may not appear.
	List(ctx context.Context, prefix, after string, fn func(Info) error) error

	// Delete removes the object durably. ErrNotFound when there is none.
	Delete(ctx context.Context, key string) error
}

// Pending is an object being written.
type Pending interface {
	io.Writer
	// ReadAt reads back what has been written.
	io.ReaderAt
	// Sum is the SHA-256 of the bytes written so far.
	Sum() [32]byte
	// Size is the number of bytes written so far.
	Size() int64
	// Replace, before Commit, says that what is under the key is known not to be whole:
	// Commit replaces it and keeps it in no case.
	Replace()
	// Commit makes the object visible under key. When it returns nil the bytes and
	// the name survive a power cut. It is idempotent: an object already there
	// under the key is replaced as a whole or kept, never mixed, so keys must name
	// content. After an error, or a power cut before it returned, the object may be
	// visible all the same: whole, or, in a store that says so, torn until the next
	// Commit under the key replaces it. Write and ReadAt give ErrFinished from now
	// on, whatever the outcome. After an UnavailableError, and no other, Commit may
	// be called again with the same key.
	Commit(ctx context.Context, key string) error
	// Abort drops an object that was not committed, and frees its spool also after
	// a Commit that failed. After a successful Commit it does nothing.
	Abort() error
}

// Object is an open object.
type Object interface {
	io.ReaderAt
	io.Closer
	Size() int64
}

// Seeker gives the bytes of an object from the first on: the file itself when it is
// one of this machine, which the kernel can send without a copy.
func Seeker(o Object) io.ReadSeeker {
	if f, ok := o.(interface{ OSFile() *os.File }); ok {
		return f.OSFile()
	}
	return io.NewSectionReader(o, 0, o.Size())
}

// Info describes an object.
type Info struct {
	Key      string
	Size     int64
	Modified time.Time // when it was committed last
}
