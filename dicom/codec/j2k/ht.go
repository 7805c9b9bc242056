package j2k

import (
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/ht"
)

// packetBlockHT reads the lengths of an HT code-block's segments (T.814 Annex
// B): passes come in sets of three, of which the cleanup pass is a segment and
// the two others are one. Before the first segment with data there may be placeholder
// passes, which are counted in its length, or fill packets without any data. Where
// code-blocks of both kinds are allowed this is where they part.
func (d *Decoder) packetBlockHT(comp *component, bl *block, index int32, passes int) error {
	if !bl.started {
		rest, err := d.firstSegmentHT(comp, bl, index, passes)
		if err != nil || rest == 0 {
			return err
		}
		passes = rest
	}
	for passes > 0 {
		n := 1
		if at := int(bl.passes) % 3; at != 0 {
			n = min(passes, 3-at)
		}
		if err := d.contribute(bl, index, n, uint(bl.lblock)+uint(bits.Len(uint(n)))-1); err != nil {
			return err
		}
		passes -= n
	}
	return nil
}

// firstSegmentHT reads the length of what may be the first segment with data, and gives
// the number of passes behind it. A length is first read as that of a cleanup pass
// and the placeholders before it, with as many bits as they ask for. In a stream of
// both kinds such a length has a leading zero, a Lblock above 3 and two bytes at least;
// any other, and any that is not zero where no cleanup pass can be or among the bits
// of all passes, begins the lengths of a block of Part 1, which are read anew by its own
// rules (T.800 §B.10.7): it may have several segments. Their first bit is the same.
func (d *Decoder) firstSegmentHT(comp *component, bl *block, index int32, passes int) (rest int, err error) {
	b := &d.header
	before := *b
	mixed := comp.style&styleHTMixed != 0
	width := func(n int) uint { return uint(bl.lblock) + uint(bits.Len(uint(n))) - 1 }
	if width(passes) > 31 {
		return 0, codec.Errorf(codec.ErrCorrupt, int64(min(b.pos, len(d.src))), "length of %d bits", width(passes))
	}
	refining := (int(bl.passes) + passes - 1) % 3 // passes behind the last possible cleanup pass
	n := passes - refining
	length, have := uint32(0), uint(0)
	if n >= 1 {
		have = width(n)
		length = b.bits(have)
		if length > 0 && (!mixed || bl.lblock > 3 && length > 1 && length>>(have-1) == 0) {
			bl.started = true
			d.announce(bl, index, n, int32(length))
			return refining, nil
		}
	}
	more := width(passes) - have
	length = length<<more | b.bits(more)
	if length > 0 {
		if !mixed {
			return 0, codec.Errorf(codec.ErrCorrupt, int64(min(b.pos, len(d.src))), "placeholder passes with data")
		}
		*b, bl.part1 = before, true
		return 0, d.packetBlockPart1(comp, bl, index, passes)
	}
	d.announce(bl, index, passes, int32(length))
	return 0, nil
}

// decodeBlockHT decodes the last HT set of a block, which stands for all before.
func (d *Decoder) decodeBlockHT(c *component, b *block, planes int) error {
	bc := &d.coder
	set := ht.Block{Width: int(b.w), Height: int(b.h), Causal: c.style&styleCausal != 0}
	var last, after int32
	before, passes := 0, 0 // index of the cleanup pass; passes of its set
	for i, pass := b.first, 0; i != 0; i = d.chunks[i-1].next {
		ch := &d.chunks[i-1]
		pass += int(ch.passes)
		switch {
		case (pass-1)%3 == 0 && ch.length > 0: // ends with a cleanup pass
			last, after = i, ch.next
			before, passes = pass-1, 1
		case last != 0 && pass-before <= 3:
			passes = pass - before
		}
	}
	bc.stride = set.Stride()
	bc.data = grow(bc.data, bc.stride*(bc.h+1))
	if last == 0 { // placeholders only
		clear(bc.data)
		return nil
	}
	ch := &d.chunks[last-1]
	set.Cleanup = d.src[ch.offset : ch.offset+ch.length]
	set.Passes = passes
	d.Did(passes * bc.w * bc.h)
	plane := planes - 1 - before/3
	if plane < 0 {
		return codec.Errorf(codec.ErrCorrupt, int64(ch.offset), "HT sets beyond the last bit-plane")
	}
	set.Plane, set.Missing = uint(plane), int(b.zeroPlanes)+before/3
	if passes > 1 {
		d.gather(after, passes-1)
		set.Refinement = bc.scratch
	}
	if reason := bc.ht.Decode(bc.data, &set); reason != "" {
		return codec.Errorf(codec.ErrCorrupt, int64(ch.offset), "code-block: %s", reason)
	}
	return nil
}
