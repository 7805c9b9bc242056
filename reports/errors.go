package reports

import (
	"errors"
	"strings"
)

// Errors of the life of a report. They are stable: callers map them to answers.
var (
	// ErrNotFound says there is no such report, or none the caller may see.
	ErrNotFound = errors.New("reports: not found")
	// ErrStale says that the draft was saved by somebody else meanwhile.
	ErrStale = errors.New("reports: the draft has a newer revision")
	// ErrTooLong says that a section passes MaxText.
	ErrTooLong = errors.New("reports: a section is too long")
	// ErrLanguage says that reports are not written in that language here.
	ErrLanguage = errors.New("reports: language must be ja or en")
	// ErrNoImages says that a study has no image a report could be of.
	ErrNoImages = errors.New("reports: the study has no readable object of the hospital")
	// ErrLicense says that only a named, licensed reader signs what counts.
	ErrLicense = errors.New("reports: the reader has no licence number in the directory")
	// ErrMarks says that what stands beside the text passes its limits.
	ErrMarks = errors.New("reports: marks of a draft out of bounds")
	// ErrAnnotations says that marks or key images pass their limits or mean nothing.
	ErrAnnotations = errors.New("reports: annotations")
	// ErrCorrupt says that a stored report is not what was signed.
	ErrCorrupt = errors.New("reports: content does not match its hash")
)

// errChanged says that the study moved while its report was being written.
var errChanged = errors.New("reports: the study changed meanwhile")

// IncompleteError refuses a signature: what a report must have is not there.
type IncompleteError struct {
	Missing []string // "findings", "impression", "addendum"
	Blanks  []string // sections with an unfilled blank of their template
	Unseen  []string // engines whose text the reader has not said to have read
}

func (e *IncompleteError) Error() string {
	return "reports: not complete: missing [" + strings.Join(e.Missing, " ") + "] blanks in [" + strings.Join(e.Blanks, " ") +
		"] unseen text of [" + strings.Join(e.Unseen, " ") + "]"
}
