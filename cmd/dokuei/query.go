package main

import (
	"context"
	"log/slog"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/storage/archive"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/worklist"
)

// newArchive answers queries and retrievals: a hospital is shown its own studies.
func newArchive(d *db.DB, objects object.Store, log *slog.Logger) *archive.Archive {
	return &archive.Archive{DB: d, Objects: objects, Log: log, Facility: func(peer any) (string, bool) {
		f, ok := peer.(worklist.Facility)
		return f.ID, ok
	}}
}

// destinationsOf resolves the destination of a C-MOVE: those of the hospital that
// asks, and no others.
func destinationsOf(d *db.DB, secure bcp195.Caller) service.Destinations {
	return func(ctx context.Context, q service.Query, ae string) (service.Destination, bool, error) {
		f, ok := q.Peer.(worklist.Facility)
		if !ok {
			return service.Destination{}, false, nil
		}
		return destinationOf(ctx, d, secure, f.ID, ae)
	}
}

// destinationOf finds a hospital's destination by its AE title.
func destinationOf(ctx context.Context, d *db.DB, secure bcp195.Caller, facilityID, ae string) (service.Destination, bool, error) {
	list, err := worklist.DestinationsOf(ctx, d.Read(ctx), facilityID)
	if err != nil {
		return service.Destination{}, false, err
	}
	for _, to := range list {
		if to.AETitle == ae {
			cfg, err := secure.Config(to.TLS)
			return service.Destination{AETitle: to.AETitle, Address: to.Address(), TLS: cfg}, err == nil, err
		}
	}
	return service.Destination{}, false, nil
}
