package reports

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/uid"
)

// Annotations are what a reader has put on the images of one study.
type Annotations struct {
	Marks []Mark     `json:"marks"`
	Keys  []KeyImage `json:"keys"`
}

// Mark is something drawn on one frame. Points are columns and rows with the
// middle of the first pixel at (0.5, 0.5), as in SCOORD (PS3.3 C.18.6.1.1).
type Mark struct {
	ID       string       `json:"id"`
	Kind     string       `json:"kind"`     // a key of markPoints
	Instance string       `json:"instance"` // SOP Instance UID
	Frame    int          `json:"frame"`    // from 1
	Points   [][2]float64 `json:"points"`
	Text     string       `json:"text"`
	Values   []Value      `json:"values"`
}

// Value is one measured value, as the reader saw it.
type Value struct {
	Name  string  `json:"name"` // a member of valueNames
	Value float64 `json:"value"`
	Unit  string  `json:"unit"` // UCUM
}

// KeyImage is an image the report refers to, as it was looked at.
type KeyImage struct {
	ID       string     `json:"id"`
	Number   int        `json:"number"` // as the text calls it: 図1
	Instance string     `json:"instance"`
	Frame    int        `json:"frame"`
	Window   *KeyWindow `json:"window"` // nil: that of the file
	View     KeyView    `json:"view"`
	Text     string     `json:"text"`
	// State is the presentation state it was looked at under, a SOP Instance UID; Hidden
	// are layers of it that were not shown.
	State  string   `json:"state,omitempty"`
	Hidden []string `json:"hidden,omitempty"`
}

// KeyWindow is a window of PS3.3 C.11.2.1.2.
type KeyWindow struct {
	Center   float64 `json:"center"`
	Width    float64 `json:"width"`
	Function string  `json:"function"`
}

// Bounds of one set of annotations.
const (
	maxMarks  = 1000
	maxKeys   = 100
	maxPoints = 4096 // of one mark
	maxNote   = 1024 // bytes of a text
	maxValues = 8
	maxHidden = 256 // layers
)

// markPoints is how many points a kind has; 0: three or more.
var markPoints = map[string]int{
	"length": 2, "angle": 3, "cobb": 4, "bidirectional": 4, "ellipse": 2, "rectangle": 2, "freehand": 0, "arrow": 2, "text": 1, "point": 1,
}

var valueNames = []string{"length", "long", "short", "angle", "area", "mean", "sd", "min", "max", "value"}

// check says what of the annotations cannot be kept.
func (a *Annotations) check() error {
	if len(a.Marks) > maxMarks || len(a.Keys) > maxKeys {
		return fmt.Errorf("%w: at most %d marks and %d key images", ErrAnnotations, maxMarks, maxKeys)
	}
	seen := map[string]bool{}
	for _, m := range a.Marks {
		if err := m.check(); err != nil {
			return err
		}
		if seen[m.ID] {
			return fmt.Errorf("%w: mark %q stands there twice", ErrAnnotations, m.ID)
		}
		seen[m.ID] = true
	}
	for _, k := range a.Keys {
		switch {
		case !place(k.ID, k.Instance, k.Frame), seen[k.ID], k.Number < 1, k.Number > 9999, len(k.Text) > maxNote:
			return fmt.Errorf("%w: key image %q", ErrAnnotations, k.ID)
		case k.State != "" && !uid.Valid(k.State), len(k.Hidden) > maxHidden, slices.ContainsFunc(k.Hidden, func(l string) bool { return len(l) > maxNote }):
			return fmt.Errorf("%w: presentation state of key image %q", ErrAnnotations, k.ID)
		case k.Window != nil && !(finite(k.Window.Center, k.Window.Width) && k.Window.Width > 0 && len(k.Window.Function) <= 16),
			!finite(k.View.Zoom, k.View.PanX, k.View.PanY, k.View.Width, k.View.Height):
			return fmt.Errorf("%w: window or view of key image %q", ErrAnnotations, k.ID)
		}
		seen[k.ID] = true
	}
	return nil
}

func (m Mark) check() error {
	want, known := markPoints[m.Kind]
	switch {
	case !known:
		return fmt.Errorf("%w: marks of kind %q", ErrAnnotations, m.Kind)
	case !place(m.ID, m.Instance, m.Frame):
		return fmt.Errorf("%w: mark %q has no image", ErrAnnotations, m.ID)
	case want > 0 && len(m.Points) != want, want == 0 && len(m.Points) < 3, len(m.Points) > maxPoints:
		return fmt.Errorf("%w: %d points of mark %q", ErrAnnotations, len(m.Points), m.ID)
	case len(m.Text) > maxNote, len(m.Values) > maxValues:
		return fmt.Errorf("%w: text or values of mark %q", ErrAnnotations, m.ID)
	}
	for _, p := range m.Points {
		if !finite(p[0], p[1]) || math.Abs(p[0]) > 1e6 || math.Abs(p[1]) > 1e6 {
			return fmt.Errorf("%w: a point of mark %q", ErrAnnotations, m.ID)
		}
	}
	for _, v := range m.Values {
		if !slices.Contains(valueNames, v.Name) || !finite(v.Value) || v.Unit == "" || len(v.Unit) > 16 || strings.ContainsFunc(v.Unit, func(r rune) bool { return r <= ' ' || r > '~' || r == '\\' }) {
			return fmt.Errorf("%w: a value of mark %q", ErrAnnotations, m.ID)
		}
	}
	return nil
}

func place(id, instance string, frame int) bool {
	return id != "" && len(id) <= 64 && uid.Valid(instance) && frame >= 1 && frame <= 1<<24
}

func finite(values ...float64) bool {
	for _, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return false
		}
	}
	return true
}

// on are the annotations that lie on one of the images.
func (a Annotations) on(images []Evidence) Annotations {
	known := map[string]bool{}
	for _, e := range images {
		known[e.SOPInstanceUID] = true
	}
	var out Annotations
	for _, m := range a.Marks {
		if known[m.Instance] {
			out.Marks = append(out.Marks, m)
		}
	}
	for _, k := range a.Keys {
		if known[k.Instance] {
			out.Keys = append(out.Keys, k)
		}
	}
	slices.SortStableFunc(out.Keys, func(x, y KeyImage) int { return x.Number - y.Number })
	return out
}
