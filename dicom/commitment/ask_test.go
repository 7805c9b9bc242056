package commitment_test

import (
	"context"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
)

// provide serves the class under an AE title until the test ends.
func provide(t *testing.T, ae string, n service.Normalized) string {
	t.Helper()
	scp, err := service.NewSCP(service.SCPConfig{
		Normalized: map[string]service.Normalized{uid.StorageCommitmentPush: n},
		Acceptor:   ul.AcceptorConfig{Config: ul.Config{AETitle: ae}, Grace: time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- scp.Serve(ctx, l) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

func call(t *testing.T, addr, calling, called string, roles ...pdu.RoleSelection) *service.Client {
	t.Helper()
	c, err := service.Dial(t.Context(), addr, service.DialOptions{CallingAE: calling, CalledAE: called, Contexts: commitment.Contexts(), Roles: roles})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

var two = []commitment.Item{{SOPClassUID: uid.CTImageStorage, SOPInstanceUID: "2.25.1"}, {SOPClassUID: uid.CTImageStorage, SOPInstanceUID: "2.25.2"}}

// reportOf commits the first item of a request only.
func reportOf(t *testing.T, r service.NormalizedRequest) service.EventReport {
	t.Helper()
	q, err := commitment.ReadRequest(r.Data)
	if err != nil {
		t.Error(err)
	}
	q.Items[1].Reason = commitment.NoSuchObject
	result := commitment.Result(q)
	return service.EventReport{SOPClassUID: uid.StorageCommitmentPush, SOPInstanceUID: commitment.Instance, EventTypeID: result.Event(), Information: result.Dataset("PACS")}
}

func expectFirstOnly(t *testing.T, r commitment.Result, err error) {
	t.Helper()
	if err != nil || len(r.Items) != 2 || r.Items[0].Reason != commitment.Committed || r.Items[1].Reason != commitment.NoSuchObject {
		t.Fatalf("%+v, %v", r, err)
	}
}

func TestReportOnTheSameAssociation(t *testing.T) {
	t.Parallel()
	addr := provide(t, "PACS", service.Normalized{Serve: func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
		e := reportOf(t, r)
		return service.NormalizedResponse{Then: func() {
			go func() { _, _ = r.Reporter.Report(context.Background(), e) }()
		}}
	}})
	c := call(t, addr, "DOKUEI", "PACS")
	defer c.Close(t.Context())
	var a commitment.Asker
	r, err := a.Ask(t.Context(), c, two)
	expectFirstOnly(t, r, err)
}

// The provider closes and calls back, as many do.
func TestReportOnAnAssociationOfTheirs(t *testing.T) {
	t.Parallel()
	a := &commitment.Asker{Called: true}
	back := provide(t, "DOKUEI", service.Normalized{Serve: a.Reported, PeerSCP: true})
	reported := make(chan dimse.Status, 2)
	addr := provide(t, "PACS", service.Normalized{Serve: func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
		e := reportOf(t, r)
		return service.NormalizedResponse{Then: func() {
			_ = r.Association.Abort(errors.New("done"))
			c, err := service.Dial(context.Background(), back, service.DialOptions{
				CallingAE: "PACS", CalledAE: "DOKUEI", Contexts: commitment.Contexts(), Roles: []pdu.RoleSelection{service.SCPRole(uid.StorageCommitmentPush)},
			})
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close(context.Background())
			for range 2 {
				s, err := c.Report(context.Background(), e)
				if err != nil {
					t.Error(err)
				}
				reported <- s
			}
		}}
	}})
	c := call(t, addr, "DOKUEI", "PACS")
	defer c.Close(t.Context())
	r, err := a.Ask(t.Context(), c, two)
	expectFirstOnly(t, r, err)
	if first, again := <-reported, <-reported; first != dimse.Success || again != dimse.ProcessingFailure {
		t.Errorf("reports were answered with %v and %v", first, again)
	}
}

func TestNoReport(t *testing.T) {
	t.Parallel()
	status := dimse.Success
	addr := provide(t, "PACS", service.Normalized{Serve: func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
		return service.NormalizedResponse{Status: status, Then: func() { _ = r.Association.Abort(errors.New("gone")) }}
	}})
	var a commitment.Asker
	c := call(t, addr, "DOKUEI", "PACS")
	defer c.Close(t.Context())
	if _, err := a.Ask(t.Context(), c, two); !errors.Is(err, commitment.ErrSilent) {
		t.Errorf("a provider that goes: %v", err)
	}
	status = dimse.ProcessingFailure
	c = call(t, addr, "DOKUEI", "PACS")
	defer c.Close(t.Context())
	var refused *commitment.RefusedError
	if _, err := a.Ask(t.Context(), c, two); !errors.As(err, &refused) || refused.Status != dimse.ProcessingFailure {
		t.Errorf("a provider that refuses: %v", err)
	}
}
