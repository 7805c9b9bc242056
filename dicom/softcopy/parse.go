package softcopy

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/tag"
	"github.com/dokuei/dokuei/dicom/uid"
)

// ErrNotState is returned for an object that is no Grayscale Softcopy Presentation State,
// or says of no image that it may be applied to it.
var ErrNotState = errors.New("softcopy: no grayscale softcopy presentation state")

// ErrLimit is returned for a state that holds more than anybody draws.
var ErrLimit = errors.New("softcopy: more than the limits allow")

// Limits bound what is kept of one state.
type Limits struct {
	Images int // references, all sequences together
	Items  int // texts, graphics, shutters, layers
	Points int // of graphics and shutters
	Text   int // bytes of all texts
	Cells  int // of overlay planes, in bytes of bits
}

// DefaultLimits are far above what reading rooms write.
var DefaultLimits = Limits{Images: 100_000, Items: 10_000, Points: 200_000, Text: 1 << 20, Cells: 16 << 20}

// maxCoordinate bounds coordinates: what is farther away is on no screen, and would
// make arithmetic with them lose its digits.
const maxCoordinate = 1e6

// reader spends the limits.
type reader struct {
	left Limits
	err  error
}

func (r *reader) take(from *int, n int) bool {
	if *from -= n; *from < 0 && r.err == nil {
		r.err = ErrLimit
	}
	return r.err == nil
}

// Parse reads a state. Items that cannot be drawn (coordinates that are no numbers, a
// type nobody defined) are left out; the rest is shown.
func Parse(d *dataset.Dataset, l Limits) (*State, error) {
	if class := d.String(tag.SOPClassUID); class != uid.GrayscaleSoftcopyPresentation {
		return nil, fmt.Errorf("%w: SOP Class %q", ErrNotState, class)
	}
	r := reader{left: l}
	s := &State{
		Label: r.text(d.String(tag.ContentLabel)), Description: r.text(d.String(tag.ContentDescription)),
		Creator: r.text(d.String(tag.ContentCreatorName)),
		Created: digits(d.String(tag.PresentationCreationDate)) + digits(d.String(tag.PresentationCreationTime)),
	}
	for _, series := range d.Items(tag.ReferencedSeriesSequence) {
		s.Images = append(s.Images, r.images(series)...)
	}
	if r.err == nil && len(s.Images) == 0 {
		return nil, fmt.Errorf("%w: it names no image", ErrNotState)
	}
	r.greys(s, d)
	turn, _ := d.Int(tag.ImageRotation)
	s.Turns, s.Flip = ((turn/90)%4+4)%4, d.String(tag.ImageHorizontalFlip) == "Y"
	for _, it := range d.Items(tag.DisplayedAreaSelectionSequence) {
		if a, ok := r.area(it); ok {
			s.Areas = append(s.Areas, a)
		}
	}
	r.shutters(s, d)
	for _, it := range d.Items(tag.GraphicLayerSequence) {
		if r.take(&r.left.Items, 1) {
			s.Layers = append(s.Layers, r.layer(it))
		}
	}
	for _, it := range d.Items(tag.GraphicAnnotationSequence) {
		if a := r.annotation(it); len(a.Texts)+len(a.Graphics) > 0 {
			s.Annotations = append(s.Annotations, a)
		}
	}
	r.planes(s, d)
	if items := d.Items(tag.MaskSubtractionSequence); len(items) > 0 {
		if s.Mask = r.mask(items); s.Mask == nil {
			s.Missing = append(s.Missing, "mask")
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	return s, nil
}

// images reads Referenced Image Sequence (0008,1140).
func (r *reader) images(d *dataset.Dataset) []Image {
	var out []Image
	for _, it := range d.Items(tag.ReferencedImageSequence) {
		i := Image{SOPInstanceUID: it.String(tag.ReferencedSOPInstanceUID), Frames: it.Ints(tag.ReferencedFrameNumber)}
		if i.SOPInstanceUID == "" || !r.take(&r.left.Images, 1+len(i.Frames)) {
			continue
		}
		out = append(out, i)
	}
	return out
}

// mask reads the one item of the Mask Subtraction Sequence; nil when it asks for what is
// not done: a difference in time, an average of contrast frames, several items.
func (r *reader) mask(items []*dataset.Dataset) *Mask {
	it := items[0]
	frames, ranges := it.Ints(tag.MaskFrameNumbers), it.Ints(tag.ApplicableFrameRange)
	average, _ := it.Int(tag.ContrastFrameAveraging)
	if len(items) > 1 || it.String(tag.MaskOperation) != "AVG_SUB" || average > 1 || len(frames) == 0 || len(ranges)%2 != 0 ||
		slices.Min(frames) < 1 || !r.take(&r.left.Images, len(frames)+len(ranges)) {
		return nil
	}
	m := &Mask{Frames: frames}
	if shift := it.Floats(tag.MaskSubPixelShift); slices.ContainsFunc(shift, func(v float64) bool { return v != 0 }) {
		if len(shift) != 2 || pairs(shift) == nil {
			return nil
		}
		m.Shift = &[2]float64{shift[0], -shift[1]} // the standard counts rows down and columns to the left
	}
	for pair := range slices.Chunk(ranges, 2) {
		m.Ranges = append(m.Ranges, [2]int(pair))
	}
	return m
}

// greys reads what makes grey of stored values: modality, VOI and presentation LUTs.
func (r *reader) greys(s *State, d *dataset.Dataset) {
	if slope, ok := d.Float(tag.RescaleSlope); ok && slope != 0 {
		intercept, _ := d.Float(tag.RescaleIntercept)
		s.Modality = &Line{slope, intercept}
	}
	if tables := pixel.TablesOf(d, tag.ModalityLUTSequence); len(tables) > 0 {
		s.Values = r.table(tables[0])
	}
	for _, it := range d.Items(tag.SoftcopyVOILUTSequence) {
		v := VOI{Images: r.images(it)}
		if windows := pixel.WindowsOf(it); len(windows) > 0 {
			w := windows[0]
			v.Window = &Window{w.Center, w.Width, w.Function, r.text(w.Explanation)}
		} else if tables := pixel.TablesOf(it, tag.VOILUTSequence); len(tables) > 0 {
			v.Table = r.table(tables[0])
		} else {
			continue
		}
		if r.take(&r.left.Items, 1) {
			s.VOIs = append(s.VOIs, v)
		}
	}
	s.Inverse = d.String(tag.PresentationLUTShape) == "INVERSE"
	if tables := pixel.TablesOf(d, tag.PresentationLUTSequence); len(tables) > 0 {
		s.Grey = r.table(tables[0])
	}
}

func (r *reader) table(l *pixel.LUT) *Table {
	return &Table{First: l.First, Bits: l.Bits, Data: l.Data, Explanation: r.text(l.Explanation)}
}

func (r *reader) area(it *dataset.Dataset) (Area, bool) {
	a := Area{Images: r.images(it), Mode: it.String(tag.PresentationSizeMode)}
	from, to := it.Ints(tag.DisplayedAreaTopLeftHandCorner), it.Ints(tag.DisplayedAreaBottomRightHandCorner)
	if len(from) != 2 || len(to) != 2 || !r.take(&r.left.Items, 1) {
		return a, false
	}
	for _, v := range append(from, to...) {
		if v < -maxCoordinate || v > maxCoordinate {
			return a, false
		}
	}
	a.TopLeft, a.BottomRight = [2]int(from), [2]int(to)
	if s := it.Floats(tag.PresentationPixelSpacing); len(s) == 2 && s[0] > 0 && s[1] > 0 {
		a.Aspect, a.Column = s[0]/s[1], s[1]
	} else if v := it.Floats(tag.PresentationPixelAspectRatio); len(v) == 2 && v[0] > 0 && v[1] > 0 {
		a.Aspect = v[0] / v[1]
	}
	if m, ok := it.Float(tag.PresentationPixelMagnificationRatio); ok && m > 0 {
		a.Magnification = m
	}
	return a, true
}

// text spends of the budget of texts. Lines end with a line feed.
func (r *reader) text(s string) string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	if !r.take(&r.left.Text, len(s)) {
		return ""
	}
	return s
}

// digits are those of a DA or TM, without fractions and the punctuation of old files.
func digits(s string) string {
	s, _, _ = strings.Cut(s, ".")
	return strings.Map(func(c rune) rune {
		if c < '0' || c > '9' {
			return -1
		}
		return c
	}, s)
}

// pairs are coordinates two by two; nil when one of them is no place.
func pairs(v []float64) [][2]float64 {
	out := make([][2]float64, 0, len(v)/2)
	for i := 0; i+1 < len(v); i += 2 {
		if math.Abs(v[i]) > maxCoordinate || math.Abs(v[i+1]) > maxCoordinate {
			return nil
		}
		out = append(out, [2]float64{v[i], v[i+1]})
	}
	return out
}
