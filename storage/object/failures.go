package object

import (
	"context"
	"errors"
)

// failedMost is how many objects one after another cannot be read before it is their
// store that fails.
const failedMost = 10

// Failures tells an object that a store cannot give (a bad sector under a bucket) from a
// store that is away, for work that reads one object after another and is to come to its
// end. It belongs to one goroutine.
type Failures struct {
	Store Store
	row   int // objects that could not be read, one after another
}

// Own reports whether err, which reading the object under key ended with, is about this
// object alone: it is missing or damaged, or the store goes on to answer for it. It is to
// be told of every object that is read, with nil when all went well.
func (f *Failures) Own(ctx context.Context, key string, err error) bool {
	if err == nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrDamaged) {
		f.row = 0
		return err != nil
	}
	if ctx.Err() != nil {
		return false
	}
	var away *UnavailableError
	if errors.As(err, &away) {
		if _, err := f.Store.Stat(ctx, key); err != nil {
			return false
		}
	}
	if f.row++; f.row > failedMost {
		f.row = 0
		return false
	}
	return true
}
