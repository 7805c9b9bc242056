package j2k

import (
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

// Marker codes (T.800 Table A.2; CAP and CPF of T.814).
const (
	mSOC = 0xFF4F
	mCAP = 0xFF50
	mSIZ = 0xFF51
	mCOD = 0xFF52
	mCOC = 0xFF53
	mQCD = 0xFF5C
	mQCC = 0xFF5D
	mRGN = 0xFF5E
	mPOC = 0xFF5F
	mPPM = 0xFF60
	mPPT = 0xFF61
	mSOP = 0xFF91
	mEPH = 0xFF92
	mSOT = 0xFF90
	mSOD = 0xFF93
	mEOC = 0xFFD9
)

const (
	maxComponents = 1024 // Part 1 allows 16384; an image of DICOM has one or three
	maxLevels     = 32
)

// segment is a marker segment: its parameters and where they stand.
type segment struct {
	marker  int
	payload []byte
	offset  int
}

// nextSegment reads the segment at pos and gives the position behind it.
func nextSegment(src []byte, pos int) (segment, int, error) {
	if len(src)-pos < 2 {
		return segment{}, pos, codec.Errorf(codec.ErrTruncated, int64(pos), "code-stream ends where a marker is due")
	}
	s := segment{marker: int(binary.BigEndian.Uint16(src[pos:])), offset: pos + 4}
	if s.marker < 0xFF00 {
		return s, pos, codec.Errorf(codec.ErrCorrupt, int64(pos), "%#04x in place of a marker", s.marker)
	}
	if s.marker == mSOD || s.marker == mEOC || s.marker == mSOC || s.marker >= 0xFF30 && s.marker <= 0xFF3F {
		return s, pos + 2, nil
	}
	if len(src)-pos < 4 {
		return s, pos, codec.Errorf(codec.ErrTruncated, int64(pos), "marker %#04x without length", s.marker)
	}
	n := int(binary.BigEndian.Uint16(src[pos+2:]))
	if n < 2 {
		return s, pos, codec.Errorf(codec.ErrCorrupt, int64(pos), "marker %#04x of length %d", s.marker, n)
	}
	if n > len(src)-pos-2 {
		return s, pos, codec.Errorf(codec.ErrTruncated, int64(pos), "marker %#04x of length %d", s.marker, n)
	}
	s.payload = src[pos+4 : pos+2+n]
	return s, pos + 2 + n, nil
}

func (s segment) corrupt(what string) error {
	return codec.Errorf(codec.ErrCorrupt, int64(s.offset), "%s", what)
}

// size is the SIZ segment (T.800 §A.5.1).
type size struct {
	x1, y1, x0, y0   int // reference grid
	tw, th, tx0, ty0 int
	tilesX, tilesY   int
	n                int
	precision        []int // by component
	signed           []bool
	dx, dy           []int
	fineX, fineY     int // the finest subsampling, which the image has
	capabilities     uint16
	offset           int // of the segment
}

// parse reuses the memory of z.
func (z *size) parse(s segment) error {
	p := s.payload
	if len(p) < 36 {
		return s.corrupt("short SIZ")
	}
	z.offset = s.offset
	u := func(i int) int { return int(binary.BigEndian.Uint32(p[i:])) }
	z.capabilities = binary.BigEndian.Uint16(p)
	z.x1, z.y1, z.x0, z.y0 = u(2), u(6), u(10), u(14)
	z.tw, z.th, z.tx0, z.ty0 = u(18), u(22), u(26), u(30)
	z.n = int(binary.BigEndian.Uint16(p[34:]))
	if z.n > maxComponents {
		return codec.Errorf(codec.ErrUnsupported, int64(s.offset), "%d components, more than %d", z.n, maxComponents)
	}
	if z.n == 0 || len(p) < 36+3*z.n || z.x1 <= z.x0 || z.y1 <= z.y0 || z.tw == 0 || z.th == 0 ||
		z.tx0 > z.x0 || z.ty0 > z.y0 || z.tx0+z.tw <= z.x0 || z.ty0+z.th <= z.y0 {
		return s.corrupt("image and tile sizes that do not fit")
	}
	z.precision, z.signed, z.dx, z.dy = grow(z.precision, z.n), grow(z.signed, z.n), grow(z.dx, z.n), grow(z.dy, z.n)
	z.fineX, z.fineY = 255, 255
	for c := range z.n {
		q := p[36+3*c:]
		z.precision[c], z.signed[c] = int(q[0]&0x7F)+1, q[0]&0x80 != 0
		z.dx[c], z.dy[c] = int(q[1]), int(q[2])
		if z.precision[c] > 38 || z.dx[c] == 0 || z.dy[c] == 0 {
			return s.corrupt("component precision or subsampling")
		}
		if z.precision[c] > 16 {
			return codec.Errorf(codec.ErrUnsupported, int64(s.offset), "component of %d bits", z.precision[c])
		}
		z.fineX, z.fineY = min(z.fineX, z.dx[c]), min(z.fineY, z.dy[c])
	}
	z.tilesX, z.tilesY = ceilDiv(z.x1-z.tx0, z.tw), ceilDiv(z.y1-z.ty0, z.th)
	return nil
}

// pixels tells whether the components can be samples of the same pixels: those with
// fewer are repeated. DecodePlanes takes the others too.
func (z *size) pixels() error {
	for c := range z.n {
		if z.dx[c]%z.fineX != 0 || z.dy[c]%z.fineY != 0 {
			return codec.Errorf(codec.ErrUnsupported, int64(z.offset), "subsampling by %d × %d and %d × %d", z.dx[c], z.dy[c], z.fineX, z.fineY)
		}
		if z.signed[c] != z.signed[0] {
			return codec.Errorf(codec.ErrUnsupported, int64(z.offset), "signed and unsigned components")
		}
	}
	return nil
}

// coding is the coding style of a component (SPcod and SPcoc, Table A.15).
type coding struct {
	levels     int
	cbw, cbh   uint // exponents
	style      byte
	reversible bool
	ppx, ppy   [maxLevels + 1]uint8 // precinct exponents by resolution
	own        bool                 // from COC: COD does not change it
}

// Code-block style bits (Table A.19, and T.814 Table A.4).
const (
	styleBypass   = 1
	styleReset    = 2
	styleTermAll  = 4
	styleCausal   = 8
	stylePredict  = 16
	styleSegments = 32
	styleHT       = 64
	styleHTMixed  = 128
)

func (s segment) parseCoding(p []byte, userPrecincts bool) (c coding, err error) {
	if len(p) < 5 {
		return c, s.corrupt("short coding style")
	}
	c.levels, c.cbw, c.cbh, c.style, c.reversible = int(p[0]), uint(p[1]&15)+2, uint(p[2]&15)+2, p[3], p[4] == 1
	if c.levels > maxLevels || c.cbw > 10 || c.cbh > 10 || c.cbw+c.cbh > 12 || p[4] > 1 {
		return c, s.corrupt("coding style out of range")
	}
	if c.style&(styleHT|styleHTMixed) == styleHTMixed {
		return c, s.corrupt("code-block style out of range")
	}
	for r := range c.levels + 1 {
		c.ppx[r], c.ppy[r] = 15, 15
		if !userPrecincts {
			continue
		}
		if 5+r >= len(p) {
			return c, s.corrupt("too few precinct sizes")
		}
		c.ppx[r], c.ppy[r] = p[5+r]&15, p[5+r]>>4
		if r > 0 && (c.ppx[r] == 0 || c.ppy[r] == 0) {
			return c, s.corrupt("precinct smaller than a sample of its sub-bands")
		}
	}
	return c, nil
}

// quantization is QCD or QCC (§A.6.4).
type quantization struct {
	style int // 0 none, 1 derived, 2 expounded
	guard int
	n     int
	steps [3*maxLevels + 1]uint16 // exponent << 11 | mantissa
	own   bool
}

func (s segment) parseQuantization(p []byte) (q quantization, err error) {
	if len(p) < 2 {
		return q, s.corrupt("short quantization")
	}
	q.style, q.guard = int(p[0]&31), int(p[0]>>5)
	p = p[1:]
	if q.style > 2 {
		return q, s.corrupt("quantization style")
	}
	for len(p) > 0 && q.n < len(q.steps) {
		if q.style == 0 {
			q.steps[q.n] = uint16(p[0]>>3) << 11
			p = p[1:]
		} else {
			if len(p) < 2 {
				break
			}
			q.steps[q.n] = binary.BigEndian.Uint16(p)
			p = p[2:]
		}
		q.n++
	}
	if q.n == 0 {
		return q, s.corrupt("no quantization step")
	}
	return q, nil
}

// band gives exponent and mantissa for a sub-band: resolution r, b its number
// within the resolution, 0 for LL.
func (q *quantization) band(r, b, levels int) (exponent, mantissa int, ok bool) {
	i := 0
	if r > 0 {
		i = 3*(r-1) + b + 1
	}
	if q.style == 1 { // Equation E-5
		nb := levels
		if r > 0 {
			nb = levels - r + 1
		}
		e := int(q.steps[0]>>11) - levels + nb
		return e, int(q.steps[0] & 0x7FF), e >= 0
	}
	if i >= q.n {
		return 0, 0, false
	}
	return int(q.steps[i] >> 11), int(q.steps[i] & 0x7FF), true
}

// change is an entry of POC, or the single progression of COD (§A.6.6).
type change struct {
	r0, r1, c0, c1 int
	layers         int
	order          byte
}

// style is what tiles may say anew: main header or tile header.
type style struct {
	order    byte
	layers   int
	mct      bool
	sop, eph bool
	comps    []coding // by component
	quants   []quantization
	roi      []int
	changes  []change
	hasCOD   bool
	hasQCD   bool
	forAll   int // COD and QCD met in this header
}

// reset forgets all but the memory; resize gives it n components that nothing is said of.
func (st *style) reset() {
	*st = style{comps: st.comps[:0], quants: st.quants[:0], roi: st.roi[:0], changes: st.changes[:0]}
}

func (st *style) resize(n int) {
	st.comps, st.quants, st.roi = grow(st.comps, n), grow(st.quants, n), grow(st.roi, n)
	clear(st.comps)
	clear(st.quants)
	clear(st.roi)
}

// inherit gives the style of a tile from that of the main header, in its own memory.
func (st *style) inherit(main *style) {
	own := *st
	*st = *main
	st.forAll = 0
	st.comps, st.quants = append(own.comps[:0], main.comps...), append(own.quants[:0], main.quants...)
	st.roi, st.changes = append(own.roi[:0], main.roi...), append(own.changes[:0], main.changes...)
	for c := range st.comps {
		st.comps[c].own, st.quants[c].own = false, false
	}
}

// apply handles the segments that may stand in both headers. fresh is true for
// the first POC of a header, which replaces what was inherited.
func (st *style) apply(s segment, n int, fresh *bool) error {
	p := s.payload
	wide := 1 // bytes of a component's number (§A.6.2)
	if n > 256 {
		wide = 2
	}
	number := func(p []byte) int {
		if wide == 2 {
			return int(binary.BigEndian.Uint16(p))
		}
		return int(p[0])
	}
	switch s.marker {
	case mCOD: // §A.6.1
		if len(p) < 10 {
			return s.corrupt("short COD")
		}
		st.sop, st.eph = p[0]&2 != 0, p[0]&4 != 0
		st.order, st.layers, st.mct = p[1], int(binary.BigEndian.Uint16(p[2:])), p[4] == 1
		if p[0] > 7 || st.order > 4 || st.layers == 0 || p[4] > 1 {
			return s.corrupt("COD out of range")
		}
		c, err := s.parseCoding(p[5:], p[0]&1 != 0)
		if err != nil {
			return err
		}
		if err := st.speaksForAll(s); err != nil {
			return err
		}
		for i := range n {
			if !st.comps[i].own {
				st.comps[i] = c
			}
		}
		st.hasCOD = true
	case mCOC: // §A.6.2
		if len(p) < wide+1 || number(p) >= n || p[wide] > 1 {
			return s.corrupt("COC of no component")
		}
		c, err := s.parseCoding(p[wide+1:], p[wide]&1 != 0)
		if err != nil {
			return err
		}
		c.own = true
		st.comps[number(p)] = c
	case mQCD:
		q, err := s.parseQuantization(p)
		if err != nil {
			return err
		}
		if err := st.speaksForAll(s); err != nil {
			return err
		}
		for i := range n {
			if !st.quants[i].own {
				st.quants[i] = q
			}
		}
		st.hasQCD = true
	case mQCC:
		if len(p) < wide || number(p) >= n {
			return s.corrupt("QCC of no component")
		}
		q, err := s.parseQuantization(p[wide:])
		if err != nil {
			return err
		}
		q.own = true
		st.quants[number(p)] = q
	case mRGN: // §A.6.3
		if len(p) < wide+2 || number(p) >= n || p[wide] != 0 || p[wide+1] > 37 {
			return s.corrupt("RGN")
		}
		st.roi[number(p)] = int(p[wide+1])
	case mPOC:
		if *fresh {
			st.changes = st.changes[:0]
			*fresh = false
		}
		for size := 5 + 2*wide; len(p) >= size; p = p[size:] {
			ends := p[1+wide:]
			ch := change{r0: int(p[0]), c0: number(p[1:]), layers: int(binary.BigEndian.Uint16(ends)), r1: int(ends[2]), c1: number(ends[3:]), order: ends[3+wide]}
			if ch.c1 == 0 {
				ch.c1 = n // the width of the field does not hold 256
			}
			if ch.order > 4 || len(st.changes) >= 64 {
				return s.corrupt("POC")
			}
			st.changes = append(st.changes, ch)
		}
	}
	return nil
}

// maxForAll bounds the segments of a header that speak for all components: there is to
// be one COD and one QCD (§A.6.1, §A.6.4), and each is copied to a thousand components.
const maxForAll = 16

// speaksForAll counts s as one of those.
func (st *style) speaksForAll(s segment) error {
	if st.forAll++; st.forAll > maxForAll {
		return s.corrupt("COD or QCD again and again")
	}
	return nil
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

// ceilShift is a / 2^n, rounded up.
func ceilShift(a int, n uint) int { return (a + 1<<n - 1) >> n }
