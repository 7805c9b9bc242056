package preview

import (
	"bytes"
	"image"
	"image/draw"
	"image/png"

	"github.com/gen2brain/jpegn"

	"github.com/dokuei/dokuei/dicom/codec/jpeg"
	"github.com/dokuei/dokuei/dicom/pixel"
)

// workplace is the memory one picture is made in; it goes from one to the next.
type workplace struct {
	memory pixel.Memory
	frame  pixel.Frame
	small  [2]pixel.Frame // made of it, each of the one before
	shrink pixel.Shrinker
	table  pixel.Table
	gray   image.Gray
	colour image.RGBA
	out    bytes.Buffer
	grey   []byte // a JPEG of gray
	coder  *jpeg.GrayEncoder
	coded  int // the quality of coder
}

// keptWorkplace is the size up to which a workplace is kept for the next.
const keptWorkplace = 16 << 20

func (w *workplace) size() int {
	return w.memory.Bytes() + cap(w.frame.Pix) + cap(w.small[0].Pix) + cap(w.small[1].Pix) + cap(w.gray.Pix) + cap(w.colour.Pix) + w.out.Cap() + cap(w.grey) + w.shrink.Bytes()
}

// pictures are the JPEGs of one instance, by Size; nil where not made.
type pictures [sizes][]byte

// draw makes the pictures of a decoded frame that are wanted, the largest first: the
// smaller ones are averaged from it, not from the whole frame again. f may be no
// larger than the largest of them; t is how it is shown when it is grey.
func (w *workplace) draw(f *pixel.Frame, t pixel.Transform, wanted func(Size) bool, fit func(Size) (width, height int), quality int) (out pictures, err error) {
	grey := f.Samples == 1
	for s := sizes - 1; s >= 0; s-- {
		if !wanted(s) {
			continue
		}
		width, height := fit(s)
		var m image.Image
		switch {
		case grey && f.Shrinks():
			if width < f.Columns || height < f.Rows {
				next := &w.small[s%2]
				w.shrink.Shrink(next, f, width, height)
				f = next
			}
			pixel.Render(&w.gray, f, t, &w.table)
			m = &w.gray
		case grey:
			pixel.ResizeGray(&w.gray, width, height)
			pixel.Reduce(&w.gray, f, t, &w.table)
			m = &w.gray
		default:
			pixel.ResizeRGBA(&w.colour, width, height)
			pixel.ReduceRGB(&w.colour, f)
			m = &w.colour
		}
		if out[s], err = w.encode(m, qualityOf(s, quality)); err != nil {
			return out, err
		}
	}
	return out, nil
}

// qualityOf is the quality of a JPEG of a size.
func qualityOf(s Size, quality int) int {
	if s == Scroll {
		return quality * 2 / 3 // seen in passing, hundreds at a time over a thin line
	}
	return quality
}

// render draws the decoded frame as somebody wants it; over draws what comes over all of
// it, before the part that is wanted is laid, and after what comes over that.
func (w *workplace) render(pr pixel.Presentation, how Rendering, over func(draw.Image) error, after func(drawn) error) ([]byte, error) {
	f := &w.frame
	part := how.Part.Intersect(image.Rect(0, 0, f.Columns, f.Rows))
	if part.Empty() {
		part = image.Rect(0, 0, f.Columns, f.Rows)
	}
	width, height := pixel.Fit(f.Rows, f.Columns, pr.Plane.Aspect, max(f.Rows, f.Columns))
	if how.Width > 0 && how.Height > 0 {
		shown := func(side, part, whole int) float64 { return float64(side) * float64(part) / float64(whole) }
		if scale := min(float64(how.Width)/shown(width, part.Dx(), f.Columns), float64(how.Height)/shown(height, part.Dy(), f.Rows)); scale < 1 {
			width, height = max(int(float64(width)*scale+0.5), 1), max(int(float64(height)*scale+0.5), 1)
		}
	}
	if how.Quality == 0 {
		how.Quality = 90
	}
	// The part in pixels of the picture of the whole.
	how.Part = image.Rect(part.Min.X*width/f.Columns, part.Min.Y*height/f.Rows,
		(part.Max.X*width+f.Columns-1)/f.Columns, (part.Max.Y*height+f.Rows-1)/f.Rows)
	if f.Samples != 1 {
		pixel.ResizeRGBA(&w.colour, width, height)
		pixel.ReduceRGB(&w.colour, f)
		if how.Invert {
			invert(&w.colour)
		}
		if err := over(&w.colour); err != nil {
			return nil, err
		}
		laid := laidRGBA(&w.colour, how)
		if err := after(drawn{laid, how, part}); err != nil {
			return nil, err
		}
		return w.finish(laid, how)
	}
	t := pr.Transform(f)
	if how.Window != nil {
		t.Window, t.VOI = *how.Window, nil
	}
	t.Invert = t.Invert != how.Invert
	pixel.ResizeGray(&w.gray, width, height)
	pixel.Reduce(&w.gray, f, t, &w.table)
	if err := over(&w.gray); err != nil {
		return nil, err
	}
	laid := laidGray(&w.gray, how)
	if err := after(drawn{laid, how, part}); err != nil {
		return nil, err
	}
	return w.finish(laid, how)
}

// exact makes PNGs; what is asked for once is not worth a search for the smallest.
var exact = png.Encoder{CompressionLevel: png.BestSpeed}

// finish encodes a picture as it is asked for.
func (w *workplace) finish(m image.Image, how Rendering) ([]byte, error) {
	if !how.PNG {
		return w.encode(m, how.Quality)
	}
	w.out.Reset()
	if err := exact.Encode(&w.out, m); err != nil {
		return nil, err
	}
	return bytes.Clone(w.out.Bytes()), nil
}

// encode gives the JPEG in memory of its own, as long as it is.
func (w *workplace) encode(m image.Image, quality int) ([]byte, error) {
	if g, ok := m.(*image.Gray); ok {
		if w.coder == nil || w.coded != quality {
			w.coder, w.coded = jpeg.NewGrayEncoder(quality), quality
		}
		w.grey = w.coder.Append(w.grey[:0], g.Pix, g.Stride, g.Rect.Dx(), g.Rect.Dy())
		return bytes.Clone(w.grey), nil
	}
	w.out.Reset()
	if err := jpegn.Encode(&w.out, m, &jpegn.EncodeOptions{Quality: quality}); err != nil {
		return nil, err
	}
	return bytes.Clone(w.out.Bytes()), nil
}
