package ingest_test

import (
	"fmt"
	"io"

	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object"
)

// The status that the sender of an instance is given (PS3.4 table B.2-1).
func ExampleStatus() {
	for _, err := range []error{nil, fmt.Errorf("disk: %w", object.ErrNoSpace), &ingest.MismatchError{}, &ingest.ElementError{}, io.ErrClosedPipe} {
		fmt.Printf("%04X %s\n", ingest.Status(err), ingest.Reason(err))
	}
	// Output:
	// 0000 ok
	// A700 no-space
	// A900 mismatch
	// C000 malformed
	// A700 storage
}
