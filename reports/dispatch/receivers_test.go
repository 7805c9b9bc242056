package dispatch_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/dimse"
	"github.com/dokuei/dokuei/dicom/service"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/ul"
	"github.com/dokuei/dokuei/internal/freeport"
	"github.com/dokuei/dokuei/internal/hl7"
	"github.com/dokuei/dokuei/internal/mllp"
	"github.com/dokuei/dokuei/reports/fhir"
	"github.com/dokuei/dokuei/reports/oru"
	"github.com/dokuei/dokuei/reports/sr"
)

// ledger is what a receiver has taken: the IDs of reports, once a message, in the
// order of arrival.
type ledger struct {
	mu    sync.Mutex
	turns int
	seen  map[string]bool
	list  []string
}

// take notes a message of a report by what makes it the same when it comes again.
func (l *ledger) take(key, report string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.seen == nil {
		l.seen = map[string]bool{}
	}
	if !l.seen[key] {
		l.seen[key] = true
		l.list = append(l.list, report)
	}
}

func (l *ledger) turn() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.turns++
	return l.turns
}

// calls is how many turns there were.
func (l *ledger) calls() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.turns
}

func (l *ledger) taken() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.list)
}

// badMLLP answers each connection in another way, every seventh as it should, and is
// restarted again and again: for a while nobody listens.
func badMLLP(t *testing.T, l *ledger) string {
	t.Helper()
	serve := func(c net.Conn) {
		defer c.Close()
		turn := l.turn() % 7
		if turn == 1 {
			return // refuses
		}
		raw, err := mllp.Read(bufio.NewReader(c), 8<<20)
		if err != nil {
			return
		}
		m, err := hl7.Parse(raw)
		if err != nil {
			t.Error(err)
			return
		}
		r, _, err := oru.Parse(m)
		if err != nil {
			t.Error(err)
			return
		}
		ack := func(code, id string) {
			a, _ := hl7.Ack(m, code, "", "A"+id, time.Now()).Encode()
			if id != m.ControlID() {
				a = bytes.ReplaceAll(a, []byte(m.ControlID()), []byte(id))
			}
			_ = mllp.Write(c, a)
		}
		switch turn {
		case 2: // hangs until the sender gives up
			_, _ = c.Read(make([]byte, 1))
		case 3:
			_, _ = c.Write([]byte("\x0bHTTP/1.0 400\r\x1c\r"))
		case 4: // takes it, and dies before it can say so
			l.take(m.ControlID(), r.ID)
		case 5:
			ack("AE", m.ControlID())
		case 6: // an acknowledgement of something else first, then twice the right one
			ack("AA", "OTHER")
			l.take(m.ControlID(), r.ID)
			ack("AA", m.ControlID())
			ack("AA", m.ControlID())
		default:
			l.take(m.ControlID(), r.ID)
			ack("AA", m.ControlID())
		}
	}
	const between = 25 // connections, from start to restart
	address := fmt.Sprint("127.0.0.1:", freeport.For(t))
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	t.Cleanup(func() { stop(); <-done })
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			if listener, err := net.Listen("tcp", address); err == nil {
				end := context.AfterFunc(ctx, func() { _ = listener.Close() })
				for range between {
					c, err := listener.Accept()
					if err != nil {
						break
					}
					go serve(c)
				}
				end()
				_ = listener.Close()
			}
			select {
			case <-ctx.Done():
			case <-time.After(patience / 8):
			}
		}
	}()
	return address
}

// badHTTP likewise.
func badHTTP(t *testing.T, bundles, notices *ledger) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return
		}
		switch bundles.turn() % 7 {
		case 1:
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		case 2:
			http.Redirect(w, req, "http://127.0.0.1:1/elsewhere", http.StatusTooManyRequests)
			return
		case 3:
			panic(http.ErrAbortHandler) // the connection ends in the middle
		case 4: // hangs until the sender has given up
			select {
			case <-req.Context().Done():
			case <-time.After(4 * patience):
			}
			return
		case 5:
			if c, _, err := http.NewResponseController(w).Hijack(); err == nil {
				_, _ = c.Write([]byte("\x0bMSH|nobody speaks HTTP here\r\n\r\n"))
				_ = c.Close()
			}
			return
		}
		if req.URL.Path == "/notice" {
			var n struct{ Report, Hospital string }
			if err := json.Unmarshal(body, &n); err != nil {
				t.Error(err)
			}
			for _, secret := range []string{"YAMADA", "山田", "kaifu-", "被殻"} {
				if strings.Contains(string(body), secret) {
					t.Errorf("a notice holds %q", secret)
				}
			}
			notices.take(n.Report, n.Report)
			return
		}
		r, _, err := fhir.Parse(body)
		if err != nil {
			t.Error(err)
			return
		}
		bundles.take(r.ContentHash, r.ID)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// badPACS is a receiver of DICOM objects; it gives its port.
func badPACS(t *testing.T, l *ledger) int {
	t.Helper()
	store := func(ctx context.Context, r service.StoreRequest) dimse.Status {
		turn := l.turn() % 7
		if turn == 1 {
			_ = r.Association.Abort(io.ErrUnexpectedEOF) // dies before it has it
			return dimse.ProcessingFailure
		}
		raw, err := io.ReadAll(r.Data)
		if err != nil {
			return dimse.ProcessingFailure
		}
		d, err := dataset.Read(bytes.NewReader(raw), stream.SyntaxFor(r.TransferSyntaxUID), stream.Limits{})
		if err != nil {
			t.Error(err)
			return dimse.ProcessingFailure
		}
		parsed, err := sr.Parse(d)
		if err != nil {
			t.Error(err)
			return dimse.ProcessingFailure
		}
		switch turn {
		case 2:
			return dimse.OutOfResources
		case 3: // hangs until the sender has given up
			select {
			case <-ctx.Done():
			case <-time.After(2 * patience):
			}
			return dimse.ProcessingFailure
		case 4: // has it, and dies before it can say so
			l.take(r.SOPInstanceUID, parsed.ID)
			_ = r.Association.Abort(io.ErrUnexpectedEOF)
			return dimse.ProcessingFailure
		case 5:
			l.take(r.SOPInstanceUID, parsed.ID)
			return dimse.DuplicateSOPInstance
		}
		l.take(r.SOPInstanceUID, parsed.ID)
		return dimse.Success
	}
	scp, err := service.NewSCP(service.SCPConfig{Acceptor: ul.AcceptorConfig{Config: ul.Config{AETitle: "PACS2"}, Grace: time.Second}, Store: store})
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); _ = scp.Serve(ctx, listener) }()
	t.Cleanup(func() { stop(); _ = listener.Close(); <-done })
	return listener.Addr().(*net.TCPAddr).Port
}
