package notify_test

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/router/notify"
	"github.com/dokuei/dokuei/storage/db"
	"github.com/dokuei/dokuei/storage/db/dbtest"
	"github.com/dokuei/dokuei/worklist/worklisttest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// doors dials by port: 1 is the receiver's, nobody is at any other.
type doors struct{ *ultest.Listener }

func (d doors) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	if _, port, _ := net.SplitHostPort(address); port != "1" {
		return nil, errNobody
	}
	return d.Listener.DialContext(ctx, network, address)
}

var errNobody = errors.New("connection refused")

// run runs f until the test ends.
func run(t *testing.T, f func(context.Context) error) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- f(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// Two destinations, one of which is not there, and a receiver that refuses the
// first attempt: every study is told, once it is taken, and what has changed
// meanwhile is told as it is.
func TestNotifications(t *testing.T) {
	t.Parallel()
	dbtest.Each(t, func(t *testing.T, open func(t *testing.T) *db.DB) {
		t.Helper()
		d := open(t)
		worklisttest.Facility(t, d, "kaifu", "KAIFU")
		for name, port := range map[string]int{"dead": 2, "ris": 1, "quiet": 1} {
			worklisttest.Destination(t, d, "kaifu", name, "RIS", "ris", port, "")
		}
		worklisttest.Exec(t, d, `UPDATE destinations SET notify = 'ian' WHERE name <> 'quiet'`)

		door := ultest.Listen()
		told := make(chan service.NormalizedRequest)
		answers := make(chan dimse.Status)
		scp, err := service.NewSCP(service.SCPConfig{
			Normalized: map[string]service.Normalized{uid.InstanceAvailabilityNotification: {Serve: func(_ context.Context, r service.NormalizedRequest) service.NormalizedResponse {
				told <- r
				return service.NormalizedResponse{Status: <-answers}
			}}},
			Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "RIS"}, Grace: time.Second, Policy: func(context.Context, ul.Request) ul.Decision { return ul.Decision{Accept: true} }},
		})
		if err != nil {
			t.Fatal(err)
		}
		run(t, func(ctx context.Context) error { return scp.Serve(ctx, door) })

		one := worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.3"})
		enqueue := func(study string) {
			t.Helper()
			worklisttest.Write(t, d, func(ctx context.Context, tx db.Tx) error { return notify.Enqueue(ctx, tx, "kaifu", study) })
		}
		enqueue(one.StudyID)
		n := notify.New(d, notify.Options{AETitle: "DOKUEI", Dialer: doors{door}, Shortest: 10 * time.Millisecond, Longest: 20 * time.Millisecond, Log: slog.New(slog.DiscardHandler)})
		run(t, n.Run)

		hear := func(answer dimse.Status) service.NormalizedRequest {
			t.Helper()
			select {
			case r := <-told:
				answers <- answer
				return r
			case <-time.After(time.Minute):
				t.Fatal("nothing was told")
				return service.NormalizedRequest{}
			}
		}
		first := hear(dimse.ProcessingFailure)
		if r := hear(dimse.Success); r.SOPInstanceUID != first.SOPInstanceUID || r.Data.String(tag.StudyInstanceUID) != "1.2.3" || len(instances(r.Data)) != 1 {
			t.Errorf("%s after %s: %v", r.SOPInstanceUID, first.SOPInstanceUID, r.Data)
		}
		for _, i := range instances(first.Data) {
			if i.String(tag.InstanceAvailability) != "ONLINE" || i.String(tag.RetrieveAETitle) != "DOKUEI" || i.String(tag.ReferencedSOPClassUID) == "" || i.String(tag.ReferencedSOPInstanceUID) == "" {
				t.Error(i)
			}
		}

		// Complete once more, and again while it is being told.
		worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.3"})
		enqueue(one.StudyID)
		n.Wake()
		r := <-told
		worklisttest.Arrive(t, d, worklisttest.Study{Facility: "kaifu", StudyUID: "1.2.3"})
		enqueue(one.StudyID)
		answers <- dimse.Success
		again := hear(dimse.DuplicateSOPInstance)
		if len(instances(r.Data)) != 2 || len(instances(again.Data)) != 3 || again.SOPInstanceUID == r.SOPInstanceUID || r.SOPInstanceUID == first.SOPInstanceUID {
			t.Errorf("%d instances, then %d", len(instances(r.Data)), len(instances(again.Data)))
		}
	})
}

func instances(d *dataset.Dataset) (list []*dataset.Dataset) {
	for _, s := range d.Items(tag.ReferencedSeriesSequence) {
		list = append(list, s.Items(tag.ReferencedSOPSequence)...)
	}
	return list
}
