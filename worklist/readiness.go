package worklist

import (
	"context"
	"fmt"

	"github.com/dokuei/dokuei/storage/db"
)

// SetReadiness writes the Input Readiness State of a study's open item:
// INCOMPLETE while late images arrive, READY when they have. The event that
// goes out tells the reader, and the holder most of all. It returns the item
// and whether anything changed; a study without an open item changes nothing.
func SetReadiness(ctx context.Context, tx db.Tx, studyID string, r Readiness) (*Workitem, bool, error) {
	w, err := OpenOfStudy(ctx, tx, studyID)
	if err != nil || w == nil || w.Readiness == r {
		return w, false, err
	}
	res, err := tx.ExecContext(ctx, `UPDATE workitems SET readiness = $1, version = version + 1 WHERE id = $2 AND version = $3`, r, w.ID, w.Version)
	if err := changedOne(res, err); err != nil {
		return w, false, fmt.Errorf("worklist: readiness: %w", err)
	}
	w.Readiness, w.Version = r, w.Version+1
	event := EventReady
	if r == Incomplete {
		event = EventIncomplete
	}
	return w, true, record(ctx, tx, *w, event, ActorRouter, "")
}
