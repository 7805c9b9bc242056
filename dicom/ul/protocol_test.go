package ul_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/internal/outbound"
)

// What an established association answers to PDUs that have no place there.
func TestAbortReasons(t *testing.T) {
	provider := func(reason byte) pdu.Abort { return pdu.Abort{Source: pdu.AbortServiceProvider, Reason: reason} }
	cases := []struct {
		name string
		send []byte
		want pdu.Abort
	}{
		{"second request", ultest.Bytes(t, rq()), provider(pdu.ReasonUnexpectedPDU)},
		{"acceptance", ultest.Bytes(t, &pdu.AssociateAC{}), provider(pdu.ReasonUnexpectedPDU)},
		{"rejection", ultest.Bytes(t, &pdu.AssociateRJ{}), provider(pdu.ReasonUnexpectedPDU)},
		{"release response", ultest.Bytes(t, &pdu.ReleaseRP{}), provider(pdu.ReasonUnexpectedPDU)},
		{"unknown PDU", []byte{0x2A, 0, 0, 0, 0, 0}, provider(pdu.ReasonUnrecognizedPDU)},
		{"HTTP", []byte("GET / HTTP/1.1\r\n\r\n"), provider(pdu.ReasonUnrecognizedPDU)},
		{"P-DATA over the negotiated length", []byte{4, 0, 0, 2, 0, 13}, provider(pdu.ReasonInvalidParameter)},
		{"P-DATA of 4 GiB", []byte{4, 0, 0xFF, 0xFF, 0xFF, 0xFF}, provider(pdu.ReasonInvalidParameter)},
		{"P-DATA of no items", []byte{4, 0, 0, 0, 0, 0}, provider(pdu.ReasonInvalidParameter)},
		{"item of length 0", []byte{4, 0, 0, 0, 0, 6, 0, 0, 0, 0, 1, 3}, provider(pdu.ReasonInvalidParameter)},
		{"item of length 1", []byte{4, 0, 0, 0, 0, 6, 0, 0, 0, 1, 1, 3}, provider(pdu.ReasonInvalidParameter)},
		{"item longer than its PDU", []byte{4, 0, 0, 0, 0, 8, 0, 0, 0, 9, 1, 3, 0, 0}, provider(pdu.ReasonInvalidParameter)},
		{"item of 4 GiB", []byte{4, 0, 0, 0, 0, 8, 0xFF, 0xFF, 0xFF, 0xFF, 1, 3, 0, 0}, provider(pdu.ReasonInvalidParameter)},
		{"rest of a PDU too short for an item", []byte{4, 0, 0, 0, 0, 10, 0, 0, 0, 2, 1, 1, 0, 0, 0, 2}, provider(pdu.ReasonInvalidParameter)},
		{"unknown context", []byte{4, 0, 0, 0, 0, 6, 0, 0, 0, 2, 9, 3}, provider(pdu.ReasonInvalidParameter)},
		{"release request of 5 bytes", []byte{5, 0, 0, 0, 0, 5, 0, 0, 0, 0, 0}, provider(pdu.ReasonInvalidParameter)},
		{"second request of 1 GiB", []byte{1, 0, 0x40, 0, 0, 0}, provider(pdu.ReasonInvalidParameter)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				s := start(t, ul.AcceptorConfig{})
				p := ultest.Connect(t, s.l, "10.0.0.1:1")
				p.Associate(rq())
				go func() { _, _ = p.Write(c.send) }() // the answer may come before the end
				if a := ultest.Expect[*pdu.Abort](p); *a != c.want {
					t.Errorf("%v, want %v", a, c.want)
				}
				_ = p.Close()
				synctest.Wait()
				if s.Stats().BadProtocol.Load() != 1 {
					t.Error("not counted")
				}
			})
		})
	}
}

// In Sta2 the answers are those of AA-1: a service user's A-ABORT.
func TestBeforeTheRequest(t *testing.T) {
	for name, send := range map[string][]byte{
		"P-DATA":             {4, 0, 0, 0, 0, 6},
		"release":            {5, 0, 0, 0, 0, 4},
		"HTTP":               []byte("GET / HTTP/1.1\r\n\r\n"),
		"request of 4 GiB":   {1, 0, 0xFF, 0xFF, 0xFF, 0xFF},
		"request of nothing": {1, 0, 0, 0, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				s := start(t, ul.AcceptorConfig{})
				p := ultest.Connect(t, s.l, "10.0.0.1:1")
				go func() { _, _ = p.Write(send) }()
				if a := ultest.Expect[*pdu.Abort](p); *a != (pdu.Abort{}) {
					t.Errorf("%v", a)
				}
			})
		})
	}
	t.Run("A-ABORT", func(t *testing.T) {
		in(t, func(t *testing.T) {
			s := start(t, ul.AcceptorConfig{})
			p := ultest.Connect(t, s.l, "10.0.0.1:1")
			go func() { _, _ = p.Write(ultest.Bytes(t, &pdu.Abort{})) }()
			p.ExpectClosed() // AA-2
		})
	})
}

// dial opens an association to a scripted acceptor.
func dial(t *testing.T, cfg ul.DialConfig, script func(p *ultest.Peer)) (*ul.Association, error) {
	t.Helper()
	l := ultest.Listen()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c, err := l.Accept()
		if err != nil {
			return
		}
		script(ultest.New(t, c))
	}()
	t.Cleanup(func() { <-done })
	cfg.AETitle, cfg.CalledAE, cfg.Dialer = "DOKUEI", "PACS", l
	if cfg.Contexts == nil {
		cfg.Contexts = rq().Contexts
	}
	return ul.Dial(context.Background(), "10.0.0.1:104", cfg)
}

func accept(p *ultest.Peer) {
	r := ultest.Expect[*pdu.AssociateRQ](p)
	p.Send(&pdu.AssociateAC{
		Version: 1, ApplicationContext: pdu.ApplicationContextName,
		Contexts: []pdu.PresentationContextAC{{ID: 1, TransferSyntax: r.Contexts[0].TransferSyntaxes[0]}},
		User:     pdu.UserInformation{MaximumLength: &pdu.MaximumLength{Received: 30}},
	})
}

// What an administrator types as a peer leads to no link-local address.
func TestDialForbidden(t *testing.T) {
	t.Parallel()
	for _, to := range []string{"169.254.169.254:80", "[fe80::1]:104", "[::ffff:169.254.169.254]:80"} {
		_, err := ul.Dial(t.Context(), to, ul.DialConfig{Config: ul.Config{AETitle: "A"}, CalledAE: "B", Contexts: []pdu.PresentationContextRQ{{ID: 1, AbstractSyntax: uid.Verification, TransferSyntaxes: []string{uid.ImplicitVRLittleEndian}}}})
		if !errors.Is(err, outbound.ErrForbidden) {
			t.Errorf("%s: %v", to, err)
		}
	}
}

func TestDialRefused(t *testing.T) {
	t.Run("A-ASSOCIATE-RJ", func(t *testing.T) {
		in(t, func(t *testing.T) {
			_, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
				ultest.Expect[*pdu.AssociateRQ](p)
				p.Send(&pdu.AssociateRJ{Result: 2, Source: 3, Reason: 2})
				p.ExpectClosed()
			})
			var rj *ul.RejectError
			if !errors.As(err, &rj) || !rj.Temporary() {
				t.Error(err)
			}
		})
	})
	t.Run("A-ABORT", func(t *testing.T) {
		in(t, func(t *testing.T) {
			_, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
				ultest.Expect[*pdu.AssociateRQ](p)
				p.Send(&pdu.Abort{Source: 2, Reason: 1})
				p.ExpectClosed()
			})
			var abort *ul.AbortError
			if !errors.As(err, &abort) || !abort.Remote || abort.Reason != 1 {
				t.Error(err)
			}
		})
	})
	t.Run("silence", func(t *testing.T) {
		in(t, func(t *testing.T) {
			_, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
				ultest.Expect[*pdu.AssociateRQ](p)
				ultest.Expect[*pdu.Abort](p)
			})
			if !errors.Is(err, ul.ErrARTIM) && !errors.Is(err, context.DeadlineExceeded) {
				t.Error(err)
			}
		})
	})
	t.Run("P-DATA", func(t *testing.T) {
		in(t, func(t *testing.T) {
			_, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
				ultest.Expect[*pdu.AssociateRQ](p)
				go func() { _, _ = p.Write([]byte{4, 0, 0, 0, 0, 6}) }()
				if a := ultest.Expect[*pdu.Abort](p); *a != (pdu.Abort{Source: 2, Reason: pdu.ReasonUnexpectedPDU}) {
					t.Errorf("%v", a)
				}
			})
			if err == nil {
				t.Error("no error")
			}
		})
	})
}

// A peer that accepts a context in a transfer syntax nobody has proposed has not
// accepted it.
func TestUnproposedTransferSyntax(t *testing.T) {
	in(t, func(t *testing.T) {
		a, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
			r := ultest.Expect[*pdu.AssociateRQ](p)
			p.Send(&pdu.AssociateAC{
				Version: 1, ApplicationContext: pdu.ApplicationContextName,
				Contexts: []pdu.PresentationContextAC{{ID: r.Contexts[0].ID, TransferSyntax: "1.2.840.10008.1.2.4.70"}, {ID: 99, TransferSyntax: "1.2.840.10008.1.2"}},
				User:     pdu.UserInformation{MaximumLength: &pdu.MaximumLength{Received: 16384}},
			})
			ultest.Expect[*pdu.ReleaseRQ](p)
			p.Send(new(pdu.ReleaseRP))
			p.ExpectClosed()
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range a.Contexts() {
			if c.Accepted() {
				t.Errorf("context %d counts as accepted in %s", c.ID, c.TransferSyntax)
			}
		}
		if err := a.Release(); err != nil {
			t.Error(err)
		}
	})
}

// What is sent respects the peer's maximum length, to the byte.
func TestFraming(t *testing.T) {
	in(t, func(t *testing.T) {
		var got []string
		a, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
			accept(p) // 30 bytes: fragments of 24
			for {
				u, err := p.Next()
				if err != nil {
					return
				}
				switch u := u.(type) {
				case *pdu.DataTF:
					v := u.Items[0]
					mark := ""
					if v.Last {
						mark = "!"
					}
					got = append(got, string(v.Data)+mark)
				case *pdu.ReleaseRQ:
					p.Send(&pdu.ReleaseRP{})
				}
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, n := range []int{0, 1, 23, 24, 25, 48, 49} {
			if _, err := a.Send(1, strings.NewReader(strings.Repeat("x", n))); err != nil {
				t.Fatal(err)
			}
			if err := a.SendBytes(1, true, []byte(strings.Repeat("y", n))); err != nil {
				t.Fatal(err)
			}
		}
		if err := a.Release(); err != nil {
			t.Fatal(err)
		}
		x, y := strings.Repeat("x", 24), strings.Repeat("y", 24)
		want := []string{
			"!", "!", "x!", "y!", x[:23] + "!", y[:23] + "!", x + "!", y + "!", x, "x!", y, "y!",
			x, x + "!", y, y + "!", x, x, "x!", y, y, "y!",
		}
		if strings.Join(got, " ") != strings.Join(want, " ") {
			t.Errorf("got\n%q\nwant\n%q", got, want)
		}
	})
}

// PS3.8 7.2.2: both ask for release at once; the requestor answers first.
func TestReleaseCollision(t *testing.T) {
	in(t, func(t *testing.T) {
		a, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
			accept(p)
			ultest.Expect[*pdu.ReleaseRQ](p)
			p.Send(&pdu.ReleaseRQ{})
			ultest.Expect[*pdu.ReleaseRP](p)
			p.Send(&pdu.ReleaseRP{})
			p.ExpectClosed()
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Release(); err != nil {
			t.Error(err)
		}
	})
}

// P-DATA that crosses our A-RELEASE-RQ is indicated (AR-6) and dropped.
func TestDataWhileReleasing(t *testing.T) {
	in(t, func(t *testing.T) {
		a, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
			accept(p)
			ultest.Expect[*pdu.ReleaseRQ](p)
			p.Send(command(true, "late"), &pdu.ReleaseRP{})
			p.ExpectClosed()
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := a.Release(); err != nil {
			t.Error(err)
		}
	})
}

func TestPrimitivesOutOfState(t *testing.T) {
	in(t, func(t *testing.T) {
		a, err := dial(t, ul.DialConfig{}, func(p *ultest.Peer) {
			accept(p)
			ultest.Expect[*pdu.Abort](p)
		})
		if err != nil {
			t.Fatal(err)
		}
		_ = a.Abort(nil)
		_ = a.Close()
		if err := a.SendBytes(1, true, []byte("x")); !errors.Is(err, ul.ErrClosed) {
			t.Errorf("send: %v", err)
		}
		if _, err := a.AwaitPDV(); err == nil {
			t.Error("receive: no error")
		}
		if err := a.Close(); err == nil {
			t.Log("closing twice is quiet")
		}
	})
}

func TestBadConfigurations(t *testing.T) {
	t.Parallel()
	if _, err := ul.NewAcceptor(ul.AcceptorConfig{}); err == nil {
		t.Error("acceptor without a user")
	}
	if _, err := ul.NewAcceptor(ul.AcceptorConfig{Config: ul.Config{AETitle: "A\\B"}, Negotiate: acceptAll, Serve: swallow}); err == nil {
		t.Error("acceptor with a bad title")
	}
	for _, c := range []ul.DialConfig{
		{CalledAE: "B", Contexts: rq().Contexts},
		{Config: ul.Config{AETitle: "A"}, CalledAE: "B"},
		{Config: ul.Config{AETitle: "A"}, CalledAE: "B", Contexts: make([]pdu.PresentationContextRQ, 129)},
	} {
		if _, err := ul.Dial(t.Context(), "127.0.0.1:1", c); err == nil {
			t.Errorf("%+v dialled", c)
		}
	}
}
