package order

import (
	"context"
	"errors"
	"log/slog"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/matching"
)

// Worklist answers C-FIND of the Modality Worklist. It is safe for concurrent use.
type Worklist struct {
	DB  *db.DB
	Log *slog.Logger // nil: discarded
}

// start is asked for by date and time together, PS3.4 Table K.6-1.
var start = matching.Moment{Date: tag.ScheduledProcedureStepStartDate, Time: tag.ScheduledProcedureStepStartTime}

// Find is a service.WorklistFinder. The orders are those of the hospital of the
// association that wait.
func (w *Worklist) Find(ctx context.Context, q service.WorklistQuery, match func(*dataset.Dataset) error) error {
	f, ok := q.Peer.(worklist.Facility)
	if !ok || f.ID == "" {
		return &service.Refusal{Status: dimse.NotAuthorized, Comment: "not a registered hospital"}
	}
	m, err := matching.Compile(q.Identifier, Attributes(), start)
	var key *matching.KeyError
	if errors.As(err, &key) {
		return &service.Refusal{Status: dimse.DataSetMismatchesSOPClass, Comment: key.Tag.String() + " " + key.Reason}
	}
	if err != nil {
		return err
	}
	read, scope := w.DB.Read(ctx), identity.Scope{FacilityID: f.ID}
	var asked Filter
	if items := q.Identifier.Items(tag.ScheduledProcedureStepSequence); len(items) > 0 {
		asked.From, asked.To = matching.Days(items[0].Strings(start.Date))
	}
	for {
		page, err := List(ctx, read, scope, asked)
		if err != nil {
			return w.unable(ctx, f.ID, err)
		}
		for _, o := range page.Items {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			d := attributes(o)
			if !m.Match(d) {
				continue
			}
			if err := match(matching.Project(q.Identifier, d)); err != nil {
				return err
			}
		}
		if asked.Cursor = page.Next; page.Next == "" {
			return nil
		}
	}
}

// unable tells the modality that the fault is ours, PS3.4 Table K.4-1.
func (w *Worklist) unable(ctx context.Context, facilityID string, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if w.Log != nil {
		w.Log.ErrorContext(ctx, "modality worklist: orders cannot be read", "facility", facilityID, "error", err)
	}
	return &service.Refusal{Status: dimse.UnableToProcess, Comment: "the orders cannot be read now"}
}
