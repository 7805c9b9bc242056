package preview

import (
	"bytes"
	"image"

	"github.com/gen2brain/jpegn"

	"github.com/dokuei/dokuei/dicom/pixel"
)

// workplace is the memory one picture is made in; it goes from one to the next.
type workplace struct {
	frame  pixel.Frame
	table  pixel.Table
	gray   image.Gray
	colour image.RGBA
	out    bytes.Buffer
}

// keptWorkplace is the size up to which a workplace is kept for the next.
const keptWorkplace = 16 << 20

func (w *workplace) size() int {
	return cap(w.frame.Pix) + cap(w.gray.Pix) + cap(w.colour.Pix) + w.out.Cap()
}

// draw makes both pictures of the decoded frame.
func (w *workplace) draw(pr pixel.Presentation, quality int) (out [2][]byte, err error) {
	f := &w.frame
	grey := f.Samples == 1
	var t pixel.Transform
	if grey {
		t = pr.Transform(f)
	}
	for _, s := range []Size{Thumbnail, Preview} {
		width, height := pixel.Fit(f.Rows, f.Columns, pr.Plane.Aspect, s.Pixels())
		var m image.Image
		if grey {
			pixel.ResizeGray(&w.gray, width, height)
			pixel.Reduce(&w.gray, f, t, &w.table)
			m = &w.gray
		} else {
			pixel.ResizeRGBA(&w.colour, width, height)
			pixel.ReduceRGB(&w.colour, f)
			m = &w.colour
		}
		if out[s], err = w.encode(m, quality); err != nil {
			return out, err
		}
	}
	return out, nil
}

// encode gives the JPEG in memory of its own, as long as it is.
func (w *workplace) encode(m image.Image, quality int) ([]byte, error) {
	w.out.Reset()
	if err := jpegn.Encode(&w.out, m, &jpegn.EncodeOptions{Quality: quality}); err != nil {
		return nil, err
	}
	return bytes.Clone(w.out.Bytes()), nil
}
