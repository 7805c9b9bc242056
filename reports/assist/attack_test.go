package assist

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// An engine is led nowhere else: not by a redirect of whatever kind, not by an address
// that is written another way, not by a proxy.
func TestEngineLeadsNowhere(t *testing.T) {
	t.Parallel()
	var led atomic.Int32
	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		led.Add(1)
		_, _ = io.WriteString(w, `{"engine":"thief 1","sections":{"findings":"x"}}`)
	}))
	t.Cleanup(elsewhere.Close)
	for _, code := range []int{301, 302, 303, 307, 308, 401, 407} {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Location", elsewhere.URL)
			w.Header().Set("Refresh", "0; url="+elsewhere.URL)
			w.WriteHeader(code)
		}))
		e, err := New(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Draft(t.Context(), Question{Language: "ja"}); !errors.Is(err, ErrEngine) {
			t.Errorf("%d: %v", code, err)
		}
		s.Close()
	}
	if n := led.Load(); n != 0 {
		t.Errorf("%d questions went elsewhere", n)
	}
	// Metadata services, the open net and nobody's addresses, however they are written.
	for _, address := range []string{
		"http://169.254.169.254/latest/meta-data", "http://[::ffff:169.254.169.254]/", "http://[fe80::1]/", "http://0.0.0.0:9/", "http://[::]:9/",
		"http://[::ffff:8.8.8.8]/", "http://[64:ff9b::a9fe:a9fe]/", "http://100.100.100.200/",
	} {
		e, err := New(address)
		if err != nil {
			continue // refused at the start is as good
		}
		if _, err := e.Draft(t.Context(), Question{}); err == nil || !strings.Contains(err.Error(), "outside the house") {
			t.Errorf("%s: %v", address, err)
		}
	}
	e, err := New("http://127.0.0.1:9/")
	if err != nil {
		t.Fatal(err)
	}
	if e.client.Transport.(*http.Transport).Proxy != nil {
		t.Error("what the environment names as proxy would hear the questions")
	}
}

// An engine that begins an answer and never ends it, or ends it amid, costs no more than
// its limits.
func TestEngineIsBounded(t *testing.T) {
	t.Parallel()
	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		chunk := strings.Repeat(" ", 64<<10)
		for {
			_, err := io.WriteString(w, chunk)
			if err != nil {
				return
			}
		}
	}))
	t.Cleanup(endless.Close)
	torn := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		c, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_, _ = io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{\"engine\":\"m 1\",\"text\":\"left")
			_ = c.Close()
		}
	}))
	t.Cleanup(torn.Close)
	for _, s := range []*httptest.Server{endless, torn} {
		e, err := New(s.URL)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Dictation(t.Context(), strings.NewReader("sound"), "audio/wav", "ja"); !errors.Is(err, ErrEngine) {
			t.Errorf("%v", err)
		}
	}
	// Every call ends by itself.
	for name, limit := range map[string]time.Duration{"dictation": dictating, "draft": drafting} {
		e := &Engine{url: "http://127.0.0.1:9/", client: &http.Client{Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			end, ok := r.Context().Deadline()
			if left := time.Until(end); !ok || left > limit {
				t.Errorf("%s: ends in %v, want at most %v", name, left, limit)
			}
			return nil, net.ErrClosed
		})}}
		if name == "draft" {
			_, _ = e.Draft(t.Context(), Question{})
		} else {
			_, _ = e.Dictation(t.Context(), strings.NewReader(""), "audio/wav", "ja")
		}
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }
