package dicomweb

import (
	"io"
	"net/http"
	"time"
)

// stall is how long a client that sends a body may say nothing.
const stall = time.Minute

// Steady gives the body of a request to w for as long as something of it comes: a
// study or a film over a thin line takes longer than the server gives a request, and
// a client that says nothing for a minute is gone.
func Steady(w http.ResponseWriter, body io.Reader) io.Reader {
	return &steady{r: body, control: http.NewResponseController(w)}
}

type steady struct {
	r       io.Reader
	control *http.ResponseController
	last    time.Time
}

func (s *steady) Read(p []byte) (int, error) {
	if now := time.Now(); now.Sub(s.last) > time.Second {
		s.last = now
		// A connection that knows no deadlines keeps the server's.
		_ = s.control.SetReadDeadline(now.Add(stall))
		_ = s.control.SetWriteDeadline(now.Add(2 * stall))
	}
	return s.r.Read(p)
}
