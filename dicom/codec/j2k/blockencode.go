package j2k

import "math/bits"

// blockEncoder codes the bit-planes of a code-block (T.800 Annex D) in one
// codeword segment, with the flags of blockCoder.
type blockEncoder struct {
	blockCoder // flags and contexts
	out        mqWriter
}

// encode appends the passes of all planes of data, w × h magnitudes with bit 31
// for the sign.
func (b *blockEncoder) encode(dst []byte, data []uint32, w, h, orient, planes int) []byte {
	b.w, b.h, b.fw, b.causal = w, h, w+2, false
	b.resetFlags()
	b.out.start(dst)
	for plane := planes - 1; plane >= 0; plane-- {
		if plane != planes-1 {
			b.encodeSignificance(data, orient, uint(plane))
			b.encodeRefinement(data, uint(plane))
		}
		b.encodeCleanup(data, orient, uint(plane))
	}
	return b.out.flush()
}

// sign codes the sign of a row of the column at f, whose flags n are shifted to it
// (§D.3.2), and marks it.
func (b *blockEncoder) sign(f int, n uint64, row uint, negative uint32) {
	sc := signContext[signIndex(n)]
	b.out.encode(&b.contexts[sc&31], negative^uint32(sc>>7))
	b.significant(f, row, negative)
}

func (b *blockEncoder) encodeSignificance(data []uint32, orient int, plane uint) {
	zc := &zeroContext[orient]
	for y := 0; y < b.h; y += 4 {
		rows := rowsOf[min(4, b.h-y)]
		f := (y/4+1)*b.fw + 1
		column := data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			if w&sigma == 0 {
				f++
				continue
			}
			seen := uint32(0)
			for set := touched(uint32(w)) &^ uint32(w>>4) & rows; set != 0; {
				row := uint(bits.TrailingZeros32(set))
				seen |= set & -set
				set &= set - 1
				n := w >> (row & 63)
				v := column[b.rowAt[row&15]+x]
				d := v >> (plane & 31) & 1
				b.out.encode(&b.contexts[zc[n&0x1FF]&31], d)
				if d != 0 {
					b.sign(f, n, row, v>>31)
					w = b.flags[f]
					set |= 8 << (row & 31) &^ uint32(w>>4) & rows
				}
			}
			b.flags[f] = w | uint64(seen)<<visitedAt
			f++
		}
	}
}

func (b *blockEncoder) encodeRefinement(data []uint32, plane uint) {
	for y := 0; y < b.h; y += 4 {
		f := (y/4+1)*b.fw + 1
		column := data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			set := uint32(w>>4&^(w>>visitedAt)) & allRows
			b.flags[f] = w | uint64(set)<<refinedAt
			for set != 0 {
				row := uint(bits.TrailingZeros32(set))
				set &= set - 1
				d := column[b.rowAt[row&15]+x] >> (plane & 31) & 1
				b.out.encode(&b.contexts[refineContext(w>>(row&63))&31], d)
			}
			f++
		}
	}
}

func (b *blockEncoder) encodeCleanup(data []uint32, orient int, plane uint) {
	zc := &zeroContext[orient]
	for y := 0; y < b.h; y += 4 {
		rows := rowsOf[min(4, b.h-y)]
		f := (y/4+1)*b.fw + 1
		column := data[y*b.w:]
		for x := range b.w {
			w := b.flags[f]
			set := rows &^ uint32(w>>4|w>>visitedAt)
			run := false
			if w&(sigma|visited) == 0 && rows == allRows {
				first := uint32(0)
				for first < 4 && column[b.rowAt[3*first&15]+x]>>(plane&31)&1 == 0 {
					first++
				}
				if first == 4 {
					b.out.encode(&b.contexts[ctxRun], 0)
					f++
					continue
				}
				b.out.encode(&b.contexts[ctxRun], 1)
				b.out.encode(&b.contexts[ctxUni], first>>1)
				b.out.encode(&b.contexts[ctxUni], first&1)
				set &^= 1<<(3*first) - 1
				run = true
			}
			for set != 0 {
				row := uint(bits.TrailingZeros32(set))
				set &= set - 1
				n := w >> (row & 63)
				v := column[b.rowAt[row&15]+x]
				d := v >> (plane & 31) & 1
				if !run {
					b.out.encode(&b.contexts[zc[n&0x1FF]&31], d)
				}
				run = false
				if d != 0 {
					b.sign(f, n, row, v>>31)
					w = b.flags[f]
				}
			}
			b.flags[f] = w &^ visited
			f++
		}
	}
}
