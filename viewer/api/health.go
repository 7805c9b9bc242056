package api

import (
	"io"
	"net"
	"net/http"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dokuei/dokuei/storage/identity"
)

// healthz says that the process lives.
func (s *server) healthz(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// readyz says whether the service can take work.
func (s *server) readyz(w http.ResponseWriter, r *http.Request) {
	if err := s.Ready(r.Context()); err != nil {
		s.Log.WarnContext(r.Context(), "not ready", "error", err)
		plain(w, http.StatusServiceUnavailable, "not ready\n")
		return
	}
	plain(w, http.StatusOK, "ready\n")
}

// metrics shows the Prometheus metrics to this machine and to administrators
// and coordinators by token: volumes by hospital are nobody else's business.
func (s *server) metrics() http.Handler {
	show := promhttp.HandlerFor(s.Metrics, promhttp.HandlerOpts{})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !fromHere(r) {
			who, err := s.Gate.Authenticate(r.Context(), secretOf(r))
			if err != nil {
				fail(w, r, s.Log, err)
				return
			}
			if who.Role != identity.Admin && who.Role != identity.Coordinator {
				fail(w, r, s.Log, errForbidden)
				return
			}
		}
		show.ServeHTTP(w, r)
	})
}

// fromHere reports whether a request came from this machine itself and not
// through a proxy on it.
func fromHere(r *http.Request) bool {
	host, _, _ := net.SplitHostPort(r.RemoteAddr)
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback() && r.Header.Get("X-Forwarded-For") == "" && r.Header.Get("Forwarded") == ""
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text)
}
