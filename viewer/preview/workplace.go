package preview

import (
	"bytes"
	"image"
	"image/draw"

	"github.com/gen2brain/jpegn"

	"github.com/dokuei/dokuei/dicom/codec/jpeg"
	"github.com/dokuei/dokuei/dicom/pixel"
)

// workplace is the memory one picture is made in; it goes from one to the next.
type workplace struct {
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
	return cap(w.frame.Pix) + cap(w.small[0].Pix) + cap(w.small[1].Pix) + cap(w.gray.Pix) + cap(w.colour.Pix) + w.out.Cap() + cap(w.grey) + w.shrink.Bytes()
}

// pictures are the JPEGs of one instance, by Size; nil where not made.
type pictures [sizes][]byte

// draw makes the pictures of a decoded frame that are wanted, the largest first: the
// smaller ones are averaged from it, not from the whole frame again. f may be no
// larger than the largest of them.
func (w *workplace) draw(f *pixel.Frame, pr pixel.Presentation, wanted func(Size) bool, fit func(Size) (width, height int), quality int) (out pictures, err error) {
	grey := f.Samples == 1
	var t pixel.Transform
	if grey {
		t = pr.Transform(f)
	}
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
		q := quality
		if s == Scroll {
			q = quality * 2 / 3 // seen in passing, hundreds at a time over a thin line
		}
		if out[s], err = w.encode(m, q); err != nil {
			return out, err
		}
	}
	return out, nil
}

// render draws the decoded frame as somebody wants it; over draws what comes over it.
func (w *workplace) render(pr pixel.Presentation, how Rendering, over func(draw.Image) error) ([]byte, error) {
	f := &w.frame
	width, height := pixel.Fit(f.Rows, f.Columns, pr.Plane.Aspect, max(f.Rows, f.Columns))
	if how.Width > 0 && how.Height > 0 {
		if scale := min(float64(how.Width)/float64(width), float64(how.Height)/float64(height)); scale < 1 {
			width, height = max(int(float64(width)*scale+0.5), 1), max(int(float64(height)*scale+0.5), 1)
		}
	}
	if how.Quality == 0 {
		how.Quality = 90
	}
	if f.Samples != 1 {
		pixel.ResizeRGBA(&w.colour, width, height)
		pixel.ReduceRGB(&w.colour, f)
		if err := over(&w.colour); err != nil {
			return nil, err
		}
		return w.encode(&w.colour, how.Quality)
	}
	t := pr.Transform(f)
	if how.Window != nil {
		t.Window, t.VOI = *how.Window, nil
	}
	pixel.ResizeGray(&w.gray, width, height)
	pixel.Reduce(&w.gray, f, t, &w.table)
	if err := over(&w.gray); err != nil {
		return nil, err
	}
	return w.encode(&w.gray, how.Quality)
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
