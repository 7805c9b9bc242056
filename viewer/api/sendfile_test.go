package api

import (
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// connection is a writer that tells what is copied to it. That of net/http hands a
// file, or a number of its bytes, to the kernel.
type connection struct {
	*httptest.ResponseRecorder
	file bool
}

func (c *connection) ReadFrom(r io.Reader) (int64, error) {
	if l, ok := r.(*io.LimitedReader); ok {
		r = l.R
	}
	_, c.file = r.(*os.File)
	return io.Copy(c.ResponseRecorder, r)
}

// TestFilesGoToTheConnection: what is served from a file comes to the connection as
// that file, through all that stands between, for clients that accept gzip too.
func TestFilesGoToTheConnection(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(name, []byte(strings.Repeat("frame", 1000)), 0o600); err != nil {
		t.Fatal(err)
	}
	serve := map[string]func(http.ResponseWriter, *http.Request, *os.File){
		"object": func(w http.ResponseWriter, r *http.Request, f *os.File) {
			w.Header().Set("Content-Type", "application/dicom")
			http.ServeContent(w, r, "", time.Time{}, f)
		},
		"frame": func(w http.ResponseWriter, _ *http.Request, f *os.File) {
			w.Header().Set("Content-Type", "image/jls")
			_, _ = io.CopyN(w, f, 4000)
		},
	}
	for kind, answer := range serve {
		for _, accept := range []string{"", "gzip"} {
			for _, part := range []string{"", "bytes=100-2099"} {
				h := compressed(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					f, err := os.Open(name)
					if err != nil {
						t.Error(err)
						return
					}
					defer f.Close()
					answer(w, r, f)
				}))
				r := httptest.NewRequest("GET", "/", nil)
				r.Header.Set("Accept-Encoding", accept)
				r.Header.Set("Range", part)
				c := &connection{ResponseRecorder: httptest.NewRecorder()}
				h.ServeHTTP(&statusWriter{ResponseWriter: c}, r)
				if !c.file {
					t.Errorf("%s, Accept-Encoding %q, Range %q: passes through memory", kind, accept, part)
				}
			}
		}
	}
}
