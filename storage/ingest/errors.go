package ingest

import (
	"context"
	"errors"
	"fmt"

	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
)

// ErrNoSpace is wrapped by the errors of a store or database without room.
var ErrNoSpace = object.ErrNoSpace

// MismatchError: the data set is not the object that the command announced.
type MismatchError struct{ Tag tag.Tag }

func (e *MismatchError) Error() string {
	return fmt.Sprintf("ingest: %s of the data set is not that of the command", e.Tag)
}

// ElementError: an element that identifies the object is missing or malformed.
// The value is not repeated: it may belong to a patient.
type ElementError struct {
	Tag    tag.Tag
	Reason string
}

func (e *ElementError) Error() string {
	return fmt.Sprintf("ingest: %s %s", e.Tag, e.Reason)
}

// Statuses of C-STORE-RSP (PS3.4 table B.2-1; PS3.7 annex C).
const (
	StatusSuccess          uint16 = 0x0000
	StatusOutOfResources   uint16 = 0xA700
	StatusMismatch         uint16 = 0xA900
	StatusCannotUnderstand uint16 = 0xC000
)

// Status is the C-STORE status for an error of Store. What is not the fault of
// the object is Out of Resources: the sender keeps it and tries again.
func Status(err error) uint16 {
	var mismatch *MismatchError
	var element *ElementError
	var format *stream.FormatError
	switch {
	case err == nil:
		return StatusSuccess
	case errors.As(err, &mismatch):
		return StatusMismatch
	case errors.As(err, &element), errors.As(err, &format):
		return StatusCannotUnderstand
	}
	return StatusOutOfResources
}

// spaceError makes a full database recognisable as ErrNoSpace.
func spaceError(err error) error {
	if errors.Is(err, db.ErrFull) {
		return fmt.Errorf("%w: %w", ErrNoSpace, err)
	}
	return err
}

// Reason is a short word for an error of Store, for metrics and logs.
func Reason(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrNoSpace):
		return "no-space"
	case errors.Is(err, db.ErrSilent):
		return "database-silent"
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return "cancelled"
	}
	switch Status(err) {
	case StatusMismatch:
		return "mismatch"
	case StatusCannotUnderstand:
		return "malformed"
	}
	return "storage"
}
