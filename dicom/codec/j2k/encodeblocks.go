package j2k

import (
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec/internal/ht"
)

// encodeBlocks codes all code-blocks and finds the guard bits they need.
func (e *Encoder) encodeBlocks() {
	d := &e.shape
	e.coded = grow(e.coded, len(d.blocks))
	e.body = e.body[:0]
	more := 0
	for c := range d.size.n {
		comp := &d.comps[c]
		for r := range comp.levels + 1 {
			res := &comp.resolutions[r]
			for k := range res.pw * res.ph {
				pr := &d.precincts[res.precincts+k]
				for i := range res.n {
					bd, pb := &res.bands[i], &pr.bands[i]
					for j := range pb.w * pb.h {
						at := pb.block + j
						var planes int
						e.coded[at], planes = e.encodeBlock(comp, bd, &d.blocks[at])
						more = max(more, planes-bd.planes)
					}
				}
			}
		}
	}
	if more == 0 {
		return
	}
	e.guard += more
	for c := range d.size.n {
		comp := &d.comps[c]
		for r := range comp.levels + 1 {
			for i := range comp.resolutions[r].n {
				comp.resolutions[r].bands[i].planes += more
			}
		}
	}
}

// encodeBlock takes a block out of the plane, as magnitudes with the sign in bit
// 31, and codes it. It tells how many bit-planes its samples have.
func (e *Encoder) encodeBlock(comp *component, bd *band, b *block) (c coded, planes int) {
	w, h := int(b.w), int(b.h)
	stride := w
	if e.HighThroughput {
		stride = (&ht.Block{Width: w}).Stride()
	}
	e.data = grow(e.data, stride*(h+1))
	all := uint32(0)
	for y := range h {
		src := comp.plane[(int(b.py)+y)*comp.stride+int(b.px):][:w]
		row := e.data[y*stride:][:stride]
		for x, v := range src {
			s := uint32(v >> 31)
			m := (uint32(v) ^ s) - s
			all |= m
			row[x] = m | s<<31
		}
		clear(row[w:])
	}
	c.offset = int32(len(e.body))
	if all == 0 {
		return c, 0
	}
	planes = bits.Len32(all)
	if e.HighThroughput {
		clear(e.data[h*stride:])
		e.body = e.ht.Encode(e.body, e.data, w, h)
		c.planes, c.passes = 1, 1 // the cleanup pass of the lowest
	} else {
		e.body = e.blocks.encode(e.body, e.data, w, h, bd.orient, planes)
		c.planes, c.passes = uint8(planes), uint8(3*planes-2)
	}
	c.length = int32(len(e.body)) - c.offset
	return c, planes
}
