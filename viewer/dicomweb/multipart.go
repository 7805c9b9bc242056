package dicomweb

import (
	"io"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"time"
)

// thinnest is the slowest line an answer is given time for, in bytes a second.
const thinnest = 16 << 10

// related is a multipart/related answer (PS3.18 §8.6.1.2, RFC 2387).
type related struct {
	q *Request
	w *multipart.Writer
}

// newRelated begins an answer whose parts are of a kind.
func newRelated(q *Request, kind string) *related {
	w := multipart.NewWriter(q.W)
	h := q.W.Header()
	h.Set("Content-Type", `multipart/related; type="`+kind+`"; boundary=`+w.Boundary())
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "private, no-cache")
	}
	return &related{q, w}
}

// part begins a part of n bytes.
func (r *related) part(kind, location string, n int64) (io.Writer, error) {
	r.q.patience(n)
	h := textproto.MIMEHeader{"Content-Type": {kind}}
	if location != "" {
		h.Set("Content-Location", location)
	}
	return r.w.CreatePart(h)
}

// abort ends an answer that cannot be finished: the client must not take the half for
// the whole.
func (r *related) abort(err error) error {
	if r.q.R.Context().Err() == nil {
		panic(http.ErrAbortHandler)
	}
	return err
}

// patience gives a thin line the time that n bytes take.
func (q *Request) patience(n int64) {
	wait := 5*time.Minute + time.Duration(n/thinnest)*time.Second
	// A connection that knows no deadlines keeps the server's.
	_ = http.NewResponseController(q.W).SetWriteDeadline(time.Now().Add(wait))
}
