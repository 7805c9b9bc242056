package main

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/worklist"
)

// reception joins the DICOM receiver to ingest: who may call, and as whom.
type reception struct {
	db      *db.DB
	ingest  *ingest.Ingester
	ae      string // our AE title
	unknown string // facility that unknown calling AE titles count as, "" refuses them
	metrics *metrics
	log     *slog.Logger
	pace    pace

	readOnly bool // images are refused: the sender keeps them until the main service is back
}

// policy finds the hospital, or the reader, of a calling AE title. Who is refused is
// logged and counted with the reason.
func (r *reception) policy(ctx context.Context, rq ul.Request) ul.Decision {
	log := r.log.With("calling", ul.SafeAE(rq.CallingAE), "called", ul.SafeAE(rq.CalledAE), "from", rq.RemoteAddr.String())
	deny := func(with ul.Rejection, reason, text string, more ...any) ul.Decision {
		r.metrics.denied.WithLabelValues(reason).Inc()
		log.WarnContext(ctx, "association refused: "+text, more...)
		return ul.Decision{Reject: with}
	}
	if rq.CalledAE != r.ae {
		return deny(ul.RejectCalledAE, "called", "not our AE title")
	}
	f, ok, err := worklist.FacilityByAE(ctx, r.db.Read(ctx), rq.CallingAE)
	if err == nil && !ok {
		w, reader, werr := worklist.WorkstationByAE(ctx, r.db.Read(ctx), rq.CallingAE)
		if err = werr; err == nil && reader {
			switch {
			case !w.Admits(bcp195.PeerFingerprint(rq.TLS)):
				return deny(ul.RejectCallingAE, "certificate", "this reader's workstation must show one of its certificates", "reader", w.Reader, "shown", shown(rq.TLS))
			case len(w.Certificates) == 0 && vouched(rq.TLS):
				return deny(ul.RejectCallingAE, "nameless", "the certificate does not say that it is this reader's: enter its fingerprint under certificates in the site file", "reader", w.Reader, "shown", shown(rq.TLS))
			}
			return ul.Decision{Accept: true, Peer: w, Holder: "reader " + w.Reader}
		}
	}
	if err == nil && !ok && r.unknown != "" {
		f, err = worklist.FacilityByID(ctx, r.db.Read(ctx), r.unknown)
		ok = err == nil
	}
	if err != nil {
		return deny(ul.RejectCongestion, "directory", "the directory cannot be read", "error", err)
	}
	if !ok {
		return deny(ul.RejectCallingAE, "unknown", "unknown calling AE title; register it with `dokuei apply` or see --unknown-ae")
	}
	switch named := vouchedFacility(rq.TLS); {
	case named != "" && named != f.ID:
		return deny(ul.RejectCallingAE, "certificate", "the certificate is of another hospital", "facility", f.ID, "certificate_of", named)
	case named == "" && !f.Admits(bcp195.PeerFingerprint(rq.TLS)):
		return deny(ul.RejectCallingAE, "certificate", "this hospital's callers must show one of its certificates", "facility", f.ID, "shown", shown(rq.TLS))
	case named == "" && len(f.Certificates) == 0 && vouched(rq.TLS):
		return deny(ul.RejectCallingAE, "nameless", "the certificate names no hospital: make one with `dokuei ca hospital`, or enter its fingerprint under certificates in the site file", "facility", f.ID, "shown", shown(rq.TLS))
	}
	if !f.AdmitsFrom(host(rq.RemoteAddr)) {
		return deny(ul.RejectCallingAE, "address", "this hospital's callers come from other addresses; see addresses in the site file", "facility", f.ID)
	}
	log.DebugContext(ctx, "association accepted", "facility", f.ID)
	return ul.Decision{Accept: true, Peer: f, Holder: f.ID}
}

// store takes one instance in and gives what makes it durable. Success is a promise
// to the modality.
func (r *reception) store(ctx context.Context, rq service.StoreRequest) (rest func(context.Context) dimse.Status, known dimse.Status) {
	f, ok := rq.Peer.(worklist.Facility)
	if !ok {
		return nil, dimse.NotAuthorized // a reader's workstation sends nothing
	}
	if r.readOnly {
		r.metrics.refused.WithLabelValues("read-only").Inc()
		return nil, dimse.OutOfResources
	}
	return r.take(ctx, f, rq.Association.CallingAE, rq)
}

// fetched takes in what an archive of a hospital sends on an association of ours.
func (r *reception) fetched(ctx context.Context, facilityID, archive string, rq service.StoreRequest) dimse.Status {
	f, err := worklist.FacilityByID(ctx, r.db.Read(ctx), facilityID)
	if err != nil || r.readOnly {
		return dimse.OutOfResources
	}
	rest, known := r.take(ctx, f, archive, rq)
	if rest == nil {
		return known
	}
	return rest(ctx)
}

// take takes in an instance of a hospital from one of its machines.
func (r *reception) take(ctx context.Context, f worklist.Facility, calling string, rq service.StoreRequest) (rest func(context.Context) dimse.Status, known dimse.Status) {
	begun := time.Now()
	received, err := r.ingest.Receive(ctx, ingest.Source{
		FacilityID: f.ID, CallingAE: calling, CalledAE: r.ae,
		RemoteAddr: host(rq.Association.RemoteAddr), Quiet: f.Quiet,
	}, ingest.Meta{SOPClassUID: rq.SOPClassUID, SOPInstanceUID: rq.SOPInstanceUID, TransferSyntaxUID: rq.TransferSyntaxUID}, rq.Data)
	if err != nil {
		return nil, r.refused(ctx, f, calling, err)
	}
	return func(ctx context.Context) dimse.Status {
		result, err := received.Settle(ctx)
		if err != nil {
			return r.refused(ctx, f, calling, err)
		}
		r.stored(ctx, f, result, begun)
		return dimse.Success
	}, 0
}

func (r *reception) refused(ctx context.Context, f worklist.Facility, calling string, err error) dimse.Status {
	r.metrics.refused.WithLabelValues(ingest.Reason(err)).Inc()
	r.log.WarnContext(ctx, "instance refused", "facility", f.ID, "calling", ul.SafeAE(calling), "reason", ingest.Reason(err), "error", err)
	return dimse.Status(ingest.Status(err))
}

func (r *reception) stored(ctx context.Context, f worklist.Facility, result ingest.Result, begun time.Time) {
	now := time.Now()
	r.pace.stored(now)
	r.metrics.stored.Observe(now.Sub(begun).Seconds())
	switch {
	case result.Conflict:
		r.metrics.conflicts.Inc()
		r.log.WarnContext(ctx, "same SOP Instance UID with other content, kept beside", "facility", f.ID, "instance", result.InstanceID)
	case result.Duplicate:
		r.metrics.duplicates.Inc()
	}
}

// shown names the certificate of a caller, as an operator enters it in the site
// file.
func shown(s *tls.ConnectionState) string {
	switch f := bcp195.PeerFingerprint(s); {
	case s == nil:
		return "no TLS"
	case f == "":
		return "no certificate"
	default:
		return f
	}
}

func host(a net.Addr) string {
	h, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return h
}
