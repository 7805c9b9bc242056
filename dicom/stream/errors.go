package stream

import (
	"errors"
	"io"
	"strconv"
)

// ErrLimit is wrapped by a FormatError that says which of Limits was passed.
var ErrLimit = errors.New("limit passed")

// ErrNotDICOM is wrapped by a FormatError when the bytes are no DICOM file at all.
var ErrNotDICOM = errors.New("not a DICOM file")

// FormatError says where a data set stopped making sense. It names offsets and tags
// and never holds a value, so it may be logged.
type FormatError struct {
	Offset int64  // in the stream the Scanner was given; after inflation when deflated
	Path   string // "(0040,A730)[2].(0008,0104)"; empty at the top level
	Reason string
	Err    error // ErrLimit, ErrNotDICOM, io.ErrUnexpectedEOF or nil
}

func (e *FormatError) Error() string {
	s := "dicom: offset " + strconv.FormatInt(e.Offset, 10)
	if e.Path != "" {
		s += " at " + e.Path
	}
	return s + ": " + e.Reason
}

func (e *FormatError) Unwrap() error { return e.Err }

// Truncated reports whether err says that the bytes ended too early.
func Truncated(err error) bool { return errors.Is(err, io.ErrUnexpectedEOF) }
