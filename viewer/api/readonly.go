package api

import (
	"net/http"
	"strings"
)

// errReadOnly is what every change is told by a service that shows a copy.
var errReadOnly = problem(http.StatusServiceUnavailable, "read_only", "This is a copy for reading while the main service is down: nothing can be changed here.")

// reads reports whether a route changes nothing that matters beyond this server:
// who looks at a copy may sign in, search and read.
func (rt route) reads() bool {
	if rt.method == http.MethodGet {
		return true
	}
	if strings.HasPrefix(rt.pattern, "/session") {
		return rt.pattern != "/session/password"
	}
	return rt.pattern == "/sso/{id}" || strings.HasSuffix(rt.pattern, "/search") || strings.HasSuffix(rt.pattern, "/lint")
}

// copyText is the time of the copy, empty for the main service.
func (s *server) copyText() string {
	if s.CopyOf.IsZero() {
		return ""
	}
	return s.CopyOf.UTC().Format("2006-01-02T15:04:05Z")
}
