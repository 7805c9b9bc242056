package j2k

// tagNode is a node of a tag tree (T.800 §B.10.2): its value once known, and
// the bound below which it is known not to be.
type tagNode struct {
	value, low int32
}

const tagUnknown = 1<<31 - 1

// tagNodes is the number of nodes of a tree with w × h leaves.
func tagNodes(w, h int) int {
	n := w * h
	for w > 1 || h > 1 {
		w, h = (w+1)/2, (h+1)/2
		n += w * h
	}
	return n
}

// tagDecode reads bits until it is known whether leaf x, y is below threshold. When it
// is not, level is that of the highest node that tells so: neither is any other leaf
// of the 2^level × 2^level that it stands for, and none of them has a bit to read.
// The leaves come first in nodes, then the levels above.
func tagDecode(nodes []tagNode, w, h, x, y, threshold int, b *headerBits) (below bool, level int) {
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
	t := int32(threshold)
	for depth--; ; depth-- {
		n := &nodes[path[depth]]
		low = max(low, n.low)
		for low < t && low < n.value {
			if b.bit() == 1 {
				n.value = low
			} else {
				low++
			}
		}
		n.low = low
		if n.value >= t {
			return false, depth
		}
		if depth == 0 {
			return true, 0
		}
	}
}

// headerBits reads a packet header (§B.10.1): after a byte 0xFF the next has
// seven bits.
type headerBits struct {
	buf  []byte
	pos  int
	cur  byte
	n    uint
	over bool // read past the end
}

func (b *headerBits) bit() uint32 {
	if b.n == 0 {
		b.n = 8
		if b.cur == 0xFF {
			b.n = 7
		}
		if b.pos < len(b.buf) {
			b.cur = b.buf[b.pos]
		} else {
			b.over, b.cur = true, 0
		}
		b.pos++
	}
	b.n--
	return uint32(b.cur>>b.n) & 1
}

func (b *headerBits) bits(n uint) (v uint32) {
	for range n {
		v = v<<1 | b.bit()
	}
	return v
}

// align ends the header at a byte.
func (b *headerBits) align() {
	if b.cur == 0xFF {
		b.pos++
	}
	b.cur, b.n = 0, 0
}
