package j2k

import (
	"github.com/dokuei/dokuei/dicom/codec"
)

// Decoder decodes JPEG 2000 frames. The zero value is ready.
type Decoder struct {
	codec.Counter
	src  []byte
	pos  int
	size size
	main style
	ppm  []segment

	parts       []part
	first, last []int32 // by tile: indices into parts, plus one
	packed      []byte  // packet headers of PPM and PPT
	reduce      int

	// The tile being decoded.
	style         style
	area          rect
	comps         []component
	resolutions   []resolution
	precincts     []precinct
	blocks        []block
	nodes         []tagNode
	chunks        []chunk
	in            packetReader
	header        headerBits
	contributions []contribution
	// ahead: a precinct of this sweep has this layer, or one after it, read or to read.
	// Without, no later layer of the progression has anything either.
	ahead bool
	turns []turn // of a progression by position
	laid  int    // resolutions of the tiles so far
	left  int    // packets of the resolutions kept that are not read yet

	coder blockCoder
	line  []int32
	fline []float32
}

// DecodeConfig reads the main header.
func (d *Decoder) DecodeConfig(src []byte) (codec.Config, error) {
	defer d.release()
	if err := d.mainHeader(src); err != nil {
		return codec.Config{}, err
	}
	return d.config(0), d.size.pixels()
}

// Decode decodes one frame. With Options.Reduce the highest resolution levels
// are left out.
func (d *Decoder) Decode(dst *codec.Image, src []byte, opt codec.Options) error {
	d.Counter = 0
	defer d.release()
	if err := d.begin(src, opt); err != nil {
		return err
	}
	if err := d.size.pixels(); err != nil {
		return err
	}
	c := d.config(uint(opt.Reduce))
	if c.Width <= 0 || c.Height <= 0 {
		return codec.Errorf(codec.ErrUnsupported, int64(d.pos), "nothing is left of the image %d levels down", opt.Reduce)
	}
	dst.Reset(c)
	return d.tiles(func(c int) { d.store(dst, c) })
}

// begin reads what precedes the first tile and holds it against the options.
func (d *Decoder) begin(src []byte, opt codec.Options) error {
	if err := d.mainHeader(src); err != nil {
		return err
	}
	full := d.config(0)
	if err := opt.Check(full, int64(d.pos)); err != nil {
		return err
	}
	if err := plausible(full, len(src)); err != nil {
		return err
	}
	if opt.Reduce < 0 || opt.Reduce > maxLevels {
		return codec.Errorf(codec.ErrUnsupported, int64(d.pos), "%d resolution levels to leave out", opt.Reduce)
	}
	for c := range d.size.n {
		if opt.Reduce > d.main.comps[c].levels {
			return codec.Errorf(codec.ErrUnsupported, int64(d.pos), "%d resolution levels to leave out of %d", opt.Reduce, d.main.comps[c].levels)
		}
	}
	d.reduce, d.laid = opt.Reduce, 0
	if err := d.findParts(); err != nil {
		return err
	}
	return d.unpackHeaders()
}

// tiles decodes all tiles; store is to take each component of each.
func (d *Decoder) tiles(store func(c int)) error {
	for tile := range d.size.tilesX * d.size.tilesY {
		if err := d.decodeTile(tile); err != nil {
			return err
		}
		for c := range d.size.n {
			store(c)
		}
	}
	return nil
}

// plausible refuses large frames out of hardly any data: a blank frame is coded
// in next to nothing, but the work space for it is real.
func plausible(c codec.Config, n int) error {
	const free, perByte = 1 << 24, 4096
	if samples := int64(c.Width) * int64(c.Height) * int64(c.Samples); samples > free && samples/perByte > int64(n) {
		return codec.Errorf(codec.ErrLimit, 0, "%d bytes for %d × %d pixels", n, c.Width, c.Height)
	}
	return nil
}

// release drops what refers to the caller's memory.
func (d *Decoder) release() {
	d.src = nil
	clear(d.ppm)
	d.header.buf, d.coder.raw.buf = nil, nil
}

// decodeTile decodes one tile up to the level shift.
func (d *Decoder) decodeTile(tile int) error {
	d.style.inherit(&d.main)
	if err := d.tileHeaders(tile); err != nil {
		return err
	}
	if err := d.layout(tile); err != nil {
		return err
	}
	if err := d.packets(); err != nil {
		return err
	}
	for c := range d.size.n {
		comp := &d.comps[c]
		if err := d.decodeComponent(comp); err != nil {
			return err
		}
		d.synthesize(comp)
	}
	return d.undoTransform()
}

// tileHeaders reads the header segments of all parts of a tile (§A.4.2, §A.7.5)
// and enters the first part.
func (d *Decoder) tileHeaders(tile int) error {
	packedFrom := len(d.packed)
	if len(d.ppm) == 0 {
		d.packed, packedFrom = d.packed[:0], 0
	}
	for i := d.first[tile]; i != 0; i = d.parts[i-1].next {
		p := &d.parts[i-1]
		fresh := i == d.first[tile] // POC of later parts goes on with the first
		for pos := p.header; ; {
			s, next, err := nextSegment(d.src[:p.end], pos)
			if err != nil {
				return err
			}
			if s.marker == mSOD {
				break
			}
			switch s.marker {
			case mPPT:
				if len(s.payload) < 1 || len(d.ppm) > 0 {
					return s.corrupt("PPT")
				}
				d.packed = append(d.packed, s.payload[1:]...)
			case mSIZ, mPPM, mSOT, mEOC, mSOC:
				return codec.Errorf(codec.ErrCorrupt, int64(pos), "marker %#04x in a tile-part header", s.marker)
			default:
				if err := d.style.apply(s, d.size.n, &fresh); err != nil {
					return err
				}
			}
			pos = next
		}
	}
	d.in = packetReader{}
	if len(d.ppm) == 0 && len(d.packed) > 0 {
		d.in.packed, d.in.head, d.in.headUntil = true, packedFrom, len(d.packed)
	}
	d.enterPart(d.first[tile])
	return nil
}

var _ codec.Decoder = (*Decoder)(nil)
