package main

import (
	"context"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/viewer/preview"
)

// figurePixels bounds a picture in a printed report: some 300 to the inch.
const figurePixels = 1024

// draw makes the picture of a key image for a printed report, as it was looked at: its
// window, what was seen of it, flipped and turned, under its presentation state.
func (a *app) draw(ctx context.Context, objectKey, state string, key reports.KeyImage) (reports.Drawn, error) {
	out := reports.Drawn{KeyImage: key}
	o, err := a.preview.Open(ctx, objectKey)
	if err != nil {
		return out, err
	}
	defer o.Close()
	v, columns, rows := key.View, o.Format().Columns, o.Format().Rows
	out.Part = v.Seen(columns, rows, o.Presentation(key.Frame-1).Plane.Aspect)
	how := preview.Rendering{
		Width: figurePixels, Height: figurePixels, Quality: 88,
		Part: out.Part, FlipH: v.FlipH, FlipV: v.FlipV, Turns: v.Turns, Invert: v.Invert, Hidden: key.Hidden,
	}
	if key.Window != nil {
		w := pixel.Window{Center: key.Window.Center, Width: key.Window.Width, Function: key.Window.Function}
		if w.Valid() {
			how.Window = &w
		}
	}
	if state != "" {
		if how.State, err = a.preview.State(ctx, state); err != nil {
			return out, err
		}
		if how.State.Of(key.Instance, key.Frame) {
			out.Over = how.State
			out.Displayed[0], out.Displayed[1] = how.State.Displayed(key.Instance, key.Frame, columns, rows)
		}
	}
	out.JPEG, err = o.Render(ctx, key.Frame-1, how)
	return out, err
}
