package api

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// forwarded is what a proxy says about whom it speaks for.
var forwarded = []string{"X-Forwarded-For", "X-Forwarded-Proto", "X-Forwarded-Host", "Forwarded"}

// Loopback is the proxies that are believed without being named: those on this machine.
func Loopback() []netip.Prefix {
	return []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
}

func within(a netip.Addr, list []netip.Prefix) bool {
	for _, p := range list {
		if p.Contains(a) {
			return true
		}
	}
	return false
}

// behindProxies gives every request the address of who has sent it. What a proxy says
// is believed when it is one of ours; of anybody else it is taken off the request,
// so that nothing behind this has to ask again.
func (s *server) behindProxies(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.RemoteAddr = s.sender(r)
		next.ServeHTTP(w, r)
	})
}

// sender is the address of who has sent a request, host:port.
func (s *server) sender(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil || !within(at.Addr().Unmap(), s.Proxies) {
		for _, name := range forwarded {
			r.Header.Del(name)
		}
		return r.RemoteAddr
	}
	// Each proxy appends whom it heard; the last that is none of ours is the sender.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	found := r.RemoteAddr
	for i := len(hops) - 1; i >= 0; i-- {
		a, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		a = a.Unmap().WithZone("")
		found = net.JoinHostPort(a.String(), "0")
		if !within(a, s.Proxies) {
			break
		}
	}
	return found
}

// remoteHost is the address the request came from, without its port.
func remoteHost(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}
