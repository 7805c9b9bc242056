package api

import (
	"encoding/json"
	"strconv"

	"github.com/dokuei/dokuei/viewer/bundle"
)

// presentationView is how a frame is shown, and whether frames of its instance
// have others.
type presentationView struct {
	Differ bool `json:"differ"`
	bundle.Presentation
}

// presentation answers with how frame ?frame=n (from 1) is shown. The summary of
// an instance in a study has all of it for most; its elaborate says for which not.
func (s *server) presentation(c *call) error {
	n := 1
	if q := c.r.URL.Query().Get("frame"); q != "" {
		var err error
		if n, err = strconv.Atoi(q); err != nil || n < 1 {
			return errNotFound
		}
	}
	i, err := c.instance()
	if err != nil {
		return err
	}
	if n > max(i.Frames, 1) {
		return errNotFound
	}
	p, differ, err := s.Pictures.Presentation(c.r.Context(), i.ObjectKey, n-1)
	if err != nil {
		return brokenFrame(err)
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	// Not for a year as samples are: the next version may know more of a header.
	h.Set("Cache-Control", "private, max-age=3600")
	h.Add("Vary", "Cookie, Authorization")
	return json.NewEncoder(c.w).Encode(presentationView{differ, bundle.PresentationOf(p)})
}
