package codec

import (
	"errors"
	"fmt"
)

// Kinds of failure, for errors.Is.
var (
	ErrTruncated   = errors.New("stream is truncated")
	ErrCorrupt     = errors.New("stream is corrupt")
	ErrMismatch    = errors.New("stream disagrees with the data set")
	ErrLimit       = errors.New("stream exceeds a limit")
	ErrUnsupported = errors.New("process is not supported")
)

// Error says where in the stream of one frame decoding failed and why. It never
// carries sample values or header text, so it may be logged.
type Error struct {
	Offset int64  // bytes from the start of the frame's stream
	Reason string // for people
	Kind   error  // one of the Err values above
}

func (e *Error) Error() string {
	return fmt.Sprintf("codec: at byte %d: %v: %s", e.Offset, e.Kind, e.Reason)
}

// Unwrap gives the kind.
func (e *Error) Unwrap() error { return e.Kind }

// Errorf makes an *Error; codecs use it.
func Errorf(kind error, offset int64, format string, args ...any) *Error {
	return &Error{Offset: offset, Reason: fmt.Sprintf(format, args...), Kind: kind}
}
