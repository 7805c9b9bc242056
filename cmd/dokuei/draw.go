package main

import (
	"context"

	"github.com/dokuei/dokuei/dicom/pixel"
	"github.com/dokuei/dokuei/reports"
	"github.com/dokuei/dokuei/viewer/preview"
)

// figurePixels bounds a picture in a printed report: some 300 to the inch.
const figurePixels = 1024

// draw makes the picture of a key image for a printed report.
func (a *app) draw(ctx context.Context, objectKey string, frame int, window *reports.KeyWindow) ([]byte, error) {
	o, err := a.preview.Open(ctx, objectKey)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	how := preview.Rendering{Width: figurePixels, Height: figurePixels, Quality: 88}
	if window != nil {
		w := pixel.Window{Center: window.Center, Width: window.Width, Function: window.Function}
		if w.Valid() {
			how.Window = &w
		}
	}
	return o.Render(ctx, frame-1, how)
}
