package pixel

import (
	"encoding/binary"
	"image"
)

// Render writes a grey frame through the table into dst, which is given the
// frame's size and keeps its memory when that suffices.
func Render(dst *image.Gray, f *Frame, t Transform, tb *Table) {
	f = tb.SetFrame(t, f)
	ResizeGray(dst, f.Columns, f.Rows)
	if f.BitsAllocated == 1 {
		for i, v := range f.Pix[:f.Pixels()] {
			dst.Pix[i] = bitGrey(uint32(v), 1, t.Invert)
		}
		return
	}
	if f.CellBytes() == 1 {
		render8(dst.Pix, f.Pix[:f.Pixels()], tb, f.Signed)
		return
	}
	render16(dst.Pix, f.Pix[:2*f.Pixels()], tb)
}

func render8(dst, src []uint8, tb *Table, signed bool) {
	for i, v := range src {
		x := uint16(v)
		if signed {
			x = uint16(int16(int8(v)))
		}
		dst[i] = tb.grey[x]
	}
}

func render16(dst, src []uint8, tb *Table) {
	for len(src) >= 8 && len(dst) >= 4 {
		v := binary.LittleEndian.Uint64(src)
		d := dst[:4:4]
		d[0] = tb.grey[uint16(v)]
		d[1] = tb.grey[uint16(v>>16)]
		d[2] = tb.grey[uint16(v>>32)]
		d[3] = tb.grey[uint16(v>>48)]
		dst, src = dst[4:], src[8:]
	}
	for i := range dst {
		if 2*i+1 >= len(src) {
			return
		}
		dst[i] = tb.grey[binary.LittleEndian.Uint16(src[2*i:])]
	}
}

// bitGrey is the grey of sum ones among area cells of one bit.
func bitGrey(sum, area uint32, invert bool) uint8 {
	g := uint8((sum*255 + area/2) / area)
	if invert {
		return 255 - g
	}
	return g
}

// RenderRGB writes a colour frame, already RGB with 8 bits (Reader.Frame),
// into dst.
func RenderRGB(dst *image.RGBA, f *Frame) {
	ResizeRGBA(dst, f.Columns, f.Rows)
	src := f.Pix
	for i := 0; i+3 < len(dst.Pix) && len(src) >= 3; i += 4 {
		d := dst.Pix[i : i+4 : i+4]
		d[0], d[1], d[2], d[3] = src[0], src[1], src[2], 255
		src = src[3:]
	}
}

// ResizeGray gives an image a size and keeps its memory when that suffices.
func ResizeGray(m *image.Gray, w, h int) {
	if cap(m.Pix) < w*h {
		m.Pix = make([]uint8, w*h)
	}
	m.Pix, m.Stride, m.Rect = m.Pix[:w*h], w, image.Rect(0, 0, w, h)
}

// ResizeRGBA gives an image a size and keeps its memory when that suffices.
func ResizeRGBA(m *image.RGBA, w, h int) {
	if cap(m.Pix) < 4*w*h {
		m.Pix = make([]uint8, 4*w*h)
	}
	m.Pix, m.Stride, m.Rect = m.Pix[:4*w*h], 4*w, image.Rect(0, 0, w, h)
}
