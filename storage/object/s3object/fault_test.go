package s3object_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/minio/minio-go/v7"

	"github.com/dokuei/dokuei/storage/object"
	"github.com/dokuei/dokuei/storage/object/objecttest"
	"github.com/dokuei/dokuei/storage/object/retried"
	"github.com/dokuei/dokuei/storage/object/s3object/s3test"
)

// line stands between store and server and misbehaves.
type line struct {
	URL string
	// fault answers instead of the server when it returns true.
	fault atomic.Pointer[func(w http.ResponseWriter, r *http.Request) bool]
}

func newLine(t *testing.T, s *s3test.Server) *line {
	t.Helper()
	to, err := url.Parse(s.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	l := &line{}
	proxy := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(to)
		r.Out.Host = r.In.Host // it is signed
	}}
	front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if f := l.fault.Load(); f != nil && (*f)(w, r) {
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(front.Close)
	l.URL = front.URL
	return l
}

func (l *line) set(f func(w http.ResponseWriter, r *http.Request) bool) { l.fault.Store(&f) }

// first makes f answer the first n requests of a method.
func first(n int64, method string, f http.HandlerFunc) func(w http.ResponseWriter, r *http.Request) bool {
	var count atomic.Int64
	return func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method != method || count.Add(1) > n {
			return false
		}
		f(w, r)
		return true
	}
}

func unavailable(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = io.WriteString(w, `<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>`)
}

func hangUp(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// halfBody promises a body and ends in its middle.
func halfBody(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "1000")
	w.Header().Set("Content-Range", "bytes 0-999/1000")
	w.Header().Set("Last-Modified", time.Unix(1_700_000_000, 0).UTC().Format(http.TimeFormat))
	w.WriteHeader(http.StatusPartialContent)
	_, _ = w.Write(make([]byte, 400))
	panic(http.ErrAbortHandler)
}

// patiently is how the program asks a bucket.
func patiently(s object.Store, patience time.Duration) object.Store {
	return retried.New(s, retried.Options{Patience: patience})
}

func bytesOf(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i * 11 >> 3)
	}
	return b
}

func TestPassingFaults(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	l := newLine(t, server)
	opt := options(t, server)
	opt.Endpoint = l.URL
	s := patiently(mustOpen(t, opt), 0)
	content := bytesOf(70_000)
	for _, c := range []struct {
		name   string
		method string
		fault  http.HandlerFunc
	}{
		{"put: 503", http.MethodPut, unavailable},
		{"put: connection lost", http.MethodPut, hangUp},
		{"get: 503", http.MethodGet, unavailable},
		{"get: connection lost", http.MethodGet, hangUp},
		{"get: body cut short", http.MethodGet, halfBody},
	} {
		key := "f/" + strings.Map(func(r rune) rune {
			if r < 'a' || r > 'z' {
				return -1
			}
			return r
		}, c.name)
		l.set(first(2, c.method, c.fault))
		if err := objecttest.Put(t.Context(), s, key, content); err != nil {
			t.Errorf("%s: put: %v", c.name, err)
			continue
		}
		got, err := objecttest.Get(t.Context(), s, key)
		if err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: get: %d bytes, %v", c.name, len(got), err)
		}
	}
}

// A server that acknowledges too late has stored the object; the repetition finds
// it there and is content.
func TestLostAnswer(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	l := newLine(t, server)
	opt := options(t, server)
	opt.Endpoint = l.URL
	s := patiently(mustOpen(t, opt), 0)
	to, _ := url.Parse(server.Endpoint)
	l.set(first(1, http.MethodPut, func(_ http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(to); p.Out.Host = p.In.Host }}
		proxy.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK {
			t.Errorf("the server answered %d", rec.Code)
		}
		panic(http.ErrAbortHandler)
	}))
	if err := objecttest.Put(t.Context(), s, "a/b", bytesOf(5000)); err != nil {
		t.Fatal(err)
	}
	if info, err := s.Stat(t.Context(), "a/b"); err != nil || info.Size != 5000 {
		t.Error(info, err)
	}
}

// What stays broken is reported within Patience, and nothing is left in the spool.
func TestLastingFaults(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	l := newLine(t, server)
	opt := options(t, server)
	opt.Endpoint = l.URL
	s := patiently(mustOpen(t, opt), 300*time.Millisecond)
	l.set(func(w http.ResponseWriter, r *http.Request) bool { unavailable(w, r); return true })
	begin := time.Now()
	if err := objecttest.Put(t.Context(), s, "a/b", bytesOf(5000)); err == nil {
		t.Error("acknowledged by nobody")
	}
	if d := time.Since(begin); d > time.Minute {
		t.Errorf("took %v", d)
	}
	l.set(func(http.ResponseWriter, *http.Request) bool { return false })
	if _, err := s.Stat(t.Context(), "a/b"); !errors.Is(err, object.ErrNotFound) {
		t.Error(err)
	}
	if err := objecttest.Put(t.Context(), s, "a/b", bytesOf(5000)); err != nil {
		t.Errorf("after recovery: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	l.set(func(http.ResponseWriter, *http.Request) bool { cancel(); panic(http.ErrAbortHandler) })
	if err := objecttest.Put(ctx, s, "a/c", bytesOf(5000)); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// A line that changes bytes on their way up is found by the signature.
func TestChangedOnTheWay(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	l := newLine(t, server)
	opt := options(t, server)
	opt.Endpoint = l.URL
	s := patiently(mustOpen(t, opt), 300*time.Millisecond)
	l.set(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodPut {
			r.Body = struct {
				io.Reader
				io.Closer
			}{&flip{r.Body}, r.Body}
		}
		return false
	})
	if err := objecttest.Put(t.Context(), s, "a/b", bytesOf(5000)); err == nil {
		t.Error("taken")
	}
	if _, err := s.Stat(t.Context(), "a/b"); !errors.Is(err, object.ErrNotFound) {
		t.Error("stored:", err)
	}
}

type flip struct{ r io.Reader }

func (f *flip) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	if n > 0 {
		p[0] ^= 1
	}
	return n, err
}

// kill -9 of the server in the middle: a restart is a delay.
func TestServerRestarts(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	if server.Region != s3test.Region {
		t.Log("somebody else's server is not ours to kill: left out")
		return
	}
	s := patiently(mustOpen(t, options(t, server)), 0)
	if err := objecttest.Put(t.Context(), s, "a/b", bytesOf(5000)); err != nil {
		t.Fatal(err)
	}
	server.Kill(t)
	done := make(chan error, 1)
	go func() { done <- objecttest.Put(t.Context(), s, "a/c", bytesOf(6000)) }()
	server.Resume(t)
	if err := <-done; err != nil {
		t.Error(err)
	}
	for key, n := range map[string]int{"a/b": 5000, "a/c": 6000} {
		if got, err := objecttest.Get(t.Context(), s, key); err != nil || !bytes.Equal(got, bytesOf(n)) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
}

// A truncated object under the key is not the content that the key names.
func TestDamagedObjectGivesWay(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	opt := options(t, server)
	s := mustOpen(t, opt)
	_, err := server.Client().PutObject(t.Context(), opt.Bucket, opt.Prefix+"/a/b", strings.NewReader("torn"), 4, minio.PutObjectOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if err := objecttest.Put(t.Context(), s, "a/b", bytesOf(5000)); err != nil {
		t.Fatal(err)
	}
	if got, err := objecttest.Get(t.Context(), s, "a/b"); err != nil || !bytes.Equal(got, bytesOf(5000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

// A server that crashed in a PUT may say that the object exists and not have it: it
// gets it again.
func TestServerHasOnlyNotes(t *testing.T) {
	t.Parallel()
	server := s3test.Start(t)
	opt := options(t, server)
	s := patiently(mustOpen(t, opt), time.Second)
	const key = "a/b.dcm"
	if err := objecttest.Put(t.Context(), s, key, bytesOf(5000)); err != nil {
		t.Fatal(err)
	}
	server.Lose(t)
	_, err := s.Stat(t.Context(), key)
	t.Logf("described as: %v", err)
	if err := objecttest.Put(t.Context(), s, key, bytesOf(5000)); err != nil {
		t.Fatal(err)
	}
	if got, err := objecttest.Get(t.Context(), s, key); err != nil || !bytes.Equal(got, bytesOf(5000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}
