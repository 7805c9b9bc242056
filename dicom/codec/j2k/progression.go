package j2k

import "github.com/dokuei/dokuei/dicom/codec"

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

// byPosition visits the reference grid in raster order, stepping by the
// smallest precinct, and reads the precincts whose corner is there (§B.12.1.3
// to 5).
func (d *Decoder) byPosition(c0, c1, r0, r1, layers int) error {
	const most = 62
	stepX, stepY := uint(most), uint(most)
	for c := c0; c < c1; c++ {
		comp := &d.comps[c]
		for r := r0; r < min(r1, comp.levels+1); r++ {
			res := &comp.resolutions[r]
			n := uint(comp.levels - r)
			// A step of dx·2^e is a multiple of 2^e: the exponent is enough.
			stepX, stepY = min(stepX, res.ppx+n), min(stepY, res.ppy+n)
		}
	}
	if stepX == most {
		return nil
	}
	a := d.area
	across, down := a.width()>>stepX+2, a.height()>>stepY+2
	if across > (1<<14+a.width()*a.height()/8)/down {
		return codec.Errorf(codec.ErrLimit, int64(d.pos), "precincts at %d × %d positions", across, down)
	}
	for y := a.y0; y < a.y1; y = (y>>stepY + 1) << stepY {
		for x := a.x0; x < a.x1; x = (x>>stepX + 1) << stepX {
			d.Did(1)
			for c := c0; c < c1; c++ {
				for r := r0; r < min(r1, d.comps[c].levels+1); r++ {
					k, ok := d.precinctAt(c, r, x, y)
					if !ok {
						continue
					}
					if err := d.layersOf(&d.comps[c], r, k, 0, layers); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// precinctAt gives the precinct of resolution r of component c whose turn is at
// x, y of the reference grid.
func (d *Decoder) precinctAt(c, r, x, y int) (k int, ok bool) {
	comp := &d.comps[c]
	res := &comp.resolutions[r]
	if res.pw == 0 || res.ph == 0 {
		return 0, false
	}
	n := uint(comp.levels - r)
	dx, dy := d.size.dx[c], d.size.dy[c]
	if y%(dy<<(res.ppy+n)) != 0 && !(y == d.area.y0 && res.y0<<n%(1<<(res.ppy+n)) != 0) {
		return 0, false
	}
	if x%(dx<<(res.ppx+n)) != 0 && !(x == d.area.x0 && res.x0<<n%(1<<(res.ppx+n)) != 0) {
		return 0, false
	}
	px := ceilDiv(x, dx<<n)>>res.ppx - res.x0>>res.ppx
	py := ceilDiv(y, dy<<n)>>res.ppy - res.y0>>res.ppy
	if px < 0 || px >= res.pw || py < 0 || py >= res.ph {
		return 0, false
	}
	return px + py*res.pw, true
}
