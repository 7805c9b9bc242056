package service_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ctImage = "1.2.840.10008.5.1.4.1.1.2"

// archive keeps what it is sent, in memory.
type archive struct {
	mu     sync.Mutex
	got    map[string][]byte
	syntax map[string]string
	broken []error
}

func (k *archive) store(_ context.Context, r service.StoreRequest) dimse.Status {
	b, err := io.ReadAll(r.Data)
	k.mu.Lock()
	defer k.mu.Unlock()
	if err != nil {
		k.broken = append(k.broken, err)
		return dimse.CannotUnderstand
	}
	if k.got == nil {
		k.got, k.syntax = map[string][]byte{}, map[string]string{}
	}
	k.got[r.SOPInstanceUID], k.syntax[r.SOPInstanceUID] = b, r.TransferSyntaxUID
	return dimse.Success
}

// serve starts an SCP on l and stops it at the end of the test.
func serve(t testing.TB, l net.Listener, cfg service.SCPConfig) *service.SCP {
	t.Helper()
	cfg.Acceptor.AETitle = "DOKUEI"
	if cfg.Acceptor.Log == nil {
		cfg.Acceptor.Log = slog.New(slog.DiscardHandler)
	}
	s, err := service.NewSCP(cfg)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

func dial(t testing.TB, l *ultest.Listener, contexts ...service.Context) *service.Client {
	t.Helper()
	c, err := service.Dial(t.Context(), "10.0.0.1:1", service.DialOptions{CallingAE: "SENDER", CalledAE: "DOKUEI", Contexts: contexts, Dialer: l})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// in runs a test on virtual time: time.Sleep inside takes none, and lets what is
// due by then happen in order.
func in(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

func TestEcho(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		serve(t, l, service.SCPConfig{})
		c := dial(t, l)
		for range 3 {
			if s, err := c.Echo(t.Context()); err != nil || s != dimse.Success {
				t.Error(s, err)
			}
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

func TestStore(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		var k archive
		serve(t, l, service.SCPConfig{Store: k.store})
		c := dial(t, l,
			service.Context{ctImage, []string{uid.JPEGLosslessSV1}},
			service.Context{ctImage, []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian}},
			service.Context{"1.2.3.4.5", []string{uid.ImplicitVRLittleEndian}})
		for i, n := range []int{0, 1, 16378, 131066, 131067, 1 << 20} {
			data := bytes.Repeat([]byte{byte(i + 1)}, n)
			id := "1.2." + strings.Repeat("3", i+1)
			s, err := c.Store(t.Context(), service.StoreObject{SOPClassUID: ctImage, SOPInstanceUID: id, TransferSyntaxUID: uid.JPEGLosslessSV1, Data: bytes.NewReader(data)})
			if err != nil || s != dimse.Success {
				t.Fatal(s, err)
			}
			if !bytes.Equal(k.got[id], data) || k.syntax[id] != uid.JPEGLosslessSV1 {
				t.Errorf("%d bytes arrived as %d in %s", n, len(k.got[id]), k.syntax[id])
			}
		}
		var none *service.NoContextError
		if _, err := c.Store(t.Context(), service.StoreObject{SOPClassUID: ctImage, SOPInstanceUID: "1", TransferSyntaxUID: uid.ImplicitVRLittleEndian}); !errors.As(err, &none) {
			t.Error(err) // explicit was first, so explicit it is
		}
		if _, err := c.Store(t.Context(), service.StoreObject{SOPClassUID: "1.2.3.4.5", SOPInstanceUID: "1", TransferSyntaxUID: uid.ImplicitVRLittleEndian}); !errors.As(err, &none) || none.Result != pdu.ContextAbstractSyntaxNotSupported {
			t.Error(err)
		}
		if !c.Accepts(ctImage, uid.ExplicitVRLittleEndian) {
			t.Error("explicit little endian is not accepted")
		}
		if err := c.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// Whatever goes wrong with one instance, the next one on the association is
// stored.
func TestNextMessageWorks(t *testing.T) {
	cases := []struct {
		name   string
		object service.StoreObject
		want   dimse.Status
	}{
		{"handler reads nothing", service.StoreObject{SOPInstanceUID: "1.1"}, dimse.OutOfResources},
		{"handler panics", service.StoreObject{SOPInstanceUID: "1.2"}, dimse.ProcessingFailure},
		{"UID of letters", service.StoreObject{SOPInstanceUID: "../../etc/passwd"}, dimse.InvalidSOPInstance},
		{"UID of 65 characters", service.StoreObject{SOPInstanceUID: strings.Repeat("1", 65)}, dimse.InvalidSOPInstance},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				l := ultest.Listen()
				var k archive
				serve(t, l, service.SCPConfig{Store: func(ctx context.Context, r service.StoreRequest) dimse.Status {
					switch r.SOPInstanceUID {
					case "1.1":
						return dimse.OutOfResources
					case "1.2":
						_, _ = io.CopyN(io.Discard, r.Data, 100)
						panic("bad pixel")
					}
					return k.store(ctx, r)
				}})
				client := dial(t, l, service.Context{ctImage, []string{uid.ExplicitVRLittleEndian}})
				o := c.object
				o.SOPClassUID, o.TransferSyntaxUID, o.Data = ctImage, uid.ExplicitVRLittleEndian, strings.NewReader(strings.Repeat("x", 300000))
				if s, err := client.Store(t.Context(), o); err != nil || s != c.want {
					t.Errorf("%v, %v, want %v", s, err, c.want)
				}
				o.SOPInstanceUID, o.Data = "1.3", strings.NewReader("fine")
				if s, err := client.Store(t.Context(), o); err != nil || s != dimse.Success {
					t.Errorf("the next: %v, %v", s, err)
				}
				if string(k.got["1.3"]) != "fine" {
					t.Errorf("%q", k.got["1.3"])
				}
				_ = client.Close(t.Context())
			})
		})
	}
}

func TestSourceThatBreaks(t *testing.T) {
	in(t, func(t *testing.T) {
		for _, broken := range []error{io.ErrUnexpectedEOF, errors.New("bad sector")} {
			l := ultest.Listen()
			var k archive
			serve(t, l, service.SCPConfig{Store: k.store})
			c := dial(t, l, service.Context{ctImage, []string{uid.ExplicitVRLittleEndian}})
			_, err := c.Store(t.Context(), service.StoreObject{SOPClassUID: ctImage, SOPInstanceUID: "1.2", TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: io.MultiReader(strings.NewReader(strings.Repeat("x", 200000)), errReader{broken})})
			var source *ul.SourceError
			if !errors.As(err, &source) || !errors.Is(err, broken) {
				t.Error(err)
			}
			_ = c.Close(t.Context())
			synctest.Wait()
			if len(k.got) != 0 || len(k.broken) != 1 || errors.Is(k.broken[0], io.EOF) {
				t.Errorf("kept %d, broken %v", len(k.got), k.broken)
			}
		}
	})
}

type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }

func TestCanceledContext(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		serve(t, l, service.SCPConfig{Store: func(ctx context.Context, r service.StoreRequest) dimse.Status {
			time.Sleep(time.Minute) // virtual time
			return dimse.Success
		}})
		c := dial(t, l, service.Context{ctImage, []string{uid.ExplicitVRLittleEndian}})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begin := time.Now()
		_, err := c.Store(ctx, service.StoreObject{SOPClassUID: ctImage, SOPInstanceUID: "1.2", TransferSyntaxUID: uid.ExplicitVRLittleEndian, Data: strings.NewReader("x")})
		// A pipe has no buffer: the farewell to a peer that does not read takes
		// its whole time-out here.
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(begin) > 5*time.Second {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		_ = c.Close(t.Context())
	})
}

// PS3.6 has some 200 storage SOP classes and some 60 transfer syntaxes: each
// is accepted, and what is not of PS3.6 is not.
func TestNegotiation(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		var k archive
		// Some 260 associations one after the other: each gives its place back a
		// moment after the peer has gone on.
		serve(t, l, service.SCPConfig{Store: k.store, Acceptor: ul.AcceptorConfig{MaxAssociations: 1024}})
		try := func(contexts ...[]string) *pdu.AssociateAC {
			t.Helper()
			p := ultest.Connect(t, l, "10.0.0.1:1")
			rq := ultest.Request(contexts...)
			for _, c := range contexts {
				rq.User.RoleSelections = append(rq.User.RoleSelections, pdu.RoleSelection{SOPClassUID: c[0], SCU: true, SCP: true})
			}
			rq.User.ExtendedNegotiations = []pdu.ExtendedNegotiation{{SOPClassUID: ctImage, Information: []byte{2, 0, 3, 0, 1, 0}}}
			ac := p.Associate(rq)
			p.Release()
			return ac
		}
		for _, class := range uid.StorageSOPClasses() {
			if ac := try([]string{class.UID, uid.JPEG2000Lossless, uid.ImplicitVRLittleEndian}); ac.Contexts[0].Result != 0 || ac.Contexts[0].TransferSyntax != uid.JPEG2000Lossless {
				t.Errorf("%s: %+v", class.Name, ac.Contexts[0])
			}
		}
		for _, ts := range uid.TransferSyntaxes() {
			if ac := try([]string{ctImage, "1.2.840.113619.5.2", ts.UID}); ac.Contexts[0].Result != 0 || ac.Contexts[0].TransferSyntax != ts.UID {
				t.Errorf("%s: %+v", ts.Name, ac.Contexts[0])
			}
		}
		ac := try([]string{"1.3.12.2.1107.5.9.1", uid.ImplicitVRLittleEndian}, []string{ctImage, "1.2.840.113619.5.2"}, []string{uid.Verification, uid.ImplicitVRLittleEndian})
		for i, want := range []byte{pdu.ContextAbstractSyntaxNotSupported, pdu.ContextTransferSyntaxesNotSupported, pdu.ContextAccepted} {
			if ac.Contexts[i].Result != want {
				t.Errorf("context %d: %d, want %d", i, ac.Contexts[i].Result, want)
			}
		}
		if len(ac.User.RoleSelections) != 2 || !ac.User.RoleSelections[0].SCU || ac.User.RoleSelections[0].SCP {
			t.Errorf("roles %+v", ac.User.RoleSelections)
		}
		if len(ac.User.ExtendedNegotiations) != 1 || ac.User.ExtendedNegotiations[0].Information[0] != 2 {
			t.Errorf("extended %+v", ac.User.ExtendedNegotiations)
		}
	})
}

func TestLargestNegotiation(t *testing.T) {
	in(t, func(t *testing.T) {
		l := ultest.Listen()
		var k archive
		serve(t, l, service.SCPConfig{Store: k.store})
		var contexts [][]string
		for i := range 128 {
			c := []string{uid.StorageSOPClasses()[i].UID}
			for _, ts := range uid.TransferSyntaxes()[:40] {
				c = append(c, ts.UID)
			}
			contexts = append(contexts, c)
		}
		p := ultest.Connect(t, l, "10.0.0.1:1")
		ac := p.Associate(ultest.Request(contexts...))
		if len(ac.Contexts) != 128 || ac.Contexts[127].Result != pdu.ContextAccepted {
			t.Errorf("%d contexts", len(ac.Contexts))
		}
		p.Release()
	})
}
