package pixel

import (
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Presentation is all that a frame's header says of how it is shown and where
// it lies: modality and VOI transformations, padding, plane.
type Presentation struct {
	Modality Modality
	Windows  []Window // in the order of the header
	LUTs     []*LUT   // VOI LUT Sequence (0028,3010)
	Invert   bool     // MONOCHROME1, or Presentation LUT Shape INVERSE
	Padding  Padding
	Plane    Plane
	Preset   *Window // of the anatomy, for CT without a window of its own
	Grey     *LUT    // Presentation LUT, of a presentation state; an image has none
}

// PresentationOf collects the presentation of frame n (from 0): from the frame's
// item of the Per-Frame Functional Groups (5200,9230) where it says something,
// else from the Shared Functional Groups (5200,9229), else from the data set
// itself (PS3.3 C.7.6.16.1.1).
func PresentationOf(d *dataset.Dataset, n int) Presentation {
	g := groups{d: d, shared: d.Item(tag.SharedFunctionalGroupsSequence)}
	if per := d.Items(tag.PerFrameFunctionalGroupsSequence); n >= 0 && n < len(per) {
		g.frame = per[n]
	}
	signed := false
	if v, ok := d.Int(tag.PixelRepresentation); ok {
		signed = v == 1
	}
	p := Presentation{
		Modality: modalityOf(d, g.find(tag.PixelValueTransformationSequence), signed),
		Padding:  paddingOf(d, signed),
		Plane:    planeOf(g),
	}
	voi := g.find(tag.FrameVOILUTSequence)
	p.Windows = WindowsOf(voi)
	if len(p.Windows) == 0 {
		p.Windows = WindowsOf(d)
	}
	p.LUTs = lutsOf(d, tag.VOILUTSequence, signed && p.Modality.LUT == nil)
	// The DX family says both of an inverted object (PS3.3 C.8.11.3.1.2): it is
	// inverted once.
	p.Invert = strings.EqualFold(d.String(tag.PhotometricInterpretation), Monochrome1) ||
		d.String(tag.PresentationLUTShape) == "INVERSE"
	if len(p.Windows) == 0 && len(p.LUTs) == 0 && d.String(tag.Modality) == "CT" && p.Modality.Type != "US" {
		if presets := Presets("CT", d.String(tag.BodyPartExamined)); len(presets) > 0 {
			w := presets[0].Window
			p.Preset = &w
		}
	}
	return p
}

// Transform is the transformation a frame is first shown with: the first
// window of the header, else its first VOI LUT, else the anatomy's preset, else
// a window found from the frame.
func (p *Presentation) Transform(f *Frame) Transform {
	return p.transform(func() Window { return AutoWindow(f, p.Modality, p.Padding) })
}

// TransformOf is Transform for a frame of which only its histogram is there.
func (p *Presentation) TransformOf(h *Histogram) Transform {
	return p.transform(func() Window { return h.window(p.Modality, p.Padding, h.format.BitsStored, h.format.Signed()) })
}

// NeedsHistogram tells whether Transform looks at the frame.
func (p *Presentation) NeedsHistogram() bool { return len(p.Windows) == 0 && len(p.LUTs) == 0 }

func (p *Presentation) transform(auto func() Window) Transform {
	t := Transform{Modality: p.Modality, Invert: p.Invert, Padding: p.Padding, Grey: p.Grey}
	switch {
	case len(p.Windows) > 0:
		t.Window = p.Windows[0]
	case len(p.LUTs) > 0:
		t.VOI = p.LUTs[0]
	default:
		t.Window = auto()
		if p.Preset != nil && meets(*p.Preset, t.Window) {
			t.Window = *p.Preset
		}
	}
	return t
}

// meets tells whether two windows have values in common: a preset that shows
// all of a frame black or white is no help.
func meets(a, b Window) bool {
	alo, ahi := a.bounds()
	blo, bhi := b.bounds()
	return alo < bhi && blo < ahi
}

// groups are the places where an attribute of a frame may stand.
type groups struct{ d, shared, frame *dataset.Dataset }

// find gives the first item of a functional group macro's sequence; the data
// set itself when the object has none, so that callers can ask it the same.
func (g groups) find(t tag.Tag) *dataset.Dataset {
	for _, s := range []*dataset.Dataset{g.frame, g.shared} {
		if s == nil {
			continue
		}
		if items := s.Items(t); len(items) > 0 {
			return items[0]
		}
	}
	return g.d
}

func modalityOf(d, transformation *dataset.Dataset, signed bool) Modality {
	m := Modality{Slope: 1}
	if items := d.Items(tag.ModalityLUTSequence); len(items) > 0 {
		if l, err := lutOf(items[0], signed); err == nil {
			m.LUT, m.Type = l, items[0].String(tag.ModalityLUTType)
			return m
		}
	}
	if v, ok := transformation.Float(tag.RescaleSlope); ok && v != 0 {
		m.Slope = v
	}
	if v, ok := transformation.Float(tag.RescaleIntercept); ok {
		m.Intercept = v
	}
	m.Type = transformation.String(tag.RescaleType)
	return m
}

// WindowsOf pairs centres with widths (PS3.3 C.11.2.1.2); pairs that the
// function does not allow are dropped.
func WindowsOf(d *dataset.Dataset) []Window {
	centers, widths := d.Floats(tag.WindowCenter), d.Floats(tag.WindowWidth)
	names := d.Strings(tag.WindowCenterWidthExplanation)
	function := strings.ToUpper(d.String(tag.VOILUTFunction))
	out := make([]Window, 0, min(len(centers), len(widths), 16))
	for i := range min(len(centers), len(widths), 16) {
		w := Window{Center: centers[i], Width: widths[i], Function: function}
		if i < len(names) {
			w.Explanation = names[i]
		}
		if w.Valid() {
			out = append(out, w)
		}
	}
	if len(out) == 0 {
		return nil
	}
	return out
}

// maxLUTs is how many items of a VOI LUT Sequence are kept: each may take
// 128 KiB, and a reader chooses among a handful.
const maxLUTs = 8

// TablesOf reads the look-up tables of a sequence of an object without pixels, where
// only the VR of a descriptor says whether its first value is signed.
func TablesOf(d *dataset.Dataset, sequence tag.Tag) []*LUT {
	vr, _ := d.Item(sequence).VR(tag.LUTDescriptor)
	return lutsOf(d, sequence, vr == stream.SS)
}

func lutsOf(d *dataset.Dataset, sequence tag.Tag, signed bool) []*LUT {
	var out []*LUT
	for _, item := range d.Items(sequence) {
		if len(out) == maxLUTs {
			break
		}
		if l, err := lutOf(item, signed); err == nil {
			out = append(out, l)
		}
	}
	return out
}

// lutOf reads an item of a Modality or VOI LUT Sequence (PS3.3 C.11.1.1).
func lutOf(item *dataset.Dataset, signed bool) (*LUT, error) {
	d, err := parseDescriptor(item.Ints(tag.LUTDescriptor), signed)
	if err != nil {
		return nil, err
	}
	raw, _, _ := item.Raw(tag.LUTData)
	l, err := newLUT(d, raw)
	if err != nil {
		return nil, err
	}
	l.Explanation = item.String(tag.LUTExplanation)
	return l, nil
}

func paddingOf(d *dataset.Dataset, signed bool) Padding {
	v, ok := d.Int(tag.PixelPaddingValue)
	if !ok {
		return Padding{}
	}
	last := v
	if l, ok := d.Int(tag.PixelPaddingRangeLimit); ok {
		last = l
	}
	if signed { // US written for SS
		v, last = asSigned(v), asSigned(last)
	}
	return Padding{Present: true, Value: min(v, last), Last: max(v, last)}
}

func asSigned(v int) int {
	if v > 1<<15-1 && v < 1<<16 {
		return v - 1<<16
	}
	return v
}

// PaletteOf reads the Palette Color Lookup Table Module (PS3.3 C.7.9).
func PaletteOf(d *dataset.Dataset) (*Palette, error) {
	var ch [3]channel
	for i, t := range [3][3]tag.Tag{
		{tag.RedPaletteColorLookupTableDescriptor, tag.RedPaletteColorLookupTableData, tag.SegmentedRedPaletteColorLookupTableData},
		{tag.GreenPaletteColorLookupTableDescriptor, tag.GreenPaletteColorLookupTableData, tag.SegmentedGreenPaletteColorLookupTableData},
		{tag.BluePaletteColorLookupTableDescriptor, tag.BluePaletteColorLookupTableData, tag.SegmentedBluePaletteColorLookupTableData},
	} {
		ch[i].descriptor = d.Ints(t[0])
		ch[i].data, _, _ = d.Raw(t[1])
		ch[i].segmented, _, _ = d.Raw(t[2])
	}
	v, _ := d.Int(tag.PixelRepresentation)
	return newPalette(ch, v == 1)
}
