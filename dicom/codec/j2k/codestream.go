package j2k

import (
	"bytes"
	"encoding/binary"

	"github.com/dokuei/dokuei/dicom/codec"
)

// part is a tile-part (T.800 §A.4.2): where its header segments begin and where
// its data are. next is the index of the tile's next part plus one.
type part struct {
	tile        int
	header      int
	data, end   int
	next        int32
	packedFrom  int // packet headers of PPM, in Decoder.packed
	packedUntil int
}

// unwrap finds the code-stream: src itself, or the jp2c box of a JP2 file (T.800
// §I.5.4). A file whose header says that the components are indices of a palette
// (§I.5.3.4) is refused: its samples are not what the data set is about.
func unwrap(src []byte) (from, to int, err error) {
	if len(src) < 12 {
		return 0, 0, codec.Errorf(codec.ErrTruncated, int64(len(src)), "code-stream of %d bytes", len(src))
	}
	if binary.BigEndian.Uint16(src) == mSOC {
		return 0, len(src), nil
	}
	if !bytes.Equal(src[4:8], []byte("jP  ")) {
		return 0, 0, codec.Errorf(codec.ErrCorrupt, 0, "neither a code-stream nor a JP2 file")
	}
	for pos := 0; len(src)-pos >= 8; {
		n := uint64(binary.BigEndian.Uint32(src[pos:]))
		head := 8
		if n == 1 && len(src)-pos >= 16 {
			n, head = binary.BigEndian.Uint64(src[pos+8:]), 16
		}
		if n == 0 {
			n = uint64(len(src) - pos)
		}
		if n < uint64(head) {
			return 0, 0, codec.Errorf(codec.ErrCorrupt, int64(pos), "box of %d bytes", n)
		}
		if bytes.Equal(src[pos+4:pos+8], []byte("jp2c")) {
			// A length beyond the end is left to the code-stream's own.
			return pos + head, pos + int(min(n, uint64(len(src)-pos))), nil
		}
		if n > uint64(len(src)-pos) {
			break
		}
		if bytes.Equal(src[pos+4:pos+8], []byte("jp2h")) {
			if at := bytes.Index(src[pos+head:pos+int(n)], []byte("pclr")); at >= 0 {
				return 0, 0, codec.Errorf(codec.ErrUnsupported, int64(pos+head+at), "JP2 file with a palette")
			}
		}
		pos += int(n)
	}
	return 0, 0, codec.Errorf(codec.ErrTruncated, int64(len(src)), "JP2 file without code-stream")
}

// mainHeader reads up to the first SOT, where it leaves d.pos.
func (d *Decoder) mainHeader(src []byte) error {
	from, to, err := unwrap(src)
	if err != nil {
		return err
	}
	d.src, d.pos = src[:to], from+2
	if to-from < 4 || binary.BigEndian.Uint16(src[from:]) != mSOC {
		return codec.Errorf(codec.ErrCorrupt, int64(from), "no start of code-stream")
	}
	d.main.reset()
	d.ppm = d.ppm[:0]
	fresh := true
	for first := true; ; first = false {
		s, next, err := nextSegment(d.src, d.pos)
		if err != nil {
			return err
		}
		if first != (s.marker == mSIZ) {
			return codec.Errorf(codec.ErrCorrupt, int64(d.pos), "marker %#04x where SIZ is due, or SIZ where it is not", s.marker)
		}
		switch s.marker {
		case mSIZ:
			if err := d.size.parse(s); err != nil {
				return err
			}
			d.main.resize(d.size.n)
		case mSOT:
			if !d.main.hasCOD || !d.main.hasQCD {
				return s.corrupt("main header without COD or QCD")
			}
			return nil
		case mSOD, mEOC, mSOC, mPPT:
			return codec.Errorf(codec.ErrCorrupt, int64(d.pos), "marker %#04x in the main header", s.marker)
		case mPPM:
			if len(s.payload) < 1 || len(d.ppm) > 255 {
				return s.corrupt("PPM")
			}
			d.ppm = append(d.ppm, s)
		default:
			if err := d.main.apply(s, d.size.n, &fresh); err != nil {
				return err
			}
		}
		d.pos = next
	}
}

// config is the frame at the resolution that reduce leaves.
func (d *Decoder) config(reduce uint) codec.Config {
	z := &d.size
	c := codec.Config{Samples: z.n, Signed: z.signed[0], Lossless: true}
	c.Width = ceilShift(ceilDiv(z.x1, z.fineX), reduce) - ceilShift(ceilDiv(z.x0, z.fineX), reduce)
	c.Height = ceilShift(ceilDiv(z.y1, z.fineY), reduce) - ceilShift(ceilDiv(z.y0, z.fineY), reduce)
	for i := range z.n {
		c.Precision = max(c.Precision, z.precision[i])
		c.Lossless = c.Lossless && d.main.comps[i].reversible
	}
	switch {
	case z.n == 1:
		c.Color = codec.ColorGray
	case d.main.mct:
		c.Color = codec.ColorRGB
	}
	return c
}

// findParts walks the tile-parts and links those of each tile.
func (d *Decoder) findParts() error {
	tiles := d.size.tilesX * d.size.tilesY
	if int64(tiles)*14 > int64(len(d.src)) {
		return codec.Errorf(codec.ErrTruncated, int64(len(d.src)), "%d tiles in %d bytes", tiles, len(d.src))
	}
	d.first, d.last = grow(d.first, tiles), grow(d.last, tiles)
	clear(d.first)
	d.parts = d.parts[:0]
	for {
		s, next, err := nextSegment(d.src, d.pos)
		if err != nil {
			if d.complete() {
				return nil // no EOC: the packets will tell whether all is there
			}
			return err
		}
		if s.marker == mEOC {
			if !d.complete() {
				return codec.Errorf(codec.ErrTruncated, int64(d.pos), "end of code-stream before the last tile")
			}
			return nil
		}
		if s.marker != mSOT || len(s.payload) != 8 {
			if d.complete() {
				return nil
			}
			return codec.Errorf(codec.ErrCorrupt, int64(d.pos), "marker %#04x in place of a tile-part", s.marker)
		}
		p := part{tile: int(binary.BigEndian.Uint16(s.payload)), header: next}
		length := int(binary.BigEndian.Uint32(s.payload[2:]))
		p.end = d.pos + length
		if length == 0 { // the last one, up to EOC
			p.end = len(d.src)
			if i := bytes.LastIndex(d.src[next:], []byte{0xFF, 0xD9}); i >= 0 {
				p.end = next + i
			}
		}
		if p.tile >= tiles || p.end < next {
			return s.corrupt("tile-part of no tile, or shorter than its header")
		}
		if p.end > len(d.src) && d.reduce > 0 {
			p.end = len(d.src) // a prefix: the packets will tell
		}
		if p.end > len(d.src) {
			return codec.Errorf(codec.ErrTruncated, int64(len(d.src)), "tile-part ends at %d of %d bytes", p.end, len(d.src))
		}
		if err := d.skipHeader(&p); err != nil {
			if d.reduce > 0 && d.complete() {
				return nil
			}
			return err
		}
		d.parts = append(d.parts, p)
		if n := int32(len(d.parts)); d.first[p.tile] == 0 {
			d.first[p.tile] = n
			d.last[p.tile] = n
		} else {
			d.parts[d.last[p.tile]-1].next = n
			d.last[p.tile] = n
		}
		d.pos = p.end
	}
}

// skipHeader finds where the data of p begin.
func (d *Decoder) skipHeader(p *part) error {
	for pos := p.header; ; {
		s, next, err := nextSegment(d.src[:p.end], pos)
		if err != nil {
			return err
		}
		if s.marker == mSOD {
			p.data = next
			return nil
		}
		pos = next
	}
}

// complete tells whether every tile has begun.
func (d *Decoder) complete() bool {
	for _, f := range d.first {
		if f == 0 {
			return false
		}
	}
	return true
}

// unpackHeaders joins the PPM segments (§A.7.4) and deals their packet headers
// out to the tile-parts in the order of the code-stream.
func (d *Decoder) unpackHeaders() error {
	d.packed = d.packed[:0]
	if len(d.ppm) == 0 {
		return nil
	}
	var order [256]int32
	for i, s := range d.ppm {
		if order[s.payload[0]] != 0 {
			return s.corrupt("PPM index twice")
		}
		order[s.payload[0]] = int32(i + 1)
	}
	for _, i := range order {
		if i > 0 {
			d.packed = append(d.packed, d.ppm[i-1].payload[1:]...)
		}
	}
	pos := 0
	for i := range d.parts {
		if len(d.packed)-pos < 4 {
			return codec.Errorf(codec.ErrTruncated, int64(d.ppm[0].offset), "packed headers end before tile-part %d", i)
		}
		n := int(binary.BigEndian.Uint32(d.packed[pos:]))
		pos += 4
		if n > len(d.packed)-pos {
			return codec.Errorf(codec.ErrTruncated, int64(d.ppm[0].offset), "packed headers end within tile-part %d", i)
		}
		d.parts[i].packedFrom, d.parts[i].packedUntil = pos, pos+n
		pos += n
	}
	return nil
}

func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
