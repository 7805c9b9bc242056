package pixel

import "github.com/dokuei/dokuei/dicom/codec"

// Colours brings the pixels of a frame in colour, while they come, into rows of RGB with 8
// bits: what Reader.Frame makes of the whole frame. Begin it for each frame; it keeps
// its memory.
//
// Of planes (Planar Configuration 1) the first two are held until the rows of the last
// come: a pixel in YCbCr has no colour before all its samples are there.
type Colours struct {
	format  Format
	palette *Palette
	unit    int    // bytes of a row as it comes, of one plane when there are planes
	paired  bool   // YBR_FULL_422
	planes  []byte // held
	held    int    // of planes
	part    []byte // what has come of the next row
	y       int
	row     Frame
	spare   []byte
}

// Begin prepares for a frame of cells of 8 or 16 bits, little endian; palette is that of
// PALETTE COLOR. Length is the number of bytes that come, which tells subsampled ones
// (YBR_FULL_422) from those that only claim it.
func (c *Colours) Begin(f Format, palette *Palette, length int64) {
	c.format, c.palette, c.part, c.held, c.y, c.planes = f, palette, c.part[:0], 0, 0, c.planes[:0]
	c.unit, c.paired = f.Columns*f.Samples*cellBytes(f.BitsAllocated), f.subsampled(length)
	n := int(ColoursHold(f, length))
	switch {
	case c.paired:
		c.unit = f.rowOf422()
	case n > 0:
		c.unit /= f.Samples
	}
	if cap(c.planes) < n {
		c.planes = make([]byte, n)
	}
	c.planes = c.planes[:n]
}

// ColoursHold is the memory that Colours takes for such a frame beside a few rows.
func ColoursHold(f Format, length int64) int64 {
	if !f.planar() || f.subsampled(length) {
		return 0
	}
	return f.FrameBytes() / int64(f.Samples) * int64(f.Samples-1)
}

// Write takes the next bytes, of which what is beyond the frame is ignored, and calls
// row with each row of RGB that they complete, good until it returns.
func (c *Colours) Write(p []byte, row func(rgb []byte)) {
	n := copy(c.planes[c.held:], p)
	c.held += n
	for p = p[n:]; len(p) > 0 && c.y < c.format.Rows; {
		one := p
		if len(c.part) > 0 || len(p) < c.unit {
			n := min(c.unit-len(c.part), len(p))
			c.part = append(c.part, p[:n]...)
			if p = p[n:]; len(c.part) < c.unit {
				return
			}
			one = c.part
		} else {
			p = p[c.unit:]
		}
		c.complete(one[:c.unit], row)
		c.part = c.part[:0]
	}
}

// complete makes pixels of a row as it is stored.
func (c *Colours) complete(raw []byte, row func(rgb []byte)) {
	f := &c.format
	c.row.resize(f.Columns * f.Samples * cellBytes(f.BitsAllocated))
	switch {
	case len(c.planes) > 0:
		cell, n := cellBytes(f.BitsAllocated), f.Samples
		for s := range n {
			src := raw
			if s < n-1 {
				src = c.planes[(s*f.Rows+c.y)*c.unit:][:c.unit]
			}
			spreadCells(c.row.Pix[s*cell:], src, cell, n*cell)
		}
	case c.paired:
		expand422(c.row.Pix, raw)
	default:
		copy(c.row.Pix, raw)
	}
	c.show(codec.ColorUnknown, row)
}

// Row takes a row of a decoded frame instead, with what its stream says of the samples.
func (c *Colours) Row(raw []byte, model codec.ColorModel, row func(rgb []byte)) {
	c.row.resize(len(raw))
	copy(c.row.Pix, raw)
	c.show(model, row)
}

func (c *Colours) show(model codec.ColorModel, row func(rgb []byte)) {
	f, r := &c.format, &c.row
	r.Rows, r.Columns, r.Samples, r.BitsAllocated, r.BitsStored = 1, f.Columns, f.Samples, f.BitsAllocated, f.BitsStored
	r.Signed, r.Photometric = f.Signed(), f.Photometric
	show(r, f.HighBit, model, c.palette, &c.spare)
	row(r.Pix)
	c.y++
}
