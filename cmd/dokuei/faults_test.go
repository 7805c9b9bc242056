package main

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/dokuei/dokuei/storage/object/fsobject"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// asBadDisk names the file that tells the program's disk how to fail.
const asBadDisk = "TEST_BAD_DISK"

// badDisk fails as the file order says, for as long as it is there: "create erofs",
// "sync eio", "write torn" …
type badDisk struct {
	fsobject.Files
	order string
}

func (d badDisk) fault(call string) error {
	raw, err := os.ReadFile(d.order)
	if err != nil {
		return nil // no order: all is well
	}
	what, how, _ := strings.Cut(strings.TrimSpace(string(raw)), " ")
	switch {
	case what != call:
		return nil
	case how == "erofs":
		return syscall.EROFS
	}
	return syscall.EIO
}

func (d badDisk) Create(name string) (fsobject.File, error) {
	if err := d.fault("create"); err != nil {
		return nil, err
	}
	f, err := d.Files.Create(name)
	return badFile{f, d}, err
}

func (d badDisk) Rename(from, to string) error {
	if err := d.fault("rename"); err != nil {
		return err
	}
	return d.Files.Rename(from, to)
}

func (d badDisk) RenameNew(from, to string) error {
	if err := d.fault("rename"); err != nil {
		return err
	}
	return d.Files.RenameNew(from, to)
}

func (d badDisk) SyncDir(name string) error {
	if err := d.fault("syncdir"); err != nil {
		return err
	}
	return d.Files.SyncDir(name)
}

type badFile struct {
	fsobject.File
	disk badDisk
}

// Write tears: a part is written, and then it fails.
func (f badFile) Write(b []byte) (int, error) {
	if err := f.disk.fault("write"); err != nil {
		n, _ := f.File.Write(b[:len(b)/2])
		return n, err
	}
	return f.File.Write(b)
}

func (f badFile) Sync() error {
	if err := f.disk.fault("sync"); err != nil {
		return err
	}
	return f.File.Sync()
}

// A disk that fails at any of its calls while images come in: each sender is told so
// and sends again, nothing that was acknowledged is lost or torn, and it goes on by
// itself when the disk does.
func TestDiskFails(t *testing.T) {
	order := filepath.Join(t.TempDir(), "order")
	t.Setenv(asBadDisk, order)
	data := t.TempDir()
	faults := []string{"create erofs", "write torn", "sync eio", "rename erofs", "syncdir eio"}
	n := 0
	outageIn(t, data, filepath.Join(data, "dokuei.db"), nil, len(faults), func(h *hospital) {
		before := h.refusals()
		writeFile(t, order, faults[n])
		eventually(t, faults[n]+": senders are told", func() bool { return h.refusals() >= before+3 })
		if err := os.Remove(order); err != nil {
			t.Fatal(err)
		}
		n++
	})
	if left, _ := filepath.Glob(filepath.Join(data, "objects", "spool", "*")); len(left) != 0 {
		t.Errorf("%d files left in the spool", len(left))
	}
}

func (h *hospital) refusals() int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.refused
}

// badLine stands before an object store and misbehaves.
type badLine struct {
	URL  string
	mode atomic.Value // string: "", unavailable, silent, slow
	hits atomic.Int64 // requests that met a fault
}

func newBadLine(t *testing.T, s *s3test.Server) *badLine {
	t.Helper()
	to, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	l := &badLine{}
	l.mode.Store("")
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(to)
			r.Out.Host = r.In.Host // it is signed
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { panic(http.ErrAbortHandler) },
	}
	ended := make(chan struct{})
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mode := l.mode.Load().(string)
		if mode != "" {
			l.hits.Add(1)
		}
		switch mode {
		case "unavailable":
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`)
			return
		case "silent": // a partition: nothing comes back, ever
			select {
			case <-r.Context().Done():
			case <-ended:
			}
			panic(http.ErrAbortHandler)
		case "slow":
			timer := time.NewTimer(300 * time.Millisecond)
			defer timer.Stop()
			select {
			case <-r.Context().Done():
			case <-timer.C:
			}
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		close(ended)
		front.Close()
	})
	l.URL = front.URL
	return l
}

// The object store answers 503, then slowly, then not at all for a while (OUTAGE, a
// minute in make crash): a delay or a failure for the senders, no loss.
func TestObjectStoreMisbehaves(t *testing.T) {
	t.Parallel()
	away := 3 * time.Second
	if s := os.Getenv("OUTAGE"); s != "" {
		var err error
		if away, err = time.ParseDuration(s); err != nil {
			t.Fatalf("OUTAGE=%s: %v", s, err)
		}
	}
	s3 := s3test.Start(t)
	line := newBadLine(t, s3)
	modes := []string{"unavailable", "slow", "silent"}
	n := 0
	outage(t, t.TempDir()+"/dokuei.db", []string{
		"--objects", "s3://" + s3.Bucket(t, false) + "?endpoint=" + line.URL + "&region=" + s3.Region,
		"--s3-access-key", s3.AccessKey, "--s3-secret-key", s3.SecretKey,
	}, len(modes), func() {
		before := line.hits.Load()
		line.mode.Store(modes[n])
		eventually(t, modes[n]+": it is met", func() bool { return line.hits.Load() >= before+3 })
		if modes[n] == "silent" {
			timer := time.NewTimer(away)
			defer timer.Stop()
			<-timer.C
		}
		line.mode.Store("")
		n++
	})
}

// SIGTERM while four senders are at work, several times: what was acknowledged is
// there, it ends in time, and nothing is left half-written.
func TestStopUnderLoad(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	database := filepath.Join(data, "dokuei.db")
	mustRun(t, "apply", "--data", data, "-f", writeFile(t, t.TempDir()+"/site.yaml", network))
	h := &hospital{changed: make(chan struct{})}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var wg sync.WaitGroup
	for k := range 4 {
		wg.Go(func() { h.work(ctx, rand.New(rand.NewPCG(7, uint64(k)))) })
	}
	var worst time.Duration
	for range 3 {
		s := serve(t, data)
		h.reach(s.DICOM)
		h.await(t, 40, patience)
		h.reach("")
		began := time.Now()
		s.stop(t)
		worst = max(worst, time.Since(began))
		if left, _ := filepath.Glob(filepath.Join(data, "objects", "spool", "*")); len(left) != 0 {
			t.Errorf("%d files left in the spool", len(left))
		}
	}
	if worst > 30*time.Second && !raceEnabled {
		t.Errorf("it took %v to stop", worst)
	}
	s := serve(t, data)
	h.finish()
	h.reach(s.DICOM)
	wg.Wait()
	released(t, h, s)
	s.stop(t)
	store, err := localObjects(data)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	missing, corrupt, orphans := compare(t, h, store, database)
	if missing+corrupt+orphans > 0 {
		t.Errorf("of %d acknowledged: missing %d, corrupt %d, objects without a row %d", h.count(), missing, corrupt, orphans)
	}
	t.Logf("%d images acknowledged around 3 stops, the slowest %v", h.count(), worst.Round(time.Millisecond))
}
