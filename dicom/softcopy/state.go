package softcopy

// State is a Grayscale Softcopy Presentation State.
type State struct {
	Label       string `json:"label"` // Content Label (0070,0080)
	Description string `json:"description,omitempty"`
	Creator     string `json:"creator,omitempty"` // Content Creator's Name, a PN
	Created     string `json:"created,omitempty"` // Presentation Creation Date and Time, YYYYMMDDhhmmss

	Images   []Image `json:"images"`             // what it may be applied to
	Modality *Line   `json:"modality,omitempty"` // nil: values are as they are stored
	Values   *Table  `json:"values,omitempty"`   // Modality LUT, in place of the line
	VOIs     []VOI   `json:"vois,omitempty"`
	Inverse  bool    `json:"inverse"`        // Presentation LUT Shape: low values bright, whatever the image says
	Grey     *Table  `json:"grey,omitempty"` // Presentation LUT, in place of the shape
	Turns    int     `json:"turns"`          // quarter turns clockwise, 0…3
	Flip     bool    `json:"flip"`           // left to right, after the turns

	Areas       []Area       `json:"areas,omitempty"`
	Shutters    []Shutter    `json:"shutters,omitempty"`
	ShutterGrey float64      `json:"shutterGrey"` // brightness of what is shut, 0…1
	Layers      []Layer      `json:"layers,omitempty"`
	Annotations []Annotation `json:"annotations,omitempty"`
	Planes      []Plane      `json:"planes,omitempty"`
	Mask        *Mask        `json:"mask,omitempty"`
	Missing     []string     `json:"missing,omitempty"` // what of it nobody here shows: "mask"
}

// Image is an image, or frames of it.
type Image struct {
	SOPInstanceUID string `json:"instance"`
	Frames         []int  `json:"frames,omitempty"` // from 1; none: all
}

// Mask is an averaged mask (AVG_SUB) that is taken from the frames of the same image,
// after the modality LUT and before the VOI LUT (PS3.3 C.7.6.10, C.11.13; PS3.4 N.2.1).
type Mask struct {
	Frames []int    `json:"frames"`           // from 1, averaged
	Ranges [][2]int `json:"ranges,omitempty"` // first and last frame it is taken from; none: all that the state is of
	// How far the mask is moved before it is taken away, in rows (down) and columns (to
	// the right), fractions too: Mask Sub-pixel Shift (0028,6114), PS3.3 C.7.6.10.1.2.
	Shift *[2]float64 `json:"shift,omitempty"`
}

// Line is Rescale Slope and Intercept (PS3.3 C.11.1).
type Line struct {
	Slope     float64 `json:"slope"`
	Intercept float64 `json:"intercept"`
}

// Table is a look-up table (PS3.3 C.11.1.1).
type Table struct {
	First       int      `json:"first"`
	Bits        int      `json:"bits"`
	Data        []uint16 `json:"data"`
	Explanation string   `json:"explanation,omitempty"`
}

// Window is a window of values (PS3.3 C.11.2.1.2).
type Window struct {
	Center      float64 `json:"center"`
	Width       float64 `json:"width"`
	Function    string  `json:"function,omitempty"`
	Explanation string  `json:"explanation,omitempty"`
}

// VOI is an item of the Softcopy VOI LUT Sequence: a window, or a table.
type VOI struct {
	Images []Image `json:"images,omitempty"` // none: all that the state is of
	Window *Window `json:"window,omitempty"`
	Table  *Table  `json:"table,omitempty"`
}

// Area is an item of the Displayed Area Selection Sequence.
type Area struct {
	Images []Image `json:"images,omitempty"`
	// The corners that are top left and bottom right on the screen, as column and row
	// from 1, before any turn; an area may be larger than the image.
	TopLeft     [2]int `json:"topLeft"`
	BottomRight [2]int `json:"bottomRight"`
	Mode        string `json:"mode"` // SCALE TO FIT, TRUE SIZE, MAGNIFY
	// Height of a pixel in widths, from spacing or aspect ratio; 0 when neither is there.
	Aspect        float64 `json:"aspect,omitempty"`
	Column        float64 `json:"column,omitempty"`        // mm of a pixel's width, of TRUE SIZE
	Magnification float64 `json:"magnification,omitempty"` // screen pixels of an image pixel, of MAGNIFY
}

// Shutter is a shape outside of which the image is hidden. Coordinates are columns and
// rows from 1, of pixels that are shown still.
type Shutter struct {
	Shape  string       `json:"shape"`            // RECTANGULAR, CIRCULAR, POLYGONAL, BITMAP
	Edges  [4]float64   `json:"edges,omitempty"`  // left, right, upper, lower
	Center [2]float64   `json:"center,omitempty"` // column, row
	Radius float64      `json:"radius,omitempty"` // in columns
	Points [][2]float64 `json:"points,omitempty"` // column, row
	Plane  int          `json:"plane,omitempty"`  // Shutter Overlay Group: the plane whose cells hide
}

// Layer is a graphic layer.
type Layer struct {
	Name        string    `json:"name"`
	Order       int       `json:"order"` // lower ones lie below
	Description string    `json:"description,omitempty"`
	Grey        *float64  `json:"grey,omitempty"` // recommended, 0…1
	Lab         []float64 `json:"lab,omitempty"`  // recommended, CIE L* a* b*
}

// Annotation is an item of the Graphic Annotation Sequence.
type Annotation struct {
	Images   []Image   `json:"images,omitempty"`
	Layer    string    `json:"layer"`
	Texts    []Text    `json:"texts,omitempty"`
	Graphics []Graphic `json:"graphics,omitempty"`
}

// Units of coordinates (PS3.3 C.10.5.1.1): of image pixels, the corner of the first one at
// 0\0, or of the displayed area, its bottom right at 1\1.
const (
	UnitsPixel   = "PIXEL"
	UnitsDisplay = "DISPLAY"
)

// Text is a Text Object: in a box, at an anchor, or both.
type Text struct {
	Value  string    `json:"value"`
	Box    *Box      `json:"box,omitempty"`
	Anchor *Anchored `json:"anchor,omitempty"`
}

// Box is the Bounding Box of a text.
type Box struct {
	Units       string     `json:"units"`
	TopLeft     [2]float64 `json:"topLeft"`
	BottomRight [2]float64 `json:"bottomRight"`
	Align       string     `json:"align"` // LEFT, CENTER, RIGHT
}

// Anchored is the Anchor Point of a text.
type Anchored struct {
	Units   string     `json:"units"`
	At      [2]float64 `json:"at"`
	Visible bool       `json:"visible"` // a line leads there
}

// Graphic is a Graphic Object.
type Graphic struct {
	Units  string       `json:"units"`
	Type   string       `json:"type"` // POINT, POLYLINE, INTERPOLATED, CIRCLE, ELLIPSE
	Points [][2]float64 `json:"points"`
	Filled bool         `json:"filled,omitempty"`
	Lab    []float64    `json:"lab,omitempty"` // colour of its line, where it has one of its own
}

// Plane is an overlay plane that the state holds itself.
type Plane struct {
	Group   int    `json:"group"`
	Layer   string `json:"layer,omitempty"` // none: not to be shown as graphics
	Label   string `json:"label"`
	ROI     bool   `json:"roi"`
	Rows    int    `json:"rows"`
	Columns int    `json:"columns"`
	Top     int    `json:"top"`
	Left    int    `json:"left"`
	Cells   []byte `json:"cells"` // bits, the first in the lowest (PS3.5 8.1.1)
}

// Of tells whether the state may be applied to a frame (from 1) of an image.
func (s *State) Of(sopInstanceUID string, frame int) bool {
	return len(s.Images) > 0 && covers(s.Images, sopInstanceUID, frame)
}

// covers tells whether references name a frame; none name all.
func covers(images []Image, sopInstanceUID string, frame int) bool {
	for _, i := range images {
		if i.SOPInstanceUID != sopInstanceUID {
			continue
		}
		if len(i.Frames) == 0 {
			return true
		}
		for _, f := range i.Frames {
			if f == frame {
				return true
			}
		}
	}
	return len(images) == 0
}
