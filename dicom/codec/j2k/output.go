package j2k

import (
	"encoding/binary"
	"math"
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec"
)

// undoTransform undoes the component transformation of the tile (T.800 Annex G).
func (d *Decoder) undoTransform() error {
	switch {
	case !d.style.mct:
	case d.size.n < 3 || !d.sameShape():
		return codec.Errorf(codec.ErrCorrupt, int64(d.pos), "component transformation of components that differ")
	case d.comps[0].reversible:
		d.undoRCT()
	default:
		d.undoICT()
	}
	return nil
}

// sameShape tells whether the first three components can be transformed.
func (d *Decoder) sameShape() bool {
	a := &d.comps[0]
	for c := 1; c < 3; c++ {
		b := &d.comps[c]
		if b.rect != a.rect || b.reversible != a.reversible || b.kept != a.kept || b.stride != a.stride {
			return false
		}
	}
	return true
}

// integers gives n samples of row y, rounded when they are not.
func (d *Decoder) integers(c *component, y, n int) []int32 {
	if c.reversible {
		return c.plane[y*c.stride:][:n]
	}
	d.line = grow(d.line, n)
	line, src := d.line[:n], c.fplane[y*c.stride:][:n]
	for i, v := range src[:len(line)] {
		line[i] = toInt(v)
	}
	return line
}

// toInt rounds to the nearest: in the sum a float32 has no bits left for a
// fraction. That holds up to 2^22, far above any sample; what a corrupt stream
// makes of larger ones is some number, for store to clamp.
func toInt(f float32) int32 {
	const magic = 3 << 22
	return int32(math.Float32bits(f+magic)) - 0x4B400000
}

// undoRCT is Equation G-6 to G-8.
func (d *Decoder) undoRCT() {
	y := d.comps[0].plane
	u, v := d.comps[1].plane[:len(y)], d.comps[2].plane[:len(y)]
	for i := range y {
		g := y[i] - (u[i]+v[i])>>2
		y[i], u[i], v[i] = v[i]+g, g, u[i]+g
	}
}

// undoICT is Equation G-12 to G-14.
func (d *Decoder) undoICT() {
	p0 := d.comps[0].fplane
	p1, p2 := d.comps[1].fplane[:len(p0)], d.comps[2].fplane[:len(p0)]
	for i, y := range p0 {
		cb, cr := p1[i], p2[i]
		p0[i] = y + 1.402*cr
		p1[i] = y - 0.344136*cb - 0.714136*cr
		p2[i] = y + 1.772*cb
	}
}

// store shifts, clamps and writes component c into its place in dst, each sample
// as often as its subsampling asks for.
func (d *Decoder) store(dst *codec.Image, c int) {
	z, comp := &d.size, &d.comps[c]
	n := uint(d.reduce)
	res := &comp.resolutions[comp.kept]
	if res.empty() { // a tile may be, at a lower resolution
		return
	}
	shift, low, high := z.levels(c)
	ox, oy := ceilShift(ceilDiv(z.x0, z.fineX), n), ceilShift(ceilDiv(z.y0, z.fineY), n)
	fx, fy := z.dx[c]/z.fineX, z.dy[c]/z.fineY
	firstX, firstY := ceilShift(ceilDiv(z.x0, z.dx[c]), n), ceilShift(ceilDiv(z.y0, z.dy[c]), n)
	size := codec.BytesPerSample(dst.Precision)
	step := dst.Samples * size
	for i := range res.height() {
		src := d.integers(comp, i, res.width())
		// Rows of the image that this one stands for.
		from, to := spread(res.y0+i, fy, firstY, oy, dst.Height)
		for y := from; y < to; y++ {
			if fx == 1 {
				storeRow(dst.Pix[(y*dst.Width+res.x0-ox)*step+c*size:], src, step, size, shift, low, high)
				continue
			}
			for j := range src {
				x0, x1 := spread(res.x0+j, fx, firstX, ox, dst.Width)
				for x := x0; x < x1; x++ {
					storeRow(dst.Pix[(y*dst.Width+x)*step+c*size:], src[j:j+1], step, size, shift, low, high)
				}
			}
		}
	}
}

// levels gives the shift of §G.1.2 and the range of a component.
func (z *size) levels(c int) (shift, low, high int32) {
	half := int32(1) << (z.precision[c] - 1)
	if z.signed[c] {
		return 0, -half, half - 1
	}
	return half, 0, 2*half - 1
}

// spread gives the positions in an image, which begins at origin of its grid and
// is length long, that sample s of a component subsampled by f stands for. The
// first sample also stands for those before it.
func spread(s, f, first, origin, length int) (from, to int) {
	from, to = s*f-origin, (s+1)*f-origin
	if s == first {
		from = 0
	}
	return max(from, 0), min(to, length)
}

// storeRow shifts and clamps the samples of src and writes them step bytes apart.
func storeRow(out []byte, src []int32, step, size int, shift, low, high int32) {
	if step == 2 && size == 2 {
		n := len(src) &^ 3
		storeWords(out, src[:n], shift, low, high)
		out, src = out[2*n:], src[n:]
	}
	at := 0
	for _, v := range src {
		v = min(max(v+shift, low), high)
		out[at] = byte(v)
		if size == 2 {
			out[at+1] = byte(v >> 8)
		}
		at += step
	}
}

// storeWords does so for samples of two bytes without gaps, four at a time.
func storeWords(out []byte, src []int32, shift, low, high int32) {
	// The range has 2^n values: what is in it has no bits above n.
	above := bits.Len32(uint32(high - low))
	for len(src) >= 4 && len(out) >= 8 {
		a, b, c, d := src[0]+shift, src[1]+shift, src[2]+shift, src[3]+shift
		if uint32((a-low)|(b-low)|(c-low)|(d-low))>>(above&31) != 0 {
			a, b, c, d = min(max(a, low), high), min(max(b, low), high), min(max(c, low), high), min(max(d, low), high)
		}
		binary.LittleEndian.PutUint64(out, uint64(uint16(a))|uint64(uint16(b))<<16|uint64(uint16(c))<<32|uint64(uint16(d))<<48)
		src, out = src[4:], out[8:]
	}
}
