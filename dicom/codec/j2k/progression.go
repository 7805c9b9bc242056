package j2k

import (
	"cmp"
	"slices"

	"github.com/dokuei/dokuei/dicom/codec"
)

// packets reads all packets of the tile in the order of its progressions
// (T.800 §B.12).
func (d *Decoder) packets() error {
	st := &d.style
	whole := change{r1: maxLevels + 1, c1: d.size.n, layers: st.layers, order: st.order}
	if len(st.changes) == 0 {
		return d.progress(whole)
	}
	for _, c := range st.changes {
		c.layers = min(c.layers, st.layers)
		c.c1 = min(c.c1, d.size.n)
		c.r1 = min(c.r1, maxLevels+1)
		if err := d.progress(c); err != nil {
			return err
		}
	}
	if d.left > 0 {
		return codec.Errorf(codec.ErrTruncated, int64(d.in.pos), "the progressions leave %d packets out", d.left)
	}
	return nil
}

// progress reads the packets of one progression that were not read before.
func (d *Decoder) progress(v change) error {
	levels := 0
	for c := v.c0; c < v.c1; c++ {
		levels = max(levels, d.comps[c].levels)
	}
	v.r1 = min(v.r1, levels+1)
	switch v.order {
	case 0: // layer, resolution, component, position
		d.ahead = true
		for l := 0; l < v.layers && d.left > 0 && d.ahead; l++ {
			d.ahead = false
			for r := v.r0; r < v.r1; r++ {
				for c := v.c0; c < v.c1; c++ {
					if err := d.positions(c, r, l, l+1); err != nil {
						return err
					}
				}
			}
		}
	case 1: // resolution, layer, component, position
		for r := v.r0; r < v.r1; r++ {
			d.ahead = true
			for l := 0; l < v.layers && d.left > 0 && d.ahead; l++ {
				d.ahead = false
				for c := v.c0; c < v.c1; c++ {
					if err := d.positions(c, r, l, l+1); err != nil {
						return err
					}
				}
			}
		}
	case 2: // resolution, position, component, layer
		for r := v.r0; r < v.r1; r++ {
			if err := d.byPosition(v.c0, v.c1, r, r+1, v.layers); err != nil {
				return err
			}
		}
	case 3: // position, component, resolution, layer
		return d.byPosition(v.c0, v.c1, v.r0, v.r1, v.layers)
	default: // component, position, resolution, layer
		for c := v.c0; c < v.c1; c++ {
			if err := d.byPosition(c, c+1, v.r0, v.r1, v.layers); err != nil {
				return err
			}
		}
	}
	return nil
}

// positions reads layers l0 to l1-1 of all precincts of a resolution.
func (d *Decoder) positions(c, r, l0, l1 int) error {
	comp := &d.comps[c]
	if r > comp.levels {
		return nil
	}
	res := &comp.resolutions[r]
	for k := range res.pw * res.ph {
		if err := d.layersOf(comp, r, k, l0, l1); err != nil {
			return err
		}
	}
	return nil
}

// layersOf reads layers l0 to l1-1 of precinct k, those not read yet.
func (d *Decoder) layersOf(comp *component, r, k, l0, l1 int) error {
	pr := &d.precincts[comp.resolutions[r].precincts+k]
	if d.left == 0 {
		return nil // the rest is of resolutions that are not kept
	}
	d.Did(1)
	d.ahead = d.ahead || int(pr.layers) >= l0
	for l := max(l0, int(pr.layers)); l < l1 && l == int(pr.layers); l++ {
		d.Did(1)
		if err := d.packet(comp, r, pr, l); err != nil {
			return err
		}
		pr.layers++
		if r <= comp.kept {
			d.left--
		}
	}
	return nil
}

// turn is a precinct and the place of the reference grid where it is read.
type turn struct {
	y, x     uint32
	c        uint16
	r        uint8
	precinct int32 // within its resolution
}

// byPosition reads precincts in the order of the places where they begin on the
// reference grid, from the top left on, those of one place by component and resolution
// (§B.12.1.3 to 5). A tile has far fewer precincts than places: they are sorted.
func (d *Decoder) byPosition(c0, c1, r0, r1, layers int) error {
	if d.left == 0 || layers == 0 {
		return nil
	}
	d.sortTurns(c0, c1, r0, r1)
	for _, t := range d.turns {
		if err := d.layersOf(&d.comps[t.c], int(t.r), int(t.precinct), 0, layers); err != nil {
			return err
		}
	}
	return nil
}

// sortTurns gives the precincts of some resolutions of some components in that order.
func (d *Decoder) sortTurns(c0, c1, r0, r1 int) {
	d.turns = d.turns[:0]
	for c := c0; c < c1; c++ {
		comp := &d.comps[c]
		for r := r0; r < min(r1, comp.levels+1); r++ {
			res := &comp.resolutions[r]
			stepX, stepY := d.precinctStep(c, r)
			firstX, firstY := res.x0>>res.ppx, res.y0>>res.ppy
			for k := range res.pw * res.ph {
				// A precinct that begins before the tile has its turn where the tile begins.
				x, y := max((firstX+k%res.pw)*stepX, d.area.x0), max((firstY+k/res.pw)*stepY, d.area.y0)
				d.turns = append(d.turns, turn{uint32(y), uint32(x), uint16(c), uint8(r), int32(k)})
			}
		}
	}
	d.Did(len(d.turns))
	slices.SortFunc(d.turns, func(a, b turn) int {
		return cmp.Or(cmp.Compare(a.y, b.y), cmp.Compare(a.x, b.x), cmp.Compare(a.c, b.c), cmp.Compare(a.r, b.r), cmp.Compare(a.precinct, b.precinct))
	})
}

// precinctStep is the distance of the precincts of a resolution on the reference grid.
// Where it passes the grid there is one precinct only, which begins at zero.
func (d *Decoder) precinctStep(c, r int) (x, y int) {
	comp := &d.comps[c]
	res := &comp.resolutions[r]
	n := uint(comp.levels - r)
	return d.size.dx[c] << (res.ppx + n), d.size.dy[c] << (res.ppy + n)
}
