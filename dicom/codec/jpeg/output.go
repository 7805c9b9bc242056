package jpeg

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

// output interleaves the planes into dst, interpolating those of lower
// resolution.
func (d *Decoder) output(dst *codec.Image) {
	if dst.Precision == 8 {
		outputPlanes(d, dst, func(c *component) []uint8 { return c.plane8 })
	} else {
		outputPlanes(d, dst, func(c *component) []uint16 { return c.plane16 })
	}
}

func outputPlanes[T uint8 | uint16](d *Decoder, dst *codec.Image, planeOf func(*component) []T) {
	n, size := dst.Samples, codec.BytesPerSample(dst.Precision)
	for i := range n {
		d.rows[i] = grow(d.rows[i], dst.Width+1)
	}
	for y := range dst.Height {
		out := dst.Pix[y*dst.Width*n*size:][:dst.Width*n*size]
		for i := range n {
			c := &d.comps[i]
			plane := planeOf(c)
			if c.H == d.frame.HMax && c.V == d.frame.VMax {
				put(out, plane[y*c.perLine*d.size:][:dst.Width], i, n, size)
				continue
			}
			row := d.rows[i][:dst.Width]
			interpolate(row, plane, c, c.perLine*d.size, y, d.frame.HMax, d.frame.VMax)
			put(out, row, i, n, size)
		}
	}
}

// put stores a row of component i of n.
func put[T uint8 | uint16](out []byte, row []T, i, n, size int) {
	if size == 1 {
		at := i
		for _, v := range row {
			out[at] = byte(v)
			at += n
		}
		return
	}
	at := 2 * i
	for _, v := range row {
		binary.LittleEndian.PutUint16(out[at:], uint16(v))
		at += 2 * n
	}
}

// interpolate makes row y of the full resolution. Samples of a component lie
// centred between those they stand for (T.871 §10.1), so with half the
// resolution the nearer sample weighs three quarters. Rounding alternates, so that
// the mean is kept.
func interpolate[T uint8 | uint16](row []uint16, plane []T, c *component, stride, y, hMax, vMax int) {
	half := 2*c.H == hMax && c.width > 2
	switch {
	case half && c.V == vMax:
		src := plane[y*stride:][:c.width]
		for x := range row {
			near := uint32(src[x/2])
			if x%2 == 0 {
				far := uint32(src[max(x/2-1, 0)])
				row[x] = uint16((3*near + far + 1) >> 2)
			} else {
				far := uint32(src[min(x/2+1, len(src)-1)])
				row[x] = uint16((3*near + far + 2) >> 2)
			}
		}
	case half && 2*c.V == vMax:
		near, far := nearRows(plane, c, stride, y)
		column := func(x int) uint32 { return 3*uint32(near[x]) + uint32(far[x]) }
		for x := range row {
			if x%2 == 0 {
				row[x] = uint16((3*column(x/2) + column(max(x/2-1, 0)) + 8) >> 4)
			} else {
				row[x] = uint16((3*column(x/2) + column(min(x/2+1, c.width-1)) + 7) >> 4)
			}
		}
	case c.H == hMax && 2*c.V == vMax:
		near, far := nearRows(plane, c, stride, y)
		round := uint32(1 + y%2)
		for x := range row {
			row[x] = uint16((3*uint32(near[x]) + uint32(far[x]) + round) >> 2)
		}
	default:
		src := plane[y*c.V/vMax*stride:][:c.width]
		for x := range row {
			row[x] = uint16(src[x*c.H/hMax])
		}
	}
}

// nearRows gives the row of a component of half the resolution down that row y of the
// full one lies in, and the next nearest.
func nearRows[T uint8 | uint16](plane []T, c *component, stride, y int) (near, far []T) {
	other := max(y/2-1, 0)
	if y%2 == 1 {
		other = min(y/2+1, c.height-1)
	}
	return plane[y/2*stride:][:c.width], plane[other*stride:][:c.width]
}
