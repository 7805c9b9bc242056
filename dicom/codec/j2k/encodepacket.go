package j2k

import "math/bits"

// headerWriter writes the bits of a packet header (T.800 §B.10.1).
type headerWriter struct {
	dst []byte
	acc uint32
	n   uint // bits in acc
	max uint // bits that the byte takes
}

func (h *headerWriter) start(dst []byte) { *h = headerWriter{dst: dst, max: 8} }

func (h *headerWriter) bit(v uint32) {
	h.acc = h.acc<<1 | v
	h.n++
	if h.n < h.max {
		return
	}
	h.dst = append(h.dst, byte(h.acc))
	h.max = 8
	if h.acc == 0xFF {
		h.max = 7
	}
	h.acc, h.n = 0, 0
}

func (h *headerWriter) bits(v uint32, n uint) {
	for n > 0 {
		n--
		h.bit(v >> n & 1)
	}
}

// end fills the last byte; a header does not end with 0xFF.
func (h *headerWriter) end() []byte {
	for h.n > 0 || h.max == 7 {
		h.bit(0)
	}
	return h.dst
}

// tagWriterNode is a node of a tag tree (§B.10.2) while it is written.
type tagWriterNode struct {
	value, low int32
	known      bool
}

// tagBuild fills the levels above the leaves, which come first in nodes.
func tagBuild(nodes []tagWriterNode, w, h int) {
	from := 0
	for w > 1 || h > 1 {
		to := from + w*h
		cw, ch := (w+1)/2, (h+1)/2
		for i := range cw * ch {
			nodes[to+i] = tagWriterNode{value: tagUnknown}
		}
		for y := range h {
			for x := range w {
				up := &nodes[to+y/2*cw+x/2]
				up.value = min(up.value, nodes[from+y*w+x].value)
			}
		}
		from, w, h = to, cw, ch
	}
}

// tagWrite writes what tells whether leaf x, y is below threshold.
func tagWrite(nodes []tagWriterNode, w, h, x, y int, threshold int32, b *headerWriter) {
	var path [20]int32
	depth, offset := 0, 0
	for {
		path[depth] = int32(offset + y*w + x)
		depth++
		if w <= 1 && h <= 1 {
			break
		}
		offset += w * h
		w, h, x, y = (w+1)/2, (h+1)/2, x/2, y/2
	}
	low := int32(0)
	for depth--; depth >= 0; depth-- {
		n := &nodes[path[depth]]
		low = max(low, n.low)
		for low < threshold && !n.known {
			if low >= n.value {
				b.bit(1)
				n.known = true
				break
			}
			b.bit(0)
			low++
		}
		n.low = low
	}
}

// appendPackets writes the packets of a resolution, one of each component.
func (e *Encoder) appendPackets(dst []byte, r int) []byte {
	d := &e.shape
	for c := range d.size.n {
		res := &d.comps[c].resolutions[r]
		for k := range res.pw * res.ph {
			dst = e.appendPacket(dst, res, &d.precincts[res.precincts+k])
		}
	}
	return dst
}

// appendPacket writes a packet (§B.9, §B.10).
func (e *Encoder) appendPacket(dst []byte, res *resolution, pr *precinct) []byte {
	b := &e.bits
	b.start(dst)
	b.bit(1)
	for i := range res.n {
		e.packetBand(&res.bands[i], &pr.bands[i])
	}
	dst = b.end()
	b.dst = nil
	for i := range res.n {
		pb := &pr.bands[i]
		for j := range pb.w * pb.h {
			c := &e.coded[pb.block+j]
			dst = append(dst, e.body[c.offset:c.offset+c.length]...)
		}
	}
	return dst
}

// packetBand writes the part of a packet header for one band.
func (e *Encoder) packetBand(bd *band, pb *precinctBand) {
	w, h := int(pb.w), int(pb.h)
	n := tagNodes(w, h)
	e.nodes = grow(e.nodes, 2*n)
	inclusion, zero := e.nodes[:n], e.nodes[n:]
	coded := e.coded[pb.block:][:w*h]
	for i, c := range coded {
		inclusion[i], zero[i] = tagWriterNode{}, tagWriterNode{value: int32(bd.planes) - int32(c.planes)}
		if c.passes == 0 {
			inclusion[i].value = 1
		}
	}
	tagBuild(inclusion, w, h)
	tagBuild(zero, w, h)
	b := &e.bits
	for i, c := range coded {
		x, y := i%w, i/w
		tagWrite(inclusion, w, h, x, y, 1, b)
		if c.passes == 0 {
			continue
		}
		tagWrite(zero, w, h, x, y, zero[i].value+1, b)
		writePasses(b, int(c.passes))
		width := 3 + uint(bits.Len(uint(c.passes))) - 1
		for ; uint32(c.length)>>width != 0; width++ {
			b.bit(1)
		}
		b.bit(0)
		b.bits(uint32(c.length), width)
	}
}

// writePasses is Table B.4.
func writePasses(b *headerWriter, n int) {
	switch {
	case n <= 2:
		b.bits([3]uint32{0, 0, 2}[n], uint(n))
	case n <= 5:
		b.bits(3<<2|uint32(n-3), 4)
	case n <= 36:
		b.bits(15<<5|uint32(n-6), 9)
	default:
		b.bits(0x1FF<<7|uint32(n-37), 16)
	}
}
