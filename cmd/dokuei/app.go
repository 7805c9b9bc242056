package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/dokuei/dokuei/dicom/bcp195"
	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/internal/mllp"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/reports/archive"
	"github.com/dokuei/dokuei/reports/assist"
	"github.com/dokuei/dokuei/reports/dispatch"
	"github.com/dokuei/dokuei/reports/pdf"
	"github.com/dokuei/dokuei/reports/sr"
	"github.com/dokuei/dokuei/router/assign"
	"github.com/dokuei/dokuei/router/clock"
	"github.com/dokuei/dokuei/router/commit"
	"github.com/dokuei/dokuei/router/completeness"
	"github.com/dokuei/dokuei/router/deliver"
	"github.com/dokuei/dokuei/router/notify"
	"github.com/dokuei/dokuei/router/orders"
	"github.com/dokuei/dokuei/router/performed"
	"github.com/dokuei/dokuei/router/prior"
	"github.com/dokuei/dokuei/router/site"
	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/identity"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/storage/object/metered"
	"github.com/dokuei/dokuei/storage/pack"
	"github.com/dokuei/dokuei/storage/retention"
	"github.com/dokuei/dokuei/storage/scrub"
	"github.com/dokuei/dokuei/viewer/api"
	"github.com/dokuei/dokuei/viewer/bundle"
	"github.com/dokuei/dokuei/viewer/preview"
	"github.com/dokuei/dokuei/viewer/web"
	"github.com/dokuei/dokuei/worklist"
	"github.com/dokuei/dokuei/worklist/ups"
)

const (
	stopGrace  = 20 * time.Second // how long what has begun may finish after a stop
	sweepEvery = 6 * time.Hour    // orphans of crashes: it lists the whole store
	operations = 8                // C-STOREs of an association that are made durable at once
	// sweepAge is a day longer than a name lives: the same content that comes again on
	// the day that its key names takes the object that is there, with its old time.
	sweepAge = 48 * time.Hour
)

// addresses are where the service listens.
type addresses struct {
	DICOM    string // host:port; empty: no plain port
	DICOMTLS string // host:port; empty: no secure port
	HTTP     string // http://host:port, or https
	HL7      string // host:port; empty: no port for orders
	HL7TLS   string
}

// app is the service, wired.
type app struct {
	log        *slog.Logger
	db         *db.DB
	objects    images
	derived    *pack.Store
	readOnly   bool            // a copy is shown
	replica    images          // nil: none
	scrub      *scrub.Scrubber // nil: not wanted
	trash      *retention.Sweeper
	locker     *retention.Locker
	ingest     *ingest.Ingester
	ledger     *completeness.Ledger
	courier    *deliver.Courier
	committer  *commit.Committer
	notifier   *notify.Notifier
	forwarder  *notify.Notifier
	priors     *prior.Fetcher
	steps      *ups.Steps
	performed  *performed.Desk
	limits     *clock.Keeper
	dispatcher *dispatch.Dispatcher // reports to routes
	preview    *preview.Pipeline
	masks      *masks
	bundles    *bundle.Maker
	scp        *service.SCP
	caller     bcp195.Caller    // how destinations are called over TLS
	asker      commitment.Asker // for storage commitment by destinations
	api        *api.API
	dicom      net.Listener // nil: not wanted
	secure     net.Listener // the same over TLS; nil: not wanted
	http       net.Listener
	hl7        net.Listener // nil: not wanted
	hl7TLS     net.Listener // nil: not wanted
	orders     *orders.Door
	webTLS     *tls.Config  // nil: plain HTTP
	plain      net.Listener // sends on to HTTPS; nil: not wanted
	answer     http.Handler // on it
	proxies    []netip.Prefix
	expiries   *expiries
	trail      []func(context.Context) error // what is done for the audit trail
	profile    net.Listener                  // nil: not wanted
}

// newApp opens the stores and listeners. Nothing runs yet.
func newApp(ctx context.Context, c serveCmd, log *slog.Logger) (a *app, err error) {
	a = &app{log: log}
	defer func() {
		if err != nil {
			a.close()
		}
	}()
	var copyOf time.Time
	if c.Mirror != "" {
		if c.DB, a.objects, copyOf, err = c.openMirror(ctx, log); err != nil {
			return a, err
		}
	}
	if a.db, err = db.Open(ctx, c.dbURL(), log); err != nil {
		return a, err
	}
	var reserve int64
	if c.FreeSpace != nil {
		if reserve = int64(*c.FreeSpace); reserve == 0 {
			reserve = -1
		}
	}
	if a.objects == nil {
		if a.objects, err = c.openObjects(ctx, reserve, log, keptUntil(a.db)); err != nil {
			return a, err
		}
	}
	if a.readOnly = c.ReadOnly; a.readOnly && copyOf.IsZero() {
		if copyOf, err = lastEvent(ctx, a.db); err != nil {
			return a, err
		}
	}
	if a.derived, err = c.openPictures(ctx, reserve); err != nil {
		return a, err
	}
	unknown := ""
	if c.UnknownAE != "reject" {
		unknown = c.UnknownAE
		if err = ensureFacility(ctx, a.db, unknown, log); err != nil {
			return a, err
		}
	}

	if a.caller, err = c.caller(log); err != nil {
		return a, err
	}
	if a.trail, err = c.work(a.db, a.caller, log); err != nil {
		return a, err
	}
	m := newMetrics()
	m.MustRegister(storeCounters(a.objects)...)
	fresh := newest(a.objects)
	a.objects = metered.New(a.objects, m)
	r := &reception{db: a.db, readOnly: c.ReadOnly, ae: c.AETitle, unknown: unknown, metrics: m, log: log}
	m.MustRegister(newGauges(a.db, a.objects))
	busy := func() bool { return r.pace.fast(time.Now()) }
	a.masks = &masks{db: a.db}
	a.preview = preview.New(preview.Options{
		Objects: fresh, Derived: a.derived, Backlog: backlog{a.db}, Log: log, Metrics: m,
		Busy: busy, OnPlaceholder: unshown(a.db, log), Masks: a.masks.of,
	})
	if a.bundles, err = c.newBundles(a.preview, a.derived, busy, log); err != nil {
		return a, err
	}
	a.notifier = notify.New(a.db, notify.Options{AETitle: c.AETitle, Secure: a.caller, Log: log})
	a.limits = c.keeper(a.db, c.PublicURL, log)
	a.ledger = completeness.New(a.db, completeness.Options{Log: log, OnReleased: a.released, OnEarly: func(assign.Result) { a.limits.Wake(); a.priors.Wake() }})
	a.forwarder = notify.NewForwarder(a.db, notify.Options{AETitle: c.AETitle, Secure: a.caller, Log: log})
	a.priors = prior.New(a.db, prior.Options{AETitle: c.AETitle, Secure: a.caller, Log: log, Keep: r.fetched})
	a.performed = performed.New(a.db, performed.Options{Facility: facilityOf, Declared: a.ledger.Wake, Changed: notify.EnqueueStep, Told: a.forwarder.Wake, Log: log})
	a.asker.Called = true // reports come to our receiver, too
	a.dispatcher = &dispatch.Dispatcher{DB: a.db, Objects: a.objects, Sender: c.AETitle, Local: c.LocalRoutes, Mail: c.letters(), Link: c.PublicURL}
	a.courier = deliver.New(a.db, &deliver.StoreSCU{Objects: a.objects, CallingAE: c.AETitle, Secure: a.caller, Asker: &a.asker, Log: log}, deliver.Options{
		Log: log, Routes: a.dispatcher,
	})
	if err = c.openScrub(ctx, a, m); err != nil {
		return a, err
	}
	a.ingest = ingest.New(a.objects, a.db, ingest.Options{Log: log, Watch: a.watch, OnStored: a.stored})

	a.trash = a.newTrash()
	a.locker = retention.NewLocker(a.db, a.objects, retention.LockOptions{Log: log, Kinds: []string{completeness.EventComplete, reports.EventSigned}})
	a.committer = newCommitter(a.db, a.caller, a.ingest, a.ledger, log)
	a.steps = &ups.Steps{DB: a.db, Log: log, Assign: func(ctx context.Context, tx db.Tx, s catalog.Study, actor string) error {
		_, err := assign.Requested(ctx, tx, s, actor)
		return err
	}}

	r.ingest = a.ingest
	find := newArchive(a.db, a.objects, log)
	a.expiries = newExpiries()
	m.MustRegister(a.expiries)
	id, err := c.dicomTLS.identity(log, a.expiries)
	if err != nil {
		return a, err
	}
	a.scp, err = service.NewSCP(service.SCPConfig{
		StoreBegin: r.store, Find: find, Retrieve: find, Destinations: destinationsOf(a.db, a.caller), Normalized: a.normalized(), Worklists: a.worklists(),
		Acceptor: ul.AcceptorConfig{
			Config: ul.Config{AETitle: c.AETitle, Window: operations, MaxMessageBytes: c.MaxInstance << 30, Log: log}, Policy: r.policy, VerifyTLS: id.Verify, Grace: stopGrace,
			MaxAssociations: c.MaxAssociations, MaxPerPeer: max(c.MaxAssociations/2, 1),
		},
	})
	if err != nil {
		return a, err
	}
	m.watch(a.scp.Stats())

	origin, err := c.origin()
	if err != nil {
		return a, err
	}
	if a.proxies, err = c.proxies(); err != nil {
		return a, err
	}
	contacts, err := c.contacts()
	if err != nil {
		return a, err
	}
	providers, err := c.providers()
	if err != nil {
		return a, err
	}
	pages, built := web.FS()
	if !built {
		log.Warn("this program was built without its pages; build it with `make build`")
		pages = nil
	}
	dictation, err := assist.New(c.DictationURL)
	if err != nil {
		return a, fmt.Errorf("--dictation-url: %w", err)
	}
	proposing, err := assist.New(c.DraftingURL)
	if err != nil {
		return a, fmt.Errorf("--drafting-url: %w", err)
	}
	viewers, err := c.viewers()
	if err != nil {
		return a, err
	}
	a.api, err = api.New(api.Deps{
		Dictation: dictation, Drafting: proposing,
		DB: a.db, Gate: c.gate(a.db, c.HTTPAddr), Origin: origin, Objects: a.objects, Pictures: a.preview, Bundles: a.bundles, DICOMweb: a.dicomWeb(&r.pace, c.AETitle), CopyOf: copyOf,
		Desk: reports.NewDesk(reports.Deps{
			DB: a.db, Objects: a.objects, Ingest: a.ingest, Writers: reportWriters(), Wake: a.courier.Wake,
			Draw: a.draw, Also: archive.Index, Organization: reports.Organization{Name: c.Organization, NameEn: c.OrganizationEn},
		}),
		WakeLedger: a.ledger.Wake, WakeCourier: a.courier.Wake, WakeClock: a.limits.Wake, Pages: pages, Log: log, Version: version, Ready: a.db.Ping, Metrics: m,
		SSO: providers, Machine: machineOf(a.db), Proxies: a.proxies, Limits: c.limits(), OnLimited: m.limited, SecurityContacts: contacts, ViewerOrigins: viewers,
	})
	if err != nil {
		return a, err
	}

	if a.dicom, a.secure, err = listenDICOM(c.DICOMAddr, c.DICOMTLSAddr, id); err != nil {
		return a, err
	}
	a.orders = &orders.Door{DB: a.db, Log: log, Verify: id.Verify}
	if a.hl7, a.hl7TLS, err = listenHL7(c.HL7Addr, c.HL7TLSAddr, id); err != nil {
		return a, err
	}
	if a.http, err = net.Listen("tcp", c.HTTPAddr); err != nil {
		return a, fmt.Errorf("web address %s: %w; choose another with --http-addr", c.HTTPAddr, err)
	}
	if err = a.secureWeb(c, origin); err != nil {
		return a, err
	}
	if c.PprofAddr != "" {
		if a.profile, err = listenProfile(c.PprofAddr); err != nil {
			return a, err
		}
	}
	return a, nil
}

// run serves until ctx ends or a part fails, then stops in the order in which
// work flows: first nothing new comes in, then what is under way ends, then the
// stores close.
func (a *app) run(ctx context.Context, onReady func(context.Context, addresses) error) error {
	defer a.close()
	web := a.webServer()
	g, ctx := errgroup.WithContext(ctx)
	if !a.readOnly { // else nothing moves on by itself, and nothing is sent out
		g.Go(func() error { return a.ledger.Run(ctx) })
		g.Go(func() error { return a.limits.Run(ctx) })
		g.Go(func() error { return a.db.Hold(ctx, "duties", a.log, a.duties) })
	}
	g.Go(func() error { return a.trash.RunForget(ctx) })
	g.Go(func() error { return a.preview.Run(ctx) })
	g.Go(func() error { return a.bundles.Run(ctx, libraryOf(a.db)) })
	for _, l := range []net.Listener{a.dicom, a.secure} {
		if l != nil {
			g.Go(func() error { return a.scp.Serve(ctx, l) })
		}
	}
	messages := &mllp.Server{Answer: a.orders.Answer, Log: a.log}
	for _, l := range []net.Listener{a.hl7, a.hl7TLS} {
		if l != nil && !a.readOnly {
			g.Go(func() error { return messages.Serve(ctx, l) })
		}
	}
	g.Go(func() error { return a.serveWeb(web) })
	if a.plain != nil {
		g.Go(func() error {
			return serveUntil(ctx, &http.Server{Handler: a.answer, ReadHeaderTimeout: redirectHeaderTimeout}, a.plain)
		})
	}
	g.Go(func() error { return a.expiries.run(ctx, a.log) })
	if a.profile != nil {
		g.Go(func() error { return serveProfile(ctx, a.profile) })
	}
	g.Go(func() error {
		<-ctx.Done()
		a.api.Close()
		stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopGrace)
		defer cancel()
		if err := web.Shutdown(stop); err != nil {
			return web.Close()
		}
		return nil
	})
	g.Go(func() error {
		at := addresses{DICOM: address(a.dicom), DICOMTLS: address(a.secure), HTTP: a.scheme() + a.http.Addr().String(), HL7: address(a.hl7), HL7TLS: address(a.hl7TLS)}
		a.log.Info("ready", "dicom", at.DICOM, "dicom_tls", at.DICOMTLS, "http", at.HTTP, "hl7", at.HL7, "hl7_tls", at.HL7TLS, "version", version)
		return onReady(ctx, at)
	})
	return g.Wait()
}

// address of a listener, empty when there is none.
func address(l net.Listener) string {
	if l == nil {
		return ""
	}
	return l.Addr().String()
}

// backlog lists every instance to the preview pipeline.
type backlog struct{ db *db.DB }

func (b backlog) After(ctx context.Context, after string, limit int) ([]preview.Ref, error) {
	list, err := catalog.InstancesAfter(ctx, b.db.Read(ctx), identity.Everything(), after, limit)
	if err != nil {
		return nil, err
	}
	refs := make([]preview.Ref, len(list))
	for i, one := range list {
		refs[i] = preview.Ref{InstanceID: one.ID, SeriesID: one.SeriesID, ObjectKey: one.ObjectKey}
	}
	return refs, nil
}

// index makes what an older version has stored findable.
func (a *app) index(ctx context.Context) error {
	n, err := catalog.Index(ctx, a.db)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		a.log.Warn("older studies not indexed; it is tried again at the next start", "error", err)
	case n > 0:
		a.log.Info("older studies indexed", "studies", n)
	}
	n, err = archive.IndexOlder(ctx, a.db)
	switch {
	case ctx.Err() != nil:
	case err != nil:
		a.log.Warn("older reports not indexed; it is tried again at the next start", "error", err)
	case n > 0:
		a.log.Info("older reports indexed", "reports", n)
	}
	return nil
}

// sweep removes objects that a crash has left without a row.
func (a *app) sweep(ctx context.Context) error {
	tick := time.NewTicker(sweepEvery)
	defer tick.Stop()
	for {
		if _, _, err := a.ingest.Sweep(ctx, sweepAge); err != nil && ctx.Err() == nil {
			a.log.Warn("sweep of orphaned objects failed; it is tried again later", "error", err)
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// close closes what newApp has opened so far.
func (a *app) close() {
	for _, l := range []net.Listener{a.dicom, a.secure, a.http, a.plain, a.profile} {
		if l != nil {
			_ = l.Close() // the servers have closed it already when they ran
		}
	}
	if a.api != nil {
		a.api.Close()
	}
	if a.bundles != nil {
		a.bundles.Close()
	}
	if a.preview != nil {
		a.preview.Close()
	}
	if a.replica != nil {
		if err := a.replica.Close(); err != nil {
			a.log.Warn("replica not closed cleanly", "error", err)
		}
	}
	if a.objects != nil {
		if err := a.objects.Close(); err != nil {
			a.log.Warn("image store not closed cleanly", "error", err)
		}
	}
	if a.db != nil {
		if err := a.db.Close(); err != nil {
			a.log.Warn("database not closed cleanly", "error", err)
		}
	}
}

// ensureFacility makes the hospital that --unknown-ae names when the directory
// does not have it: somebody who tries the program out should not need a site
// file first.
func ensureFacility(ctx context.Context, d *db.DB, id string, log *slog.Logger) error {
	_, err := worklist.FacilityByID(ctx, d.Read(ctx), id)
	if !errors.Is(err, worklist.ErrNotFound) {
		return err
	}
	if _, err := site.Apply(ctx, d, site.File{Facilities: []site.Facility{{ID: id, Name: id}}}, "serve --unknown-ae"); err != nil {
		return fmt.Errorf("--unknown-ae %s: %w", id, err)
	}
	log.Info("hospital made for unregistered AE titles", "facility", id)
	return nil
}

// reportWriters make the objects of a signed report.
func reportWriters() []reports.Writer {
	return []reports.Writer{sr.Writer{}, pdf.Writer{}, sr.MeasurementWriter{}, sr.KeyWriter{}, sr.EnhancedWriter{}}
}
