package main

import (
	"context"
	"log/slog"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/router/commit"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/performed"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/order"
)

// normalized are the SOP classes of the normalized services we provide.
func (a *app) normalized() map[string]service.Normalized {
	if a.readOnly {
		return nil // they all change something
	}
	return map[string]service.Normalized{
		// Hospitals ask us, and destinations report to us what we asked them.
		uid.StorageCommitmentPush: {PeerSCP: true, Serve: func(ctx context.Context, r service.NormalizedRequest) service.NormalizedResponse {
			if r.Command == dimse.FieldNEventReportRQ {
				return a.asker.Reported(ctx, r)
			}
			return a.committer.Serve(ctx, r)
		}},

		uid.ModalityPerformedProcedureStep: {Serve: a.performed.Serve},
		performed.RetrieveClass:            {Serve: a.performed.Serve},

		uid.UPSPush:  {Serve: a.steps.Serve},
		uid.UPSPull:  {Serve: a.steps.Serve},
		uid.UPSWatch: {Serve: a.steps.Serve},
	}
}

// worklists are the classes of C-FIND without levels we provide.
func (a *app) worklists() map[string]service.WorklistFinder {
	orders := &order.Worklist{DB: a.db, Log: a.log}
	return map[string]service.WorklistFinder{
		uid.ModalityWorklistFind: orders.Find,
		uid.UPSPull:              a.steps.Find, uid.UPSWatch: a.steps.Find, uid.UPSQuery: a.steps.Find,
	}
}

// facilityOf is the hospital of an association.
func facilityOf(peer any) (string, bool) {
	f, ok := peer.(worklist.Facility)
	return f.ID, ok
}

// newCommitter answers requests for storage commitment. The address of an AE is
// that of the hospital's destination with its title.
func newCommitter(d *db.DB, secure bcp195.Caller, i *ingest.Ingester, l *completeness.Ledger, log *slog.Logger) *commit.Committer {
	return commit.New(d, commit.Options{
		Check: i.Check, Facility: facilityOf, Declared: l.Wake, Log: log,
		Destination: func(ctx context.Context, facilityID, aeTitle string) (service.Destination, bool, error) {
			return destinationOf(ctx, d, secure, facilityID, aeTitle)
		},
	})
}
