package api

import (
	"context"
	"io"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/identity"
)

type entryKey struct{}

// entry is what the access log learns while a request is answered.
type entry struct {
	account string
	role    identity.Role
}

// note tells the access log who asked.
func note(r *http.Request, who identity.Principal) {
	if e, ok := r.Context().Value(entryKey{}).(*entry); ok {
		e.account, e.role = who.UserID, who.Role
	}
}

// accessLog writes one line a request: the route's pattern, never its path.
func (s *server) accessLog(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		begun, e, sw := time.Now(), &entry{}, &statusWriter{ResponseWriter: w}
		r = r.WithContext(context.WithValue(r.Context(), entryKey{}, e))
		next.ServeHTTP(sw, r)
		s.Log.DebugContext(r.Context(), "http", "method", r.Method, "route", r.Pattern, "status", sw.status,
			"account", e.account, "role", e.role, "ms", time.Since(begun).Milliseconds())
	})
}

// statusWriter remembers the status.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(p)
}

// ReadFrom passes files on to the connection (sendfile).
func (w *statusWriter) ReadFrom(r io.Reader) (int64, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return io.Copy(w.ResponseWriter, r)
}

// Unwrap lets http.ResponseController reach the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }
