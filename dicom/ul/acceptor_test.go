package ul_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	verification = "1.2.840.10008.1.1"
	implicitLE   = "1.2.840.10008.1.2"
)

func acceptAll(rq *pdu.AssociateRQ) ul.Answer {
	var a ul.Answer
	for _, c := range rq.Contexts {
		a.Contexts = append(a.Contexts, pdu.PresentationContextAC{ID: c.ID, TransferSyntax: c.TransferSyntaxes[0]})
	}
	return a
}

// swallow reads messages until the association ends.
func swallow(_ context.Context, a *ul.Association) error {
	for {
		h, err := a.AwaitPDV()
		for err == nil && !h.Last {
			h, err = a.NextPDV()
		}
		if errors.Is(err, ul.ErrReleaseRequested) {
			return nil
		}
		if err != nil {
			return err
		}
		if _, err := io.Copy(io.Discard, fragments{a}); err != nil {
			return err
		}
	}
}

type fragments struct{ a *ul.Association }

func (f fragments) Read(p []byte) (int, error) { return f.a.Read(p) }

type server struct {
	*ul.Acceptor
	l    *ultest.Listener
	log  *bytes.Buffer
	stop func() error
}

// start serves in the background; stop waits for the end.
func start(t *testing.T, cfg ul.AcceptorConfig) server {
	t.Helper()
	var log bytes.Buffer
	cfg.AETitle, cfg.Log = "DOKUEI", slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	if cfg.Negotiate == nil {
		cfg.Negotiate = acceptAll
	}
	if cfg.Serve == nil {
		cfg.Serve = swallow
	}
	s, err := ul.NewAcceptor(cfg)
	if err != nil {
		t.Fatal(err)
	}
	l := ultest.Listen()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	stopped := false
	stop := func() error {
		if stopped {
			return nil
		}
		stopped = true
		cancel()
		return <-done
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})
	return server{s, l, &log, stop}
}

// in runs a test on virtual time: time.Sleep inside takes none, and lets what is
// due by then happen in order.
func in(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

func rq() *pdu.AssociateRQ { return ultest.Request([]string{verification, implicitLE}) }

func command(last bool, b string) *pdu.DataTF {
	return &pdu.DataTF{Items: []pdu.PDV{{ContextID: 1, Command: true, Last: last, Data: []byte(b)}}}
}

func TestEstablishAndRelease(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{})
		p := ultest.Connect(t, s.l, "10.0.0.1:1")
		r := rq()
		r.User.AsyncOperationsWindow = &pdu.AsyncOperationsWindow{}
		ac := p.Associate(r)
		if ac.User.MaximumLength.Received != 131072 || ac.CallingAE != "MODALITY" || *ac.User.AsyncOperationsWindow != (pdu.AsyncOperationsWindow{Invoked: 1, Performed: 1}) {
			t.Errorf("%+v", ac)
		}
		p.Send(command(false, "ab"), command(true, "cd"))
		p.Release()
		synctest.Wait()
		if n := s.Stats().Released.Load(); n != 1 {
			t.Errorf("%d released", n)
		}
	})
}

func TestRejections(t *testing.T) {
	cases := []struct {
		name   string
		change func(*pdu.AssociateRQ)
		want   ul.Rejection
	}{
		{"version", func(r *pdu.AssociateRQ) { r.Version = 2 }, ul.RejectVersion},
		{"application context", func(r *pdu.AssociateRQ) { r.ApplicationContext = "1.2.3" }, ul.RejectACN},
		{"called AE", func(r *pdu.AssociateRQ) { r.CalledAE = "OTHER" }, ul.RejectCalledAE},
		{"calling AE of spaces", func(r *pdu.AssociateRQ) { r.CallingAE = " " }, ul.RejectCallingAE},
		{"calling AE with an escape", func(r *pdu.AssociateRQ) { r.CallingAE = "A\x1b[2J\r\nERR" }, ul.RejectCallingAE},
		{"maximum length too small", func(r *pdu.AssociateRQ) { r.User.MaximumLength.Received = 7 }, ul.RejectNoReason},
		{"no contexts", func(r *pdu.AssociateRQ) { r.Contexts = nil }, ul.RejectNoReason},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				s := start(t, ul.AcceptorConfig{})
				p := ultest.Connect(t, s.l, "10.0.0.1:1")
				r := rq()
				c.change(r)
				p.Send(r)
				if got := ultest.Expect[*pdu.AssociateRJ](p); (ul.Rejection{Result: got.Result, Source: got.Source, Reason: got.Reason}) != c.want {
					t.Errorf("%v", got)
				}
				_ = p.Close()
				_ = s.stop()
				if strings.ContainsAny(s.log.String(), "\x1b\r") {
					t.Errorf("raw control characters in the log: %q", s.log)
				}
			})
		})
	}
}

func TestPolicy(t *testing.T) {
	in(t, func(t *testing.T) {
		type hospital struct{ id string }
		var peer atomic.Value
		s := start(t, ul.AcceptorConfig{
			Policy: func(_ context.Context, r ul.Request) ul.Decision {
				if r.CallingAE != "MODALITY" || r.RemoteAddr.String() != "10.0.0.1:1" {
					return ul.Decision{}
				}
				return ul.Decision{Accept: true, Peer: hospital{"kaifu"}, UserIdentityResponse: []byte("ok")}
			},
			Serve: func(ctx context.Context, a *ul.Association) error {
				peer.Store(a.Peer)
				return swallow(ctx, a)
			},
		})
		p := ultest.Connect(t, s.l, "10.0.0.1:1")
		r := rq()
		r.User.UserIdentityRQ = &pdu.UserIdentityRQ{Kind: 1, PositiveResponseRequested: true, Primary: []byte("u")}
		if ac := p.Associate(r); ac.User.UserIdentityAC == nil || string(ac.User.UserIdentityAC.ServerResponse) != "ok" {
			t.Error("no positive response to the user identity")
		}
		p.Release()
		stranger := ultest.Connect(t, s.l, "10.9.9.9:1")
		stranger.Send(rq())
		if rj := ultest.Expect[*pdu.AssociateRJ](stranger); rj.Reason != 3 {
			t.Errorf("%v", rj)
		}
		_ = stranger.Close()
		_ = s.stop()
		if peer.Load() != (hospital{"kaifu"}) {
			t.Errorf("peer %v", peer.Load())
		}
	})
}

func TestLimits(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{MaxAssociations: 3, MaxPerPeer: 2, MaxConnections: 5})
		var open []*ultest.Peer
		for _, a := range []string{"10.0.0.1:1", "10.0.0.1:2"} {
			p := ultest.Connect(t, s.l, a)
			p.Associate(rq())
			open = append(open, p)
		}
		refused := func(address string) {
			t.Helper()
			p := ultest.Connect(t, s.l, address)
			p.Send(rq())
			if rj := ultest.Expect[*pdu.AssociateRJ](p); rj.Result != 2 || rj.Source != 3 || rj.Reason != 2 {
				t.Errorf("%v", rj)
			}
			_ = p.Close()
		}
		refused("10.0.0.1:3") // this address has two
		third := ultest.Connect(t, s.l, "10.0.0.2:1")
		third.Associate(rq())
		refused("10.0.0.3:1") // three in all
		open[0].Release()
		synctest.Wait()
		ultest.Connect(t, s.l, "10.0.0.3:1").Associate(rq()) // there is room again
		silent := []*ultest.Peer{ultest.Connect(t, s.l, "10.0.0.4:1"), ultest.Connect(t, s.l, "10.0.0.4:2")}
		ultest.Connect(t, s.l, "10.0.0.5:1").ExpectClosed() // six connections
		if s.Stats().Refused.Load() != 1 {
			t.Error("not counted")
		}
		_ = silent
	})
}

// A hospital that calls from many addresses leaves room for the others.
func TestLimitPerHolder(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{MaxAssociations: 4, MaxPerHolder: 2, Policy: func(_ context.Context, r ul.Request) ul.Decision {
			return ul.Decision{Accept: true, Holder: map[bool]string{true: "kaifu"}[strings.HasPrefix(r.RemoteAddr.String(), "10.0.1.")]}
		}})
		first := ultest.Connect(t, s.l, "10.0.1.1:1")
		first.Associate(rq())
		ultest.Connect(t, s.l, "10.0.1.2:1").Associate(rq())
		third := ultest.Connect(t, s.l, "10.0.1.3:1")
		third.Send(rq())
		if rj := ultest.Expect[*pdu.AssociateRJ](third); rj.Result != 2 || rj.Source != 3 || rj.Reason != 2 {
			t.Errorf("%v", rj)
		}
		_ = third.Close()
		synctest.Wait()
		if n := s.Stats().Limited.Load(); n != 1 {
			t.Errorf("%d counted", n)
		}
		ultest.Connect(t, s.l, "10.0.2.1:1").Associate(rq())
		first.Release()
		synctest.Wait()
		ultest.Connect(t, s.l, "10.0.1.3:2").Associate(rq())
	})
}

func TestARTIM(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{Config: ul.Config{ARTIM: 30 * time.Second}})
		begin := time.Now()
		silent := ultest.Connect(t, s.l, "10.0.0.1:1")
		trickle := ultest.Connect(t, s.l, "10.0.0.1:2")
		var writer sync.WaitGroup
		defer writer.Wait()
		writer.Go(func() { // a byte a second stays below every per-read time-out
			for _, b := range ultest.Bytes(t, rq()) {
				time.Sleep(time.Second) // virtual time
				if _, err := trickle.Write([]byte{b}); err != nil {
					return
				}
			}
		})
		silent.ExpectClosed()
		trickle.ExpectClosed()
		if d := time.Since(begin); d != 30*time.Second {
			t.Errorf("closed after %v", d)
		}
		synctest.Wait()
		if n := s.Stats().TimedOut.Load(); n != 2 {
			t.Errorf("%d timed out", n)
		}
	})
}

// Connections that claim large requests and do not bring them wait for each
// other and for ARTIM; a request of common size goes past them.
func TestLargeRequests(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{Config: ul.Config{ARTIM: 30 * time.Second}})
		var writers sync.WaitGroup
		for range 100 {
			p := ultest.Connect(t, s.l, "10.0.0.1:1")
			writers.Go(func() {
				_, _ = p.Write(append([]byte{1, 0, 0, 0x0F, 0xFF, 0xFF}, make([]byte, 1<<20)...)[:1<<19])
			})
		}
		synctest.Wait()
		p := ultest.Connect(t, s.l, "10.0.0.2:1")
		p.Associate(rq())
		p.Release()
		writers.Wait()
		synctest.Wait()
		if n := s.Stats().TimedOut.Load(); n != 100 {
			t.Errorf("%d timed out: %v", n, s.log)
		}
	})
}

func TestIdle(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{Config: ul.Config{Idle: time.Minute}})
		p := ultest.Connect(t, s.l, "10.0.0.1:1")
		p.Associate(rq())
		begin := time.Now()
		if a := ultest.Expect[*pdu.Abort](p); a.Source != pdu.AbortServiceUser {
			t.Errorf("%v", a)
		}
		if d := time.Since(begin); d != time.Minute {
			t.Errorf("after %v", d)
		}
	})
}

// A byte a second keeps every time-out of a single read happy, and many small
// PDUs keep every time-out of a PDU happy. The allowance sees both.
func TestSlowLoris(t *testing.T) {
	for name, small := range map[string]bool{"one PDU": false, "many PDUs": true} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				s := start(t, ul.AcceptorConfig{Config: ul.Config{Stall: 20 * time.Second, MinBytesPerSecond: 100}})
				p := ultest.Connect(t, s.l, "10.0.0.1:1")
				p.Associate(rq())
				begin := time.Now()
				var writer sync.WaitGroup
				defer writer.Wait()
				writer.Go(func() {
					bytes := ultest.Bytes(t, command(false, strings.Repeat("x", 1000)))
					if small {
						bytes = nil
						for range 1000 {
							bytes = append(bytes, ultest.Bytes(t, command(false, "x"))...)
						}
					}
					for len(bytes) > 0 {
						if _, err := p.Write(bytes[:13]); err != nil {
							return
						}
						bytes = bytes[13:]
						time.Sleep(time.Second) // virtual time
					}
				})
				ultest.Expect[*pdu.Abort](p)
				if d := time.Since(begin); d < 20*time.Second || d > 25*time.Second {
					t.Errorf("cut off after %v", d)
				}
				_ = p.Close()
				synctest.Wait()
				if s.Stats().Stalled.Load() != 1 {
					t.Error("not counted as stalled")
				}
			})
		})
	}
}

// A sender on a weak line, but above the floor, may take as long as it takes.
func TestSlowButSteady(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{Config: ul.Config{Stall: 5 * time.Second, MinBytesPerSecond: 100}})
		p := ultest.Connect(t, s.l, "10.0.0.1:1")
		p.Associate(rq())
		for i := range 600 {
			p.Send(command(i == 599, strings.Repeat("x", 112))) // 124 bytes
			time.Sleep(time.Second)                             // virtual time
		}
		p.Release()
		synctest.Wait()
		if s.Stats().Released.Load() != 1 {
			t.Error("cut off")
		}
	})
}

// The handler's own slowness is not held against the peer.
func TestSlowHandler(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{
			Config: ul.Config{Stall: time.Second, MinBytesPerSecond: 1000},
			Serve: func(ctx context.Context, a *ul.Association) error {
				if _, err := a.AwaitPDV(); err != nil {
					return err
				}
				time.Sleep(time.Hour) // virtual time
				return swallow(ctx, a)
			},
		})
		p := ultest.Connect(t, s.l, "10.0.0.1:1")
		p.Associate(rq())
		p.Send(command(false, "ab"), command(true, "cd"))
		p.Release()
		synctest.Wait()
		if s.Stats().Released.Load() != 1 {
			t.Errorf("%s", s.log)
		}
	})
}

func TestDrain(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{Config: ul.Config{Idle: time.Hour, Stall: time.Hour, ARTIM: time.Hour}, Grace: 10 * time.Second})
		silent := ultest.Connect(t, s.l, "10.0.0.1:1")
		idle := ultest.Connect(t, s.l, "10.0.0.1:2")
		idle.Associate(rq())
		busy := ultest.Connect(t, s.l, "10.0.0.1:3")
		busy.Associate(rq())
		busy.Send(command(false, "half"))
		stuck := ultest.Connect(t, s.l, "10.0.0.1:4")
		stuck.Associate(rq())
		stuck.Send(command(false, "half"))
		synctest.Wait()
		begin := time.Now()
		done := make(chan error, 1)
		go func() { done <- s.stop() }()
		silent.ExpectClosed()
		ultest.Expect[*pdu.Abort](idle)
		_ = idle.Close()
		if d := time.Since(begin); d != 0 {
			t.Errorf("idle ones took %v", d)
		}
		time.Sleep(5 * time.Second)          // virtual time
		busy.Send(command(true, "the rest")) // finishes its message …
		ultest.Expect[*pdu.Abort](busy)      // … and is then sent away
		_ = busy.Close()
		ultest.Expect[*pdu.Abort](stuck)
		_ = stuck.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if d := time.Since(begin); d != 10*time.Second {
			t.Errorf("took %v", d)
		}
	})
}

func TestPanicEndsOneAssociation(t *testing.T) {
	in(t, func(t *testing.T) {
		s := start(t, ul.AcceptorConfig{Serve: func(ctx context.Context, a *ul.Association) error {
			if _, err := a.AwaitPDV(); err == nil {
				panic("oops")
			}
			return nil
		}})
		bad, good := ultest.Connect(t, s.l, "10.0.0.1:1"), ultest.Connect(t, s.l, "10.0.0.1:2")
		bad.Associate(rq())
		good.Associate(rq())
		bad.Send(command(true, "ab"))
		if a := ultest.Expect[*pdu.Abort](bad); a.Source != pdu.AbortServiceUser {
			t.Errorf("%v", a)
		}
		good.Release()
		_ = bad.Close()
		_ = s.stop()
		if s.Stats().Panics.Load() != 1 || !strings.Contains(s.log.String(), "oops") {
			t.Error("not counted, not logged")
		}
	})
}
