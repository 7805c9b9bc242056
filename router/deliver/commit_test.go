package deliver_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/commitment"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/router/deliver"
)

// What a destination is asked to commit is carried only when it has.
func TestCommittedBeforeDelivered(t *testing.T) {
	t.Parallel()
	objects := store(t)
	i := storeSR(t, objects)
	keep := func(context.Context, service.StoreRequest) dimse.Status { return dimse.Success }
	for _, c := range []struct {
		name, want string
		reason     commitment.Reason
		silent     bool
	}{
		{name: "committed"},
		{name: "not committed", reason: commitment.ResourceLimitation, want: "the receiver accepted the object and does not commit it to storage: it is out of resources"},
		{name: "no report", silent: true, want: "the receiver accepted the object and has not reported that it is committed to storage"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			answer := func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
				q, err := commitment.ReadRequest(r.Data)
				if err != nil {
					t.Error(err)
				}
				q.Items[0].Reason = c.reason
				result := commitment.Result(q)
				e := service.EventReport{SOPClassUID: uid.StorageCommitmentPush, SOPInstanceUID: commitment.Instance, EventTypeID: result.Event(), Information: result.Dataset("PACS")}
				return service.NormalizedResponse{Then: func() {
					if c.silent {
						cancel() // nobody waits any longer
						return
					}
					go func() { _, _ = r.Reporter.Report(context.Background(), e) }()
				}}
			}
			s, err := service.NewSCP(service.SCPConfig{
				Store: keep, Normalized: map[string]service.Normalized{uid.StorageCommitmentPush: {Serve: answer}},
				Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "PACS"}, Grace: time.Second},
			})
			if err != nil {
				t.Fatal(err)
			}
			to := listen(t, func(ctx context.Context, l net.Listener) { _ = s.Serve(ctx, l) })
			to.Commit = true
			err = carry(ctx, &deliver.StoreSCU{Objects: objects, CallingAE: "DOKUEI", Asker: new(commitment.Asker)}, to, i)
			if got := ""; err != nil {
				if got = deliver.Reason(err); got != c.want {
					t.Errorf("%q (%v)", got, err)
				}
			} else if c.want != "" {
				t.Error("carried")
			}
		})
	}
	to := scp(t, ul.AcceptorConfig{}, keep)
	to.Commit = true
	err := carry(t.Context(), &deliver.StoreSCU{Objects: objects, CallingAE: "DOKUEI", Asker: new(commitment.Asker)}, to, i)
	if err == nil || deliver.Reason(err) != "the receiver accepted the object and offers no storage commitment: take commit out of the site file, or enable it there" {
		t.Errorf("a receiver without the service: %v", err)
	}
}
