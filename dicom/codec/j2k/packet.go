package j2k

import (
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec"
)

// contribution is what a packet header announces for a code-block.
type contribution struct {
	block  int32
	length int32
	passes uint8
}

// packetReader is the position within the packets of a tile: its tile-parts one
// after another.
type packetReader struct {
	part      int32 // index plus one of the tile-part being read
	pos, end  int
	packed    bool // headers come from Decoder.packed
	head      int  // position there
	headUntil int
}

// nextPart moves to the next tile-part of the tile that has data.
func (d *Decoder) nextPart() bool {
	next := d.parts[d.in.part-1].next
	if next == 0 {
		return false
	}
	d.enterPart(next)
	return true
}

func (d *Decoder) enterPart(part int32) {
	p := &d.parts[part-1]
	d.in.part, d.in.pos, d.in.end = part, p.data, p.end
	if len(d.ppm) > 0 {
		d.in.packed, d.in.head, d.in.headUntil = true, p.packedFrom, p.packedUntil
	}
}

// packet reads the packet of a precinct for a layer (T.800 §B.9, §B.10).
func (d *Decoder) packet(comp *component, r int, pr *precinct, layer int) error {
	in := &d.in
	for in.pos >= in.end && (!in.packed || in.head >= in.headUntil) {
		if !d.nextPart() {
			return codec.Errorf(codec.ErrTruncated, int64(in.pos), "data of a tile end before its last packet")
		}
	}
	data := d.src[:in.end]
	if in.end-in.pos >= 6 && data[in.pos] == 0xFF && data[in.pos+1] == mSOP&0xFF && d.style.sop {
		in.pos += 6
	}
	b := &d.header
	if in.packed {
		*b = headerBits{buf: d.packed[:in.headUntil], pos: in.head}
	} else {
		*b = headerBits{buf: data, pos: in.pos}
	}
	d.contributions = d.contributions[:0]
	if b.bit() == 1 {
		res := &comp.resolutions[r]
		for i := range res.n {
			if err := d.packetBand(comp, &res.bands[i], &pr.bands[i], layer); err != nil {
				return err
			}
		}
	}
	b.align()
	if len(b.buf)-b.pos >= 2 && b.buf[b.pos] == 0xFF && b.buf[b.pos+1] == mEPH&0xFF && d.style.eph {
		b.pos += 2
	}
	if b.over || b.pos > len(b.buf) {
		return codec.Errorf(codec.ErrTruncated, int64(in.end), "packet header passes the end of its tile-part")
	}
	if in.packed {
		in.head = b.pos
	} else {
		in.pos = b.pos
	}
	for _, c := range d.contributions {
		if int(c.length) > in.end-in.pos {
			return codec.Errorf(codec.ErrTruncated, int64(in.pos), "packet body of %d bytes, %d left in the tile-part", c.length, in.end-in.pos)
		}
		bl := &d.blocks[c.block]
		d.chunks = append(d.chunks, chunk{offset: int32(in.pos), length: c.length, passes: c.passes})
		n := int32(len(d.chunks))
		if bl.first == 0 {
			bl.first = n
		} else {
			d.chunks[bl.last-1].next = n
		}
		bl.last = n
		in.pos += int(c.length)
	}
	return nil
}

// beyond bounds the zero bit-planes of irreversible blocks. Some encoders in use
// let quantized samples overflow the bit-planes of their band and signal nonsense
// for such a block; as other decoders do, passes and planes below the last are
// let pass there, and nothing is decoded of them.
const beyond = 74

// packetBand reads the part of a packet header for one band (§B.10.3 to 7). Blocks of
// which a node of the inclusion tree says that they are not in yet are passed over
// together, in both directions: the work is in proportion to the bits read, not to
// the code-blocks of the precinct times the layers.
func (d *Decoder) packetBand(comp *component, bd *band, pb *precinctBand, layer int) error {
	b := &d.header
	w, h := int(pb.w), int(pb.h)
	n := tagNodes(w, h)
	for y := 0; y < h; {
		pass := 31 // level of the lowest node that closed a part of this row
		for x := 0; x < w; {
			d.Did(1)
			if b.over {
				return codec.Errorf(codec.ErrTruncated, int64(d.in.end), "packet header passes the end of its tile-part")
			}
			index := pb.block + int32(y*w+x)
			bl := &d.blocks[index]
			if !bl.included {
				in, level := tagDecode(d.nodes[pb.inclusion:int(pb.inclusion)+n], w, h, x, y, layer+1, b)
				if !in {
					pass = min(pass, level)
					x = (x>>level + 1) << level
					continue
				}
			}
			pass = 0
			x++
			if bl.included {
				if b.bit() == 0 {
					continue
				}
			} else if err := d.zeroPlanes(comp, bd, bl, d.nodes[pb.zero:int(pb.zero)+n], w, h, x-1, y); err != nil {
				return err
			}
			if err := d.packetBlock(comp, bd, bl, index); err != nil {
				return err
			}
		}
		y = (y>>pass + 1) << pass
	}
	return nil
}

// zeroPlanes reads the number of zero bit-planes of a block that is included for the
// first time (§B.10.5).
func (d *Decoder) zeroPlanes(comp *component, bd *band, bl *block, nodes []tagNode, w, h, x, y int) error {
	b := &d.header
	planes, most := 0, bd.planes+comp.roi
	if !comp.reversible {
		most = beyond
	}
	for {
		if below, _ := tagDecode(nodes, w, h, x, y, planes+1, b); below {
			break
		}
		if planes++; planes > most || b.over {
			return codec.Errorf(codec.ErrCorrupt, int64(min(b.pos, len(d.src))), "more zero bit-planes than the band has")
		}
	}
	bl.included, bl.zeroPlanes, bl.lblock = true, uint8(planes), 3
	return nil
}

// packetBlock reads the passes and lengths of one code-block.
func (d *Decoder) packetBlock(comp *component, bd *band, bl *block, index int32) error {
	b := &d.header
	passes := passCount(b)
	most := 3*(bd.planes+comp.roi-int(bl.zeroPlanes)) - 2
	if !comp.reversible {
		most = 255
	}
	if int(bl.passes)+passes > min(most, 255) {
		return codec.Errorf(codec.ErrCorrupt, int64(min(b.pos, len(d.src))), "%d coding passes in %d bit-planes", int(bl.passes)+passes, bd.planes+comp.roi-int(bl.zeroPlanes))
	}
	for b.bit() == 1 {
		if bl.lblock++; bl.lblock > 31 || b.over {
			return codec.Errorf(codec.ErrCorrupt, int64(min(b.pos, len(d.src))), "length of more than 31 bits")
		}
	}
	if comp.style&styleHT != 0 && !bl.part1 {
		return d.packetBlockHT(comp, bl, index, passes)
	}
	return d.packetBlockPart1(comp, bl, index, passes)
}

// packetBlockPart1 reads the lengths of the segments of a block of Part 1.
func (d *Decoder) packetBlockPart1(comp *component, bl *block, index int32, passes int) error {
	for passes > 0 {
		n := min(passes, segmentPasses(comp.style, int(bl.passes)))
		if err := d.contribute(bl, index, n, uint(bl.lblock)+uint(bits.Len(uint(n)))-1); err != nil {
			return err
		}
		passes -= n
	}
	return nil
}

// contribute reads the length of n passes.
func (d *Decoder) contribute(bl *block, index int32, n int, width uint) error {
	b := &d.header
	if width > 31 {
		return codec.Errorf(codec.ErrCorrupt, int64(min(b.pos, len(d.src))), "length of %d bits", width)
	}
	d.announce(bl, index, n, int32(b.bits(width)))
	return nil
}

// announce notes n passes of a block in length bytes.
func (d *Decoder) announce(bl *block, index int32, n int, length int32) {
	d.contributions = append(d.contributions, contribution{block: index, passes: uint8(n), length: length})
	bl.passes += uint8(n)
}

// passCount is Table B.4.
func passCount(b *headerBits) int {
	if b.bit() == 0 {
		return 1
	}
	if b.bit() == 0 {
		return 2
	}
	if v := b.bits(2); v < 3 {
		return 3 + int(v)
	}
	if v := b.bits(5); v < 31 {
		return 6 + int(v)
	}
	return 37 + int(b.bits(7))
}

// segmentPasses is how many passes, from pass index on, belong to the codeword
// segment of that pass (§D.4.2, Table D.9).
func segmentPasses(style byte, index int) int {
	switch {
	case style&styleTermAll != 0:
		return 1
	case style&styleBypass != 0:
		if index < 10 {
			return 10 - index
		}
		if (index-10)%3 == 0 {
			return 2
		}
		return 1
	default:
		return 255
	}
}
