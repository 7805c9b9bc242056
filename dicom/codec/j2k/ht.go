package j2k

import (
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/ht"
)

// packetBlockHT reads the lengths of an HT code-block's segments (T.814 Annex
// B): passes come in sets of three, of which the cleanup pass is a segment and
// the two others are one. Sets before the first that has data are placeholders;
// their passes are counted in the length of the first cleanup segment.
func (d *Decoder) packetBlockHT(bl *block, index int32, passes int) error {
	for passes > 0 {
		at := int(bl.passes) % 3
		n := 1
		if bl.started {
			if at != 0 {
				n = min(passes, 3-at)
			}
		} else if n = passes - (at+passes-1)%3; n < 1 {
			n = passes
		}
		length := len(d.contributions)
		if err := d.contribute(bl, index, n, uint(bl.lblock)+uint(bits.Len(uint(n)))-1); err != nil {
			return err
		}
		passes -= n
		if bl.started || d.contributions[length].length == 0 {
			continue
		}
		if int(bl.passes)%3 != 1 {
			return codec.Errorf(codec.ErrCorrupt, int64(min(d.header.pos, len(d.src))), "placeholder passes with data")
		}
		bl.started = true
	}
	return nil
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
