package preview

import (
	"context"
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/basicfont"
	"golang.org/x/image/math/fixed"
)

// overlays draws the graphics of the header's overlay planes that lie over frame n
// into the picture of it (PS3.3 C.9.2). Regions of interest are measured, not shown;
// one that cannot be read is left out, the image counts.
func (o *Original) overlays(ctx context.Context, n int, dst draw.Image) error {
	if o.Masked() {
		return nil // graphics say what is burned in once more
	}
	var mask *image.Gray
	for _, plane := range o.reader.Overlays() {
		if plane.ROI {
			continue
		}
		cells, ok, err := o.reader.Overlay(ctx, &plane, n, nil)
		if err != nil && ctx.Err() != nil {
			return err
		}
		if err != nil || !ok {
			continue
		}
		if mask == nil {
			mask = image.NewGray(dst.Bounds())
		}
		plane.Draw(mask, o.Format().Rows, o.Format().Columns, cells, 0xFF)
	}
	if mask != nil {
		white := image.NewUniform(color.White)
		for y := range mask.Rect.Dy() {
			for x, v := range mask.Pix[y*mask.Stride:][:mask.Rect.Dx()] {
				if v != 0 {
					dst.Set(x, y, white.C)
				}
			}
		}
	}
	return nil
}

// annotate writes lines of ASCII into the corner, white with an edge of black so that
// they are read on any ground. What does not fit is cut at the edge of the picture.
func annotate(dst draw.Image, lines []string) {
	face := basicfont.Face7x13
	for i, line := range lines {
		at := fixed.P(3, (i+1)*(face.Height+2))
		for _, d := range []image.Point{{X: -1}, {X: 1}, {Y: -1}, {Y: 1}, {}} {
			ink := image.Black
			if d == (image.Point{}) {
				ink = image.White
			}
			pen := font.Drawer{Dst: dst, Src: ink, Face: face, Dot: at.Add(fixed.P(d.X, d.Y))}
			pen.DrawString(line)
		}
	}
}
