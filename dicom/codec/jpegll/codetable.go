package jpegll

import "github.com/dokuei/dokuei/dicom/codec/internal/t81"

// codeTable is a Huffman code for the 17 categories of T.81 Table H.2.
type codeTable struct {
	counts [16]byte // codes of length 1 to 16
	values []byte   // categories in the order of their codes
	code   [17]uint16
	length [17]uint8
}

// newCodeTable makes the optimal code of §K.2 for freq. With 17 symbols and the
// reserved all-ones code no length passes 16 except for extreme frequencies,
// which are flattened.
func newCodeTable(freq *[17]int) *codeTable {
	t := new(codeTable)
	weights := *freq
	for !t.assign(&weights) {
		for i, f := range weights {
			if f > 0 {
				weights[i] = f/2 + 1
			}
		}
	}
	return t
}

// assign builds the code by merging the two lightest trees; false when a code
// is longer than 16 bits.
func (t *codeTable) assign(freq *[17]int) bool {
	// Symbol 17 is the reserved code of all ones (§K.2), the lightest of all.
	var weight [18]int
	copy(weight[:], freq[:])
	weight[17] = 1
	var tree, size [18]int // tree a symbol belongs to, and its code length
	for i := range tree {
		tree[i] = i
	}
	for {
		a, b := -1, -1 // lightest and second; ties go to the later symbol
		for i, w := range weight {
			switch {
			case w == 0:
			case a < 0 || w <= weight[a]:
				a, b = i, a
			case b < 0 || w <= weight[b]:
				b = i
			}
		}
		if b < 0 {
			break
		}
		weight[b] += weight[a]
		weight[a] = 0
		for i := range tree {
			if tree[i] == a || tree[i] == b {
				tree[i] = b
				size[i]++
			}
		}
	}
	*t = codeTable{values: t.values[:0]}
	code := 0
	for l := 1; l <= 17; l++ {
		for s, n := range size {
			if n != l {
				continue
			}
			if s == 17 {
				continue // the reserved code must be the last of its length
			}
			if l == 17 {
				return false
			}
			t.code[s], t.length[s] = uint16(code), uint8(l)
			t.counts[l-1]++
			t.values = append(t.values, byte(s))
			code++
		}
		code <<= 1
	}
	return size[17] <= 16
}

// appendDHT writes the segment of §B.2.4.2.
func (t *codeTable) appendDHT(dst []byte) []byte {
	dst = append(dst, 0xFF, t81.DHT, 0, byte(19+len(t.values)), 0)
	dst = append(dst, t.counts[:]...)
	return append(dst, t.values...)
}

// bitWriter appends bits with the stuffing of §F.1.2.3.
type bitWriter struct {
	dst []byte
	acc uint64
	n   uint
}

func (w *bitWriter) write(v uint32, n uint) {
	w.acc = w.acc<<n | uint64(v)
	w.n += n
	for w.n >= 8 {
		b := byte(w.acc >> (w.n - 8))
		w.n -= 8
		w.dst = append(w.dst, b)
		if b == 0xFF {
			w.dst = append(w.dst, 0)
		}
	}
}

// flush pads the last byte with ones.
func (w *bitWriter) flush() []byte {
	if w.n > 0 {
		w.write(1<<(8-w.n)-1, 8-w.n)
	}
	return w.dst
}
