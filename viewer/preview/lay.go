package preview

import "image"

// laidGray is the part of a picture that is shown, flipped and turned; m itself when
// that is all of it as it is.
func laidGray(m *image.Gray, how Rendering) *image.Gray {
	if how.plain(m.Rect) {
		return m
	}
	pix, size := lay(m.Pix, m.Stride, 1, how)
	return &image.Gray{Pix: pix, Stride: size.X, Rect: image.Rectangle{Max: size}}
}

// laidRGBA is laidGray in colour.
func laidRGBA(m *image.RGBA, how Rendering) *image.RGBA {
	if how.plain(m.Rect) {
		return m
	}
	pix, size := lay(m.Pix, m.Stride, 4, how)
	return &image.RGBA{Pix: pix, Stride: 4 * size.X, Rect: image.Rectangle{Max: size}}
}

func (how Rendering) plain(all image.Rectangle) bool {
	return how.Part == all && !how.FlipH && !how.FlipV && how.Turns%4 == 0
}

// lay copies a part of an image whose pixels are n bytes: flipped, then turned.
func lay(pix []byte, stride, n int, how Rendering) (out []byte, size image.Point) {
	size = how.Part.Size()
	turns := (how.Turns%4 + 4) % 4
	if turns%2 != 0 {
		size.X, size.Y = size.Y, size.X
	}
	out = make([]byte, 0, size.X*size.Y*n)
	w, h := how.Part.Dx(), how.Part.Dy()
	for y := range size.Y {
		for x := range size.X {
			c, r := x, y
			switch turns {
			case 1:
				c, r = y, h-1-x
			case 2:
				c, r = w-1-x, h-1-y
			case 3:
				c, r = w-1-y, x
			}
			if how.FlipH {
				c = w - 1 - c
			}
			if how.FlipV {
				r = h - 1 - r
			}
			at := (how.Part.Min.Y+r)*stride + (how.Part.Min.X+c)*n
			out = append(out, pix[at:at+n]...)
		}
	}
	return out, size
}

// invert makes the negative of a picture in colour.
func invert(m *image.RGBA) {
	for i := 0; i < len(m.Pix); i += 4 {
		for k := range 3 {
			m.Pix[i+k] = 255 - m.Pix[i+k]
		}
	}
}
