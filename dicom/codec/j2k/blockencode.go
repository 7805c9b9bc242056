package j2k

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
	b.flags = grow(b.flags, b.fw*((h+3)/4+2))
	clear(b.flags)
	b.resetContexts()
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

// sign codes the sign of row i of the column at f (§D.3.2) and marks it.
func (b *blockEncoder) sign(f int, w uint32, i uint, negative uint32) {
	sc := signContext[signIndex(w, b.flags[f-1], b.flags[f+1], i)&255]
	b.out.encode(&b.contexts[sc&31], negative^uint32(sc>>7))
	b.significant(f, i, negative)
}

func (b *blockEncoder) encodeSignificance(data []uint32, orient int, plane uint) {
	zc := &zeroContext[orient]
	for y := 0; y < b.h; y += 4 {
		rows := uint(min(4, b.h-y))
		f := (y/4+1)*b.fw + 1
		for x := range b.w {
			w := b.flags[f]
			if w&sigma == 0 {
				f++
				continue
			}
			for i := range rows {
				n := w >> (3 * i) & 0x1FF
				if n&center != 0 || n == 0 {
					continue
				}
				v := data[(y+int(i))*b.w+x]
				d := v >> plane & 1
				b.out.encode(&b.contexts[zc[n]], d)
				if d != 0 {
					b.sign(f, w, i, v>>31)
					w = b.flags[f] | w&visited
				}
				w |= 1 << (24 + i)
			}
			b.flags[f] = w
			f++
		}
	}
}

func (b *blockEncoder) encodeRefinement(data []uint32, plane uint) {
	for y := 0; y < b.h; y += 4 {
		rows := uint(min(4, b.h-y))
		f := (y/4+1)*b.fw + 1
		for x := range b.w {
			w := b.flags[f]
			if w&(center|center<<3|center<<6|center<<9) == 0 {
				f++
				continue
			}
			for i := range rows {
				if w>>(3*i)&center == 0 || w>>(24+i)&1 != 0 {
					continue
				}
				k := 14
				if w>>(28+i)&1 != 0 {
					k = 16
				} else if w>>(3*i)&(0x1FF&^center) != 0 {
					k = 15
				}
				b.out.encode(&b.contexts[k], data[(y+int(i))*b.w+x]>>plane&1)
				w |= 1 << (28 + i)
			}
			b.flags[f] = w
			f++
		}
	}
}

func (b *blockEncoder) encodeCleanup(data []uint32, orient int, plane uint) {
	zc := &zeroContext[orient]
	for y := 0; y < b.h; y += 4 {
		rows := uint(min(4, b.h-y))
		f := (y/4+1)*b.fw + 1
		for x := range b.w {
			w := b.flags[f]
			first, run := uint(0), false
			if w&(sigma|visited) == 0 && rows == 4 {
				for first < 4 && data[(y+int(first))*b.w+x]>>plane&1 == 0 {
					first++
				}
				if first == 4 {
					b.out.encode(&b.contexts[ctxRun], 0)
					f++
					continue
				}
				b.out.encode(&b.contexts[ctxRun], 1)
				b.out.encode(&b.contexts[ctxUni], uint32(first>>1))
				b.out.encode(&b.contexts[ctxUni], uint32(first&1))
				run = true
			}
			for i := first; i < rows; i++ {
				n := w >> (3 * i) & 0x1FF
				if n&center != 0 || w>>(24+i)&1 != 0 {
					continue
				}
				v := data[(y+int(i))*b.w+x]
				d := v >> plane & 1
				if !run {
					b.out.encode(&b.contexts[zc[n]], d)
				}
				run = false
				if d != 0 {
					b.sign(f, w, i, v>>31)
					w = b.flags[f]
				}
			}
			b.flags[f] = w &^ visited
			f++
		}
	}
}
