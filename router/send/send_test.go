package send_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/pdu"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/dicom/ul/ultest"
	"github.com/dokuei/dokuei/router/send"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const ctImage = "1.2.840.10008.5.1.4.1.1.2"

// receiver is a provider that keeps what it is sent and can be told to fail.
type receiver struct {
	mu      sync.Mutex
	got     map[string][]byte
	syntax  map[string]string
	calls   int
	verdict func(call int, r service.StoreRequest) dimse.Status // before reading; nil is success
}

func (k *receiver) store(_ context.Context, r service.StoreRequest) dimse.Status {
	k.mu.Lock()
	k.calls++
	call := k.calls
	k.mu.Unlock()
	if k.verdict != nil {
		if s := k.verdict(call, r); s != dimse.Success {
			return s
		}
	}
	b, err := io.ReadAll(r.Data)
	if err != nil {
		return dimse.CannotUnderstand
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.got == nil {
		k.got, k.syntax = map[string][]byte{}, map[string]string{}
	}
	k.got[r.SOPInstanceUID], k.syntax[r.SOPInstanceUID] = b, r.TransferSyntaxUID
	return dimse.Success
}

// listen serves k on an in-memory network until the test ends.
func listen(t *testing.T, k *receiver, cfg ul.AcceptorConfig) *ultest.Listener {
	t.Helper()
	l := ultest.Listen()
	cfg.AETitle = "PACS"
	s, err := service.NewSCP(service.SCPConfig{Acceptor: cfg, Store: k.store})
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
	return l
}

func options(l *ultest.Listener) send.Options {
	return send.Options{Addr: "10.0.0.9:104", CallingAE: "DOKUEI", CalledAE: "PACS", Dialer: l}
}

// object writes an instance to a file and gives the bytes of its data set.
func object(t *testing.T, path, instance, ts string) []byte {
	t.Helper()
	d := dataset.New()
	d.SetString(tag.SOPClassUID, "UI", ctImage)
	d.SetString(tag.SOPInstanceUID, "UI", instance)
	d.SetString(tag.PatientName, "PN", "Test^"+instance)
	syntax, _ := uid.LookupTransferSyntax(ts)
	if syntax.Encapsulated {
		d.SetFragments(tag.PixelData, nil, []byte{0xFF, 0xD8, 0xFF, 0xD9})
	} else {
		d.SetInt(tag.Rows, "US", 2)
		d.SetBytes(tag.PixelData, "OW", bytes.Repeat([]byte{1, 2}, 5000))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	var file, data bytes.Buffer
	if err := errors.Join(dataset.WriteFile(&file, d, syntax), d.Encode(&data, syntax), os.WriteFile(path, file.Bytes(), 0o600)); err != nil {
		t.Fatal(err)
	}
	return data.Bytes()
}

func in(t *testing.T, f func(t *testing.T)) {
	t.Helper()
	t.Parallel()
	synctest.Test(t, f)
}

func TestFolder(t *testing.T) {
	in(t, func(t *testing.T) {
		dir := t.TempDir()
		want := map[string][]byte{}
		for i := range 40 {
			id := fmt.Sprint("2.25.1.", i)
			ts := []string{uid.ExplicitVRLittleEndian, uid.ImplicitVRLittleEndian, uid.JPEGBaseline8Bit, uid.DeflatedExplicitVRLittleEndian}[i%4]
			want[id] = object(t, filepath.Join(dir, fmt.Sprint("series", i%3), fmt.Sprint("im", i)), id, ts)
		}
		for name, text := range map[string]string{"README.txt": "hello", "empty": "", "zeros": strings.Repeat("\x00", 500)} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		var k receiver
		o := options(listen(t, &k, ul.AcceptorConfig{}))
		var last send.Progress
		o.Progress = func(p send.Progress) { last = p }
		r, err := send.Run(t.Context(), []string{dir, filepath.Join(dir, "series0")}, o)
		if err != nil || r.Sent != 40 || r.Found != 40 || len(r.Failed) != 0 || len(r.Ignored) != 3 {
			t.Errorf("%+v, %v", r, err)
		}
		for id, b := range want {
			if !bytes.Equal(k.got[id], b) {
				t.Errorf("%s arrived changed", id)
			}
		}
		if !last.Done || last.Sent != 40 || last.Files != 40 || last.Bytes != last.BytesTotal || last.Bytes != r.Bytes {
			t.Errorf("progress %+v", last)
		}
	})
}

func TestResume(t *testing.T) {
	in(t, func(t *testing.T) {
		dir := t.TempDir()
		for i := range 10 {
			object(t, filepath.Join(dir, "in", fmt.Sprint(i)), fmt.Sprint("2.25.1.", i), uid.ExplicitVRLittleEndian)
		}
		// The first run is stopped after the fifth answer.
		ctx, cancel := context.WithCancel(t.Context())
		k := receiver{verdict: func(call int, _ service.StoreRequest) dimse.Status {
			if call == 6 {
				cancel()
			}
			return dimse.Success
		}}
		o := options(listen(t, &k, ul.AcceptorConfig{}))
		o.Journal, o.Associations = filepath.Join(dir, "journal"), 1
		r, err := send.Run(ctx, []string{filepath.Join(dir, "in")}, o)
		if !errors.Is(err, context.Canceled) || r.Sent < 5 || r.Sent+r.Unsent != 10 {
			t.Fatalf("%+v, %v", r, err)
		}
		first := r.Sent
		// A kill may tear the last line.
		j, err := os.OpenFile(o.Journal, os.O_WRONLY|os.O_APPEND, 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := j.WriteString("0123abc"); err != nil {
			t.Fatal(err)
		}
		_ = j.Close()
		// One of the files that were sent changes.
		object(t, filepath.Join(dir, "in", "0"), "2.25.1.0", uid.ImplicitVRLittleEndian)
		r, err = send.Run(t.Context(), []string{filepath.Join(dir, "in")}, o)
		if err != nil || r.Skipped != first-1 || r.Sent != 10-first+1 {
			t.Errorf("second run: %+v, %v; the first sent %d", r, err, first)
		}
		r, err = send.Run(t.Context(), []string{filepath.Join(dir, "in")}, o)
		if err != nil || r.Skipped != 10 || r.Sent != 0 {
			t.Errorf("third run: %+v, %v", r, err)
		}
		o.CalledAE = "PACS" // another address is another destination
		o.Addr = "10.0.0.8:104"
		r, err = send.Run(t.Context(), []string{filepath.Join(dir, "in")}, o)
		if err != nil || r.Sent != 10 {
			t.Errorf("other destination: %+v, %v", r, err)
		}
		text, err := os.ReadFile(o.Journal)
		if err != nil || bytes.Contains(text, []byte("2.25")) {
			t.Error("UIDs in the journal")
		}
	})
}

// picky accepts only the given transfer syntaxes.
func picky(t *testing.T, syntaxes ...string) (l *ultest.Listener, got map[string][]byte, syntax map[string]string) {
	t.Helper()
	l, got, syntax = ultest.Listen(), map[string][]byte{}, map[string]string{}
	var mu sync.Mutex
	a, err := ul.NewAcceptor(ul.AcceptorConfig{
		Config: ul.Config{AETitle: "PACS"},
		Negotiate: func(rq *pdu.AssociateRQ) (a ul.Answer) {
			for _, c := range rq.Contexts {
				r := pdu.PresentationContextAC{ID: c.ID, Result: pdu.ContextTransferSyntaxesNotSupported}
				for _, ts := range syntaxes {
					if ts == c.TransferSyntaxes[0] {
						r.Result, r.TransferSyntax = pdu.ContextAccepted, ts
					}
				}
				a.Contexts = append(a.Contexts, r)
			}
			return a
		},
		Serve: func(_ context.Context, a *ul.Association) error {
			conn := dimse.NewConn(a)
			for {
				in, err := conn.Receive()
				if err != nil {
					if err == io.EOF {
						return nil
					}
					return err
				}
				b, err := io.ReadAll(in.Data)
				if err != nil {
					return err
				}
				m := in.Message.(*dimse.CStoreRQ)
				mu.Lock()
				got[m.AffectedSOPInstanceUID], syntax[m.AffectedSOPInstanceUID] = b, in.Context.TransferSyntax
				mu.Unlock()
				if err := conn.Send(in.Context.ID, m.Response(dimse.Success, ""), nil); err != nil {
					return err
				}
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.Serve(ctx, l) }()
	t.Cleanup(func() { cancel(); <-done })
	return l, got, syntax
}

func TestConversion(t *testing.T) {
	in(t, func(t *testing.T) {
		dir := t.TempDir()
		want := map[string][]byte{}
		from := map[string]string{"2.25.1": uid.ExplicitVRLittleEndian, "2.25.2": uid.DeflatedExplicitVRLittleEndian, "2.25.3": uid.ExplicitVRBigEndian, "2.25.4": uid.ImplicitVRLittleEndian}
		for id, ts := range from {
			want[id] = object(t, filepath.Join(dir, id), id, ts)
		}
		object(t, filepath.Join(dir, "video"), "2.25.5", uid.MPEG2MainProfileMainLevel)
		l, got, syntax := picky(t, uid.ImplicitVRLittleEndian)
		r, err := send.Run(t.Context(), []string{dir}, options(l))
		if err != nil || r.Sent != 4 || len(r.Failed) != 1 {
			t.Fatalf("%+v, %v", r, err)
		}
		for id, b := range want {
			a, _ := uid.LookupTransferSyntax(from[id])
			c, _ := uid.LookupTransferSyntax(uid.ImplicitVRLittleEndian)
			if same, err := stream.EqualDataSets(bytes.NewReader(b), a, bytes.NewReader(got[id]), c); err != nil || !same || syntax[id] != c.UID {
				t.Errorf("%s from %s: same %v, %v", id, a.Name, same, err)
			}
		}
		if p := r.Failed[0]; filepath.Base(p.Path) != "video" || !strings.Contains(p.Next, "decompress") {
			t.Errorf("%v", p)
		}
	})
}

func TestPeerThatFails(t *testing.T) {
	cases := []struct {
		name    string
		verdict func(call int, r service.StoreRequest) dimse.Status
		sent    int
		failed  string // part of the advice
		calls   int
	}{
		{"out of resources, then not", func(call int, _ service.StoreRequest) dimse.Status {
			if call <= 2 {
				return dimse.OutOfResources
			}
			return dimse.Success
		}, 1, "", 3},
		{"out of resources for good", func(int, service.StoreRequest) dimse.Status { return dimse.OutOfResources }, 0, "out of space", 4},
		{"cannot understand", func(int, service.StoreRequest) dimse.Status { return dimse.CannotUnderstand }, 0, "damaged", 1},
		{"aborts twice", func(call int, r service.StoreRequest) dimse.Status {
			if call <= 2 {
				_ = r.Association.Abort(errors.New("no mood"))
			}
			return dimse.Success
		}, 1, "", 3},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			in(t, func(t *testing.T) {
				dir := t.TempDir()
				object(t, filepath.Join(dir, "a"), "2.25.1", uid.ExplicitVRLittleEndian)
				k := receiver{verdict: c.verdict}
				r, err := send.Run(t.Context(), []string{dir}, options(listen(t, &k, ul.AcceptorConfig{})))
				if err != nil || r.Sent != c.sent || len(r.Failed) != 1-c.sent || k.calls != c.calls {
					t.Fatalf("%+v, %v, %d calls", r, err, k.calls)
				}
				if len(r.Failed) > 0 && !strings.Contains(r.Failed[0].Next, c.failed) {
					t.Errorf("%v", r.Failed[0])
				}
			})
		})
	}
}

// A peer with room for one association gets all files over one.
func TestFewerAssociations(t *testing.T) {
	in(t, func(t *testing.T) {
		dir := t.TempDir()
		for i := range 20 {
			object(t, filepath.Join(dir, fmt.Sprint(i)), fmt.Sprint("2.25.1.", i), uid.ExplicitVRLittleEndian)
		}
		var k receiver
		o := options(listen(t, &k, ul.AcceptorConfig{MaxAssociations: 1}))
		o.Associations = 8
		if r, err := send.Run(t.Context(), []string{dir}, o); err != nil || r.Sent != 20 {
			t.Errorf("%+v, %v", r, err)
		}
	})
}

func TestUnreachable(t *testing.T) {
	in(t, func(t *testing.T) {
		dir := t.TempDir()
		for i := range 3 {
			object(t, filepath.Join(dir, fmt.Sprint(i)), fmt.Sprint("2.25.1.", i), uid.ExplicitVRLittleEndian)
		}
		var k receiver
		o := options(listen(t, &k, ul.AcceptorConfig{}))
		o.CalledAE = "SOMEBODY"
		r, err := send.Run(t.Context(), []string{dir}, o)
		var gone *send.UnreachableError
		if !errors.As(err, &gone) || !strings.Contains(gone.Next, "--aec") || r.Unsent != 3 {
			t.Errorf("%+v, %v", r, err)
		}
		o.Dialer = refuse{}
		begin := time.Now()
		r, err = send.Run(t.Context(), []string{dir}, o)
		if !errors.As(err, &gone) || !strings.Contains(gone.Reason, "no connection") || r.Unsent != 3 {
			t.Errorf("%+v, %v", r, err)
		}
		if d := time.Since(begin); d != 7*time.Second { // 1 + 2 + 4
			t.Errorf("gave up after %v", d)
		}
	})
}

type refuse struct{}

func (refuse) DialContext(context.Context, string, string) (net.Conn, error) {
	return nil, &net.OpError{Op: "dial", Net: "tcp", Err: errors.New("connection refused")}
}

func TestBadFiles(t *testing.T) {
	in(t, func(t *testing.T) {
		dir := t.TempDir()
		object(t, filepath.Join(dir, "good"), "2.25.1", uid.ExplicitVRLittleEndian)
		whole, err := os.ReadFile(filepath.Join(dir, "good"))
		if err != nil {
			t.Fatal(err)
		}
		// Cut inside the SOP Instance UID of the data set.
		cut := whole[:bytes.LastIndex(whole, []byte("2.25.1"))+3]
		if err := os.WriteFile(filepath.Join(dir, "cut"), cut, 0o600); err != nil {
			t.Fatal(err)
		}
		var k receiver
		r, err := send.Run(t.Context(), []string{dir, filepath.Join(dir, "missing")}, options(listen(t, &k, ul.AcceptorConfig{})))
		if err != nil || r.Sent != 1 || len(r.Failed) != 2 {
			t.Errorf("%+v, %v", r, err)
		}
		for _, p := range r.Failed {
			if p.Reason == "" || p.Next == "" {
				t.Errorf("no advice: %+v", p)
			}
		}
	})
}
