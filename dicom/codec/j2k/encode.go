package j2k

import (
	"github.com/dokuei/dokuei/dicom/codec"
	"github.com/dokuei/dokuei/dicom/codec/internal/ht"
)

// Encoder writes lossless frames: one tile, one layer, the reversible 5-3
// transformation, code-blocks of 64 × 64. The zero value is ready and writes
// Part 1 code-streams.
type Encoder struct {
	// HighThroughput asks for HT code-blocks (package htj2k), progression RPCL
	// and a tile-part for each resolution with TLM, so that the bytes up to the
	// end of a tile-part are the frame at a lower resolution.
	HighThroughput bool

	shape    Decoder // of the header that is written: its geometry is shared
	line     []int32
	data     []uint32 // a code-block
	coded    []coded  // by index of Decoder.blocks
	body     []byte
	bits     headerWriter
	nodes    []tagWriterNode
	ht       ht.Encoder
	blocks   blockEncoder
	guard    int
	guardPos int // offset of Sqcd in the header
	headPos  int // of the first byte of the code-stream in dst
}

// coded is what the block coder made of a code-block.
type coded struct {
	offset, length int32 // in Encoder.body
	planes         uint8 // bit-planes from the first that is coded
	passes         uint8
}

const (
	maxEncodeSide   = 1 << 15 // a resolution is one precinct
	smallest        = 64      // the lowest resolution is not larger than this
	usualLevels     = 5
	usualGuard      = 2
	blockExponent   = 6
	maxEncodeLevels = 9
)

// Encode appends the code-stream of m to dst, padded to even length (PS3.5
// §A.4). Three samples with Color ColorRGB get the reversible component
// transformation (Photometric Interpretation YBR_RCT, PS3.5 §8.2.4); all others
// are coded as they are.
func (e *Encoder) Encode(dst []byte, m *codec.Image) ([]byte, error) {
	if m.Width < 1 || m.Height < 1 || m.Samples < 1 || m.Samples > maxComponents || m.Precision < 1 || m.Precision > 16 || len(m.Pix) < m.FrameBytes() {
		return dst, codec.Errorf(codec.ErrUnsupported, 0, "frame of %d × %d pixels of %d samples of %d bits, %d bytes", m.Width, m.Height, m.Samples, m.Precision, len(m.Pix))
	}
	if m.Width > maxEncodeSide || m.Height > maxEncodeSide {
		return dst, codec.Errorf(codec.ErrUnsupported, 0, "%d × %d pixels in one precinct", m.Width, m.Height)
	}
	e.headPos = len(dst)
	levels := levelsFor(m.Width, m.Height)
	rct := m.Samples == 3 && m.Color == codec.ColorRGB
	dst = e.appendHeader(dst, m, levels, rct)
	d := &e.shape
	defer d.release()
	// The geometry is that which the decoder finds in the header.
	dst = appendSOT(dst, 0, 0, 1)
	err := d.mainHeader(dst[e.headPos:])
	dst = dst[:len(dst)-sotBytes]
	if err != nil {
		return dst[:e.headPos], err
	}
	d.style.inherit(&d.main)
	d.reduce = 0
	if err := d.layout(0); err != nil {
		return dst[:e.headPos], err
	}
	e.load(m, rct)
	for c := range m.Samples {
		e.analyze(&d.comps[c])
	}
	e.encodeBlocks()
	e.patchGuard(dst[e.headPos:])
	dst = e.appendTileParts(dst, levels)
	dst = append(dst, mEOC>>8, mEOC&0xFF)
	if (len(dst)-e.headPos)%2 != 0 {
		dst = append(dst, 0)
	}
	return dst, nil
}

// levelsFor is the number of decompositions: five, fewer for what is smaller
// than a sample then, more for what is larger than smallest then.
func levelsFor(width, height int) int {
	side := max(width, height)
	n := usualLevels
	for n > 0 && side>>n == 0 {
		n--
	}
	for n < maxEncodeLevels && ceilShift(side, uint(n)) > smallest {
		n++
	}
	return n
}

// load shifts the samples of m (Annex G.1), transforms the components (G.2) and
// puts them into the planes.
func (e *Encoder) load(m *codec.Image, rct bool) {
	d := &e.shape
	for c := range m.Samples {
		comp := &d.comps[c]
		comp.kept = comp.levels
		comp.stride = m.Width
		comp.plane = grow(comp.plane, m.Width*m.Height)
		shift := int32(0)
		if !m.Signed {
			shift = 1 << (m.Precision - 1)
		}
		loadSamples(comp.plane, m, c, shift)
	}
	if !rct {
		return
	}
	r := d.comps[0].plane
	g, b := d.comps[1].plane[:len(r)], d.comps[2].plane[:len(r)]
	for i := range r {
		y := (r[i] + 2*g[i] + b[i]) >> 2
		r[i], g[i], b[i] = y, b[i]-g[i], r[i]-g[i]
	}
}

// loadSamples reads component c of m, within its precision.
func loadSamples(dst []int32, m *codec.Image, c int, shift int32) {
	n, drop := m.Samples, 32-m.Precision
	if m.Precision <= 8 {
		for i, at := 0, c; i < len(dst); i, at = i+1, at+n {
			v := uint32(m.Pix[at]) << drop
			if m.Signed {
				dst[i] = int32(v) >> drop
			} else {
				dst[i] = int32(v>>drop) - shift
			}
		}
		return
	}
	for i, at := 0, 2*c; i < len(dst); i, at = i+1, at+2*n {
		v := (uint32(m.Pix[at]) | uint32(m.Pix[at+1])<<8) << drop
		if m.Signed {
			dst[i] = int32(v) >> drop
		} else {
			dst[i] = int32(v>>drop) - shift
		}
	}
}
