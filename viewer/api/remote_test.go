package api

import (
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestSender(t *testing.T) {
	t.Parallel()
	s := &server{Deps: Deps{Proxies: append(Loopback(), netip.MustParsePrefix("10.0.0.0/24"))}}
	for _, tc := range []struct{ addr, said, want string }{
		{"192.0.2.7:5000", "", "192.0.2.7"},
		{"192.0.2.7:5000", "198.51.100.9", "192.0.2.7"}, // a stranger speaks for himself
		{"127.0.0.1:5000", "198.51.100.9", "198.51.100.9"},
		{"127.0.0.1:5000", "10.1.0.1, 198.51.100.9", "198.51.100.9"},              // what the proxy saw
		{"127.0.0.1:5000", "203.0.113.1, 198.51.100.9, 10.0.0.7", "198.51.100.9"}, // through two of ours
		{"10.0.0.7:5000", "198.51.100.9", "198.51.100.9"},
		{"10.0.1.7:5000", "198.51.100.9", "10.0.1.7"},
		{"127.0.0.1:5000", "nonsense", "127.0.0.1"},
		{"127.0.0.1:5000", "nonsense, 198.51.100.9", "198.51.100.9"},
		{"[::1]:5000", "2001:db8::1", "2001:db8::1"},
		{"[::ffff:127.0.0.1]:5000", "::ffff:198.51.100.9", "198.51.100.9"},
	} {
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = tc.addr
		r.Header.Set("X-Forwarded-Proto", "https")
		if tc.said != "" {
			r.Header.Set("X-Forwarded-For", tc.said)
		}
		r.RemoteAddr = s.sender(r)
		if got := remoteHost(r); got != tc.want {
			t.Errorf("%s for %q: %s, want %s", tc.addr, tc.said, got, tc.want)
		}
		if believed := tc.addr != "192.0.2.7:5000" && tc.addr != "10.0.1.7:5000"; encrypted(r) != believed {
			t.Errorf("%s: HTTPS believed: %v", tc.addr, !believed)
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
