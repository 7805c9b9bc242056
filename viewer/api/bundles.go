package api

import (
	"io"
	"net/http"
	"time"

	"github.com/dokuei/dokuei/storage/catalog"
	"github.com/dokuei/dokuei/viewer/bundle"
)

// bundleType is the media type of the format of package bundle.
const bundleType = "application/vnd.dokuei.bundle"

// thinnest is the slowest line a bundle is given time for, in bytes a second.
const thinnest = 16 << 10

var errSuperseded = problem(http.StatusNotFound, "superseded", "The series has changed. Ask for the study again.")

// bundle answers with a series as one byte string. Under its revision it never
// changes; without one it is the current one. A bundle that is still being made is
// sent as it grows: no length, no ranges, no validator, not to be cached.
func (s *server) bundle(c *call) error {
	id, err := c.id()
	if err != nil {
		return err
	}
	series, err := catalog.SeriesWithInstances(c.r.Context(), c.DB.Read(c.r.Context()), c.scope, id)
	if err != nil {
		return err
	}
	content := bundle.SeriesOf(series)
	if content.Empty() {
		return errNotFound
	}
	asked, now := c.r.PathValue("revision"), content.Revision()
	if asked != "" && asked != now {
		return errSuperseded
	}
	b, err := s.Bundles.Open(c.r.Context(), content)
	if err != nil {
		return err
	}
	defer b.Close()
	h := c.w.Header()
	h.Set("Content-Type", bundleType)
	h.Add("Vary", "Cookie, Authorization")
	h.Set("X-Dokuei-Revision", now)
	if b.File == nil {
		return s.growing(c, b.Stream)
	}
	h.Set("ETag", `"`+now+`"`)
	h.Set("Cache-Control", "private, no-cache")
	if asked != "" {
		h.Set("Cache-Control", "private, max-age=31536000, immutable")
	}
	s.patience(c, b.Size)
	http.ServeContent(c.w, c.r, "", time.Time{}, b.File)
	return nil
}

// growing sends what is being made, as it is made.
func (s *server) growing(c *call, from io.Reader) error {
	h := c.w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Accept-Ranges", "none")
	out := http.NewResponseController(c.w)
	buf := make([]byte, 64<<10)
	for sent := false; ; sent = true {
		n, err := from.Read(buf)
		if n > 0 {
			s.patience(c, int64(n))
			if _, err := c.w.Write(buf[:n]); err != nil {
				return nil //nolint:nilerr // a client that has gone is not told
			}
			if err := out.Flush(); err != nil {
				return nil //nolint:nilerr // likewise
			}
		}
		switch {
		case err == io.EOF: //nolint:errorlint // what io.Reader gives
			return nil
		case err != nil && !sent && n == 0:
			return err
		case err != nil:
			// The client must not take the half for the whole.
			panic(http.ErrAbortHandler)
		}
	}
}

// patience gives a thin line the time that n bytes take.
func (s *server) patience(c *call, n int64) {
	wait := writeTimeout + time.Duration(n/thinnest)*time.Second
	// A connection that knows no deadlines keeps the server's.
	_ = http.NewResponseController(c.w).SetWriteDeadline(time.Now().Add(wait))
}
