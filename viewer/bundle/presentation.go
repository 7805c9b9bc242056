package bundle

import (
	"strings"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/storage/catalog"
)

// Window is a VOI window (PS3.3 C.11.2.1.2) in JSON.
type Window struct {
	Center      float64 `json:"center"`
	Width       float64 `json:"width"`
	Explanation string  `json:"explanation,omitempty"`
	Function    string  `json:"function,omitempty"`
}

// Table is a look-up table (PS3.3 C.11.1.1, C.11.2.1.1) in JSON.
type Table struct {
	First       int      `json:"first"` // the value of the first entry
	Bits        int      `json:"bits"`
	Data        []uint16 `json:"data"`
	Explanation string   `json:"explanation,omitempty"`
}

// Presentation is how the samples of a frame become grey (PS3.3 C.11): by a line or
// a table to values, by a window or a table to brightness; and where it lies.
type Presentation struct {
	Slope        float64   `json:"slope"`
	Intercept    float64   `json:"intercept"`
	Type         string    `json:"type"` // of the values: HU, OD, US …
	Values       *Table    `json:"values"`
	Windows      []Window  `json:"windows"`
	Tables       []Table   `json:"tables"` // VOI LUT Sequence
	Invert       bool      `json:"invert"`
	Padding      *[2]int   `json:"padding"` // first and last stored value that is no image
	Position     []float64 `json:"position"`
	Orientation  []float64 `json:"orientation"`
	PixelSpacing []float64 `json:"pixelSpacing"`
}

// PresentationOf puts what the header of a frame says into JSON.
func PresentationOf(p pixel.Presentation) Presentation {
	v := Presentation{
		Slope: p.Modality.Slope, Intercept: p.Modality.Intercept, Type: p.Modality.Type, Values: tableOf(p.Modality.LUT),
		Windows: []Window{}, Tables: []Table{}, Invert: p.Invert,
	}
	if v.Slope == 0 {
		v.Slope = 1
	}
	for _, w := range p.Windows {
		v.Windows = append(v.Windows, Window{Center: w.Center, Width: w.Width, Explanation: w.Explanation, Function: w.Function})
	}
	for _, l := range p.LUTs {
		v.Tables = append(v.Tables, *tableOf(l))
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

func tableOf(l *pixel.LUT) *Table {
	if l == nil {
		return nil
	}
	return &Table{First: l.First, Bits: l.Bits, Data: l.Data, Explanation: l.Explanation}
}

// Elaborate tells whether an instance's presentation is more than the catalog has:
// tables, or frames that may differ.
func Elaborate(i catalog.Instance) bool {
	h := i.Header
	return h.HasPixels && h.Samples <= 1 && (h.ModalityLUT || h.VOILUT || i.Frames > 1)
}

// Inverted tells whether low values are bright: MONOCHROME1, or a Presentation LUT
// Shape of INVERSE.
func Inverted(h catalog.Header) bool {
	return strings.EqualFold(h.Photometric, pixel.Monochrome1) || h.Presentation == "INVERSE"
}

// presentationOfRow is PresentationOf by the catalog's summary, for an instance that
// is not Elaborate: no file needs to be opened for it.
func presentationOfRow(h catalog.Header) Presentation {
	v := Presentation{
		Slope: 1, Type: h.RescaleType, Windows: []Window{}, Tables: []Table{}, Invert: Inverted(h),
		Position: h.Position, Orientation: h.Orientation, PixelSpacing: h.PixelSpacing,
	}
	if h.Slope != nil && *h.Slope != 0 {
		v.Slope = *h.Slope
	}
	if h.Intercept != nil {
		v.Intercept = *h.Intercept
	}
	for _, w := range h.Windows {
		v.Windows = append(v.Windows, Window(w))
	}
	if h.PaddingValue != nil {
		last := *h.PaddingValue
		if h.PaddingLimit != nil {
			last = *h.PaddingLimit
		}
		v.Padding = &[2]int{min(*h.PaddingValue, last), max(*h.PaddingValue, last)}
	}
	return v
}
