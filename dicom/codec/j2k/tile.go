package j2k

import (
	"math"

	"github.com/dokuei/dokuei/dicom/codec"
)

// rect is a region, upper bounds excluded.
type rect struct{ x0, y0, x1, y1 int }

func (r rect) width() int  { return r.x1 - r.x0 }
func (r rect) height() int { return r.y1 - r.y0 }
func (r rect) empty() bool { return r.x1 <= r.x0 || r.y1 <= r.y0 }

// component is a tile-component (T.800 §B.3) with its resolutions.
type component struct {
	rect
	*coding
	resolutions []resolution
	roi         int
	plane       []int32   // at the resolution kept, rows of stride samples
	fplane      []float32 // the same, for the irreversible transformation
	stride      int
	kept        int // resolutions above are not decoded
}

// resolution is §B.5, with its partition into precincts (§B.6).
type resolution struct {
	rect
	ppx, ppy  uint
	pw, ph    int
	precincts int // index of the first in Decoder.precincts
	n         int // bands: 1 or 3
	bands     [3]band
}

// band is a sub-band (§B.5).
type band struct {
	rect
	orient     int // 0 LL, 1 HL, 2 LH, 3 HH
	planes     int // Mb of Equation E-2, without region of interest
	step       float32
	scale      float32 // step of what is put into the plane
	offX, offY int     // of its first sample in the plane
}

// precinct holds the code-blocks of up to three bands.
type precinct struct {
	layers int32 // packets read
	bands  [3]precinctBand
}

// precinctBand is the grid of code-blocks of a precinct in one band, and its
// two tag trees.
type precinctBand struct {
	w, h            int32
	block           int32
	inclusion, zero int32 // in Decoder.nodes
}

// block is a code-block (§B.7) and what the packets say of it.
type block struct {
	px, py      int32 // in the plane
	w, h        uint16
	included    bool
	started     bool // HT: a segment with data was met
	part1       bool // in a stream of both kinds: not HT
	zeroPlanes  uint8
	lblock      uint8
	passes      uint8
	first, last int32 // chunks, index plus one
}

// chunk is a contribution of a packet to a code-block: passes of one codeword
// segment.
type chunk struct {
	offset, length int32
	next           int32
	passes         uint8
}

// layout makes the structure of a tile. The number of precincts and code-blocks
// is checked before they are allocated.
func (d *Decoder) layout(tile int) error {
	z := &d.size
	p, q := tile%z.tilesX, tile/z.tilesX
	area := rect{
		max(z.tx0+p*z.tw, z.x0), max(z.ty0+q*z.th, z.y0),
		min(z.tx0+(p+1)*z.tw, z.x1), min(z.ty0+(q+1)*z.th, z.y1),
	}
	d.area = area
	samples, precincts, blocks := 0, 0, 0
	resolutions := z.n
	for c := range z.n {
		resolutions += d.style.comps[c].levels
	}
	// A packet takes a byte: what passes this is resolutions without a sample, of tiles and
	// components that have none.
	if d.laid += resolutions; d.laid > 1<<20+2*len(d.src) {
		return codec.Errorf(codec.ErrLimit, int64(d.pos), "more than %d resolutions of tiles and components in %d bytes", 1<<20, len(d.src))
	}
	d.Did(resolutions)
	d.resolutions = grow(d.resolutions, resolutions)
	resolutions = 0
	d.comps = grow(d.comps, z.n)
	for c := range z.n {
		comp := &d.comps[c]
		comp.coding, comp.roi = &d.style.comps[c], d.style.roi[c]
		comp.resolutions = d.resolutions[resolutions:][:comp.levels+1]
		resolutions += comp.levels + 1
		comp.rect = rect{ceilDiv(area.x0, z.dx[c]), ceilDiv(area.y0, z.dy[c]), ceilDiv(area.x1, z.dx[c]), ceilDiv(area.y1, z.dy[c])}
		samples += comp.width() * comp.height()
		if d.reduce > comp.levels {
			return codec.Errorf(codec.ErrUnsupported, int64(d.pos), "%d resolution levels to leave out of %d", d.reduce, comp.levels)
		}
		comp.kept = comp.levels - d.reduce
		for r := range comp.levels + 1 {
			n, b, err := d.layoutResolution(c, r)
			if err != nil {
				return err
			}
			precincts, blocks = precincts+n, blocks+b
		}
	}
	// The smallest code-block has 16 samples; precincts cut some more, and every
	// component has some.
	if precincts+blocks > 1<<12+16*z.n+samples/8 {
		return codec.Errorf(codec.ErrLimit, int64(d.pos), "%d precincts and %d code-blocks in a tile of %d samples", precincts, blocks, samples)
	}
	d.Did(precincts + blocks)
	d.precincts, d.blocks = grow(d.precincts, precincts), grow(d.blocks, blocks)
	d.left = 0
	precincts, blocks = 0, 0
	nodes := 0
	for c := range z.n {
		comp := &d.comps[c]
		for r := range comp.levels + 1 {
			res := &comp.resolutions[r]
			res.precincts = precincts
			if r <= comp.kept {
				d.left += res.pw * res.ph * d.style.layers
			}
			for k := range res.pw * res.ph {
				pr := &d.precincts[precincts]
				precincts++
				*pr = precinct{}
				for b := range res.n {
					blocks, nodes = d.layoutPrecinct(comp, r, b, k, &pr.bands[b], blocks, nodes)
				}
			}
		}
	}
	d.nodes = grow(d.nodes, nodes)
	for i := range d.nodes {
		d.nodes[i] = tagNode{value: tagUnknown}
	}
	d.chunks = d.chunks[:0]
	return nil
}

// layoutResolution works out the geometry of resolution r of component c
// (§B.5, §B.6) and counts its precincts and code-blocks.
func (d *Decoder) layoutResolution(c, r int) (precincts, blocks int, err error) {
	comp := &d.comps[c]
	res := &comp.resolutions[r]
	n := uint(comp.levels - r)
	res.rect = rect{ceilShift(comp.x0, n), ceilShift(comp.y0, n), ceilShift(comp.x1, n), ceilShift(comp.y1, n)}
	res.ppx, res.ppy = uint(comp.ppx[r]), uint(comp.ppy[r])
	res.pw, res.ph = 0, 0
	if !res.empty() {
		res.pw = ceilShift(res.x1, res.ppx) - res.x0>>res.ppx
		res.ph = ceilShift(res.y1, res.ppy) - res.y0>>res.ppy
	}
	res.n = 3
	if r == 0 {
		res.n = 1
	}
	for b := range res.n {
		bd := &res.bands[b]
		*bd = band{orient: b + 1}
		if r == 0 {
			bd.orient = 0
			bd.rect = res.rect
		} else {
			nb := n + 1
			half := func(v, o int) int { return ceilShift(v-o<<(nb-1), nb) }
			xo, yo := bd.orient&1, bd.orient>>1
			bd.rect = rect{half(comp.x0, xo), half(comp.y0, yo), half(comp.x1, xo), half(comp.y1, yo)}
			low := &comp.resolutions[r-1]
			bd.offX, bd.offY = xo*low.width(), yo*low.height()
		}
		if err := d.quantizeBand(c, r, b); err != nil {
			return 0, 0, err
		}
		cbw, cbh := comp.blockSize(r)
		if !bd.empty() {
			blocks += (ceilShift(bd.x1, cbw) - bd.x0>>cbw) * (ceilShift(bd.y1, cbh) - bd.y0>>cbh)
		}
	}
	// Precincts begin at multiples of the block size (§B.7): they cut no block.
	return res.pw * res.ph, blocks, nil
}

// blockSize gives the exponents of §B.7.
func (c *component) blockSize(r int) (cbw, cbh uint) {
	less := uint(1)
	if r == 0 {
		less = 0
	}
	return min(c.cbw, uint(c.ppx[r])-less), min(c.cbh, uint(c.ppy[r])-less)
}

// quantizeBand is Annex E.1 for band b of resolution r.
func (d *Decoder) quantizeBand(c, r, b int) error {
	comp := &d.comps[c]
	q := &d.style.quants[c]
	bd := &comp.resolutions[r].bands[b]
	exponent, mantissa, ok := q.band(r, b, comp.levels)
	if !ok {
		return codec.Errorf(codec.ErrCorrupt, int64(d.pos), "no quantization step for resolution %d of component %d", r, c+1)
	}
	bd.planes = q.guard + exponent - 1
	if bd.planes < 0 {
		bd.planes = 0
	}
	bd.step = 1
	if !comp.reversible {
		gain := [4]int{0, 1, 1, 2}[bd.orient]
		bd.step = float32(math.Ldexp(1+float64(mantissa)/2048, d.size.precision[c]+gain-exponent))
	}
	return nil
}

// layoutPrecinct lays out the code-blocks of precinct k of a band.
func (d *Decoder) layoutPrecinct(comp *component, r, b, k int, pb *precinctBand, blocks, nodes int) (int, int) {
	res := &comp.resolutions[r]
	bd := &res.bands[b]
	ppx, ppy := res.ppx, res.ppy
	if r > 0 {
		ppx, ppy = ppx-1, ppy-1
	}
	x, y := res.x0>>res.ppx+k%res.pw, res.y0>>res.ppy+k/res.pw
	area := rect{max(x<<ppx, bd.x0), max(y<<ppy, bd.y0), min((x+1)<<ppx, bd.x1), min((y+1)<<ppy, bd.y1)}
	*pb = precinctBand{block: int32(blocks)}
	if area.empty() {
		return blocks, nodes
	}
	cbw, cbh := comp.blockSize(r)
	gx0, gy0 := area.x0>>cbw, area.y0>>cbh
	w, h := ceilShift(area.x1, cbw)-gx0, ceilShift(area.y1, cbh)-gy0
	pb.w, pb.h = int32(w), int32(h)
	n := tagNodes(w, h)
	pb.inclusion, pb.zero = int32(nodes), int32(nodes+n)
	for i := range w * h {
		bx, by := gx0+i%w, gy0+i/w
		x0, y0 := max(bx<<cbw, area.x0), max(by<<cbh, area.y0)
		x1, y1 := min((bx+1)<<cbw, area.x1), min((by+1)<<cbh, area.y1)
		d.blocks[blocks] = block{
			px: int32(x0 - bd.x0 + bd.offX), py: int32(y0 - bd.y0 + bd.offY),
			w: uint16(x1 - x0), h: uint16(y1 - y0),
		}
		blocks++
	}
	return blocks, nodes + 2*n
}
