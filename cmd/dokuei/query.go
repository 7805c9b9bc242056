package main

import (
	"context"
	"log/slog"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/deident"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/storage/archive"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/worklist"
)

// newArchive answers queries and retrievals: a hospital is shown its own studies, a
// reader what the pages show them.
func newArchive(d *db.DB, objects object.Store, log *slog.Logger) *archive.Archive {
	return &archive.Archive{
		DB: d, Objects: objects, Log: log,
		Asker: func(ctx context.Context, peer any) (archive.Asker, bool, error) { return askerOf(ctx, d, peer) },
		Disguise: func(ctx context.Context, scope identity.Scope, facilityID, studyID string) (*deident.Profile, error) {
			return dicomweb.Disguise(ctx, d.Read(ctx), scope, facilityID, studyID)
		},
	}
}

// askerOf is whom a peer asks for.
func askerOf(ctx context.Context, d *db.DB, peer any) (archive.Asker, bool, error) {
	switch p := peer.(type) {
	case worklist.Facility:
		return archive.Asker{Facility: p.ID, Scope: identity.Scope{FacilityID: p.ID}}, p.ID != "", nil
	case worklist.Workstation:
		who, err := p.Principal(ctx, d.Read(ctx))
		return archive.Asker{
			Scope: who.Scope().WithPriors(db.Now()),
			Blind: func(ctx context.Context, studyID string) (bool, error) {
				return reports.Blind(ctx, d.Read(ctx), who, studyID)
			},
		}, true, err
	}
	return archive.Asker{}, false, nil
}

// destinationsOf resolves the destination of a C-MOVE: those of the hospital or the
// workstations of the reader that asks, and no others.
func destinationsOf(d *db.DB, secure bcp195.Caller) service.Destinations {
	return func(ctx context.Context, q service.Query, ae string) (service.Destination, bool, error) {
		switch p := q.Peer.(type) {
		case worklist.Facility:
			return destinationOf(ctx, d, secure, p.ID, ae)
		case worklist.Workstation:
			at, ok := p.Listens[ae]
			if !ok {
				return service.Destination{}, false, nil
			}
			// As it called, so it is called.
			var tls string
			if q.Association.TLS != nil {
				tls = bcp195.ByAuthority
			}
			cfg, err := secure.Config(tls)
			return service.Destination{AETitle: ae, Address: at, TLS: cfg}, err == nil, err
		}
		return service.Destination{}, false, nil
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
