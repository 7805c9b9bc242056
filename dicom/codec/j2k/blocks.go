package j2k

import (
	"github.com/dokuei/dokuei/dicom/codec"
)

// decodeComponent decodes the code-blocks of the resolutions that are kept into
// the plane of the component.
func (d *Decoder) decodeComponent(c *component) error {
	top := &c.resolutions[c.kept]
	c.stride = top.width()
	if c.reversible {
		c.plane = grow(c.plane, top.width()*top.height())
	} else {
		c.fplane = grow(c.fplane, top.width()*top.height())
	}
	for r := range c.kept + 1 {
		res := &c.resolutions[r]
		for i := range res.n {
			// Half of the step, for the fractional bit.
			bd := &res.bands[i]
			bd.scale = bd.step / 2 * float32(c.gains(r, bd.orient))
		}
		for k := range res.pw * res.ph {
			pr := &d.precincts[res.precincts+k]
			for i := range res.n {
				pb := &pr.bands[i]
				for j := range pb.w * pb.h {
					b := &d.blocks[pb.block+j]
					if b.passes == 0 {
						c.blank(b)
						continue
					}
					if err := d.decodeBlock(c, &res.bands[i], b); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// blank clears the place of a block of which no packet has a pass: blocks cover
// the plane, which may hold the samples of another frame.
func (c *component) blank(b *block) {
	at := int(b.py)*c.stride + int(b.px)
	for range b.h {
		if c.reversible {
			clear(c.plane[at:][:b.w])
		} else {
			clear(c.fplane[at:][:b.w])
		}
		at += c.stride
	}
}

// decodeBlock decodes one code-block and puts its coefficients into the plane.
func (d *Decoder) decodeBlock(c *component, bd *band, b *block) error {
	planes := bd.planes + c.roi - int(b.zeroPlanes)
	if planes > 30 {
		return codec.Errorf(codec.ErrUnsupported, int64(d.chunks[b.first-1].offset), "code-block of %d bit-planes", planes)
	}
	bc := &d.coder
	if c.style&styleHT != 0 && !b.part1 {
		bc.w, bc.h = int(b.w), int(b.h)
		if err := d.decodeBlockHT(c, b, planes); err != nil {
			return err
		}
	} else {
		bc.reset(int(b.w), int(b.h), c.style&styleCausal != 0)
		if err := d.decodePasses(c, bd, b, planes); err != nil {
			return err
		}
	}
	if c.roi > 0 {
		unshift(bc.data, c.roi)
	}
	d.place(c, bd, b)
	return nil
}

// decodePasses runs the coding passes of a block (§D.3, §D.4).
func (d *Decoder) decodePasses(c *component, bd *band, b *block, planes int) error {
	bc := &d.coder
	plane := planes - 1
	next := b.first
	for pass := 0; pass < int(b.passes); {
		n := min(segmentPasses(c.style, pass), int(b.passes)-pass)
		at := d.chunks[next-1].offset
		next = d.gather(next, n)
		lazy := c.style&styleBypass != 0 && pass >= 10 && (pass-1)%3 != 2
		if lazy {
			bc.raw = raw{buf: bc.scratch}
		} else {
			bc.scratch = append(bc.scratch, 0xFF, 0xFF)
			bc.mq.start(bc.scratch)
		}
		for range n {
			if plane < 0 {
				return nil // see beyond
			}
			d.Did(bc.w * bc.h)
			switch kind := (pass + 2) % 3; {
			case kind == 0 && lazy:
				bc.rawSignificancePass(uint(plane))
			case kind == 0:
				bc.significancePass(bd.orient, uint(plane))
			case kind == 1 && lazy:
				bc.rawRefinementPass(uint(plane))
			case kind == 1:
				bc.refinementPass(uint(plane))
			default:
				bc.cleanupPass(bd.orient, uint(plane))
				if c.style&styleSegments != 0 { // §D.5
					v := uint32(0)
					for range 4 {
						v = v<<1 | bc.mq.decide(&bc.contexts[ctxUni])
					}
					// Where the code has been read to its end it may be that of a block
					// which was cut to a rate, too short for the symbol.
					if v != 10 && !bc.mq.spent() {
						return codec.Errorf(codec.ErrCorrupt, int64(at), "segmentation symbol %d in a code-block", v)
					}
				}
				plane--
			}
			if c.style&styleReset != 0 {
				bc.resetContexts()
			}
			pass++
		}
	}
	return nil
}

// gather joins the chunks, from next on, that hold n passes; it gives the one
// after them.
func (d *Decoder) gather(next int32, n int) int32 {
	s := d.coder.scratch[:0]
	for n > 0 && next != 0 {
		ch := &d.chunks[next-1]
		s = append(s, d.src[ch.offset:ch.offset+ch.length]...)
		n -= int(ch.passes)
		next = ch.next
	}
	d.coder.scratch = s
	d.Did(len(s))
	return next
}

// unshift undoes the scaling of a region of interest (Annex H.1): magnitudes
// with a bit above the lowest shift planes belong to it.
func unshift(data []uint32, shift int) {
	limit := uint32(1) << min(shift+1, 31)
	for i, v := range data {
		if m := v & magnitude; m >= limit {
			data[i] = v&signBit | m>>shift
		}
	}
}

// place dequantizes a block (Annex E.1) into the plane. Magnitudes have one bit
// below the binary point, set to the middle of what is not known.
func (d *Decoder) place(c *component, bd *band, b *block) {
	d.Did(int(b.w) * int(b.h))
	data := d.coder.data
	w := int(b.w)
	at := int(b.py)*c.stride + int(b.px)
	for range b.h {
		src := data[:w]
		if c.reversible {
			row := c.plane[at:][:len(src)]
			for i, v := range src {
				m := int32(v & magnitude >> 1)
				s := int32(v) >> 31
				row[i] = m ^ s - s
			}
		} else {
			row := c.fplane[at:][:len(src)]
			for i, v := range src {
				s := int32(v) >> 31
				row[i] = float32(int32(v&magnitude)^s-s) * bd.scale
			}
		}
		data = data[d.coder.stride:]
		at += c.stride
	}
}
