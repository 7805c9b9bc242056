package service

import (
	"context"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
)

// Moved is how far a C-MOVE or a C-GET has come: the numbers of sub-operations, PS3.4 C.4.2.1.6
// to C.4.2.1.9.
type Moved struct {
	Remaining, Completed, Warning, Failed int

	// Of the final response only.
	Status  dimse.Status
	Comment string   // Error Comment (0000,0902)
	NotSent []string // Failed SOP Instance UID List (0008,0058)
}

// Kept is how many instances the destination, for a C-GET we ourselves, has taken.
func (m Moved) Kept() int { return m.Completed + m.Warning }

// Move asks for a C-MOVE, PS3.7 9.1.4, of the class of a presentation context, to an
// AE that the peer knows, and waits for the final response. progress, if any, is
// called for every pending response; when it gives false the C-MOVE is canceled
// (C-CANCEL, PS3.7 9.3.4.3), and the peer's final response tells what it had sent by
// then. When ctx ends the association is aborted. A status other than success is not
// an error.
func (c *Client) Move(ctx context.Context, abstract, destination string, identifier *dataset.Dataset, progress func(Moved) bool) (Moved, error) {
	r := &retrieving{client: c, progress: progress}
	return r.run(ctx, abstract, identifier, &dimse.CMoveRQ{AffectedSOPClassUID: abstract, MessageID: c.next(), MoveDestination: destination})
}

// count takes over the numbers that a response has. Remaining is zero where it is
// absent, as it is from a final response to a C-MOVE that was not canceled.
func (m *Moved) count(s dimse.SubOperations) {
	m.Remaining = 0
	for _, n := range []struct {
		to   *int
		from *uint16
	}{{&m.Remaining, s.Remaining}, {&m.Completed, s.Completed}, {&m.Warning, s.Warning}, {&m.Failed, s.Failed}} {
		if n.from != nil {
			*n.to = int(*n.from)
		}
	}
}
