package commit_test

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/router/commit"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/storage/ingest"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ct = "1.2.840.10008.5.1.4.1.1.2"

// TestOnEachEngine holds everything against every database.
func TestOnEachEngine(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(*testing.T) *db.DB) {
		for name, test := range map[string]func(*testing.T, *db.DB){
			"same association": testSameAssociation, "other association": testOtherAssociation, "restart": testRestart, "refused": testRefused,
		} {
			t.Run(name, func(t *testing.T) { test(t, open(t)) })
		}
	})
}

// provider is our side: a Committer behind an SCP in memory.
type provider struct {
	t    *testing.T
	db   *db.DB
	door *ultest.Listener
	opts commit.Options

	mu   sync.Mutex
	addr string
}

func newProvider(t *testing.T, d *db.DB, check func(ctx context.Context, sop string) (ingest.Held, bool, error)) *provider {
	p := &provider{t: t, db: d, door: ultest.Listen()}
	worklisttest.Facility(t, p.db, "kaifu", "KAIFU_CT")
	p.opts = commit.Options{
		Check:    func(ctx context.Context, _, sop string) (ingest.Held, bool, error) { return check(ctx, sop) },
		Facility: func(any) (string, bool) { return "kaifu", true },
		Destination: func(context.Context, string, string) (service.Destination, bool, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			return service.Destination{Address: p.addr}, p.addr != "", nil
		},
		Shortest: 5 * time.Millisecond, Longest: 20 * time.Millisecond, Answer: 5 * time.Second,
	}
	return p
}

// listen serves associations with a Committer, which runs when work is true.
func (p *provider) listen(work bool) *commit.Committer {
	c := commit.New(p.db, p.opts)
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{uid.StorageCommitmentPush: {Serve: c.Serve}},
		Acceptor:   ul.AcceptorConfig{Config: ul.Config{AETitle: "DOKUEI"}, Grace: time.Second},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	p.background(func(ctx context.Context) error { return scp.Serve(ctx, p.door) })
	if work {
		p.background(c.Run)
	}
	return c
}

func (p *provider) background(f func(context.Context) error) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	p.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			p.t.Error(err)
		}
	})
}

func (p *provider) dial() *service.Client {
	p.t.Helper()
	c, err := service.Dial(p.t.Context(), "memory", service.DialOptions{
		CallingAE: "KAIFU_CT", CalledAE: "DOKUEI", Dialer: p.door,
		Contexts: []service.Context{{AbstractSyntax: uid.StorageCommitmentPush, TransferSyntaxes: []string{uid.ExplicitVRLittleEndian}}},
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return c
}

func (p *provider) ask(c *service.Client, q commitment.Request) {
	p.t.Helper()
	a, err := c.Action(p.t.Context(), uid.StorageCommitmentPush, uid.StorageCommitmentPush, commitment.Instance, commitment.RequestAction, q.Dataset())
	if err != nil || a.Status != dimse.Success {
		p.t.Fatal(a, err)
	}
}

// hear waits for the answer on the same association.
func (p *provider) hear(c *service.Client) (uint16, map[string]commitment.Reason) {
	p.t.Helper()
	e, err := c.AwaitReport(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	return p.read(e.EventTypeID, e.Information)
}

func (p *provider) read(event uint16, d *dataset.Dataset) (uint16, map[string]commitment.Reason) {
	p.t.Helper()
	r, err := commitment.ReadResult(d)
	if err != nil {
		p.t.Fatal(err)
	}
	if d.String(tag.RetrieveAETitle) != "DOKUEI" {
		p.t.Error("Retrieve AE Title", d.String(tag.RetrieveAETitle))
	}
	reasons := map[string]commitment.Reason{}
	for _, i := range r.Items {
		reasons[i.SOPInstanceUID] = i.Reason
	}
	return event, reasons
}

func request(items ...string) commitment.Request {
	q := commitment.Request{TransactionUID: uid.New()}
	for _, i := range items {
		q.Items = append(q.Items, commitment.Item{SOPClassUID: ct, SOPInstanceUID: i})
	}
	return q
}

func intact(context.Context, string) (ingest.Held, bool, error) {
	return ingest.Held{StudyID: "none", SOPClassUID: ct, Intact: true}, true, nil
}

func testSameAssociation(t *testing.T, d *db.DB) {
	p := newProvider(t, d, func(_ context.Context, sop string) (ingest.Held, bool, error) {
		switch sop {
		case "1.1":
			return ingest.Held{StudyID: "none", SOPClassUID: ct, Intact: true}, true, nil
		case "1.2":
			return ingest.Held{StudyID: "none", SOPClassUID: ct}, true, nil
		case "1.3":
			return ingest.Held{StudyID: "none", SOPClassUID: "1.2.3", Intact: true}, true, nil
		}
		return ingest.Held{}, false, nil
	})
	p.listen(true)
	c := p.dial()
	defer c.Close(t.Context()) //nolint:errcheck // nothing is left to learn

	p.ask(c, request("1.1"))
	if event, got := p.hear(c); event != commitment.EventSuccessful || len(got) != 1 || got["1.1"] != commitment.Committed {
		t.Error(event, got)
	}
	q := request("1.1", "1.2", "1.3", "1.4", "1.1")
	q.Items = append(q.Items, commitment.Item{SOPClassUID: "1.2.3.4", SOPInstanceUID: "1.5"})
	p.ask(c, q)
	event, got := p.hear(c)
	want := map[string]commitment.Reason{
		"1.1": 0, "1.2": commitment.ProcessingFailure, "1.3": commitment.ClassInstanceConflict, "1.4": commitment.NoSuchObject, "1.5": commitment.ClassNotSupported,
	}
	for sop, reason := range want {
		if got[sop] != reason {
			t.Errorf("%s: %04X, want %04X", sop, got[sop], reason)
		}
	}
	if event != commitment.EventFailures || len(got) != len(want) {
		t.Error(event, got)
	}

	// The same again is answered again; another list under its UID is not.
	p.ask(c, q)
	if _, got := p.hear(c); got["1.1"] != commitment.Committed || got["1.4"] != commitment.NoSuchObject {
		t.Error("the same again:", got)
	}
	q.Items = q.Items[:1]
	p.ask(c, q)
	if event, got := p.hear(c); event != commitment.EventFailures || got["1.1"] != commitment.DuplicateTransaction {
		t.Error("another list under the same UID:", got)
	}
}

// An association that has gone is replaced by one to the AE that asked, with the
// roles reversed, as often as it takes.
func testOtherAssociation(t *testing.T, d *db.DB) {
	gone := make(chan struct{})
	p := newProvider(t, d, func(ctx context.Context, sop string) (ingest.Held, bool, error) {
		select {
		case <-gone:
		case <-ctx.Done():
			return ingest.Held{}, false, ctx.Err()
		}
		return intact(ctx, sop)
	})
	user := ultest.Listen()
	p.opts.Dialer = user
	p.listen(true)
	c := p.dial()
	q := request("1.1", "1.2")
	p.ask(c, q)
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(gone)

	heard := make(chan service.NormalizedRequest, 10)
	calls := 0
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{uid.StorageCommitmentPush: {PeerSCP: true, Serve: func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
			if calls++; calls < 3 { // one association after the other
				return service.NormalizedResponse{Status: dimse.ProcessingFailure}
			}
			heard <- r
			return service.NormalizedResponse{}
		}}},
		Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "KAIFU_CT"}, Grace: time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	p.background(func(ctx context.Context) error { return scp.Serve(ctx, user) })
	p.mu.Lock()
	p.addr = "memory" // until now the site file did not say where the AE is
	p.mu.Unlock()
	r := <-heard
	if event, got := p.read(r.EventTypeID, r.Data); event != commitment.EventSuccessful || len(got) != 2 {
		t.Error(event, got)
	}
	if r.Command != dimse.FieldNEventReportRQ || r.SOPInstanceUID != commitment.Instance || r.Association.CallingAE != "DOKUEI" {
		t.Errorf("%+v", r)
	}
	if pc := r.Association.Contexts()[0]; !pc.PeerSCP || pc.PeerSCU {
		t.Errorf("roles: %+v", pc)
	}
}

// What was accepted is answered by the next process.
func testRestart(t *testing.T, d *db.DB) {
	p := newProvider(t, d, intact)
	p.listen(false)
	c := p.dial()
	p.ask(c, request("1.1"))
	if err := c.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	p.addr = "memory"
	dialled := make(chan struct{}, 100)
	p.opts.Dialer = dialer(func() (net.Conn, error) { dialled <- struct{}{}; return nil, errors.New("nobody there") })
	p.background(commit.New(p.db, p.opts).Run)
	for range 3 {
		<-dialled
	}
}

type dialer func() (net.Conn, error)

func (d dialer) DialContext(context.Context, string, string) (net.Conn, error) { return d() }

func testRefused(t *testing.T, d *db.DB) {
	p := newProvider(t, d, intact)
	p.listen(false)
	c := p.dial()
	defer c.Close(t.Context()) //nolint:errcheck // nothing is left to learn
	nameless := dataset.New()
	nameless.SetString(tag.TransactionUID, "UI", "1.2")
	hostile := request("1..2").Dataset()
	for name, x := range map[string]struct {
		class, instance string
		action          uint16
		info            *dataset.Dataset
		want            dimse.Status
	}{
		"another instance":   {uid.StorageCommitmentPush, "1.2.3", 1, request("1.1").Dataset(), dimse.NoSuchSOPInstance},
		"another class":      {"1.2.3", commitment.Instance, 1, request("1.1").Dataset(), dimse.NoSuchSOPClass},
		"another action":     {uid.StorageCommitmentPush, commitment.Instance, 2, request("1.1").Dataset(), dimse.NoSuchActionType},
		"no information":     {uid.StorageCommitmentPush, commitment.Instance, 1, nil, dimse.InvalidArgumentValue},
		"no references":      {uid.StorageCommitmentPush, commitment.Instance, 1, nameless, dimse.InvalidArgumentValue},
		"a UID that is none": {uid.StorageCommitmentPush, commitment.Instance, 1, hostile, dimse.InvalidArgumentValue},
	} {
		a, err := c.Action(t.Context(), uid.StorageCommitmentPush, x.class, x.instance, x.action, x.info)
		if err != nil || a.Status != x.want {
			t.Errorf("%s: %s, %v; want %s", name, a.Status, err, x.want)
		}
	}
	a, err := c.GetAttributes(t.Context(), uid.StorageCommitmentPush, uid.StorageCommitmentPush, commitment.Instance)
	if err != nil || a.Status != dimse.UnrecognizedOperation {
		t.Error("N-GET:", a, err)
	}
}
