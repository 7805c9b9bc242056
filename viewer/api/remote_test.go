package api

import (
	"net/http/httptest"
	"testing"
)

func TestRemoteHost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ addr, forwarded, want string }{
		{"192.0.2.7:5000", "", "192.0.2.7"},
		{"192.0.2.7:5000", "198.51.100.9", "192.0.2.7"}, // a stranger speaks for himself
		{"127.0.0.1:5000", "198.51.100.9", "198.51.100.9"},
		{"127.0.0.1:5000", "10.0.0.1, 198.51.100.9", "198.51.100.9"}, // what the proxy saw
		{"127.0.0.1:5000", "nonsense", "127.0.0.1"},
		{"[::1]:5000", "2001:db8::1", "2001:db8::1"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tc.addr
		if tc.forwarded != "" {
			r.Header.Set("X-Forwarded-For", tc.forwarded)
		}
		if got := remoteHost(r); got != tc.want {
			t.Errorf("%s for %q: %s, want %s", tc.addr, tc.forwarded, got, tc.want)
		}
	}
}

func TestAcceptsGzip(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]bool{
		"": false, "gzip": true, "GZIP": true, "br, gzip": true, "gzip;q=0": false, "gzip; q=0.5": true, "deflate": false, "x-gzip": false, "gzip;q=x": false,
	} {
		if acceptsGzip(field) != want {
			t.Errorf("Accept-Encoding %q: want %v", field, want)
		}
	}
}
