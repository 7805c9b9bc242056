package preview

import (
	"context"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Presentation is how frame n (from 0) of an original is shown, and whether
// frames of it differ in that. Only the header is read. Errors of the object are
// those of pixel.Open, and a *pixel.FormatError for a frame it does not have.
func (p *Pipeline) Presentation(ctx context.Context, objectKey string, n int) (how pixel.Presentation, differ bool, err error) {
	o, err := p.Open(ctx, objectKey)
	if err != nil {
		return how, false, err
	}
	defer o.Close()
	if n < 0 || n >= o.Format().Frames {
		return how, false, &pixel.FormatError{Element: "NumberOfFrames", Reason: "has no such frame"}
	}
	return o.Presentation(n), framesDiffer(o.reader.Header()), nil
}

// Overlay is an overlay plane over one frame.
type Overlay struct {
	pixel.Overlay
	Cells []byte // 0 or 1 each, row by row
}

// maxOverlayCells bounds what the planes over one frame take together.
const maxOverlayCells = 64 << 20

// Overlays gives the planes over frame n (from 0). Errors are those of Open and
// pixel.Reader.Overlay.
func (p *Pipeline) Overlays(ctx context.Context, objectKey string, n int) (out []Overlay, err error) {
	o, err := p.Open(ctx, objectKey)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	room := maxOverlayCells
	for _, plane := range pixel.OverlaysOf(o.reader.Header()) {
		if room -= plane.Rows * plane.Columns; room < 0 {
			break
		}
		release, err := p.budget.take(ctx, int64(plane.Rows)*int64(plane.Columns))
		if err != nil {
			return nil, err
		}
		cells, ok, err := o.reader.Overlay(ctx, &plane, n, nil)
		release()
		if err != nil {
			return nil, err
		}
		if ok {
			out = append(out, Overlay{plane, cells})
		}
	}
	return out, nil
}

// framesDiffer tells whether the frames have windows, rescales or planes of their
// own (Per-Frame Functional Groups, PS3.3 C.7.6.16).
func framesDiffer(d *dataset.Dataset) bool {
	items := d.Items(tag.PerFrameFunctionalGroupsSequence)
	for _, item := range items {
		for _, t := range []tag.Tag{
			tag.PixelValueTransformationSequence, tag.FrameVOILUTSequence,
			tag.PlanePositionSequence, tag.PlaneOrientationSequence, tag.PixelMeasuresSequence,
		} {
			if item.Has(t) {
				return len(items) > 1
			}
		}
	}
	return false
}
