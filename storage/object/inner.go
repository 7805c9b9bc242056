package object

import (
	"errors"
	"io"
)

// Free is the room of a store that can tell, else errors.ErrUnsupported.
func Free(s Store) (int64, error) {
	f, ok := s.(interface{ Free() (int64, error) })
	if !ok {
		return 0, errors.ErrUnsupported
	}
	return f.Free()
}

// Close closes a store that can be closed.
func Close(s Store) error {
	if c, ok := s.(io.Closer); ok {
		return c.Close()
	}
	return nil
}
