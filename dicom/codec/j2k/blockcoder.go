package j2k

import (
	"math/bits"

	"github.com/dokuei/dokuei/dicom/codec/internal/ht"
)

// blockCoder decodes the bit-planes of a code-block (T.800 Annex D). A word of
// flags stands for a column of four samples, a stripe column (Figure D.1), and
// holds all that their contexts depend on but the signs left and right:
//
//	bits  0-17  significance of the 3 × 6 samples around, row by row
//	bits 18-23  signs of the column itself, from the row above to the one below
//	bits 24-27  coded in this bit-plane's significance propagation
//	bits 28-31  refined before
//
// so that the neighbourhood of row i is a shift by 3·i and a look-up.
type blockCoder struct {
	mq       mq
	raw      raw
	contexts [32]mqState // 19 used; the size lets an index be masked
	flags    []uint32
	fw       int      // words in a row of flags: width + 2
	data     []uint32 // magnitudes with one fractional bit; bit 31 is the sign
	w, h     int
	stride   int // of data
	causal   bool
	scratch  []byte
	ht       ht.Decoder
}

const (
	sigma     = 1<<18 - 1
	center    = 1 << 4
	centers   = center | center<<3 | center<<6 | center<<9 // of the four rows
	visited   = 0xF << 24
	ctxRun    = 17
	ctxUni    = 18
	signBit   = 1 << 31
	magnitude = signBit - 1
)

// reset prepares for a code-block of w × h samples.
func (b *blockCoder) reset(w, h int, causal bool) {
	b.w, b.h, b.stride, b.fw, b.causal = w, h, w, w+2, causal
	b.data = grow(b.data, w*h)
	clear(b.data)
	b.flags = grow(b.flags, b.fw*((h+3)/4+2))
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
// above, to the left, to the right and below, a bit for significance and one for
// the sign.
var signContext = func() (t [256]uint8) {
	for n := range 256 {
		sum := func(i, j int) int {
			s := 0
			for _, k := range [2]int{i, j} {
				if n>>(2*k)&1 != 0 {
					s += 1 - 2*(n>>(2*k+1)&1)
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

// signIndex is the index of signContext for row i of a column with the flags w,
// between columns with the flags left and right.
func signIndex(w, left, right uint32, i uint) uint32 {
	return w>>(3*i+1)&0x55 | w>>(17+i)&2 | left>>(16+i)&8 | right>>(14+i)&0x20 | w>>(13+i)&0x80
}

// significant marks row i of the column at f and tells its neighbours.
func (b *blockCoder) significant(f int, i uint, sign uint32) {
	fl := b.flags
	fl[f] |= center<<(3*i) | sign<<(19+i)
	fl[f-1] |= 1 << (3*i + 5)
	fl[f+1] |= 1 << (3*i + 3)
	if i == 0 && !b.causal {
		up := f - b.fw
		fl[up-1] |= 1 << 17
		fl[up] |= 1<<16 | sign<<23
		fl[up+1] |= 1 << 15
	}
	if i == 3 {
		down := f + b.fw
		fl[down-1] |= 1 << 2
		fl[down] |= 1<<1 | sign<<18
		fl[down+1] |= 1 << 0
	}
}

// The passes hold the rows of a stripe column that they are to code as a set of
// bits 0, 3, 6 and 9, as the significance of the rows stands in the flags, and
// take them out one by one.

const allRows = 0x249

// rowsOf is that set for stripes of 0 to 4 rows.
var rowsOf = [5]uint32{0, 1, 9, 0x49, allRows}

// spreadVisited makes such a set of the four visited flags.
var spreadVisited = [16]uint32{0, 1, 8, 9, 0x40, 0x41, 0x48, 0x49, 0x200, 0x201, 0x208, 0x209, 0x240, 0x241, 0x248, 0x249}

// packed brings such a set together again: bits 0, 3, 6 and 9 to bits 0 to 3.
func packed(set uint32) uint32 {
	set |= set >> 2 // 0, 1(3), 4(6), 7(9)
	return set&3 | set>>2&4 | set>>4&8
}

// touched is the set of rows with a significant sample among their nine.
func touched(w uint32) uint32 {
	w &= sigma
	w = (w | w>>1 | w>>2) & 0o111111
	return (w | w>>3 | w>>6) & allRows
}

// around is the set of rows with a significant sample beside their own.
func around(w uint32) uint32 {
	w &= sigma
	sides := (w | w>>2) & 0o111111 // left and right, of the six rows
	both := sides | w>>1&0o111111  // with the middle
	return (both | sides>>3 | both>>6) & allRows
}

// significancePass is §D.3.1.
func (b *blockCoder) significancePass(orient int, plane uint) {
	m, zc := &b.mq, &zeroContext[orient]
	slack := m.slack
	value := uint32(3) << plane
	for y := 0; y < b.h; y += 4 {
		rows := rowsOf[min(4, b.h-y)]
		f := (y/4+1)*b.fw + 1
		data := b.data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			if w&sigma == 0 || w&centers == centers {
				f++
				continue
			}
			seen := uint32(0)
			for set := touched(w) &^ (w >> 4) & rows; set != 0; {
				i3 := uint(bits.TrailingZeros32(set))
				seen |= set & -set
				set &= set - 1
				s := &b.contexts[zc[w>>(i3&31)&0x1FF]&31]
				d := uint32(s.mps)
				if slack -= int32(s.qe); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				if d != 0 {
					i := i3 / 3
					sc := signContext[signIndex(w, b.flags[f-1], b.flags[f+1], i)&255]
					s := &b.contexts[sc&31]
					d := uint32(s.mps)
					if slack -= int32(s.qe); slack < 0 {
						d, slack = m.settle(s, slack)
					}
					d ^= uint32(sc >> 7)
					b.significant(f, i, d)
					data[int(i)*b.w+x] = value | d<<31
					w = b.flags[f]
					// Rows below may have become candidates.
					set = touched(w) &^ (w >> 4) & rows &^ (1<<((i3+1)&31) - 1)
				}
			}
			b.flags[f] = w | packed(seen)<<24
			f++
		}
	}
	m.slack = slack
}

// refinementPass is §D.3.3.
func (b *blockCoder) refinementPass(plane uint) {
	m := &b.mq
	slack := m.slack
	half := uint32(1) << plane
	for y := 0; y < b.h; y += 4 {
		f := (y/4+1)*b.fw + 1
		data := b.data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			set := w >> 4 & allRows &^ spreadVisited[w>>24&15]
			if set == 0 {
				f++
				continue
			}
			b.flags[f] = w | packed(set)<<28
			// The rows refined before, and those with a significant sample around them.
			again := spreadVisited[w>>28]
			beside := around(w)
			for set != 0 {
				i3 := uint(bits.TrailingZeros32(set))
				i := i3 / 3
				set &= set - 1
				// Table D.4: 16 when refined before, else 15 with a neighbour, else 14.
				r, n := again>>(i3&31)&1, beside>>(i3&31)&1
				s := &b.contexts[(14+2*r+n&^r)&31]
				d := uint32(s.mps)
				if slack -= int32(s.qe); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				data[int(i)*b.w+x] += half * (2*d - 1)
			}
			f++
		}
	}
	m.slack = slack
}

// cleanupPass is §D.3.4. It clears the visited flags for the next bit-plane.
func (b *blockCoder) cleanupPass(orient int, plane uint) {
	m, zc := &b.mq, &zeroContext[orient]
	slack := m.slack
	value := uint32(3) << plane
	for y := 0; y < b.h; y += 4 {
		rows := rowsOf[min(4, b.h-y)]
		f := (y/4+1)*b.fw + 1
		data := b.data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			set := rows &^ (w>>4 | spreadVisited[w>>24&15])
			run := false
			if w&(sigma|visited) == 0 && rows == allRows {
				s := &b.contexts[ctxRun]
				d := uint32(s.mps)
				if slack -= int32(s.qe); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				if d == 0 {
					f++
					continue
				}
				m.slack = slack
				first := m.decide(&b.contexts[ctxUni]) << 1
				first |= m.decide(&b.contexts[ctxUni])
				slack = m.slack
				set &^= 1<<(3*first) - 1
				run = true
			}
			for set != 0 {
				i3 := uint(bits.TrailingZeros32(set))
				set &= set - 1
				if !run {
					s := &b.contexts[zc[w>>(i3&31)&0x1FF]&31]
					d := uint32(s.mps)
					if slack -= int32(s.qe); slack < 0 {
						d, slack = m.settle(s, slack)
					}
					if d == 0 {
						continue
					}
				}
				run = false
				i := i3 / 3
				sc := signContext[signIndex(w, b.flags[f-1], b.flags[f+1], i)&255]
				s := &b.contexts[sc&31]
				d := uint32(s.mps)
				if slack -= int32(s.qe); slack < 0 {
					d, slack = m.settle(s, slack)
				}
				d ^= uint32(sc >> 7)
				b.significant(f, i, d)
				data[int(i)*b.w+x] = value | d<<31
				w = b.flags[f]
			}
			b.flags[f] = w &^ visited
			f++
		}
	}
	m.slack = slack
}

// rawSignificancePass and rawRefinementPass are the lazy forms of §D.6.
func (b *blockCoder) rawSignificancePass(plane uint) {
	value := uint32(3) << plane
	for y := 0; y < b.h; y += 4 {
		f := (y/4+1)*b.fw + 1
		for x := range b.w {
			for i := range uint(min(4, b.h-y)) {
				n := b.flags[f] >> (3 * i) & 0x1FF
				if n&center != 0 || n == 0 {
					continue
				}
				if b.raw.bit() != 0 {
					sign := b.raw.bit()
					b.significant(f, i, sign)
					b.data[(y+int(i))*b.w+x] = value | sign<<31
				}
				b.flags[f] |= 1 << (24 + i)
			}
			f++
		}
	}
}

func (b *blockCoder) rawRefinementPass(plane uint) {
	half := uint32(1) << plane
	for y := 0; y < b.h; y += 4 {
		f := (y/4+1)*b.fw + 1
		for x := range b.w {
			for i := range uint(min(4, b.h-y)) {
				w := b.flags[f]
				if w>>(3*i)&center == 0 || w>>(24+i)&1 != 0 {
					continue
				}
				b.data[(y+int(i))*b.w+x] += half * (2*b.raw.bit() - 1)
				b.flags[f] |= 1 << (28 + i)
			}
			f++
		}
	}
}
