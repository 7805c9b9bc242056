package reports

import (
	"image"
	"math"
)

// KeyView is how the image lay on the screen.
type KeyView struct {
	Zoom   float64 `json:"zoom"` // 1: the image fits
	PanX   float64 `json:"panX"` // of its middle, in pixels of the screen
	PanY   float64 `json:"panY"`
	Turns  int     `json:"turns"` // quarter turns clockwise, after the flips
	FlipH  bool    `json:"flipH"`
	FlipV  bool    `json:"flipV"`
	Invert bool    `json:"invert"`
	// Width and Height of the pane in pixels of the screen; 0: not known.
	Width  float64 `json:"width,omitempty"`
	Height float64 `json:"height,omitempty"`
}

// Seen is the part of a frame that was on the screen, in whole columns and rows: all
// of it where the pane is not known or showed nothing of it. aspect is how much
// taller than wide a pixel is.
func (v KeyView) Seen(columns, rows int, aspect float64) image.Rectangle {
	all := image.Rect(0, 0, columns, rows)
	if !(v.Width > 0 && v.Height > 0 && v.Zoom > 0 && aspect > 0) || all.Empty() {
		return all
	}
	w, h := float64(columns), float64(rows)*aspect
	if v.quarters()%2 != 0 {
		w, h = h, w
	}
	scale := min(v.Width/w, v.Height/h) * v.Zoom
	// A corner of the pane, measured from the middle of the image: turned back, then
	// flipped back.
	corner := func(x, y float64) (column, row float64) {
		for range v.quarters() {
			x, y = y, -x
		}
		if v.FlipH {
			x = -x
		}
		if v.FlipV {
			y = -y
		}
		return x/scale + float64(columns)/2, y/scale/aspect + float64(rows)/2
	}
	c0, r0 := corner(-v.Width/2-v.PanX, -v.Height/2-v.PanY)
	c1, r1 := corner(v.Width/2-v.PanX, v.Height/2-v.PanY)
	within := func(x float64, most int) int { return int(min(max(x, 0), float64(most))) }
	seen := image.Rect(
		within(math.Floor(min(c0, c1)), columns), within(math.Floor(min(r0, r1)), rows),
		within(math.Ceil(max(c0, c1)), columns), within(math.Ceil(max(r0, r1)), rows))
	if seen.Empty() {
		return all
	}
	return seen
}

// Place is where a point of the frame lies in the picture of a part of it, flipped and
// turned: from its upper left corner, in widths and heights of the picture.
func (v KeyView) Place(part image.Rectangle, p [2]float64) (x, y float64) {
	x = (p[0] - float64(part.Min.X)) / float64(part.Dx())
	y = (p[1] - float64(part.Min.Y)) / float64(part.Dy())
	if v.FlipH {
		x = 1 - x
	}
	if v.FlipV {
		y = 1 - y
	}
	for range v.quarters() {
		x, y = 1-y, x
	}
	return x, y
}

func (v KeyView) quarters() int { return (v.Turns%4 + 4) % 4 }
