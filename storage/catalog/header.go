package catalog

// Header is what the viewer asks of an instance before it fetches pixels. It is
// kept as JSON in the instance's row. For enhanced multi-frame objects the
// geometry, window and rescale are those of the shared functional groups, or of
// the first frame (PS3.3 C.7.6.16).
type Header struct {
	// PS3.3 C.7.6.3 Image Pixel
	HasPixels           bool   `json:"px,omitempty"`
	Samples             int    `json:"spp,omitempty"`
	Photometric         string `json:"pi,omitempty"`
	BitsAllocated       int    `json:"ba,omitempty"`
	BitsStored          int    `json:"bs,omitempty"`
	HighBit             int    `json:"hb,omitempty"`
	Signed              bool   `json:"sg,omitempty"`
	PlanarConfiguration int    `json:"pc,omitempty"`
	PaddingValue        *int   `json:"pad,omitempty"`  // C.7.5.1.1.2
	PaddingLimit        *int   `json:"padl,omitempty"` // Pixel Padding Range Limit

	// PS3.3 C.11.1 Modality LUT, C.11.2 VOI LUT, C.11.6 Presentation LUT
	Slope        *float64 `json:"rs,omitempty"`
	Intercept    *float64 `json:"ri,omitempty"`
	RescaleType  string   `json:"rt,omitempty"`
	ModalityLUT  bool     `json:"mlut,omitempty"` // has a Modality LUT Sequence
	VOILUT       bool     `json:"vlut,omitempty"` // has a VOI LUT Sequence
	Windows      []Window `json:"w,omitempty"`
	Presentation string   `json:"plut,omitempty"` // IDENTITY, INVERSE
	Overlays     bool     `json:"ov,omitempty"`   // has an overlay plane (C.9.2)

	// PS3.3 C.7.6.2 Image Plane
	Position             []float64 `json:"pos,omitempty"`   // 3
	Orientation          []float64 `json:"ori,omitempty"`   // 6
	PixelSpacing         []float64 `json:"sp,omitempty"`    // row, column
	ImagerSpacing        []float64 `json:"isp,omitempty"`   // at the detector, projection images
	SliceThickness       *float64  `json:"st,omitempty"`    //
	SpacingBetweenSlices *float64  `json:"sbs,omitempty"`   //
	SliceLocation        *float64  `json:"sl,omitempty"`    //
	FrameOfReferenceUID  string    `json:"forid,omitempty"` //
	AspectRatio          []int     `json:"par,omitempty"`   // vertical, horizontal

	// General Image and series attributes that differ by instance
	ImageType         []string `json:"it,omitempty"`
	AcquisitionNumber *int     `json:"an,omitempty"`
	EchoNumber        *int     `json:"en,omitempty"`
	BValue            *float64 `json:"b,omitempty"`
	ContentDate       string   `json:"cd,omitempty"`
	ContentTime       string   `json:"ct,omitempty"`
	Laterality        string   `json:"lat,omitempty"`
	FrameTime         *float64 `json:"ft,omitempty"` // ms
	Lossy             bool     `json:"lossy,omitempty"`
	BurnedIn          string   `json:"bia,omitempty"`

	// Documents: PS3.3 C.24 Encapsulated Document, C.17 SR
	MIMEType string `json:"mime,omitempty"`
	Title    string `json:"title,omitempty"`
}

// Window is one VOI window (PS3.3 C.11.2.1.2).
type Window struct {
	Center      float64 `json:"c"`
	Width       float64 `json:"w"`
	Explanation string  `json:"e,omitempty"`
	Function    string  `json:"f,omitempty"` // LINEAR when empty
}

// Displayable is how the page shows an instance, as far as the catalog can tell:
// "image", "document" or "none".
func (i Instance) Displayable() string {
	switch {
	case i.Header.HasPixels:
		return "image"
	case i.Header.MIMEType != "", i.Header.Title != "":
		return "document"
	}
	return "none"
}
