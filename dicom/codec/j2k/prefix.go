package j2k

// Prefix tells how many bytes of src, from its first, suffice to decode the
// frame with Options.Reduce set to reduce: those up to the end of a tile-part,
// when the one tile has a tile-part for each resolution, in their order, as
// Encoder writes them. False means that src is not of this form.
func (d *Decoder) Prefix(src []byte, reduce int) (int, bool) {
	defer d.release()
	d.reduce = 0
	if d.mainHeader(src) != nil || d.size.tilesX != 1 || d.size.tilesY != 1 {
		return 0, false
	}
	if d.main.order != 1 && d.main.order != 2 || len(d.main.changes) > 0 {
		return 0, false
	}
	levels := d.main.comps[0].levels
	for _, c := range d.main.comps[:d.size.n] {
		if c.levels != levels {
			return 0, false
		}
	}
	if reduce < 0 || reduce > levels || d.findParts() != nil || len(d.parts) != levels+1 {
		return 0, false
	}
	return d.parts[levels-reduce].end, true
}
