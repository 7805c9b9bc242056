package api

import (
	"net/http"
	"strings"

	"github.com/dokuei/dokuei/viewer/dicomweb"
)

// elsewhere lets viewers of the origins that were named read over DICOMweb (Fetch
// Standard, CORS protocol): with a bearer token, never with the cookie of a session,
// and nothing but reading.
func (s *server) elsewhere(next http.Handler) http.Handler {
	if len(s.ViewerOrigins) == 0 {
		return next
	}
	named := map[string]bool{}
	for _, o := range s.ViewerOrigins {
		named[strings.TrimSuffix(o, "/")] = true
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, dicomweb.Base+"/") {
			next.ServeHTTP(w, r)
			return
		}
		h := w.Header()
		h.Add("Vary", "Origin")
		origin := r.Header.Get("Origin")
		if !named[origin] {
			next.ServeHTTP(w, r)
			return
		}
		h.Set("Access-Control-Allow-Origin", origin)
		h.Set("Access-Control-Expose-Headers", "Content-Location, Content-Range, ETag, Warning")
		h.Set("Cross-Origin-Resource-Policy", "cross-origin")
		if r.Method == http.MethodOptions && r.Header.Get("Access-Control-Request-Method") != "" {
			h.Set("Access-Control-Allow-Methods", "GET, HEAD")
			h.Set("Access-Control-Allow-Headers", "Accept, Authorization, If-None-Match, Range")
			h.Set("Access-Control-Max-Age", "600")
			w.WriteHeader(http.StatusNoContent)
			return
		}
		next.ServeHTTP(w, r)
	})
}
