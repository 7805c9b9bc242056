package api

import (
	"encoding/json"
	"net/http"
	"strconv"
)

// overlayView is an overlay plane over a frame (PS3.3 C.9.2).
type overlayView struct {
	Label   string `json:"label"`
	ROI     bool   `json:"roi"`
	Rows    int    `json:"rows"`
	Columns int    `json:"columns"`
	Top     int    `json:"top"` // of its first cell in the image, from 0
	Left    int    `json:"left"`
	Cells   []byte `json:"cells"` // bits, the first in the lowest (PS3.5 8.1.1)
}

func (s *server) overlays(c *call) error {
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
	planes, err := s.Pictures.Overlays(c.r.Context(), i.ObjectKey, n-1)
	if err != nil {
		return brokenFrame(err)
	}
	view := make([]overlayView, 0, len(planes))
	for _, p := range planes {
		bits := make([]byte, (len(p.Cells)+7)/8)
		for at, cell := range p.Cells {
			bits[at/8] |= cell << (at % 8)
		}
		view = append(view, overlayView{p.Label, p.ROI, p.Rows, p.Columns, p.Top, p.Left, bits})
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "private, max-age=3600")
	h.Add("Vary", "Cookie, Authorization")
	c.w.WriteHeader(http.StatusOK)
	return json.NewEncoder(c.w).Encode(view)
}
