package preview

import (
	"context"
	"encoding/binary"
	"fmt"
	"image/color"
	"image/draw"
	"io"
	"math"
	"slices"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/softcopy"
	"github.com/dokuei/dokuei/dicom/stream"
	"github.com/dokuei/dokuei/dicom/tag"
)

// maxMaskFrames bounds the frames that one mask is the average of.
const maxMaskFrames = 64

// maxState bounds a presentation state, in bytes: one with look-up tables has some
// hundred thousand.
const maxState = 16 << 20

// State reads a stored presentation state. Errors are those of reading it and of
// softcopy.Parse.
func (p *Pipeline) State(ctx context.Context, objectKey string) (*softcopy.State, error) {
	o, err := p.opt.Objects.Open(ctx, objectKey)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	_, d, _, err := dataset.ReadFile(io.NewSectionReader(o, 0, o.Size()), stream.Limits{
		MaxDepth: 64, MaxElements: 1 << 19, MaxHeaderBytes: maxState, MaxValueBytes: maxState, MaxInflate: maxState,
	})
	if err != nil {
		return nil, err
	}
	return softcopy.Parse(d, softcopy.DefaultLimits)
}

// looked is a presentation state over one frame, to be drawn (PS3.4 N.2).
type looked struct {
	*softcopy.State
	instance string
	frame    int // from 1
	hidden   []string
	mask     []float32 // nil: none is taken from this frame
}

// looked is the state of how that frame n (from 0) is drawn with; nil without one, or
// when it is not of the frame. done ends what the mask holds.
func (o *Original) looked(ctx context.Context, n int, how Rendering) (l *looked, done func(), err error) {
	instance := o.Header().String(tag.SOPInstanceUID)
	if how.State == nil || !how.State.Of(instance, n+1) {
		return nil, func() {}, nil
	}
	l = &looked{State: how.State, instance: instance, frame: n + 1, hidden: how.Hidden}
	if !l.Mask.From(n + 1) {
		return l, func() {}, nil
	}
	if len(l.Mask.Frames) > maxMaskFrames {
		return nil, nil, fmt.Errorf("preview: a mask of %d frames", len(l.Mask.Frames))
	}
	if done, err = o.p.serving.take(ctx, 2*o.Format().FrameBytes()+4*int64(o.Format().Rows)*int64(o.Format().Columns)); err != nil {
		return nil, nil, err
	}
	if l.mask, err = o.average(ctx, l); err != nil {
		done()
		return nil, nil, err
	}
	return l, done, nil
}

// average is the mask as it is taken away: an average after the modality LUT, moved
// (PS3.3 C.7.6.10.1).
func (o *Original) average(ctx context.Context, l *looked) ([]float32, error) {
	rows, columns := o.Format().Rows, o.Format().Columns
	sum := make([]float32, rows*columns)
	share := 1 / float32(len(l.Mask.Frames))
	for _, k := range l.Mask.Frames {
		if k > o.Format().Frames {
			return nil, &pixel.FormatError{Element: "MaskFrameNumbers", Reason: "has no such frame"}
		}
		m := l.modality(o.Presentation(k - 1))
		err := o.with(ctx, k-1, 0, nil, func(w *workplace) error {
			if w.frame.Samples != 1 {
				return &pixel.FormatError{Element: "MaskSubtractionSequence", Reason: "is of an image in colour"}
			}
			for i := range sum {
				sum[i] += share * float32(m.At(w.frame.Value(i/columns, i%columns, 0)))
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	if s := l.Mask.Shift; s != nil {
		return moved(sum, rows, columns, s[0], s[1]), nil
	}
	return sum, nil
}

// moved shifts values down and to the right: what comes to lie between two pixels is
// shared by them, at the edges the last one goes on.
func moved(values []float32, rows, columns int, down, right float64) []float32 {
	out := make([]float32, len(values))
	split := func(at float64, n int) (low, high int, share float32) {
		floor := math.Floor(at)
		within := func(k float64) int { return int(min(max(k, 0), float64(n-1))) }
		return within(floor), within(floor + 1), float32(at - floor)
	}
	for r := range rows {
		above, below, v := split(float64(r)-down, rows)
		for c := range columns {
			before, after, h := split(float64(c)-right, columns)
			line := func(row int) float32 {
				return values[row*columns+before]*(1-h) + values[row*columns+after]*h
			}
			out[r*columns+c] = line(above)*(1-v) + line(below)*v
		}
	}
	return out
}

// modality is the modality LUT of the state. A table of the image's own is taken for
// the state's: they are the same object's.
func (l *looked) modality(pr pixel.Presentation) pixel.Modality {
	switch {
	case l.Values != nil:
		return pixel.Modality{LUT: table(l.Values)}
	case pr.Modality.LUT != nil:
		return pr.Modality
	case l.Modality != nil:
		return pixel.Modality{Slope: l.Modality.Slope, Intercept: l.Modality.Intercept}
	}
	return pixel.Modality{Slope: 1}
}

func table(t *softcopy.Table) *pixel.LUT {
	return &pixel.LUT{First: t.First, Bits: t.Bits, Data: t.Data}
}

// subtract takes the mask from a frame. What remains are values of the state's
// modality LUT in 16 bits, none of them padding.
func (l *looked) subtract(f *pixel.Frame, pr *pixel.Presentation) {
	m := l.modality(*pr)
	out := make([]byte, 2*f.Pixels())
	for i, away := range l.mask {
		v := math.Floor(m.At(f.Value(i/f.Columns, i%f.Columns, 0)) - float64(away) + 0.5)
		binary.LittleEndian.PutUint16(out[2*i:], uint16(int16(min(max(v, math.MinInt16), math.MaxInt16))))
	}
	f.Pix, f.BitsAllocated, f.BitsStored, f.Signed = out, 16, 16, true
	pr.Modality, pr.Padding = pixel.Modality{Slope: 1}, pixel.Padding{}
}

// present says how the frame becomes grey by the state: its modality, VOI and
// presentation LUTs. stored is the number of bits of the image's values.
func (l *looked) present(pr *pixel.Presentation, stored int, signed bool) {
	if l.mask == nil {
		pr.Modality = l.modality(*pr)
	}
	pr.Windows, pr.LUTs, pr.Preset, pr.Grey = nil, nil, nil, nil
	switch v := l.VOIOf(l.instance, l.frame); {
	case v != nil && v.Window != nil:
		pr.Windows = []pixel.Window{{Center: v.Window.Center, Width: v.Window.Width, Function: v.Window.Function}}
	case v != nil && v.Table != nil:
		pr.LUTs = []*pixel.LUT{table(v.Table)}
	default:
		pr.Windows = []pixel.Window{l.all(*pr, stored, signed)}
	}
	if l.Grey != nil {
		pr.Grey = table(l.Grey)
	}
}

// all is the window of all values there can be (PS3.4 N.2.1.2).
func (l *looked) all(pr pixel.Presentation, stored int, signed bool) pixel.Window {
	low, high := (&pixel.Frame{BitsStored: min(stored, 16), Signed: signed}).Range()
	a, b := pr.Modality.At(low), pr.Modality.At(high)
	switch {
	case l.mask != nil:
		b = math.Min(float64(high-low), math.MaxInt16)
		a = -b
	case pr.Modality.LUT != nil:
		a, b = 0, float64(int(1)<<pr.Modality.LUT.Bits-1)
	}
	return pixel.Window{Center: (a + b) / 2, Width: max(math.Abs(b-a), 1), Function: pixel.LinearExact}
}

// cover draws the planes of the state over the picture of a whole frame, and hides what
// its shutters shut (PS3.3 C.7.6.11, C.7.6.15).
func (l *looked) cover(dst draw.Image, rows, columns int, aspect float64) {
	w, h := dst.Bounds().Dx(), dst.Bounds().Dy()
	shut := color.Gray{Y: uint8(l.ShutterGrey*255 + 0.5)}
	for i := range l.Planes {
		p := &l.Planes[i]
		ink := color.Color(color.White)
		if l.Shuts(p) {
			ink = shut
		} else if slices.Contains(l.hidden, p.Layer) {
			continue
		}
		for y := max(0, -p.Top); y < p.Rows && y+p.Top < rows; y++ {
			for x := max(0, -p.Left); x < p.Columns && x+p.Left < columns; x++ {
				if p.Bit(y, x) {
					dst.Set((x+p.Left)*w/columns, (y+p.Top)*h/rows, ink)
				}
			}
		}
	}
	open := l.openings(aspect)
	if len(open) == 0 {
		return
	}
	for y := range h {
		row := (float64(y) + 0.5) * float64(rows) / float64(h)
		for x := range w {
			column := (float64(x) + 0.5) * float64(columns) / float64(w)
			for _, within := range open {
				if !within(column, row) {
					dst.Set(x, y, shut)
					break
				}
			}
		}
	}
}

// openings are what the shutters leave open, each a test of image coordinates with the
// corner of the first pixel at 0\0; edges and corners of shutters are pixels that are
// shown still.
func (l *looked) openings(aspect float64) (open []func(column, row float64) bool) {
	if !(aspect > 0) {
		aspect = 1
	}
	for _, s := range l.Shutters {
		switch s.Shape {
		case "RECTANGULAR":
			open = append(open, func(c, r float64) bool {
				return c >= s.Edges[0]-1 && c <= s.Edges[1] && r >= s.Edges[2]-1 && r <= s.Edges[3]
			})
		case "CIRCULAR":
			open = append(open, func(c, r float64) bool {
				return math.Hypot(c-s.Center[0]+0.5, (r-s.Center[1]+0.5)*aspect) <= s.Radius
			})
		case "POLYGONAL":
			open = append(open, func(c, r float64) (inside bool) {
				for i, a := range s.Points {
					b := s.Points[(i+1)%len(s.Points)]
					ay, by := a[1]-0.5, b[1]-0.5
					if ay > r != (by > r) && c < a[0]-0.5+(r-ay)/(by-ay)*(b[0]-a[0]) {
						inside = !inside
					}
				}
				return inside
			})
		}
	}
	return open
}
