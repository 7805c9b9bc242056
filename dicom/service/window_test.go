package service_test

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

// With a window several instances are made durable at once and answered in the
// order in which they are, each under its own Message ID; without, one by one.
func TestAsynchronousOperationsWindow(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name          string
		theirs, ours  uint16
		want, atOnce  int
		reversedOrder bool
	}{
		{"agreed", 4, 8, 4, 4, true},
		{"ours is smaller", 9, 3, 3, 3, true},
		{"not asked for", 0, 8, 1, 1, false},
		{"not allowed", 4, 1, 1, 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			now, most := 0, 0
			var waiting []chan struct{}
			begin := func(_ context.Context, r service.StoreRequest) (func(context.Context) dimse.Status, dimse.Status) {
				if _, err := io.Copy(io.Discard, r.Data); err != nil {
					t.Error(err)
				}
				turn := make(chan struct{})
				mu.Lock()
				waiting = append(waiting, turn) // here, in the order of arrival: the rest runs in any
				mu.Unlock()
				return func(context.Context) dimse.Status {
					mu.Lock()
					now++
					most = max(most, now)
					if now == c.want { // all are here: the last goes first
						close(waiting[len(waiting)-1])
					}
					mu.Unlock()
					<-turn
					mu.Lock()
					defer mu.Unlock()
					now--
					for i, w := range waiting {
						if w == turn && i > 0 {
							defer close(waiting[i-1])
						}
					}
					if waiting[0] == turn {
						waiting = nil
					}
					return dimse.Success
				}, 0
			}
			scp, err := service.NewSCP(service.SCPConfig{StoreBegin: begin, Acceptor: ul.AcceptorConfig{
				Config: ul.Config{AETitle: "DOKUEI", Window: c.ours}, Grace: time.Second,
			}})
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
			defer func() { stop(); <-ended }()
			client, err := service.Dial(t.Context(), l.Addr().String(), service.DialOptions{
				CallingAE: "CT", CalledAE: "DOKUEI", Window: c.theirs,
				Contexts: []service.Context{{AbstractSyntax: uid.CTImageStorage, TransferSyntaxes: []string{uid.ImplicitVRLittleEndian}}},
			})
			if err != nil {
				t.Fatal(err)
			}
			if client.Association().Window != c.want {
				t.Fatalf("a window of %d, want %d", client.Association().Window, c.want)
			}
			for range 3 {
				var sent, answered []uint16
				for range c.want {
					id, err := client.BeginStore(t.Context(), service.StoreObject{
						SOPClassUID: uid.CTImageStorage, SOPInstanceUID: uid.New(), TransferSyntaxUID: uid.ImplicitVRLittleEndian,
						Data: bytes.NewReader(make([]byte, 300_000)),
					})
					if err != nil {
						t.Fatal(err)
					}
					sent = append(sent, id)
				}
				for range sent {
					id, status, err := client.Answer(t.Context())
					if err != nil || status != dimse.Success {
						t.Fatal(status, err)
					}
					answered = append(answered, id)
				}
				if got := answered[0] != sent[0]; got != c.reversedOrder {
					t.Errorf("sent %d, answered %d", sent, answered)
				}
			}
			if most != c.atOnce {
				t.Errorf("%d at once, want %d", most, c.atOnce)
			}
			if s, err := client.Association().State(), client.Close(t.Context()); err != nil {
				t.Error(s, err)
			}
		})
	}
}

// A peer that waits for an answer of ours is not idle, however long it takes; one that
// has it is.
func TestAnswerOwedInAWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := ultest.Listen()
		begin := func(_ context.Context, r service.StoreRequest) (func(context.Context) dimse.Status, dimse.Status) {
			if _, err := io.Copy(io.Discard, r.Data); err != nil {
				t.Error(err)
			}
			return func(context.Context) dimse.Status {
				<-time.After(5 * time.Minute)
				return dimse.Success
			}, 0
		}
		scp, err := service.NewSCP(service.SCPConfig{StoreBegin: begin, Acceptor: ul.AcceptorConfig{
			Config: ul.Config{AETitle: "DOKUEI", Window: 4, Idle: time.Minute}, Grace: time.Second,
		}})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		ended := make(chan error)
		go func() { ended <- scp.Serve(ctx, l) }()
		defer func() { stop(); <-ended }()
		client, err := service.Dial(t.Context(), "10.0.0.1:1", service.DialOptions{
			CallingAE: "CT", CalledAE: "DOKUEI", Window: 4, Response: time.Hour, Dialer: l,
			Contexts: []service.Context{{AbstractSyntax: uid.CTImageStorage, TransferSyntaxes: []string{uid.ImplicitVRLittleEndian}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		defer client.Close(t.Context()) //nolint:errcheck // it is gone
		for range 2 {
			_, err := client.BeginStore(t.Context(), service.StoreObject{
				SOPClassUID: uid.CTImageStorage, SOPInstanceUID: uid.New(), TransferSyntaxUID: uid.ImplicitVRLittleEndian, Data: bytes.NewReader(make([]byte, 300)),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		for range 2 {
			if _, status, err := client.Answer(t.Context()); err != nil || status != dimse.Success {
				t.Fatal(status, err)
			}
		}
		if n := scp.Stats().Idle.Load(); n != 0 {
			t.Errorf("%d associations ended as idle while answers were owed", n)
		}
		<-time.After(2 * time.Minute)
		if n := scp.Stats().Idle.Load(); n != 1 {
			t.Errorf("%d associations ended as idle, want 1", n)
		}
	})
}
