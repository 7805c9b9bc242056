package j2k

import (
	"github.com/dokuei/dokuei/dicom/codec/internal/ht"
)

// blockCoder decodes the bit-planes of a code-block (T.800 Annex D). A word of
// flags stands for a column of four samples, a stripe column (Figure D.1), and
// holds all that their contexts depend on:
//
//	bits  0-17  significance of the 3 × 6 samples around, row by row
//	bits 18-35  their signs
//	bit  36+3·i row i was coded in this bit-plane's significance propagation
//	bit  37+3·i row i was refined before
//
// so that what concerns row i is a shift by 3·i and a look-up. Rows are named by
// that shift, and sets of rows have the bits 0, 3, 6 and 9.
type blockCoder struct {
	mq       mq
	raw      raw
	contexts [32]mqState // 19 used; the size lets an index be masked
	flags    []uint64
	fw       int      // words in a row of flags: width + 2
	data     []uint32 // magnitudes with one fractional bit; bit 31 is the sign
	rowAt    [16]int  // by shift: where a row of a stripe begins in data, in samples
	w, h     int
	stride   int // of data
	causal   bool
	scratch  []byte
	ht       ht.Decoder
}

const (
	sigma     = 1<<18 - 1
	center    = 1 << 4
	allRows   = 0x249
	signAt    = 18
	visitedAt = 36
	refinedAt = 37
	visited   = allRows << visitedAt
	ctxRun    = 17
	ctxUni    = 18
	signBit   = 1 << 31
	magnitude = signBit - 1
)

// rowsOf is the set of the rows of a stripe of 0 to 4.
var rowsOf = [5]uint32{0, 1, 9, 0x49, allRows}

// reset prepares for a code-block of w × h samples.
func (b *blockCoder) reset(w, h int, causal bool) {
	b.w, b.h, b.stride, b.fw, b.causal = w, h, w, w+2, causal
	b.data = grow(b.data, w*h)
	clear(b.data)
	b.resetFlags()
}

// resetFlags prepares flags and contexts.
func (b *blockCoder) resetFlags() {
	for i := range 4 {
		b.rowAt[3*i] = i * b.w
	}
	b.flags = grow(b.flags, b.fw*((b.h+3)/4+2))
	clear(b.flags)
	b.resetContexts()
}

// resetContexts is Table D.7.
func (b *blockCoder) resetContexts() {
	for i := range b.contexts {
		b.contexts[i] = mqTable[0]
	}
	b.contexts[0], b.contexts[ctxRun], b.contexts[ctxUni] = mqTable[2*4], mqTable[2*3], mqTable[2*46]
}

// zeroContext gives the context of zero coding (Table D.1) by the orientation of
// the band and the nine bits around a sample.
var zeroContext = func() (t [4][512]uint8) {
	for n := range 512 {
		bit := func(i int) int { return n >> i & 1 }
		v, h := bit(1)+bit(7), bit(3)+bit(5)
		d := bit(0) + bit(2) + bit(6) + bit(8)
		t[0][n] = zeroContextOf(h, v, d)
		t[1][n] = zeroContextOf(v, h, d)
		t[2][n] = t[0][n]
		t[3][n] = zeroContextHH(h+v, d)
	}
	return t
}()

func zeroContextOf(h, v, d int) uint8 {
	switch {
	case h == 2:
		return 8
	case h == 1 && v > 0:
		return 7
	case h == 1 && d > 0:
		return 6
	case h == 1:
		return 5
	case v == 2:
		return 4
	case v == 1:
		return 3
	default:
		return uint8(min(d, 2))
	}
}

func zeroContextHH(hv, d int) uint8 {
	switch {
	case d >= 3:
		return 8
	case d == 2:
		return uint8(6 + min(hv, 1))
	case d == 1:
		return uint8(3 + min(hv, 2))
	default:
		return uint8(min(hv, 2))
	}
}

// signContext gives the context of sign coding and, in bit 7, the value that the
// decision is XORed with (Tables D.2 and D.3). The index has, for the samples
// above, to the left, to the right and below, a bit for the sign and one for
// significance.
var signContext = func() (t [256]uint8) {
	for n := range 256 {
		sum := func(i, j int) int {
			s := 0
			for _, k := range [2]int{i, j} {
				if n>>(2*k+1)&1 != 0 {
					s += 1 - 2*(n>>(2*k)&1)
				}
			}
			return min(max(s, -1), 1)
		}
		v, h := sum(0, 3), sum(1, 2)
		flip := uint8(0)
		if h < 0 || h == 0 && v < 0 {
			h, v, flip = -h, -v, 1<<7
		}
		t[n] = uint8(9+3*h+v) | flip
	}
	return t
}()

// signIndex is the index of signContext for the row that n, flags, is shifted to.
func signIndex(n uint64) uint64 {
	return n&0xAA | n>>(signAt+1)&0x55
}

// significant marks the row of the column at f and tells its neighbours.
func (b *blockCoder) significant(f int, row uint, sign uint32) {
	fl := b.flags
	one := 1 | uint64(sign)<<signAt
	v := one << row
	fl[f] |= v << 4
	fl[f-1] |= v << 5
	fl[f+1] |= v << 3
	if row == 0 && !b.causal {
		up := f - b.fw
		fl[up-1] |= one << 17
		fl[up] |= one << 16
		fl[up+1] |= one << 15
	}
	if row == 9 {
		down := f + b.fw
		fl[down-1] |= one << 2
		fl[down] |= one << 1
		fl[down+1] |= one
	}
}

// touched is the set of rows with a significant sample among their nine.
func touched(w uint32) uint32 {
	w &= sigma
	w = (w | w>>1 | w>>2) & 0o111111
	return (w | w>>3 | w>>6) & allRows
}
