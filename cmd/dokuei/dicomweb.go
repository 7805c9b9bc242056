package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/dokuei/dokuei/storage/audit"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/viewer/dicomweb"
	"github.com/dokuei/dokuei/worklist"
)

// dicomWeb wires DICOMweb. What comes by STOW-RS is received like what comes by
// C-STORE: it counts for the pace of receiving, and the hospital's quiet time holds.
func (a *app) dicomWeb(p *pace, aeTitle string) *dicomweb.Server {
	return &dicomweb.Server{
		DB: a.db, Objects: a.objects, Pictures: a.preview, Log: a.log, Steps: a.steps, AETitle: aeTitle,
		Store: func(ctx context.Context, facilityID, client string, m ingest.Meta, r io.Reader) (ingest.Result, error) {
			f, err := worklist.FacilityByID(ctx, a.db.Read(ctx), facilityID)
			if err != nil {
				return ingest.Result{}, err
			}
			done, err := a.ingest.Store(ctx, ingest.Source{FacilityID: f.ID, CallingAE: client, Quiet: f.Quiet}, m, r)
			if err == nil {
				p.stored(time.Now())
			}
			return done, err
		},
		Exported: func(ctx context.Context, who identity.Principal, list []catalog.Instance) {
			a.onRecord(ctx, audit.Record{
				Actor: who.UserID, Action: "instance.exported", Object: list[0].ID, FacilityID: list[0].FacilityID,
				Detail: fmt.Sprintf("dicomweb study=%s instances=%d", list[0].StudyID, len(list)),
			})
		},
		Searched: func(ctx context.Context, who identity.Principal) {
			a.onRecord(ctx, audit.Record{Actor: who.UserID, Action: "study.queried", FacilityID: who.FacilityID, Detail: "QIDO-RS"})
		},
	}
}

// onRecord writes into the audit trail what was done already: that it cannot be written
// undoes nothing.
func (a *app) onRecord(ctx context.Context, r audit.Record) {
	err := a.db.Write(ctx, func(ctx context.Context, tx db.Tx) error { return audit.Append(ctx, tx, r) })
	if err != nil && ctx.Err() == nil {
		a.log.ErrorContext(ctx, "audit record not written", "action", r.Action, "error", err)
	}
}
