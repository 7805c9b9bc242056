package pixel

import (
	"context"
	"image"

	"github.com/dokuei/dokuei/dicom/dataset"
	"github.com/dokuei/dokuei/dicom/tag"
)

// Overlay is a plane of one bit cells over the image (Overlay Plane Module, PS3.3
// C.9.2; Multi-frame, C.9.3): a group of 6000 to 601E.
type Overlay struct {
	Group         uint16
	Rows, Columns int
	Top, Left     int    // of its first cell in the image, from 0; negative above or left of it
	ROI           bool   // Overlay Type R; otherwise graphics
	Label         string // Overlay Label (60xx,1500), else Overlay Description
	First, Frames int    // the frames of the image that it covers, from 0; Frames 0: all, alike

	data     []byte // Overlay Data (60xx,3000)
	position int    // bit of the image's cells that holds it; -1 when data does
}

// maxOverlays is how many groups there are (PS3.5 7.6).
const maxOverlays = 16

// OverlaysOf finds the overlays of a data set. One whose attributes are missing or
// do not fit, or whose data are too short, is left out: it cannot be shown, and the
// image can.
func OverlaysOf(d *dataset.Dataset) []Overlay {
	var out []Overlay
	for i := range maxOverlays {
		if o, ok := overlayOf(d, tag.Tag(i)<<17); ok {
			out = append(out, o)
		}
	}
	return out
}

func overlayOf(d *dataset.Dataset, group tag.Tag) (Overlay, bool) {
	number := func(t tag.Tag, missing int) int {
		if v, ok := d.Int(t + group); ok {
			return v
		}
		return missing
	}
	o := Overlay{
		Group: (tag.OverlayRows + group).Group(),
		Rows:  number(tag.OverlayRows, 0), Columns: number(tag.OverlayColumns, 0),
		ROI:   d.String(tag.OverlayType+group) == "R",
		Label: d.String(tag.OverlayLabel + group),
		First: number(tag.ImageFrameOrigin, 1) - 1, Frames: number(tag.NumberOfFramesInOverlay, 0),
		position: -1,
	}
	if o.Label == "" {
		o.Label = d.String(tag.OverlayDescription + group)
	}
	if at := d.Ints(tag.OverlayOrigin + group); len(at) == 2 {
		o.Top, o.Left = asSigned(at[0])-1, asSigned(at[1])-1
	}
	if o.Rows < 1 || o.Rows > 65535 || o.Columns < 1 || o.Columns > 65535 || o.First < 0 || o.Frames < 0 {
		return o, false
	}
	if data, _, ok := d.Raw(tag.OverlayData + group); ok && len(data) > 0 {
		o.data = data
		cells := int64(o.Rows) * int64(o.Columns)
		return o, int64(max(o.Frames, 1)) <= 8*int64(len(data))/cells
	}
	// Retired, and met in old files: in the bits of the cells that the values leave
	// free (PS3.3 C.9.2 of 2004). It has the size of the image then.
	if number(tag.OverlayBitsAllocated, 0) <= 1 {
		return o, false
	}
	o.position = number(tag.OverlayBitPosition, -1)
	allocated, stored := intOf(d, tag.BitsAllocated), intOf(d, tag.BitsStored)
	high := intOf(d, tag.HighBit)
	free := o.position > high || o.position <= high-stored
	o.Top, o.Left = 0, 0
	return o, o.position >= 0 && o.position < allocated && free && stored > 0 &&
		o.Rows == intOf(d, tag.Rows) && o.Columns == intOf(d, tag.Columns)
}

func intOf(d *dataset.Dataset, t tag.Tag) int {
	v, _ := d.Int(t)
	return v
}

// Covers tells whether the overlay lies over frame n (from 0).
func (o *Overlay) Covers(n int) bool {
	return o.Frames == 0 || n >= o.First && n-o.First < o.Frames
}

// Bits are the cells of an overlay for all frames, packed as they came (PS3.5 8.1.1),
// the bytes of its data set; nil when it is in the cells of an image or has frames.
func (o *Overlay) Bits() []byte {
	if o.position >= 0 || o.Frames > 1 {
		return nil
	}
	return o.data[:(o.Rows*o.Columns+7)/8]
}

// Overlay gives the cells of an overlay over frame n (from 0), a byte of 0 or 1
// each, in dst when that is large enough. ok is false when it does not cover n.
// Errors are those of Stored, which is asked for overlays inside the cells.
func (r *Reader) Overlay(ctx context.Context, o *Overlay, n int, dst []byte) (cells []byte, ok bool, err error) {
	if !o.Covers(n) || n < 0 || n >= r.format.Frames {
		return dst, false, nil
	}
	size := o.Rows * o.Columns
	if cap(dst) < size {
		dst = make([]byte, size)
	}
	dst = dst[:size]
	if o.position < 0 {
		first := 0
		if o.Frames > 0 {
			first = (n - o.First) * size
		}
		unpackBits(dst, o.data, first, size)
		return dst, true, nil
	}
	var f Frame
	if err := r.Stored(ctx, n, &f); err != nil {
		return dst, false, err
	}
	if f.Samples != 1 || f.Pixels() != size {
		return dst, false, nil
	}
	width, at := f.CellBytes(), o.position/8
	for i := range dst {
		dst[i] = f.Pix[i*width+at] >> (o.position % 8) & 1
	}
	return dst, true, nil
}

// Draw writes the cells of an overlay into a picture of a whole frame of rows ×
// columns, of that size or reduced, as grey. A pixel is drawn when any of the cells
// that it stands for is set: lines stay whole.
func (o *Overlay) Draw(dst *image.Gray, rows, columns int, cells []byte, grey uint8) {
	w, h := dst.Rect.Dx(), dst.Rect.Dy()
	for y := max(0, -o.Top); y < o.Rows && y+o.Top < rows; y++ {
		line := cells[y*o.Columns:][:o.Columns]
		to := dst.Pix[(y+o.Top)*h/rows*dst.Stride:][:w]
		for x := max(0, -o.Left); x < len(line) && x+o.Left < columns; x++ {
			if line[x] != 0 {
				to[(x+o.Left)*w/columns] = grey
			}
		}
	}
}
