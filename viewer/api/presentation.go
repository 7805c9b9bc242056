package api

import (
	"encoding/json"
	"strconv"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/storage/catalog"
)

// presentationView is how the samples of a frame become grey (PS3.3 C.11): by a
// line or a table to values, by a window or a table to brightness.
type presentationView struct {
	Differ       bool         `json:"differ"` // frames of this instance have others
	Slope        float64      `json:"slope"`
	Intercept    float64      `json:"intercept"`
	Type         string       `json:"type"` // of the values: HU, OD, US …
	Values       *tableView   `json:"values"`
	Windows      []windowView `json:"windows"`
	Tables       []tableView  `json:"tables"` // VOI LUT Sequence
	Invert       bool         `json:"invert"`
	Padding      *[2]int      `json:"padding"` // first and last stored value that is no image
	Position     []float64    `json:"position"`
	Orientation  []float64    `json:"orientation"`
	PixelSpacing []float64    `json:"pixelSpacing"`
}

type tableView struct {
	First       int      `json:"first"` // the value of the first entry
	Bits        int      `json:"bits"`
	Data        []uint16 `json:"data"`
	Explanation string   `json:"explanation,omitempty"`
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
	return json.NewEncoder(c.w).Encode(viewPresentation(p, differ))
}

func viewPresentation(p pixel.Presentation, differ bool) presentationView {
	v := presentationView{
		Differ: differ, Slope: p.Modality.Slope, Intercept: p.Modality.Intercept, Type: p.Modality.Type, Values: viewTable(p.Modality.LUT),
		Windows: []windowView{}, Tables: []tableView{}, Invert: p.Invert,
	}
	if v.Slope == 0 {
		v.Slope = 1
	}
	for _, w := range p.Windows {
		v.Windows = append(v.Windows, windowView{Center: w.Center, Width: w.Width, Explanation: w.Explanation, Function: w.Function})
	}
	for _, l := range p.LUTs {
		v.Tables = append(v.Tables, *viewTable(l))
	}
	if p.Padding.Present {
		v.Padding = &[2]int{p.Padding.Value, p.Padding.Last}
	}
	if p.Plane.Located {
		v.Position, v.Orientation = p.Plane.Position[:], p.Plane.Orientation[:]
	}
	if p.Plane.Spacing[0] > 0 && !p.Plane.Imager {
		v.PixelSpacing = p.Plane.Spacing[:]
	}
	return v
}

func viewTable(l *pixel.LUT) *tableView {
	if l == nil {
		return nil
	}
	return &tableView{First: l.First, Bits: l.Bits, Data: l.Data, Explanation: l.Explanation}
}

// elaborate tells whether an instance's presentation is more than its summary
// has: tables, or frames that may differ.
func elaborate(i catalog.Instance) bool {
	h := i.Header
	return h.HasPixels && h.Samples <= 1 && (h.ModalityLUT || h.VOILUT || i.Frames > 1)
}
