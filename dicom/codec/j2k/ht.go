package j2k

import (
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec"
)

// packetBlockHT reads lengths for an HT code-block (T.814 §B.2): placeholder
// passes, three for each bit-plane skipped, go with the cleanup pass; the one or
// two refinement passes have a segment of their own.
func (d *Decoder) packetBlockHT(bl *block, index int32, passes int) error {
	b := &d.header
	if bl.passes == 0 {
		skipped := (passes - 1) / 3
		passes -= 3 * skipped
		if int(bl.zeroPlanes)+skipped > 255 {
			return codec.Errorf(codec.ErrCorrupt, int64(min(b.pos, len(d.src))), "%d placeholder passes", 3*skipped)
		}
		bl.zeroPlanes += uint8(skipped)
		if err := d.contribute(bl, index, 1, uint(bl.lblock)+uint(bits.Len(uint(3*skipped+1)))-1); err != nil {
			return err
		}
		passes--
	}
	if int(bl.passes)+passes > 3 {
		return codec.Errorf(codec.ErrUnsupported, int64(min(b.pos, len(d.src))), "HT code-block of more than one set of passes")
	}
	if passes == 0 {
		return nil
	}
	return d.contribute(bl, index, passes, uint(bl.lblock)+uint(bits.Len(uint(passes)))-1)
}

// decodeBlockHT decodes an HT code-block of so many bit-planes; those that are
// zero in the whole block are not among them.
func (d *Decoder) decodeBlockHT(c *component, b *block, planes int) error {
	bc := &d.coder
	at := d.chunks[b.first-1].offset
	next := d.gather(b.first, 1)
	if planes < 1 {
		return codec.Errorf(codec.ErrCorrupt, int64(at), "HT code-block without bit-planes")
	}
	plane := planes - 1
	clear(bc.data)
	if err := d.ht.Cleanup(bc.data, bc.w, bc.h, bc.scratch, uint(plane), int(b.zeroPlanes)); err != nil {
		return codec.Errorf(codec.ErrCorrupt, int64(at), "%s", err.Error())
	}
	if b.passes == 1 || plane == 0 {
		return nil
	}
	d.gather(next, int(b.passes)-1)
	d.ht.Refine(bc.data, bc.w, bc.h, bc.scratch, uint(plane-1), b.passes > 2, c.style&styleCausal != 0)
	return nil
}
