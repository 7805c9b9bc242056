package commit

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
)

// verify gives every item its reason and writes them down.
func (c *Committer) verify(ctx context.Context, r request, items []commitment.Item) error {
	studies := map[string]int{}
	failed := 0
	for n := range items {
		i := &items[n]
		if i.Reason = commitment.DuplicateTransaction; !r.Duplicate {
			h, known, err := c.opts.Check(ctx, r.FacilityID, i.SOPInstanceUID)
			if err != nil {
				return fmt.Errorf("commit: check of an instance: %w", err)
			}
			if i.Reason = judge(*i, h, known); known {
				studies[h.StudyID]++
			}
		}
		if i.Reason != commitment.Committed {
			failed++
		}
	}
	if len(studies) == 1 {
		for id := range studies {
			studies[id] = len(items)
		}
	}
	whole := false
	err := c.db.Write(ctx, func(ctx context.Context, tx db.Tx) error {
		whole = false
		if err := settle(ctx, tx, r.ID, items); err != nil {
			return err
		}
		for _, id := range slices.Sorted(maps.Keys(studies)) {
			release, err := catalog.Declare(ctx, tx, id, studies[id], db.Now())
			if err != nil {
				return err
			}
			whole = whole || release
		}
		outcome := audit.Success
		if failed > 0 {
			outcome = audit.Failure
		}
		return audit.Append(ctx, tx, audit.Record{
			Actor: "ae:" + r.AETitle, Action: "commitment.verified", Object: r.ID, FacilityID: r.FacilityID, Outcome: outcome,
			Detail: fmt.Sprintf("transaction %s, %d instances, %d not committed", r.TransactionUID, len(items), failed),
		})
	})
	if err == nil && whole {
		c.opts.Declared()
	}
	return err
}

// judge is the Failure Reason of what was found, PS3.3 C.14.1.1.
func judge(i commitment.Item, h ingest.Held, known bool) commitment.Reason {
	switch {
	case !known && !uid.IsStorage(i.SOPClassUID):
		return commitment.ClassNotSupported
	case !known:
		return commitment.NoSuchObject
	case h.SOPClassUID != i.SOPClassUID:
		return commitment.ClassInstanceConflict
	case !h.Intact:
		return commitment.ProcessingFailure
	}
	return commitment.Committed
}
